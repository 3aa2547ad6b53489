// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "report/overview_builder.h"

namespace driftguard::report {

// Keeps overviews up to date while somebody looks: one thread makes them, and everybody who asks is
// given the last one. It works at most a fifth of the time, so that ingest keeps its cores.
//
// Thread-safe; what it refers to must outlive it.
class OverviewDesk final {
 public:
  // Called once, on the caller's thread or on the desk's. What waits when the desk goes gets
  // kUnavailable.
  using Answer = std::function<void(Result<OverviewPtr>)>;

  OverviewDesk(const ViewSources& sources, ViewDesk& views);
  ~OverviewDesk();
  OverviewDesk(const OverviewDesk&) = delete;
  OverviewDesk& operator=(const OverviewDesk&) = delete;

  // The overview of the last `window_minutes`: some seconds old if somebody asked lately, else made
  // now. Errors: the store's; kOverloaded when too many different windows, or callers, wait.
  void ask(int window_minutes, Answer answer);

 private:
  using Steady = std::chrono::steady_clock;

  // One length of window that somebody looks at.
  struct Watch {
    int window_minutes;
    OverviewBuilder builder;  // The desk's thread's alone.
    std::optional<Result<OverviewPtr>> last;
    Steady::time_point asked_at;
    Steady::time_point made_at;
    Steady::duration pause{};  // Until it is made again.
    bool in_work = false;
    std::vector<Answer> waiting;
  };

  Watch* watch_of(int window_minutes);
  Watch* next_due(Steady::time_point now);
  void work(const std::stop_token& stop);

  const ViewSources sources_;
  ViewDesk& views_;

  std::mutex mutex_;  // Guards all below, but for builders.
  std::condition_variable_any changed_;
  std::list<Watch> watches_;
  std::jthread thread_;  // Started by the first question; last, for it uses all of the above.
};

}  // namespace driftguard::report
