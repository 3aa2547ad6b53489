// SPDX-License-Identifier: Apache-2.0
#include "cli/patience.h"

#include <algorithm>
#include <charconv>
#include <thread>

namespace driftguard::cli {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

bool may_change(const HttpAnswer& answer) {
  switch (answer.status) {
    case 429:
    case 502:
    case 503:
    case 504:
      return true;
    case 409:
      return answer.body.find("request-under-way") != std::string::npos;
    default:
      return false;
  }
}

// Retry-After in seconds; a date counts as not said.
milliseconds asked_wait(const HttpAnswer& answer) {
  const auto at = answer.headers.find("retry-after");
  if (at == answer.headers.end()) return milliseconds{0};
  int seconds = 0;
  const char* end = at->second.data() + at->second.size();
  if (std::from_chars(at->second.data(), end, seconds).ptr != end) return milliseconds{0};
  return std::chrono::seconds(std::clamp(seconds, 0, 60));
}

}  // namespace

bool PatientPost::wait(milliseconds time) {
  constexpr milliseconds kStep{50};
  const auto until = Clock::now() + time;
  while (Clock::now() < until) {
    if (stopped_ && stopped_()) return false;
    std::this_thread::sleep_for(std::min(kStep, time));
  }
  return true;
}

Result<HttpAnswer> PatientPost::send(const HttpCall& call) {
  const auto give_up = Clock::now() + options_.in_all;
  for (milliseconds pause = options_.first_wait;;) {
    Result<HttpAnswer> answer = client_.call(call);
    if (answer) {
      answered_once_ = true;
      if (!may_change(*answer)) return answer;
    } else if (answer.error().code != ErrorCode::kUnavailable || !answered_once_) {
      return answer;
    }
    const milliseconds next = answer ? std::max(pause, asked_wait(*answer)) : pause;
    if (Clock::now() + next > give_up || !wait(next)) {
      return answer ? Result<HttpAnswer>(error_of(*answer, client_.url())) : answer;
    }
    pause = std::min(pause * 2, options_.longest_wait);
    ++retries_;
  }
}

}  // namespace driftguard::cli
