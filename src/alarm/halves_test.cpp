// SPDX-License-Identifier: Apache-2.0
#include "alarm/halves.h"

#include <gtest/gtest.h>

#include <array>
#include <random>

#include "rollup/fold.h"

namespace driftguard::alarm {
namespace {

const std::vector<std::string> kPointers = {"/request/body/amount", "/request/body/currency",
                                            "/request/body/kind"};
const std::map<std::string, std::string> kNames = {{kPointers[0], "amount"}};

// Ten events: amounts 1 to 10, "USD" for those above `dollars_above`, the same kind throughout.
rollup::Rollup ten(int dollars_above, int missing = 0) {
  rollup::BucketFold fold;
  for (int amount = 1; amount <= 10; ++amount) {
    fold.begin_event(Time(Microseconds(amount)));
    fold.number(0, amount);
    if (amount > missing) fold.text(1, amount > dollars_above ? "USD" : "EUR");
    fold.text(2, "card");
    fold.end_event();
  }
  return fold.take(kPointers);
}

std::array<std::uint32_t, 2> counted(const std::vector<Halves>& pair,
                                     const rollup::Rollup& rollup) {
  std::array<std::uint32_t, 2> counts{};
  count_pair(pair, rollup, counts);
  return counts;
}

TEST(Halves, SplitNumbersInTheMiddleAndTextsAtTheMostFrequent) {
  const std::vector<Halves> halves = halves_of(ten(4), kNames);
  ASSERT_EQ(halves.size(), 2u) << "one kind throughout splits nothing";
  EXPECT_EQ(high_half_text(halves[0]), "amount above 5");
  EXPECT_EQ(high_half_text(halves[1]), "/request/body/currency \"USD\"");
}

TEST(Halves, CountEventsWithBothInTheSameHalf) {
  const std::vector<Halves> pair = halves_of(ten(4), kNames);
  // Above 5 are 6 to 10, USD are 5 to 10: only the event with 5 is in different halves.
  EXPECT_EQ(counted(pair, ten(4)), (std::array<std::uint32_t, 2>{9, 1}));
  EXPECT_EQ(counted(pair, ten(4, 2)), (std::array<std::uint32_t, 2>{7, 1}));
  EXPECT_EQ(counted(pair, ten(0)), (std::array<std::uint32_t, 2>{5, 5}));
  EXPECT_EQ(counted(pair, rollup::Rollup{}), (std::array<std::uint32_t, 2>{0, 0}));
}

TEST(Halves, AValueOfTheOtherKindIsInNeither) {
  const std::vector<Halves> pair = halves_of(ten(4), kNames);
  rollup::BucketFold fold;
  fold.begin_event({});
  fold.text(0, "7");
  fold.text(1, "USD");
  fold.end_event();
  EXPECT_EQ(counted(pair, fold.take(kPointers)), (std::array<std::uint32_t, 2>{0, 0}));
}

TEST(Halves, ReadBackAsTheyWereEncoded) {
  const Halves halves = halves_of(ten(4), kNames)[1];
  std::string bytes;
  ByteWriter out(bytes);
  encode_halves(halves, out);
  ByteReader in(bytes);
  EXPECT_EQ(decode_halves(in), halves);
  EXPECT_TRUE(in.done());
}

}  // namespace
}  // namespace driftguard::alarm
