// SPDX-License-Identifier: Apache-2.0
#include "report/schema_check.h"

#include <gmock/gmock.h>

#include <random>

#include "report/outline.h"
#include "report/testing_sides.h"

namespace driftguard::report {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// One side of one endpoint.
class Side {
 public:
  explicit Side(std::uint64_t events) { rollup_.events = events; }

  Side& numbers(const std::string& name, std::uint64_t count) {
    std::vector<double> values(count);
    for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<double>(i % 100);
    at(name).numbers = sketch::NumericSummary::of(values);
    return *this;
  }
  Side& texts(const std::string& name, const Counts& counts) {
    std::vector<sketch::Category> categories;
    for (const auto& [value, count] : counts) categories.push_back({value, count});
    at(name).texts = sketch::CategoryCounts::of(std::move(categories));
    return *this;
  }
  Side& objects(const std::string& name, std::uint64_t count) {
    at(name).others = count;
    return *this;
  }
  Side& dropped(std::uint64_t values) {
    rollup_.features_dropped = values;
    return *this;
  }
  std::shared_ptr<const rollup::Rollup> rollup() const {
    return std::make_shared<const rollup::Rollup>(rollup_);
  }

 private:
  rollup::FeatureRollup& at(const std::string& name) {
    return rollup_.features["/request/body/" + name];
  }
  rollup::Rollup rollup_;
};

using Sides = std::map<std::string, Side>;

class SchemaTest : public ::testing::Test {
 protected:
  static Comparison compared(const Sides& live, const Sides& baseline,
                             baseline::Source source = baseline::Source::kStore) {
    window::Window window;
    for (const auto& [endpoint, side] : live) window.endpoints[endpoint] = side.rollup();
    auto before = std::make_shared<baseline::Baseline>();
    before->version = 1;
    before->service = "s";
    before->source = source;
    for (const auto& [endpoint, side] : baseline) before->endpoints[endpoint] = side.rollup();
    rollup::RollupSum sum;
    for (const auto& [endpoint, rollup] : before->endpoints) sum.add(*rollup);
    before->total = std::make_shared<const rollup::Rollup>(sum.take());
    return compare(window, before.get());
  }
  static SchemaAnalysis analysed(const Side& live, const Side& baseline) {
    return analyse_schema(compared({{"e", live}}, {{"e", baseline}}), {});
  }
  // "vanished amount".
  static std::vector<std::string> told(const SchemaAnalysis& found) {
    std::vector<std::string> lines;
    for (const SchemaFinding& finding : found.findings) {
      if (finding.within) continue;
      lines.push_back(std::string(change_name(finding.change)) + ' ' + finding.field);
    }
    return lines;
  }
};

TEST_F(SchemaTest, EqualTrafficHasNoChange) {
  const Side side =
      Side(500).numbers("amount", 500).texts("currency", {{"EUR", 300}, {"USD", 200}});
  const SchemaAnalysis found = analysed(side, side);
  EXPECT_THAT(told(found), IsEmpty());
  EXPECT_FALSE(found.drifted);
  EXPECT_EQ(found.fields, 2u);
  EXPECT_EQ(found.endpoints, 1u);
}

TEST_F(SchemaTest, ANewAndAVanishedFieldAreFound) {
  const SchemaAnalysis found = analysed(Side(200).numbers("total", 200).numbers("fee", 100),
                                        Side(1200).numbers("total", 1200).numbers("tip", 400));
  EXPECT_THAT(told(found), ElementsAre("new fee", "vanished tip"));
  EXPECT_TRUE(found.drifted);
  EXPECT_EQ(found.findings[0].live_share(), 0.5);
  EXPECT_EQ(found.findings[1].baseline.successes, 400u);
}

TEST_F(SchemaTest, ARarerAndAMoreFrequentFieldAreFound) {
  const SchemaAnalysis found = analysed(Side(1000).numbers("a", 900).numbers("b", 300),
                                        Side(1000).numbers("a", 990).numbers("b", 100));
  EXPECT_THAT(told(found), ElementsAre("presence b", "presence a"));
}

TEST_F(SchemaTest, ARetypedFieldTellsFromAndTo) {
  const SchemaAnalysis found =
      analysed(Side(500).numbers("amount", 470).texts("amount", {{"1", 30}}),
               Side(500).numbers("amount", 500));
  ASSERT_THAT(told(found), ElementsAre("retyped amount"));
  EXPECT_EQ(found.findings[0].from, ValueType::kNumber);
  EXPECT_EQ(found.findings[0].to, ValueType::kText);
  EXPECT_DOUBLE_EQ(found.findings[0].live_share(), 0.06);
  EXPECT_EQ(text_of(found.findings[0]),
            "amount turned from number into text in 6 % of its values at e, was so in 0 %");
}

TEST_F(SchemaTest, NewValuesOfASmallCategoryAreNamed) {
  const SchemaAnalysis found =
      analysed(Side(500).texts("currency", {{"EUR", 480}, {"XBT", 15}, {"DOG", 5}}),
               Side(500).texts("currency", {{"EUR", 300}, {"USD", 200}}));
  ASSERT_THAT(told(found), ElementsAre("new_values currency"));
  ASSERT_EQ(found.findings[0].values.size(), 2u);
  EXPECT_EQ(found.findings[0].values[0].name, "XBT");
}

// Names, identifiers: new ones are nothing new.
TEST_F(SchemaTest, ValuesOfAnOpenCategoryAreNoChange) {
  Counts before;
  Counts now;
  for (int i = 0; i < 40; ++i) before["name " + std::to_string(i)] = i < 20 ? 1 : 30;
  for (int i = 20; i < 60; ++i) now["name " + std::to_string(i)] = i < 40 ? 24 : 1;
  EXPECT_THAT(told(analysed(Side(500).texts("who", now), Side(620).texts("who", before))),
              IsEmpty());
}

// The promise of the check: over 2,000 pairs of windows of equal traffic, with optional fields of
// many rates, not a single change.
TEST_F(SchemaTest, OptionalFieldsOfSteadyTrafficAreQuiet) {
  constexpr unsigned kSeed = 20250301;
  std::mt19937_64 random(kSeed);
  for (int round = 0; round < 2000; ++round) {
    Side live(700);
    Side baseline(1200);
    int i = 0;
    for (const double rate : {0.001, 0.01, 0.02, 0.1, 0.5, 0.9, 0.99}) {
      const std::string name = "f" + std::to_string(i++);
      live.numbers(name, std::binomial_distribution<std::uint64_t>(700, rate)(random));
      baseline.numbers(name, std::binomial_distribution<std::uint64_t>(1200, rate)(random));
    }
    ASSERT_THAT(told(analysed(live, baseline)), IsEmpty()) << "seed " << kSeed << ", " << round;
  }
}

TEST_F(SchemaTest, AFieldOfOneEventInAHundredMayComeAndGo) {
  EXPECT_THAT(told(analysed(Side(100'000).numbers("a", 1000), Side(100'000).numbers("b", 1000))),
              IsEmpty());
}

TEST_F(SchemaTest, EightEventsAreTooFew) {
  const Sides live = {{"e", Side(8).numbers("b", 8)}};
  const Sides baseline = {{"e", Side(1000).numbers("a", 1000)}};
  const SchemaCheck check = check_schema(analyse_schema(compared(live, baseline), {}), {});
  EXPECT_TRUE(check.ok);
  EXPECT_TRUE(check.insufficient_samples);
  EXPECT_EQ(check.found.endpoints_left_out, 1u);
  EXPECT_EQ(outline_of("schema", check).state, State::kInsufficient);
}

// More calls of the endpoint that rarely has the field: its share falls, no endpoint changed.
TEST_F(SchemaTest, AnotherMixOfEndpointsIsNoChange) {
  const Sides live = {{"a", Side(100).numbers("x", 100)}, {"b", Side(900).numbers("x", 90)}};
  const Sides baseline = {{"a", Side(900).numbers("x", 900)}, {"b", Side(100).numbers("x", 10)}};
  const Comparison comparison = compared(live, baseline);
  const SchemaAnalysis found = analyse_schema(comparison, {});
  EXPECT_FALSE(found.drifted);
  const QualityCheck check =
      check_quality(comparison, comparison.features()[0], QualityKind::kMissing, found, {});
  EXPECT_TRUE(check.ok);
  EXPECT_DOUBLE_EQ(*check.live_share(), 0.81);
  EXPECT_DOUBLE_EQ(*check.baseline_share(), 0.09);
}

TEST_F(SchemaTest, AChangeAtOneEndpointNamesIt) {
  const Sides live = {{"a", Side(500).numbers("x", 500)}, {"b", Side(500).numbers("y", 500)}};
  const Sides baseline = {{"a", Side(500).numbers("x", 500)},
                          {"b", Side(500).numbers("x", 500).numbers("y", 500)}};
  const SchemaAnalysis found = analyse_schema(compared(live, baseline), {});
  ASSERT_THAT(told(found), ElementsAre("vanished x"));
  EXPECT_EQ(found.findings[0].endpoint, "b");
}

// An object goes with all that is in it: one change, and what is within still fails its own check.
TEST_F(SchemaTest, FieldsOfAnObjectThatVanishedAreToldOnce) {
  const Sides live = {{"e", Side(500).numbers("amount", 500)}};
  const Sides baseline = {{"e", Side(500)
                                    .numbers("amount", 500)
                                    .objects("card", 500)
                                    .texts("card/brand", {{"visa", 500}})
                                    .numbers("card/year", 500)}};
  const Comparison comparison = compared(live, baseline);
  const SchemaAnalysis found = analyse_schema(comparison, {});
  ASSERT_THAT(told(found), ElementsAre("vanished card"));
  EXPECT_EQ(found.findings[0].below, 2u);
  EXPECT_EQ(check_schema(found, {}).changes(), 1u);
  for (const FeaturePair& feature : comparison.features()) {
    const QualityCheck check = check_quality(comparison, feature, QualityKind::kMissing, found, {});
    EXPECT_EQ(check.ok, feature.name == "amount") << feature.name;
  }
}

// What stood beyond the places that a rollup keeps may have been any field.
TEST_F(SchemaTest, PlacesLeftOutMayHoldWhatSeemsToBeMissing) {
  const Side baseline = Side(500).numbers("amount", 500);
  EXPECT_THAT(told(analysed(Side(500).dropped(500), baseline)), IsEmpty());
  EXPECT_THAT(told(analysed(Side(500).dropped(100), baseline)), ElementsAre("vanished amount"));
  EXPECT_THAT(told(analysed(baseline, Side(500).dropped(5000))), IsEmpty());
}

TEST_F(SchemaTest, AThousandKeysOfOneEventEachAreQuiet) {
  Side live(1000);
  Side baseline(1000);
  for (int i = 0; i < 500; ++i) {
    live.numbers("l" + std::to_string(i), 1);
    baseline.numbers("b" + std::to_string(i), 1);
  }
  live.dropped(9'000'000).numbers("amount", 1000);
  baseline.dropped(9'000'000).numbers("amount", 1000);
  const SchemaAnalysis found = analysed(live, baseline);
  EXPECT_THAT(told(found), IsEmpty());
  EXPECT_EQ(found.live_dropped, 9'000'000u);
}

TEST_F(SchemaTest, AMutedFeatureIsToldAndDoesNotFail) {
  Comparison comparison = compared({{"e", Side(500)}}, {{"e", Side(500).numbers("amount", 500)}});
  comparison.judge_by([](const std::string&, FeatureKind) {
    Judging judging;
    judging.muted = true;
    return judging;
  });
  const SchemaAnalysis found = analyse_schema(comparison, {});
  EXPECT_THAT(told(found), ElementsAre("vanished amount"));
  EXPECT_FALSE(found.drifted);
  const QualityCheck check =
      check_quality(comparison, comparison.features()[0], QualityKind::kMissing, found, {});
  EXPECT_TRUE(check.ok);
  EXPECT_TRUE(check.treatment.would_fail);
}

// A person may have left fields out of a file; what it names must be there all the same.
TEST_F(SchemaTest, AFieldThatAPinnedFileDoesNotNameDoesNotFail) {
  const Sides live = {{"e", Side(500).numbers("fee", 500).numbers("amount", 500)}};
  const Sides baseline = {{"e", Side(500).numbers("amount", 500)}};
  const SchemaAnalysis found =
      analyse_schema(compared(live, baseline, baseline::Source::kFile), {});
  EXPECT_THAT(told(found), ElementsAre("new fee"));
  EXPECT_FALSE(found.drifted);
  const Sides less = {{"e", Side(500).numbers("fee", 500)}};
  EXPECT_TRUE(analyse_schema(compared(less, baseline, baseline::Source::kFile), {}).drifted);
}

TEST_F(SchemaTest, NothingIsSignificantBelowZero) {
  SchemaRules rules;
  rules.p_min = 0;
  const Sides live = {{"e", Side(5000)}};
  const Sides baseline = {{"e", Side(5000).numbers("amount", 5000)}};
  EXPECT_FALSE(analyse_schema(compared(live, baseline), rules).drifted);
}

TEST_F(SchemaTest, AReportShowsWhatIsMissingOnlyWhereSomethingIs) {
  const Sides live = {{"e", Side(500).numbers("a", 500).numbers("b", 490)}};
  const Sides baseline = {{"e", Side(500).numbers("a", 500).numbers("b", 500)}};
  std::vector<std::string> names;
  for (const auto& [name, check] : make_checks(compared(live, baseline), {})) names.push_back(name);
  EXPECT_THAT(names,
              ElementsAre("a_ks", "b_ks", "success_rate", "latency_p95", "b_missing", "schema"));
}

}  // namespace
}  // namespace driftguard::report
