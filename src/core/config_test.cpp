// SPDX-License-Identifier: Apache-2.0
#include "core/config.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace driftguard {
namespace {

using ::testing::HasSubstr;

class ConfigTest : public ::testing::Test {
 protected:
  ConfigTest() { std::filesystem::create_directories(directory_); }
  ~ConfigTest() override { std::filesystem::remove_all(directory_); }

  std::string file(const std::string& text) {
    const std::string path = directory_ / "driftguard.toml";
    std::ofstream(path) << text;
    return path;
  }
  static std::string error_of(const ConfigSources& sources) {
    auto config = load_config(sources);
    return config ? "no error" : config.error().detail;
  }

  std::filesystem::path directory_ =
      std::filesystem::temp_directory_path() / ("dg_config_" + std::to_string(::getpid()));
};

TEST_F(ConfigTest, FlagBeatsEnvironmentBeatsFile) {
  const std::string path = file("ks_p_min = 0.01\npsi_max = 0.3\nslo_p95_max = 500\n");
  auto config =
      load_config({path, {{"PSI_MAX", "0.4"}, {"SLO_P95_MAX", "600"}}, {{"slo_p95_max", "700"}}});
  ASSERT_TRUE(config) << config.error().detail;
  EXPECT_EQ(config->ks_p_min, 0.01);
  EXPECT_EQ(config->psi_max, 0.4);
  EXPECT_EQ(config->slo_p95_max, 700);
}

TEST_F(ConfigTest, UnknownKeysAreNamedWithTheNearestKnownOne) {
  EXPECT_THAT(error_of({file("ks_p_mim = 0.1\n"), {}, {}}),
              AllOf(HasSubstr("ks_p_mim"), HasSubstr("did you mean ks_p_min?")));
  EXPECT_THAT(error_of({"", {{"DRIFTGUARD_LISTEM", "x"}}, {}}), HasSubstr("DRIFTGUARD_LISTEN"));
}

TEST_F(ConfigTest, ValuesOutOfRangeAreRefusedWithTheRange) {
  EXPECT_THAT(error_of({"", {{"KS_P_MIN", "1.5"}}, {}}), HasSubstr("KS_P_MIN: \"1.5\""));
  EXPECT_THAT(error_of({"", {{"KS_P_MIN", "nan"}}, {}}), HasSubstr("from 0 to 1"));
  EXPECT_THAT(error_of({"", {{"DRIFT_WINDOW_MINUTES", "43201"}}, {}}), HasSubstr("43200"));
  EXPECT_THAT(error_of({"", {{"DRIFTGUARD_LOG_FORMAT", "xml"}}, {}}), HasSubstr("text json"));
}

TEST_F(ConfigTest, RollupsAreKeptAtLeastAsLongAsEventsAndTheWindow) {
  using Flags = std::vector<std::pair<std::string, std::string>>;
  const auto with = [](const Flags& flags) { return error_of({"", {}, flags}); };
  EXPECT_THAT(with({{"retention_rollup_days", "5"}}), HasSubstr("for ever"));
  EXPECT_THAT(with({{"retention_rollup_days", "5"}, {"retention_raw_days", "6"}}),
              HasSubstr("retention_raw_days (6)"));
  EXPECT_THAT(with({{"retention_rollup_days", "5"},
                    {"retention_raw_days", "5"},
                    {"drift_window_minutes", "7201"}}),
              HasSubstr("live window"));
  EXPECT_EQ(with({{"retention_rollup_days", "5"}, {"retention_raw_days", "5"}}), "no error");
  EXPECT_EQ(with({{"retention_raw_days", "5"}}), "no error");
}

TEST_F(ConfigTest, WhatBaselinesLeaveOutIsAListOfIntervals) {
  const std::string day = "2025-01-01T00:00:00Z/2025-01-02T00:00:00Z";
  const std::string path = file("baseline_exclude = [\"" + day + "\", \"" + day + "\"]\n");
  const auto config = load_config({path, {}, {}});
  ASSERT_TRUE(config) << config.error().detail;
  EXPECT_EQ(config->baseline_exclude, day + "," + day);
  EXPECT_THAT(error_of({file("baseline_exclude = \"2025\"\n"), {}, {}}),
              HasSubstr("baseline_exclude: \"2025\" is not FROM/TO"));
}

TEST_F(ConfigTest, ATrailingBaselineIsAsLongAsItsWarmUp) {
  EXPECT_THAT(error_of({"", {}, {{"baseline_trailing_hours", "1"}}}),
              HasSubstr("baseline_warmup_minutes"));
  EXPECT_EQ(error_of({"", {}, {{"baseline_trailing_hours", "2"}}}), "no error");
}

TEST_F(ConfigTest, BoundOfBytesLeavesRoomForLogsAndMemtables) {
  EXPECT_THAT(error_of({"", {{"DRIFTGUARD_RETENTION_BYTES_MAX", "402653183"}}, {}}),
              HasSubstr("402653184"));
  EXPECT_EQ(error_of({"", {{"DRIFTGUARD_RETENTION_BYTES_MAX", "402653184"}}, {}}), "no error");
  EXPECT_EQ(error_of({"",
                      {{"DRIFTGUARD_RETENTION_BYTES_MAX", "1000"},
                       {"DATABASE_URL", "postgresql://dev@localhost/drift"}},
                      {}}),
            "no error");
}

TEST_F(ConfigTest, FeatureRulesAreRead) {
  auto config =
      load_config({file("[[features]]\npointer = \"/response/status\"\nname = \"status\"\n"
                        "kind = \"categorical\"\nservice = \"s\"\n"
                        "[[features]]\npointer = \"/request/body/card\"\nredact = true\n"),
                   {},
                   {}});
  ASSERT_TRUE(config) << config.error().detail;
  ASSERT_EQ(config->features.size(), 2u);
  EXPECT_EQ(config->features[0].kind, FeatureKind::kCategorical);
  EXPECT_EQ(config->features[0].service, "s");
  EXPECT_TRUE(config->features[1].redact);
}

TEST_F(ConfigTest, SegmentsAreCategorical) {
  const std::string table = "[[features]]\npointer = \"/request/body/shop\"\nsegment = true\n";
  auto config = load_config({file(table), {}, {}});
  ASSERT_TRUE(config) << config.error().detail;
  EXPECT_TRUE(config->features.at(0).segment);
  EXPECT_EQ(config->features[0].kind, FeatureKind::kCategorical);
  EXPECT_THAT(error_of({file(table + "kind = \"numeric\"\n"), {}, {}}), HasSubstr("segment"));
  EXPECT_THAT(error_of({file(table + "method = \"ks\"\n"), {}, {}}), HasSubstr("segment"));
  EXPECT_THAT(error_of({file(table + "redact = true\n"), {}, {}}), HasSubstr("segment"));
}

TEST_F(ConfigTest, MethodsAreReadByAnyOfTheirNames) {
  auto config = load_config({file("numeric_method = \"Cramer-von-Mises\"\n"
                                  "[[features]]\npointer = \"/request/body/amount\"\n"
                                  "method = \"EMD\"\nthreshold = 2\nmin_samples = 7\n"
                                  "direction = \"increase\"\ncritical = true\nmuted = true\n"),
                             {{"DRIFTGUARD_CATEGORICAL_METHOD", "chi2"}},
                             {}});
  ASSERT_TRUE(config) << config.error().detail;
  EXPECT_EQ(config->numeric_method, Measure::kCramerVonMises);
  EXPECT_EQ(config->categorical_method, Measure::kChiSquare);
  EXPECT_EQ(config_value(*config, "categorical_method"), "chisquare");
  const FeatureRule& rule = config->features.at(0);
  EXPECT_EQ(rule.method, Measure::kWasserstein);
  EXPECT_EQ(rule.kind, FeatureKind::kNumeric);  // The method says so.
  EXPECT_EQ(rule.threshold, 2);
  EXPECT_EQ(rule.samples_min, 7u);
  EXPECT_EQ(rule.direction, Direction::kIncrease);
  EXPECT_TRUE(rule.critical && rule.muted);
}

TEST_F(ConfigTest, MethodsThatDoNotFitAreRefused) {
  const auto with = [&](const std::string& keys) {
    return error_of({file("[[features]]\npointer = \"/request/body/x\"\n" + keys), {}, {}});
  };
  EXPECT_THAT(with("method = \"kss\"\n"), HasSubstr("cramer_von_mises"));
  EXPECT_THAT(with("method = \"ks\"\nkind = \"categorical\"\n"), HasSubstr("numeric features"));
  EXPECT_THAT(with("method = \"tvd\"\nthreshold = 1.5\n"), HasSubstr("from 0 to 1"));
  EXPECT_THAT(with("method = \"wasserstein\"\nthreshold = inf\n"), HasSubstr("from 0 on"));
  EXPECT_THAT(with("threshold = 0.1\n"), HasSubstr("needs a method"));
  EXPECT_THAT(with("method = \"psi\"\ndirection = \"increase\"\n"), HasSubstr("has none"));
  EXPECT_THAT(with("method = \"ks\"\ndirection = \"up\"\n"), HasSubstr("both increase"));
  EXPECT_THAT(with("min_samples = 0\n"), HasSubstr("min_samples"));
  EXPECT_THAT(error_of({"", {{"DRIFTGUARD_CATEGORICAL_METHOD", "ks"}}, {}}),
              HasSubstr("one of: psi chisquare"));
}

TEST_F(ConfigTest, GuardsAreRead) {
  const std::string path = file(
      "[[guard]]\nservice = \"pay\"\nblock = [\"amount\", \"currency_psi\"]\n"
      "fail = \"closed\"\nstale_seconds = 30\n[[guard]]\nblock = \"critical\"\n");
  auto config = load_config({path, {}, {}});
  ASSERT_TRUE(config) << config.error().detail;
  ASSERT_EQ(config->guards.size(), 2u);
  const GuardRule& pay = config->guards[0];
  EXPECT_EQ(pay.service, "pay");
  EXPECT_EQ(pay.block, GuardBlock::kListed);
  EXPECT_EQ(pay.listed, (std::vector<std::string>{"amount", "currency_psi"}));
  EXPECT_TRUE(pay.fail_closed);
  EXPECT_EQ(pay.stale_seconds, 30);
  EXPECT_EQ(config->guards[1].block, GuardBlock::kCritical);
  EXPECT_FALSE(config->guards[1].fail_closed);
}

TEST_F(ConfigTest, GuardsThatDoNotFitAreRefused) {
  const auto refusal = [this](const std::string& table) {
    return error_of({file("[[guard]]\n" + table), {}, {}});
  };
  EXPECT_THAT(refusal("block = \"most\"\n"), HasSubstr("toml:2: block: none of marked"));
  EXPECT_THAT(refusal("block = []\n"), HasSubstr("1 to 200 names"));
  EXPECT_THAT(refusal("block = [1]\n"), HasSubstr("not the name"));
  EXPECT_THAT(refusal("fail = \"half\"\n"), HasSubstr("neither \"open\" nor \"closed\""));
  EXPECT_THAT(refusal("stale_seconds = 1\n"), HasSubstr("from 15 to 86400"));
  EXPECT_THAT(refusal("fial = \"open\"\n"), HasSubstr("unknown key fial in [[guard]]"));
  EXPECT_THAT(refusal("[[guard]]\n"), HasSubstr("toml:2: a second [[guard]] of services"));
  EXPECT_THAT(refusal("service = \"\"\n"), HasSubstr("service: not a name"));
}

TEST(MeasureNames, AreFoundAgain) {
  for (int i = 0; i <= static_cast<int>(Measure::kCramerVonMises); ++i) {
    const auto measure = static_cast<Measure>(i);
    EXPECT_EQ(measure_named(measure_name(measure)), measure);
  }
  EXPECT_EQ(measure_named("Kolmogorov-Smirnov"), Measure::kKs);
  EXPECT_FALSE(measure_named(""));
}

TEST_F(ConfigTest, BrokenFilesAreRefusedWithTheLine) {
  EXPECT_THAT(error_of({file("ks_p_min = \n"), {}, {}}), HasSubstr("driftguard.toml:1"));
  EXPECT_THAT(error_of({file("[[features]]\nname = \"x\"\n"), {}, {}}), HasSubstr("pointer"));
  EXPECT_THAT(error_of({(directory_ / "none.toml").string(), {}, {}}), HasSubstr("no such file"));
}

TEST_F(ConfigTest, SecretsAreMasked) {
  Config config;
  config.database_url = "postgresql://dev:secret@localhost:5432/drift";
  config.slack_webhook_url = "https://hooks.example/T0/B0/x";
  EXPECT_EQ(config_value(config, "database_url"), "postgresql://dev:***@localhost:5432/drift");
  EXPECT_EQ(config_value(config, "slack_webhook_url"), "***");
}

TEST_F(ConfigTest, AddressesOfAlertsAreCheckedAndNeverRepeated) {
  for (const char* key : {"slack_webhook_url", "alert_webhook_url", "alertmanager_url"}) {
    const std::string said = error_of({"", {}, {{key, "hooks.example.org/T0/geheim"}}});
    EXPECT_THAT(said, HasSubstr(key));
    EXPECT_THAT(said, Not(HasSubstr("geheim")));
  }
  EXPECT_EQ(error_of({"", {{"SLACK_WEBHOOK_URL", "https://hooks.example.org/T0/x"}}, {}}),
            "no error");
  EXPECT_THAT(error_of({"", {}, {{"alert_webhook_secret", "x"}}}), HasSubstr("alert_webhook_url"));
  EXPECT_THAT(error_of({"", {}, {{"alert_command", "page 'me"}}}), HasSubstr("quote"));
  auto config = load_config({"", {}, {{"slack_webhook_url", "https://a/b"}}});
  EXPECT_EQ(config_value(*config, "slack_webhook_url"), "***");
}

TEST_F(ConfigTest, ACommandIsItsWordsFromTheFileAndFromText) {
  using ::testing::ElementsAre;
  EXPECT_THAT(*split_words(" /bin/page  --to 'a b' \"\" x\"'\"y "),
              ElementsAre("/bin/page", "--to", "a b", "", "x'y"));
  EXPECT_THAT(*split_words(""), ElementsAre());
  auto config =
      load_config({file("alert_command = [\"/bin/page\", \"it's, a b\", \"\"]\n"), {}, {}});
  ASSERT_TRUE(config) << config.error().detail;
  EXPECT_THAT(*split_words(config->alert_command), ElementsAre("/bin/page", "it's, a b", ""));
}

}  // namespace
}  // namespace driftguard
