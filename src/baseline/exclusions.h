// SPDX-License-Identifier: Apache-2.0
// Stretches of time that no baseline is to be made of: incidents, holidays, load tests.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "core/time.h"
#include "store/store.h"
#include "window/window_reader.h"

namespace driftguard::baseline {

// What is left of `range` without the buckets that `excluded` touch: whole buckets, in order, and
// apart from each other. Pure.
std::vector<TimeRange> rest_of(TimeRange range, std::vector<TimeRange> excluded);

// What happened in these stretches, which do not overlap: exactly the sum of their buckets.
// The window's range is from the first to the last.
Result<window::Window> read_stretches(window::WindowReader& windows, const std::string& service,
                                      const std::vector<TimeRange>& stretches);

// A stretch that a person excluded from a service's baselines.
struct Exclusion {
  int id = 0;  // 1, 2, ... per service; never used again.
  TimeRange range;
  std::string reason;
  Time created_at;
};

// Stretches that touch `range` during which the service was under alarm; in any order.
using AlarmRanges =
    std::function<Result<std::vector<TimeRange>>(const std::string& service, TimeRange range)>;

// Whose buckets are left out: those under alarm as well, or only what people chose.
enum class Without { kChosen, kChosenAndAlarms };

// Kept in the store, for all nodes. Thread-safe; what it refers to must outlive it.
class Exclusions final {
 public:
  static constexpr std::size_t kKeptMax = 500;  // Of a service.
  static constexpr std::size_t kReasonBytesMax = 500;

  // `configured` ones are of every service. `under_alarm` may be empty; it must be thread-safe.
  Exclusions(store::Store& store, const Clock& clock, std::vector<TimeRange> configured,
             AlarmRanges under_alarm);

  Result<std::vector<Exclusion>> list(const std::string& service);
  // kInvalidArgument: an empty range, or a long reason. kTooLarge: there are kKeptMax of them.
  Result<Exclusion> add(const std::string& service, TimeRange range, std::string reason);
  Result<void> remove(const std::string& service, int id);  // kNotFound: there is none.

  // What a baseline over `range` leaves out.
  Result<std::vector<TimeRange>> within(const std::string& service, TimeRange range,
                                        Without without);
  const std::vector<TimeRange>& configured() const { return configured_; }

 private:
  struct Kept {
    int last_id = 0;
    std::vector<Exclusion> exclusions;
  };
  using Change = std::function<Result<void>(Kept&)>;

  static std::string encode(const Kept& kept);
  static Result<Kept> decode(std::string_view bytes);
  Result<void> change(const std::string& service, const Change& edit);

  store::Store& store_;
  const Clock& clock_;
  const std::vector<TimeRange> configured_;
  const AlarmRanges under_alarm_;
};

}  // namespace driftguard::baseline
