// SPDX-License-Identifier: Apache-2.0
#include "report/timeline.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace driftguard::report {
namespace {

Outline cell(const std::string& name, CheckKind kind, double severity) {
  Outline outline;
  outline.name = name;
  outline.kind = kind;
  outline.state = severity > 1 ? State::kFail : State::kOk;
  outline.severity = severity;
  return outline;
}

SegmentOutline step(std::vector<Outline> checks) {
  SegmentOutline outline;
  outline.checks = std::move(checks);
  outline.checks.push_back(cell("success_rate", CheckKind::kSuccessRate, 0));
  return outline;
}

Timeline timeline(std::vector<SegmentOutline> steps) {
  Timeline timeline;
  timeline.grid = {Time{}, std::chrono::seconds(60), static_cast<std::int64_t>(steps.size())};
  timeline.segment.service = "s";
  timeline.steps = std::move(steps);
  return timeline;
}

TEST(TimelineRows, HaveACellAStepAlsoWhereTheCheckWasNot) {
  const Timeline made = timeline({step({}), step({cell("a_ks", CheckKind::kKs, 2)}), step({})});
  const TimelineRows rows = rows_of(made, 10);
  ASSERT_EQ(rows.rows.size(), 2u);
  EXPECT_EQ(rows.rows[0].name, "a_ks");
  ASSERT_EQ(rows.rows[0].cells.size(), 3u);
  EXPECT_EQ(rows.rows[0].cells[0], nullptr);
  EXPECT_EQ(rows.rows[0].cells[1]->severity, 2);
  EXPECT_EQ(rows.rows[0].cells[2], nullptr);
}

TEST(TimelineRows, AreByNameWithTheLevelsOfServiceLast) {
  const TimelineRows rows =
      rows_of(timeline({step({cell("b_ks", CheckKind::kKs, 0), cell("z_psi", CheckKind::kPsi, 0)}),
                        step({cell("a_psi", CheckKind::kPsi, 0)})}),
              10);
  std::vector<std::string> names;
  for (const TimelineRow& row : rows.rows) names.push_back(row.name);
  EXPECT_EQ(names, (std::vector<std::string>{"a_psi", "b_ks", "z_psi", "success_rate"}));
}

TEST(TimelineRows, BeyondTheBoundTheWorstAreKept) {
  std::vector<Outline> checks;
  for (int i = 0; i < 9; ++i) {
    checks.push_back(cell("f" + std::to_string(i) + "_ks", CheckKind::kKs, i));
  }
  const TimelineRows rows = rows_of(timeline({step(checks)}), 2);
  ASSERT_EQ(rows.rows.size(), 3u);
  EXPECT_EQ(rows.rows[0].name, "f7_ks");
  EXPECT_EQ(rows.rows[1].name, "f8_ks");
  EXPECT_EQ(rows.omitted, 7u);
}

TEST(TimelineJson, HasColumnsOfOneLength) {
  const auto json = nlohmann::json::parse(
      to_json(timeline({step({}), step({cell("a.b_ks", CheckKind::kKs, 2)})})));
  EXPECT_EQ(json["checks"][0]["feature"], "a.b");
  EXPECT_EQ(json["checks"][0]["states"], (nlohmann::json{"insufficient", "fail"}));
  EXPECT_EQ(json["checks"][0]["severities"], (nlohmann::json{nullptr, 2.0}));
  EXPECT_FALSE(json["checks"][1].contains("feature"));
  for (const char* column : {"states", "n", "values", "limits", "p_values", "severities"}) {
    EXPECT_EQ(json["checks"][1][column].size(), 2u) << column;
  }
}

}  // namespace
}  // namespace driftguard::report
