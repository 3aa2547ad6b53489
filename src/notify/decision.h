// SPDX-License-Identifier: Apache-2.0
// What to do with a notice whose time has come. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "alert/incident_log.h"
#include "alert/notice.h"
#include "alert/silences.h"
#include "notify/target.h"

namespace driftguard::notify {

// All that counts.
struct Situation {
  const alert::Notice& notice;
  const std::optional<alert::Incident>& incident;  // Empty: it is not kept any more.
  const alert::IncidentLog& log;
  const std::vector<alert::Silence>& silences;
  const Habits& habits;
  bool opening_waits = false;      // To be told to the same target.
  std::optional<Time> last_told;   // The target, of the same service.
  std::chrono::seconds age_max{};  // From the first try.
  Time now;
};

struct Decision {
  // kTell: now. kWait: look again at `until`. kSkip: there is nothing to tell, and why is logged.
  // kDrop: the same, and not worth a line. kGiveUp: it has been tried for too long.
  enum class What { kTell, kWait, kSkip, kDrop, kGiveUp };
  What what = What::kTell;
  Time until;
  std::string why;         // Of kSkip.
  alert::Audible audible;  // Of kTell: what may be told.
};

// What is silenced is looked at again after that.
inline constexpr std::chrono::seconds kLookAgain{2};

// An opening is told once; if the incident is over by then, the message says that too, and its end
// is not told again. An end is told if the opening was. What is silenced waits, unless all of it
// was over before anybody was told.
Decision decide(const Situation& situation);

// The reminder that follows a notice that ended now; empty: none does.
std::optional<alert::Notice> reminder_after(const alert::Notice& notice, const Habits& habits,
                                            Time now);

}  // namespace driftguard::notify
