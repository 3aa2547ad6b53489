// SPDX-License-Identifier: Apache-2.0
// What the test suites of SciPy, Evidently, Kayenta and DataSketches expect of the statistics in
// this room: tests/data/peer_ks_psi.json, the numbers only, with repository, commit and licence.
// Their definitions: KS p-values ignore ties (exact, or kstwo / Hodges as "asymp"); PSI is
// Evidently's zero rule; percentiles are linear (type 7); KLL quantiles are nearest rank.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <map>
#include <numbers>

#include "stats/ks.h"
#include "stats/psi.h"
#include "stats/quantile.h"
#include "stats/truth_reader.h"

namespace driftguard::stats {
namespace {

const Json& peer_file() {
  static const Json kFile = read_cases("peer_ks_psi.json");
  return kFile;
}

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (const Json& peer : peer_file().at("peers")) {
    for (Case& read : read_case_list(peer.at("list"))) {
      read.id = peer.at("peer").get<std::string>() + "_" + read.id;
      cases.push_back(std::move(read));
    }
  }
  return cases;
}

using Values = std::map<std::string, double>;

Alternative alternative_of(const Json& inputs) {
  if (!inputs.contains("alternative")) return Alternative::kTwoSided;
  const auto name = inputs.at("alternative").get<std::string>();
  return name == "two-sided" ? Alternative::kTwoSided
         : name == "less"    ? Alternative::kLess
                             : Alternative::kGreater;
}

double two_sample_p(const KsStatistic& found, Alternative alternative, bool exact) {
  if (alternative == Alternative::kTwoSided) {
    if (exact) return ks_exact_p(found.t, found.m, found.n);
    const auto m = static_cast<double>(found.m);
    const auto n = static_cast<double>(found.n);
    return kstwo_sf(found.d, static_cast<std::uint64_t>(std::nearbyint(m * n / (m + n))));
  }
  return exact ? ks_exact_p_one_sided(found.t, found.m, found.n)
               : ks_hodges_p(found.d, found.m, found.n);
}

Values ks_2samp(const Json& inputs) {
  const Json& arrays = peer_file().at("arrays");
  const Alternative alternative = alternative_of(inputs);
  const auto found = ks_statistic(read_values(inputs.at("x"), arrays),
                                  read_values(inputs.at("y"), arrays), alternative);
  if (!found) return {{"statistic", std::nan("")}, {"pvalue", std::nan("")}};  // No value.
  const bool exact =
      inputs.value("method", "auto") == "exact" ||
      (inputs.value("method", "auto") == "auto" && std::max(found->m, found->n) <= 10'000);
  return {{"statistic", found->d},
          {"pvalue", two_sample_p(*found, alternative, exact)},
          {"statistic_location", found->location},
          {"statistic_sign", found->sign}};
}

// One-sample test against N(0, 1); the largest gap is at an observation.
Values ks_1samp(const Json& inputs) {
  auto x = read_values(inputs.at("x"));
  std::sort(x.begin(), x.end());
  const auto n = static_cast<double>(x.size());
  double above = 0.0;
  double below = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double normal = std::erfc(-x[i] / std::numbers::sqrt2) / 2.0;
    above = std::max(above, (static_cast<double>(i) + 1.0) / n - normal);
    below = std::max(below, normal - static_cast<double>(i) / n);
  }
  if (alternative_of(inputs) == Alternative::kGreater) {
    return {{"statistic", above}, {"pvalue", smirnov_sf(x.size(), above)}};
  }
  const double d = std::max(above, below);
  return {{"statistic", d}, {"pvalue", kstwo_sf(d, x.size())}};
}

Values kolmogn(const Json& inputs) {
  const double d = inputs.at("D");
  const std::uint64_t n = inputs.at("n");
  return {{"value", inputs.at("cdf").get<bool>() ? kstwo_cdf(d, n) : kstwo_sf(d, n)}};
}

Values linear_percentile(const Json& inputs) {
  return {{"value", *linear_quantile(*weigh(read_values(inputs.at("x"))),
                                     inputs.at("q").get<double>() / 100.0)}};
}

Values kll_quantile(const Json& inputs) {
  const auto percent = std::llround(100.0 * inputs.at("q").get<double>());
  return {{"value", *nearest_rank_quantile(*weigh(read_values(inputs.at("items"))),
                                           {static_cast<std::uint64_t>(percent), 100})}};
}

Values evidently_psi(const Json& inputs) {
  const auto live = inputs.at("current_counts").get<std::vector<std::uint64_t>>();
  const auto baseline = inputs.at("reference_counts").get<std::vector<std::uint64_t>>();
  return {{"value", *psi(live, baseline, {.rule = ZeroRule::kEvidently})}};
}

// The function a case names, by the head of its id after the peer's name.
Values compute(const std::string& id, const Json& inputs) {
  const std::vector<std::pair<std::string, std::function<Values(const Json&)>>> functions = {
      {"scipy_ks_2samp/", ks_2samp},
      {"scipy_ks_1samp/", ks_1samp},
      {"scipy_kolmogn/", kolmogn},
      {"scipy_kolmogorov/",
       [](const Json& in) {
         return Values{{"value", kolmogorov_sf(in["x"])}};
       }},
      {"scipy_kolmogi/",
       [](const Json& in) {
         return Values{{"value", kolmogorov_isf(in["p"])}};
       }},
      {"scipy_smirnov/",
       [](const Json& in) {
         return Values{{"value", smirnov_sf(in["n"], in["d"])}};
       }},
      {"scipy_percentile/", linear_percentile},
      {"kayenta_percentile/", linear_percentile},
      {"datasketches_kll/quantile_exact/", kll_quantile},
      {"evidently_definition/psi/", evidently_psi}};
  for (const auto& [head, function] : functions) {
    if (id.starts_with(head)) return function(inputs);
  }
  throw std::runtime_error("no function for " + id);
}

class Peer : public ::testing::TestWithParam<Case> {};

TEST_P(Peer, ExpectationHolds) {
  const Json& json = GetParam().json;
  const Values got = compute(GetParam().id, json.at("inputs"));
  for (const auto& [key, expected] : json.at("expected").items()) {
    const double want = to_double(expected);
    EXPECT_TRUE(std::isnan(want) ? std::isnan(got.at(key))
                                 : is_near(got.at(key), want, json.at("rtol"), json.at("atol")))
        << key << ": " << got.at(key) << " instead of " << want;
  }
}

INSTANTIATE_TEST_SUITE_P(All, Peer, ::testing::ValuesIn(all_cases()),
                         case_name<::testing::TestParamInfo<Case>>);

TEST(PeerFile, NamesWhereItsNumbersComeFrom) {
  for (const Json& peer : peer_file().at("peers")) {
    EXPECT_EQ(peer.at("cases").get<std::size_t>(), peer.at("list").size());
    for (const char* key : {"repository", "commit", "licence"}) {
      EXPECT_FALSE(peer.at(key).get<std::string>().empty());
    }
  }
}

}  // namespace
}  // namespace driftguard::stats
