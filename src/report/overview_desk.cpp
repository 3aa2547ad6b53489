// SPDX-License-Identifier: Apache-2.0
#include "report/overview_desk.h"

#include <algorithm>

namespace driftguard::report {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kWatchesMax = 4;
constexpr std::size_t kWaitingMax = 1000;
// Nobody looks any more after this long without a question: three polls of the page.
constexpr seconds kWatched{15};
constexpr milliseconds kPauseMin{250};
// Pause for so many times as long as it took.
constexpr int kPauseFactor = 4;

}  // namespace

OverviewDesk::OverviewDesk(const ViewSources& sources, ViewDesk& views)
    : sources_(sources), views_(views) {}

OverviewDesk::~OverviewDesk() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
  for (Watch& watch : watches_) {
    for (const Answer& answer : watch.waiting) {
      answer(Error{ErrorCode::kUnavailable, "the server is stopping"});
    }
  }
}

void OverviewDesk::ask(int window_minutes, Answer answer) {
  std::optional<Result<OverviewPtr>> known;
  {
    const std::lock_guard lock(mutex_);
    const Steady::time_point now = Steady::now();
    Watch* watch = watch_of(window_minutes);
    if (watch == nullptr || watch->waiting.size() >= kWaitingMax) {
      known = Error{ErrorCode::kOverloaded, "too many overviews are asked for at once"};
    } else {
      // While it is looked at it is kept up to date; else it is older than anybody expects.
      const bool kept = watch->last && now - watch->asked_at < kWatched;
      watch->asked_at = now;
      if (kept) {
        known = *watch->last;
      } else {
        watch->waiting.push_back(std::move(answer));
      }
    }
    if (!thread_.joinable()) thread_ = std::jthread([this](const std::stop_token& s) { work(s); });
    changed_.notify_all();
  }
  if (known) answer(std::move(*known));
}

// Null: everything that is watched is waited for.
OverviewDesk::Watch* OverviewDesk::watch_of(int window_minutes) {
  for (Watch& watch : watches_) {
    if (watch.window_minutes == window_minutes) return &watch;
  }
  if (watches_.size() >= kWatchesMax) {
    auto oldest = watches_.end();
    for (auto watch = watches_.begin(); watch != watches_.end(); ++watch) {
      if (watch->in_work || !watch->waiting.empty()) continue;
      if (oldest == watches_.end() || watch->asked_at < oldest->asked_at) oldest = watch;
    }
    if (oldest == watches_.end()) return nullptr;
    watches_.erase(oldest);
  }
  OverviewOptions options;
  options.window_minutes = window_minutes;
  watches_.push_back(
      {window_minutes, OverviewBuilder(sources_, views_, options), {}, {}, {}, {}, false, {}});
  return &watches_.back();
}

// What is waited for before what is only kept up to date.
OverviewDesk::Watch* OverviewDesk::next_due(Steady::time_point now) {
  Watch* due = nullptr;
  for (Watch& watch : watches_) {
    if (!watch.waiting.empty()) return &watch;
    if (now - watch.asked_at >= kWatched || now - watch.made_at < watch.pause) continue;
    if (due == nullptr || watch.made_at < due->made_at) due = &watch;
  }
  return due;
}

void OverviewDesk::work(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    Watch* watch = next_due(Steady::now());
    if (watch == nullptr) {
      constexpr milliseconds kLook{250};
      changed_.wait_for(lock, stop, kLook, [&] { return next_due(Steady::now()) != nullptr; });
      continue;
    }
    watch->in_work = true;
    lock.unlock();
    const Steady::time_point begin = Steady::now();
    Result<OverviewPtr> made = watch->builder.build();
    const Steady::time_point end = Steady::now();
    lock.lock();
    watch->in_work = false;
    watch->last = made;
    watch->made_at = end;
    watch->pause = std::max<Steady::duration>(kPauseMin, kPauseFactor * (end - begin));
    const std::vector<Answer> waiting = std::exchange(watch->waiting, {});
    lock.unlock();
    for (const Answer& answer : waiting) answer(made);
    lock.lock();
  }
}

}  // namespace driftguard::report
