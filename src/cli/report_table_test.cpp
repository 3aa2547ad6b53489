// SPDX-License-Identifier: Apache-2.0
#include "cli/report_table.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace driftguard::cli {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;
using Json = nlohmann::ordered_json;

// The seed's example.
Json drifted() {
  return Json::parse(R"({
    "generated_at": "2025-01-01T00:30:00.000Z", "window_minutes": 30, "samples": 700,
    "from": "2025-01-01T00:00:00.000Z", "to": "2025-01-01T00:30:00.000Z",
    "service": "payments_api",
    "baseline": {"version": 3, "created_at": "2025-01-01T00:00:00.000Z", "samples": 1200,
                 "source": "store"},
    "checks": {
      "amount_ks": {"ok": false, "p_value": 0.012, "d": 0.13, "live_n": 700, "baseline_n": 1200},
      "currency_psi": {"ok": true, "psi": 0.01, "live_counts": {"USD": 700}, "live_n": 700,
                       "baseline_n": 1200},
      "success_rate": {"ok": true, "success_rate": 0.996, "min": 0.995, "total": 700},
      "latency_p95": {"ok": true, "p95": 1309, "max": 2000, "live_n": 700}},
    "status": "fail"})");
}

Json steady() {
  Json report = drifted();
  report["checks"]["amount_ks"]["ok"] = true;
  report["status"] = "ok";
  return report;
}

void without_baseline(Json& report) {
  report["baseline"] = nullptr;
  for (const char* name : {"amount_ks", "currency_psi"}) {
    report["checks"][name]["insufficient_baseline"] = true;
  }
}

void with_few_samples(Json& report, std::initializer_list<const char*> names) {
  for (const char* name : names) report["checks"][name]["insufficient_samples"] = true;
}

TEST(ReportTable, ShowsEveryCheckWithValueAndVerdict) {
  const std::string table = report_table(drifted(), {0.05, 0.2});
  EXPECT_THAT(table, ContainsRegex("amount_ks +DRIFT +p 0.012, D 0.13 +p >= 0.05 +700 +1200"));
  EXPECT_THAT(table, ContainsRegex("currency_psi +ok +PSI 0.01 +<= 0.2 +700 +1200"));
  EXPECT_THAT(table, ContainsRegex("success_rate +ok +99.6 % +>= 99.5 % +700 +-"));
  EXPECT_THAT(table, ContainsRegex("latency_p95 +ok +p95 1309 ms +<= 2000 ms +700 +-"));
}

TEST(ReportTable, ShowsOtherMeasuresByWhatTheyAre) {
  Json report = drifted();
  report["checks"] = Json::parse(R"({
    "a_wasserstein": {"ok": false, "measure": "wasserstein", "value": 0.5, "threshold": 0.1,
                      "distance": 20, "scale": 40, "live_n": 7, "baseline_n": 9},
    "b_chisquare": {"ok": true, "measure": "chisquare", "value": 3.2, "p_value": 0.2,
                    "threshold": 0.05, "live_n": 7, "baseline_n": 9},
    "c_tvd": {"ok": true, "muted": true, "would_fail": true, "measure": "tvd", "value": 0.25,
              "threshold": 0.1, "live_n": 7, "baseline_n": 9},
    "d_wasserstein": {"ok": false, "measure": "wasserstein", "value": null, "threshold": 0.1,
                      "distance": 3, "scale": 0, "live_n": 7, "baseline_n": 9}})");
  const std::string table = report_table(report, {});
  EXPECT_THAT(table, ContainsRegex("a_wasserstein +DRIFT +0.5 sd, distance 20 +<= 0.1 sd +7 +9"));
  EXPECT_THAT(table, ContainsRegex("b_chisquare +ok +p 0.2, statistic 3.2 +p >= 0.05 +7 +9"));
  EXPECT_THAT(table, ContainsRegex("c_tvd +DRIFT .muted. +distance 0.25 +<= 0.1 +7 +9"));
  EXPECT_THAT(table, ContainsRegex("d_wasserstein +DRIFT +moved by 3 from a constant"));
}

TEST(ReportTable, EndsWithTheStatusAndWhatFailed) {
  EXPECT_THAT(report_table(drifted(), {}), testing::EndsWith("\nstatus: fail (amount_ks)\n"));
  EXPECT_THAT(report_table(steady(), {}), testing::EndsWith("\nstatus: ok\n"));
  EXPECT_THAT(report_table(steady(), {}), Not(HasSubstr("fail")));
}

