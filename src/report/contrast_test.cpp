// SPDX-License-Identifier: Apache-2.0
#include "report/contrast.h"

#include <gmock/gmock.h>

#include <random>

#include "report/rate_contrast.h"

namespace driftguard::report {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;

// Features as they were in a window of one endpoint.
class Traffic {
 public:
  Traffic& numbers(const std::string& name, double mean, std::size_t n, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal(mean, 1);
    std::vector<double> values(n);
    for (double& value : values) value = normal(random);
    rollup_.features["/" + name].numbers = sketch::NumericSummary::of(values);
    rollup_.events = std::max<std::uint64_t>(rollup_.events, n);
    return *this;
  }
  Traffic& names(const std::string& name, std::size_t a, std::size_t b) {
    rollup_.features["/" + name].texts = sketch::CategoryCounts::of({{"a", a}, {"b", b}});
    rollup_.events = std::max<std::uint64_t>(rollup_.events, a + b);
    return *this;
  }
  Traffic& statuses(std::uint64_t good, std::uint64_t bad) {
    rollup_.statuses[1] = good;
    rollup_.statuses[4] = bad;
    return *this;
  }
  std::shared_ptr<const rollup::Rollup> made() const {
    return std::make_shared<const rollup::Rollup>(rollup_);
  }

