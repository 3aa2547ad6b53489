// SPDX-License-Identifier: Apache-2.0
// Silences: stretches of time in which no message goes out about some alarms. They fire and are
// shown all the same.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "alert/incident.h"
#include "core/clock.h"
#include "core/result.h"
#include "store/store.h"

namespace driftguard::alert {

struct Silence {
  int id = 0;           // 1, 2, ...; never used again.
  std::string service;  // Empty: every service.
  std::string alarm;    // The name of one; empty: every alarm.
  Time created_at;
  Time ends_at;
  std::string reason;
  std::string who;
  std::optional<Time> ended_at;  // Somebody ended it before its time.
  std::string ended_by;

  bool is_active(Time now) const { return !ended_at && now < ends_at; }
  bool covers(const std::string& service, const std::string& alarm) const;
};

nlohmann::ordered_json silence_json(const Silence& silence, Time now);

// The incident as far as no silence covers it: alarms that one does are left out.
struct Audible {
  Incident incident;
  std::size_t silenced = 0;  // Alarms left out.
  // Whether there is nothing to tell: of an open incident no alarm that fires is left, of a closed
  // one none at all.
  bool is_silent() const;
};
Audible audible_of(const Incident& incident, const std::vector<Silence>& silences, Time now);

// Kept in the store, for all nodes; those that have ended, too, to tell who silenced what when.
// Thread-safe; what it refers to must outlive it.
class Silences final {
 public:
  static constexpr std::size_t kKeptMax = 500;       // The oldest that have ended go.
  static constexpr std::size_t kTextBytesMax = 500;  // Of each text.
  static constexpr std::chrono::hours kLongest{24 * 366};

  Silences(store::Store& store, const Clock& clock) : store_(store), clock_(clock) {}

  // All that are kept, the latest first.
  Result<std::vector<Silence>> list();
  // Begins now; `silence` says what, until when, why and who. kInvalidArgument: a part is missing,
  // too long, or the end lies in the past or too far ahead. kTooLarge: kKeptMax are active.
  Result<Silence> add(Silence silence);
  // kNotFound: there is none. kConflict: it has ended already.
  Result<Silence> end(int id, std::string who);

 private:
  struct Kept {
    int last_id = 0;
    std::vector<Silence> silences;  // In order of their ids.
  };
  using Change = std::function<Result<void>(Kept&)>;

  static std::string encode(const Kept& kept);
  static Result<Kept> decode(std::string_view text);
  Result<void> change(const Change& edit);

  store::Store& store_;
  const Clock& clock_;
};

}  // namespace driftguard::alert