TEST(ReportTable, LimitsOfTheReportComeBeforeOurs) {
  Json report = drifted();
  report["checks"]["amount_ks"]["p_min"] = 0.01;
  EXPECT_THAT(report_table(report, {0.05, 0.2}), HasSubstr("p >= 0.01"));
}

TEST(ReportTable, UnknownLimitsAreNotInvented) {
  EXPECT_THAT(report_table(drifted(), {}), AllOf(Not(HasSubstr("0.05")), Not(HasSubstr("<= 0.2"))));
}

TEST(ReportTable, ValuesThatAreNullAreDashes) {
  Json report = steady();
  report["checks"]["amount_ks"]["p_value"] = nullptr;
  report["checks"]["latency_p95"]["p95"] = nullptr;
  with_few_samples(report, {"amount_ks", "latency_p95"});
  const std::string table = report_table(report, {});
  EXPECT_THAT(table, ContainsRegex("amount_ks +ok \\(too few samples\\) +- "));
  EXPECT_THAT(table, ContainsRegex("latency_p95 +ok \\(too few samples\\) +- "));
}

TEST(ReportTable, SaysWhenThereIsNoBaseline) {
  Json report = steady();
  without_baseline(report);
  EXPECT_THAT(report_table(report, {}),
              AllOf(HasSubstr("no baseline;"), HasSubstr("ok (no baseline)")));
}

TEST(ReportTable, NamesFromOutsideCannotSteerATerminal) {
  Json report = steady();
  report["checks"]["\x1b[2Jevil_ks"] = report["checks"]["amount_ks"];
  report["service"] = "a\nb";
  EXPECT_THAT(report_table(report, {}),
              AllOf(HasSubstr("?[2Jevil_ks"), HasSubstr("a?b"), Not(HasSubstr("\x1b"))));
}

TEST(ParseReport, RefusesWhatIsNoReport) {
  EXPECT_FALSE(parse_report("<html>"));
  EXPECT_FALSE(parse_report("[]"));
  EXPECT_FALSE(parse_report(R"({"status": "ok"})"));
  EXPECT_FALSE(parse_report(R"({"status": "ok", "checks": {"a_ks": 1}})"));
  EXPECT_TRUE(parse_report(drifted().dump()));
}

TEST(Gate, AnswersOkAndNo) {
  EXPECT_EQ(gate(steady()), kDone);
  EXPECT_EQ(gate_line(steady()), "ok: payments_api: 4 checks, 700 events");
  EXPECT_EQ(gate(drifted()), kNo);
  EXPECT_EQ(gate_line(drifted()), "fail: payments_api: amount_ks p 0.012, D 0.13");
}

TEST(Gate, WithoutABaselineNothingCanBeSaid) {
  Json report = steady();
  without_baseline(report);
  EXPECT_EQ(gate(report), kTooLittle);
  EXPECT_EQ(gate_line(report), "not enough data: payments_api: no baseline");
}

TEST(Gate, WithoutEventsNothingCanBeSaid) {
  Json report = steady();
  report["samples"] = 0;
  EXPECT_EQ(gate(report), kTooLittle);
  EXPECT_THAT(gate_line(report), HasSubstr("no events in the window"));
}

TEST(Gate, OneComparisonWithDataIsEnough) {
  Json report = steady();
  with_few_samples(report, {"amount_ks"});
  EXPECT_EQ(gate(report), kDone);
  with_few_samples(report, {"currency_psi"});
  EXPECT_EQ(gate(report), kTooLittle);
}

TEST(Gate, AFailingCheckIsAnAnswerAlsoWithoutABaseline) {
  Json report = steady();
  without_baseline(report);
  report["checks"]["success_rate"]["ok"] = false;
  report["status"] = "fail";
  EXPECT_EQ(gate(report), kNo);
}

TEST(Gate, AServiceWithoutFeaturesIsJudgedByItsLevels) {
  Json report = steady();
  report["checks"].erase("amount_ks");
  report["checks"].erase("currency_psi");
  EXPECT_EQ(gate(report), kDone);
}

}  // namespace
}  // namespace driftguard::cli