 private:
  rollup::Rollup rollup_;
};

Contrasts contrasts_of(const Traffic& control, const Traffic& candidate,
                       const ContrastRules& rules = {}) {
  baseline::Baseline baseline;
  baseline.endpoints = {{"e", control.made()}};
  baseline.total = control.made();
  const window::Window live{{}, {{"e", candidate.made()}}};
  const auto comparison = Comparison::of(
      live, &baseline, {"s", {}, {}},
      [](const std::string& pointer) -> Result<std::string> { return pointer.substr(1); },
      [](const std::string&) { return std::optional<FeatureKind>(); });
  return contrast(*comparison, rules);
}

const Contrast& named(const Contrasts& all, const std::string& name) {
  for (const Contrast& one : all.list) {
    if (one.name == name) return one;
  }
  static const Contrast kNone;
  ADD_FAILURE() << "no contrast " << name;
  return kNone;
}

TEST(Contrast, TheSameDistributionPasses) {
  const auto all =
      contrasts_of(Traffic().numbers("x", 0, 2000, 1), Traffic().numbers("x", 0, 500, 2));
  EXPECT_EQ(named(all, "x").outcome, Outcome::kPass);
  EXPECT_EQ(all.outcome(), Outcome::kPass);
  EXPECT_EQ(all.tests, 2u);  // Its values, and whether they are missing.
}

TEST(Contrast, ALargeDifferenceFailsWithAnIntervalAroundIt) {
  const auto all =
      contrasts_of(Traffic().numbers("x", 0, 2000, 1), Traffic().numbers("x", 1, 500, 2));
  const Contrast& x = named(all, "x");
  EXPECT_EQ(x.outcome, Outcome::kFail);
  EXPECT_THAT(*x.difference, DoubleNear(0.383, 0.06));  // 2 Phi(1/2) - 1.
  EXPECT_LT(*x.low, 0.383);
  EXPECT_GT(*x.high, 0.383);
  EXPECT_EQ(all.outcome(), Outcome::kFail);
}

TEST(Contrast, ASmallDifferenceOfManyIsMarginal) {
  const auto all =
      contrasts_of(Traffic().numbers("x", 0, 30'000, 1), Traffic().numbers("x", 0.08, 30'000, 2));
  EXPECT_EQ(named(all, "x").outcome, Outcome::kMarginal);
  EXPECT_EQ(all.outcome(), Outcome::kMarginal);
}

TEST(Contrast, FewValuesSayNothing) {
  const auto all =
      contrasts_of(Traffic().numbers("x", 0, 2000, 1), Traffic().numbers("x", 9, 49, 2));
  EXPECT_EQ(named(all, "x").outcome, Outcome::kNotEnoughData);
  EXPECT_EQ(all.outcome(), Outcome::kNotEnoughData);
}

TEST(Contrast, CategoriesDifferByTheirLargestShare) {
  const auto all = contrasts_of(Traffic().names("c", 800, 200), Traffic().names("c", 300, 200));
  const Contrast& c = named(all, "c");
  EXPECT_EQ(c.outcome, Outcome::kFail);
  EXPECT_THAT(*c.difference, DoubleNear(0.2, 1e-12));
  EXPECT_GT(*c.low, 0.1);
  EXPECT_LT(*c.high, 0.3);
}

TEST(Contrast, AFeatureThatVanishedFailsByWhatIsMissing) {
  const auto all = contrasts_of(Traffic().numbers("x", 0, 500, 1).numbers("y", 0, 500, 3),
                                Traffic().numbers("y", 0, 500, 4));
  EXPECT_EQ(named(all, "x").outcome, Outcome::kNotEnoughData);
  EXPECT_EQ(named(all, "x_missing").outcome, Outcome::kFail);
}

TEST(Contrast, FailuresCountOnlyWhereTheyBecameMore) {
  const Traffic good = Traffic().statuses(1000, 2);
  const Traffic bad = Traffic().statuses(950, 50);
  EXPECT_EQ(named(contrasts_of(good, bad), "failures").outcome, Outcome::kFail);
  EXPECT_EQ(named(contrasts_of(bad, good), "failures").outcome, Outcome::kPass);
}

TEST(Contrast, LooksAreAllowedFor) {
  const Traffic control = Traffic().statuses(1000, 5);
  const Traffic candidate = Traffic().statuses(500, 12);
  const auto once = contrasts_of(control, candidate);
  const auto often = contrasts_of(control, candidate, {.looks = 100});
  EXPECT_EQ(named(once, "failures").outcome, Outcome::kFail);
  EXPECT_EQ(named(often, "failures").outcome, Outcome::kPass);
  EXPECT_LT(*named(often, "failures").low, *named(once, "failures").low);
}

// 20 features without any difference, a thousand times: at most 5 % are not a pass.
TEST(Contrast, ManyFeaturesShareOneChanceOfBeingWrong) {
  int wrong = 0;
  constexpr int kRuns = 300;
  for (int run = 0; run < kRuns; ++run) {
    Traffic control;
    Traffic candidate;
    for (int f = 0; f < 20; ++f) {
      const std::string name = "x" + std::to_string(f);
      const auto seed = static_cast<std::uint64_t>(run * 100 + f * 2);
      control.numbers(name, 0, 200, seed);
      candidate.numbers(name, 0, 200, seed + 1);
    }
    if (contrasts_of(control, candidate).outcome() != Outcome::kPass) ++wrong;
  }
  EXPECT_LE(wrong, 27);  // 0.05 x 300 and three deviations.
}

TEST(Holm, StepsDown) {
  EXPECT_THAT(
      holm({0.01, 0.04, 0.03}),
      ElementsAre(DoubleNear(0.03, 1e-12), DoubleNear(0.06, 1e-12), DoubleNear(0.06, 1e-12)));
  EXPECT_THAT(holm({0.9, 0.8}), ElementsAre(1.0, 1.0));
  EXPECT_THAT(holm({}), ElementsAre());
}

TEST(RateContrast, FishersTestIsSciPys) {
  // scipy.stats.fisher_exact([[8, 2], [1, 5]], alternative="greater"): 0.024475524475524483.
  EXPECT_THAT(p_of_more({{1, 6}, {8, 10}}), DoubleNear(0.0244755244755245, 1e-12));
  EXPECT_THAT(p_of_more({{0, 10}, {0, 10}}), DoubleNear(1, 1e-12));
  EXPECT_THAT(p_of_more({{10, 10}, {10, 10}}), DoubleNear(1, 1e-12));
}

TEST(RateContrast, TheNormalLimitGoesOnWhereTheExactTestEnds) {
  const double exact = p_of_more({{980, 50'000}, {1020, 50'000}});
  const double limit = p_of_more({{981, 50'000}, {1021, 50'000}});
  EXPECT_THAT(limit / exact, DoubleNear(1, 0.05));
}

TEST(RateContrast, TheIntervalIsNewcombes) {
  // Newcombe 1998, table II (a), method 10: 56/70 less 48/80 has 0.0524 to 0.3339.
  const stats::Interval interval = difference_interval({{48, 80}, {56, 70}}, 0.05);
  EXPECT_THAT(interval.low, DoubleNear(0.0524, 5e-5));
  EXPECT_THAT(interval.high, DoubleNear(0.3339, 5e-5));
}

}  // namespace
}  // namespace driftguard::report
