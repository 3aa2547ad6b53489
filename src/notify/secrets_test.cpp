// SPDX-License-Identifier: Apache-2.0
#include "notify/secrets.h"

#include <gmock/gmock.h>

#include "notify/backoff.h"
#include "notify/http_target.h"
#include "notify/signature.h"

namespace driftguard::notify {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

TEST(Secrets, AnUrlIsMaskedBehindItsHostWholeAndInParts) {
  Secrets secrets;
  secrets.add_url("https://someone:passphrase@hooks.example.org/services/T0SECRET?key=abcdefgh");
  EXPECT_EQ(secrets.masked("no /services/T0SECRET?key=abcdefgh"), "no ***");
  EXPECT_EQ(secrets.masked("hooks.example.org: T0SECRET, abcdefgh, passphrase"),
            "hooks.example.org: ***, ***, ***");
  EXPECT_EQ(secrets.masked("someone:passphrase"), "***");
}

TEST(Secrets, AnswersCannotBreakLines) {
  EXPECT_EQ(Secrets().masked("a\r\nb\x1b[31m"), "a  b [31m");
}

TEST(Signature, IsThatOfTheTimestampAndTheBody) {
  EXPECT_EQ(signature_of("hush", "1735732800", "{\"a\":1}"),
            "f13c8bd3f8a179ec0cda7714cac9b7957b29ad47fdcdbc9ea8fe890e2bfaddd2");
}

TEST(Outcome, SaysWhatIsWorthAnotherTry) {
  const auto kind = [](int status) { return outcome_of({status, {}, ""}, {}, {}).kind; };
  for (const int status : {200, 202, 204}) EXPECT_EQ(kind(status), Outcome::Kind::kDelivered);
  for (const int status : {408, 425, 429, 500, 502, 503, 504}) {
    EXPECT_EQ(kind(status), Outcome::Kind::kRetry) << status;
  }
  for (const int status : {301, 302, 307, 400, 401, 403, 404, 410, 413, 422}) {
    EXPECT_EQ(kind(status), Outcome::Kind::kRefused) << status;
  }
  EXPECT_EQ(outcome_of({429, {{"retry-after", "7"}}, "slow"}, {}, {}).retry_after, seconds(7));
  EXPECT_THAT(outcome_of({429, {}, "slow"}, {}, {}).detail, HasSubstr("429: slow"));
}

TEST(Backoff, DoublesUpToItsMostWithSomeLeftToChance) {
  Backoff backoff(seconds(60), 7);
  for (int failures = 1; failures < 100; ++failures) {
    const milliseconds most =
        std::min<milliseconds>(seconds(60), seconds(1) * (1 << std::min(failures - 1, 10)));
    const milliseconds wait = backoff.after(failures);
    EXPECT_LE(wait, most);
    EXPECT_GE(wait, most / 2);
  }
  EXPECT_NE(Backoff(seconds(60), 1).after(9), Backoff(seconds(60), 2).after(9));
  EXPECT_EQ(Backoff(seconds(60), 1).after(9), Backoff(seconds(60), 1).after(9));
}

}  // namespace
}  // namespace driftguard::notify
