// SPDX-License-Identifier: Apache-2.0
// Every case of tests/data/truth_psi.json: mpmath at 40 digits (its meta says how).
#include <gtest/gtest.h>

#include <map>

#include "stats/psi.h"
#include "stats/truth_reader.h"

namespace driftguard::stats {
namespace {

struct Counts {
  std::vector<std::uint64_t> live;
  std::vector<std::uint64_t> baseline;
};

// The two sides over the union of their categories.
Counts align(const Json& live, const Json& baseline) {
  std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> table;
  for (const auto& [name, count] : live.items()) table[name].first = count;
  for (const auto& [name, count] : baseline.items()) table[name].second = count;
  Counts counts;
  for (const auto& [name, pair] : table) {
    counts.live.push_back(pair.first);
    counts.baseline.push_back(pair.second);
  }
  return counts;
}

class PsiTruth : public ::testing::TestWithParam<Case> {
 protected:
  const Json& json() const { return GetParam().json; }
  bool is_special() const { return !json().contains("psi"); }
  Counts counts() const { return align(json().at("live"), json().at("baseline")); }

  static void expect_near(double got, double want) {
    EXPECT_TRUE(is_near(got, want, 1e-9, 1e-12)) << got << " instead of " << want;
  }

  void expect_psi(const char* variant, const PsiOptions& options) const {
    SCOPED_TRACE(variant);
    const auto got = psi(counts().live, counts().baseline, options);
    ASSERT_TRUE(got);
    expect_near(*got, json().at("psi").at(variant));
  }
};

TEST_P(PsiTruth, EveryZeroRule) {
  if (is_special()) return;
  expect_psi("floor_1e-6 (seed default)", {});
  expect_psi("floor_1e-4", {.rule = ZeroRule::kFloor, .floor = 1e-4});
  expect_psi("evidently_zero_1e-4", {.rule = ZeroRule::kEvidently});
  expect_psi("scorecard_0.99", {.rule = ZeroRule::kScorecard});
  expect_psi("jeffreys_0.5 (recommended)", {.rule = ZeroRule::kJeffreys});
  expect_psi("deepchecks_floor_0.01", {.rule = ZeroRule::kDeepchecks});
}

TEST_P(PsiTruth, LawUnderNoDrift) {
  if (is_special()) return;
  const auto got = psi_test(counts().live, counts().baseline);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->categories, json().at("K").get<std::uint64_t>());
  EXPECT_EQ(got->n, json().at("n_live").get<std::uint64_t>());
  EXPECT_EQ(got->m, json().at("m_baseline").get<std::uint64_t>());
  EXPECT_EQ(got->psi <= 0.2, json().at("seed_verdict_ok").get<bool>());
  expect_near(got->expected, json().at("null_mean_psi"));
  expect_near(got->debiased, json().at("jeffreys_debiased"));
  const double p = json().at("p_value_chi2_from_jeffreys");
  EXPECT_TRUE(is_near(got->p_value, p, 1e-9, 1e-300)) << got->p_value << " instead of " << p;
}

TEST_P(PsiTruth, EmptySideIsRefused) {
  if (!is_special()) return;
  const auto got = psi(counts().live, counts().baseline);
  ASSERT_FALSE(got);
  EXPECT_TRUE(got.error().detail.starts_with("empty_sample"));
}

TEST_P(PsiTruth, QuantileBinsAndTheirCounts) {
  if (!json().contains("numeric")) return;
  const Json& numeric = json().at("numeric");
  const auto baseline = weigh(read_values(numeric.at("x")));
  const auto live = weigh(read_values(numeric.at("y")));
  const auto edges = quantile_edges(*baseline, numeric.at("bins"));
  EXPECT_EQ(edges, numeric.at("edges").get<std::vector<double>>());
  EXPECT_EQ(count_in_bins(*live, edges), counts().live);
  EXPECT_EQ(count_in_bins(*baseline, edges), counts().baseline);
}

INSTANTIATE_TEST_SUITE_P(All, PsiTruth,
                         ::testing::ValuesIn(read_case_list(read_cases("truth_psi.json")["cases"])),
                         case_name<::testing::TestParamInfo<Case>>);

}  // namespace
}  // namespace driftguard::stats
