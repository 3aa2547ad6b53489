// SPDX-License-Identifier: Apache-2.0
#include "alert/incident.h"

#include <gtest/gtest.h>

namespace driftguard::alert {
namespace {

using std::chrono::minutes;

TEST(Incident, ItsStretchBeginsWithTheFirstDriftAndEndsWhenItCloses) {
  const Time start = *parse_rfc3339("2025-03-01T12:00:00Z");
  Incident incident;
  incident.opened_at = start;
  incident.alarms.resize(2);
  incident.alarms[0].fired_at = start;
  incident.alarms[0].started = start - minutes(3);
  incident.alarms[1].fired_at = start + minutes(5);
  EXPECT_EQ(stretch_of(incident), (TimeRange{start - minutes(3), kLatest}));
  incident.alarms[1].started = start - minutes(20);
  incident.closed_at = start + minutes(60);
  EXPECT_EQ(stretch_of(incident), (TimeRange{start - minutes(20), start + minutes(60)}));
}

}  // namespace
}  // namespace driftguard::alert
