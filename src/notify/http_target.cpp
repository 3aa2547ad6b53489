// SPDX-License-Identifier: Apache-2.0
#include "notify/http_target.h"

#include <fmt/format.h>

#include "notify/signature.h"

namespace driftguard::notify {
namespace {

constexpr std::size_t kAnswerBytesMax = 16u << 10;
constexpr std::size_t kShownBytesMax = 200;  // Of an answer.

bool may_change(int status) {
  return status == 408 || status == 425 || status == 429 || status >= 500;
}

}  // namespace

Outcome outcome_of(const client::HttpAnswer& answer, const Secrets& secrets, Time now) {
  Outcome outcome;
  const bool redirect = answer.status >= 300 && answer.status < 400;
  std::string said = redirect ? "redirects are not followed"
                              : shortened(secrets.masked(answer.body), kShownBytesMax);
  outcome.detail = fmt::format("{}{}{}", answer.status, said.empty() ? "" : ": ", said);
  if (answer.status >= 200 && answer.status < 300) return outcome;
  outcome.kind = may_change(answer.status) ? Outcome::Kind::kRetry : Outcome::Kind::kRefused;
  outcome.retry_after = client::retry_after_of(answer, now);
  return outcome;
}

HttpTarget::HttpTarget(HttpTargetOptions options, client::HttpClient client, Body body,
                       const Clock& clock)
    : options_(std::move(options)),
      client_(std::move(client)),
      body_(std::move(body)),
      clock_(clock) {
  secrets_.add_url(options_.url);
  secrets_.add(options_.secret);
}

Result<std::unique_ptr<Target>> HttpTarget::make(const HttpTargetOptions& options, Body body,
                                                 const Clock& clock) {
  client::HttpOptions http;
  http.connect_timeout = options.timeout;
  http.call_timeout = options.timeout;
  http.answer_bytes_max = kAnswerBytesMax;
  http.cut_answers = true;
  http.any_url = true;
  http.name = options.name;
  http.ca_file = options.ca_file;
  Result<client::HttpClient> client = client::HttpClient::make(options.url, http);
  if (!client) return client.error();
  return std::unique_ptr<Target>(
      new HttpTarget(options, std::move(*client), std::move(body), clock));
}

Outcome HttpTarget::send(const Message& message, const std::atomic<bool>& stop) {
  client::HttpCall call{"POST", "/", body_(message)};
  call.stop = &stop;
  call.headers.emplace_back("Driftguard-Notice", message.id);
  if (!options_.secret.empty()) {
    const std::string timestamp = std::to_string(us_since_epoch(clock_.now()) / 1'000'000);
    call.headers.emplace_back("Driftguard-Timestamp", timestamp);
    call.headers.emplace_back("Driftguard-Signature",
                              "sha256=" + signature_of(options_.secret, timestamp, call.body));
  }
  Result<client::HttpAnswer> answer = client_.call(call);
  if (answer) return outcome_of(*answer, secrets_, clock_.now());
  return {Outcome::Kind::kRetry, shortened(secrets_.masked(answer.error().detail), kShownBytesMax),
          std::nullopt};
}

}  // namespace driftguard::notify
