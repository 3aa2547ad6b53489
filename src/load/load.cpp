// SPDX-License-Identifier: Apache-2.0
#include "load/load.h"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <chrono>
#include <ctime>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "load/connection.h"
#include "load/requests.h"

namespace driftguard::load {
namespace {

using Steady = std::chrono::steady_clock;
using Moment = Steady::time_point;

constexpr auto kPatience = std::chrono::seconds(30);  // With a server that answers nothing.
constexpr std::size_t kErrorBytes = 300;

Steady::duration seconds(double count) {
  return std::chrono::duration_cast<Steady::duration>(std::chrono::duration<double>(count));
}

double cpu_seconds() {
  timespec used{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

Time wall_clock() { return std::chrono::floor<Microseconds>(std::chrono::system_clock::now()); }

Result<void> check(const LoadOptions& options) {
  const auto wrong = [](const char* what) { return Error{ErrorCode::kInvalidArgument, what}; };
  if (options.connections < 1 || options.connections > 10'000) return wrong("connections: 1-10000");
  if (options.batch < 1 || options.batch > 50'000) return wrong("batch: 1-50000");
  if (options.get && options.batch != 1) return wrong("batch: a GET counts as one event");
  if (options.seconds <= 0 || options.warmup_seconds < 0) return wrong("seconds: not positive");
  const TrafficOptions& traffic = options.traffic;
  if (traffic.services < 1 || traffic.services > 100'000) return wrong("services: 1-100000");
  if (traffic.endpoints < 1 || traffic.endpoints > 1000) return wrong("endpoints: 1-1000");
  if (traffic.features < 4 || traffic.features > 1000) return wrong("features: 4-1000");
  if (options.rate < 0 || options.span_seconds < 0) return wrong("rate, span: negative");
  return {};
}

// Which request leaves when, and whether it counts.
class Schedule final {
 public:
  Schedule(const LoadOptions& options, Moment start)
      : options_(options),
        start_(start),
        measured_from_(options.requests > 0 ? start : start + seconds(options.warmup_seconds)),
        end_(options.requests > 0 ? Moment::max() : measured_from_ + seconds(options.seconds)) {}

  // When the next request should leave, none if there is no other. An open loop's requests are
  // all of those due before the end, also when they can leave only later.
  std::optional<Moment> next(Moment now) const {
    if (options_.requests > 0 && number_ == options_.requests) return std::nullopt;
    const Moment due =
        open() ? start_ + seconds(static_cast<double>(number_) * options_.batch / options_.rate)
               : now;
    return due < end_ ? std::optional(due) : std::nullopt;
  }
  std::uint64_t take() { return number_++; }

  // Whether a request that was due at `due` and answered at `answered` is one of those measured.
  bool counts(Moment due, Moment answered) const {
    return open() ? due >= measured_from_ : answered >= measured_from_ && answered < end_;
  }
  Moment measured_from() const { return measured_from_; }
  double measured_seconds(Moment finished) const {
    const Moment until = open() || end_ == Moment::max() ? finished : std::min(finished, end_);
    return std::chrono::duration<double>(until - measured_from_).count();
  }

 private:
  bool open() const { return options_.rate > 0; }

  const LoadOptions& options_;
  const Moment start_;
  const Moment measured_from_;
  const Moment end_;
  std::uint64_t number_ = 0;  // Of the next request.
};

class LoadRun final {
 public:
  LoadRun(const LoadOptions& options, Address address)
      : options_(options),
        address_(std::move(address)),
        requests_(options, address_, wall_clock()),
        epoll_(::epoll_create1(EPOLL_CLOEXEC)) {}
  ~LoadRun() { ::close(epoll_); }
  LoadRun(const LoadRun&) = delete;
  LoadRun& operator=(const LoadRun&) = delete;

  Result<void> connect();
  Result<void> run();
  LoadFigures& figures() { return figures_; }

 private:
  struct Lane {
    Connection connection;
    Moment due;  // Of the request under way.
    Time wrote;  // Its events had happened by then; the next request's happen from then on.
  };

  Result<void> dial_lane(std::size_t lane);
  Result<void> start_due();
  Result<void> begin(std::size_t number, Moment due);
  Result<void> wait();
  Result<void> settle(std::size_t lane, Connection::Step step);
  void count_answer(Lane& lane, Moment now);
  void count_error(std::string text);
  timespec patience_of_wait() const;

  const LoadOptions& options_;
  const Address address_;
  Requests requests_;
  const int epoll_;
  std::optional<Schedule> schedule_;  // Begins when the connections stand.
  std::vector<Lane> lanes_;
  std::deque<std::size_t> idle_;  // Lanes without a request, the longest idle first.
  std::optional<double> cpu_before_;
  Moment last_answer_;
  LoadFigures figures_;
};

Result<void> LoadRun::connect() {
  for (int i = 0; i < options_.connections; ++i) {
    lanes_.push_back({Connection(-1), {}, wall_clock()});
    if (auto dialed = dial_lane(lanes_.size() - 1); !dialed) return dialed.error();
    idle_.push_back(lanes_.size() - 1);
  }
  schedule_.emplace(options_, Steady::now());
  return {};
}

Result<void> LoadRun::dial_lane(std::size_t lane) {
  Result<int> fd = dial(address_);
  if (!fd) return fd.error();
  lanes_[lane].connection = Connection(*fd);
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLET;
  event.data.u64 = lane;
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, *fd, &event);
  return {};
}

Result<void> LoadRun::run() {
  last_answer_ = Steady::now();
  for (;;) {
    if (auto started = start_due(); !started) return started;
    const bool all_idle = idle_.size() == lanes_.size();
    if (all_idle && !schedule_->next(Steady::now())) break;
    if (auto waited = wait(); !waited) return waited;
    if (all_idle) last_answer_ = Steady::now();  // Nobody owed an answer.
    if (Steady::now() - last_answer_ > kPatience) {
      return Error{ErrorCode::kUnavailable, "no answer for half a minute"};
    }
  }
  figures_.seconds = schedule_->measured_seconds(Steady::now());
  const double cpu = cpu_seconds() - cpu_before_.value_or(0);
  figures_.client_cpus = figures_.seconds > 0 ? cpu / figures_.seconds : 0;
  figures_.events = figures_.requests * static_cast<std::uint64_t>(options_.batch);
  figures_.request_bytes = requests_.bytes_mean();
  return {};
}

Result<void> LoadRun::start_due() {
  while (!idle_.empty()) {
    const Moment now = Steady::now();
    if (!cpu_before_ && now >= schedule_->measured_from()) cpu_before_ = cpu_seconds();
    const std::optional<Moment> due = schedule_->next(now);
    if (!due || *due > now) break;
    const std::size_t lane = idle_.front();
    idle_.pop_front();
    if (auto begun = begin(lane, *due); !begun) return begun;
  }
  return {};
}

Result<void> LoadRun::begin(std::size_t number, Moment due) {
  Lane& lane = lanes_[number];
  const Time before = std::exchange(lane.wrote, wall_clock());
  lane.due = due;
  requests_.write(lane.connection.request(), schedule_->take(), {before, lane.wrote});
  return settle(number, lane.connection.begin());
}

// Until the next request is due, if a lane is free for it; a tenth of a second otherwise.
timespec LoadRun::patience_of_wait() const {
  Steady::duration left = std::chrono::milliseconds(100);
  const Moment now = Steady::now();
  if (const auto due = schedule_->next(now); due && !idle_.empty()) {
    left = std::clamp(*due - now, Steady::duration::zero(), left);
  }
  return {0, static_cast<long>(std::chrono::nanoseconds(left).count())};
}

Result<void> LoadRun::wait() {
  epoll_event events[64];
  const timespec patience = patience_of_wait();
  const int count = ::epoll_pwait2(epoll_, events, std::size(events), &patience, nullptr);
  for (int i = 0; i < count; ++i) {
    const auto lane = static_cast<std::size_t>(events[i].data.u64);
    auto settled = settle(lane, lanes_[lane].connection.advance());
    if (!settled) return settled;
  }
  return {};
}

Result<void> LoadRun::settle(std::size_t lane, Connection::Step step) {
  switch (step) {
    case Connection::Step::kWaiting:
      return {};
    case Connection::Step::kAnswered:
      count_answer(lanes_[lane], Steady::now());
      idle_.push_back(lane);
      return {};
    case Connection::Step::kLost:
      break;
  }
  const bool was_idle = std::find(idle_.begin(), idle_.end(), lane) != idle_.end();
  if (!was_idle) {
    count_error("connection lost");
    idle_.push_back(lane);
  }
  return dial_lane(lane);
}

void LoadRun::count_answer(Lane& lane, Moment now) {
  last_answer_ = now;
  const int status = lane.connection.status();
  const bool good = status >= 200 && status < 300;
  const bool measured = schedule_->counts(lane.due, now);
  if (!good) count_error(fmt::format("{} {}", status, lane.connection.body()));
  if (good) figures_.events_taken += static_cast<std::uint64_t>(options_.batch);
  if (good && measured) ++figures_.requests;
  if (measured) {
    figures_.latencies.add(std::chrono::ceil<std::chrono::microseconds>(now - lane.due).count());
  }
}

void LoadRun::count_error(std::string text) {
  if (figures_.errors++ == 0) figures_.first_error = std::move(text).substr(0, kErrorBytes);
}

}  // namespace

Result<LoadFigures> run_load(const LoadOptions& options) {
  if (auto good = check(options); !good) return good.error();
  Result<Address> address = parse_url(options.url);
  if (!address) return address.error();
  LoadRun run(options, std::move(*address));
  if (auto connected = run.connect(); !connected) return connected.error();
  if (auto done = run.run(); !done) return done.error();
  return std::move(run.figures());
}

}  // namespace driftguard::load
