// SPDX-License-Identifier: Apache-2.0
// Every case of tests/data/truth_ks.json: SciPy 1.10, R 4.2 and exact rationals (its meta says
// how).
#include <gtest/gtest.h>

#include "stats/ks.h"
#include "stats/truth_reader.h"

namespace driftguard::stats {
namespace {

class KsTruth : public ::testing::TestWithParam<Case> {
 protected:
  // Calls x the live side and y the baseline: the two-sided law does not care.
  Result<KsStatistic> statistic() const { return ks_statistic(x(), y()); }
  std::vector<double> x() const { return read_values(GetParam().json.at("x")); }
  std::vector<double> y() const { return read_values(GetParam().json.at("y")); }
  bool is_error() const { return GetParam().json.contains("expect_error"); }
  double expected(const char* key) const { return to_double(GetParam().json.at(key)); }

  void expect_p(double got, const char* key) const {
    const double want = expected(key);
    EXPECT_TRUE(is_near(got, want, 1e-9, want < 1e-290 ? 1e-300 : 0.0))
        << key << ": " << got << " instead of " << want;
  }
};

TEST_P(KsTruth, StatisticIsExactOrTheErrorNamed) {
  const auto got = statistic();
  if (is_error()) {
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, ErrorCode::kInvalidArgument);
    EXPECT_TRUE(
        got.error().detail.starts_with(GetParam().json.at("expect_error").get<std::string>()));
    return;
  }
  ASSERT_TRUE(got);
  EXPECT_EQ(static_cast<std::uint64_t>(got->t), GetParam().json.at("T").get<std::uint64_t>());
  EXPECT_EQ(got->n, GetParam().json.at("m").get<std::uint64_t>());
  EXPECT_EQ(got->m, GetParam().json.at("n").get<std::uint64_t>());
  EXPECT_DOUBLE_EQ(got->d, expected("D"));
}

TEST_P(KsTruth, ExactPValuesWithAndWithoutTies) {
  if (is_error()) return;
  const auto got = statistic();
  const auto live = weigh(x());
  const auto baseline = weigh(y());
  expect_p(ks_exact_p_ties(got->t, got->m, got->n, tie_blocks(*live, *baseline)), "p_exact");
  const bool tied = GetParam().json.at("has_ties").get<bool>();
  expect_p(ks_exact_p(got->t, got->m, got->n), tied ? "p_exact_ignoring_ties" : "p_exact");
}

TEST_P(KsTruth, AsymptoticPValues) {
  if (is_error()) return;
  const auto got = statistic();
  const auto m = static_cast<double>(got->m);
  const auto n = static_cast<double>(got->n);
  expect_p(kolmogorov_sf(std::sqrt(m * n / (m + n)) * got->d), "p_asym_kolmogorov_limit");
  expect_p(ks_stephens_p(got->d, got->m, got->n), "p_asym_stephens");
  const auto size = static_cast<std::uint64_t>(std::nearbyint(m * n / (m + n)));
  if (GetParam().json.at("p_asym_scipy_kstwo").is_null()) {
    EXPECT_EQ(size, 0u);  // SciPy has no value; ks_p_value is exact there.
    return;
  }
  expect_p(kstwo_sf(got->d, size), "p_asym_scipy_kstwo");
}

TEST_P(KsTruth, ReportedPValueIsTheOneItsMethodNames) {
  if (is_error()) return;
  const auto got = statistic();
  const KsPValue p = ks_p_value(got->t, got->m, got->n);
  const bool tied = GetParam().json.at("has_ties").get<bool>();
  const char* const exact = tied ? "p_exact_ignoring_ties" : "p_exact";
  expect_p(p.p, p.method == KsMethod::kExact ? exact : "p_asym_scipy_kstwo");
}

INSTANTIATE_TEST_SUITE_P(All, KsTruth,
                         ::testing::ValuesIn(read_case_list(read_cases("truth_ks.json")["cases"])),
                         case_name<::testing::TestParamInfo<Case>>);

}  // namespace
}  // namespace driftguard::stats
