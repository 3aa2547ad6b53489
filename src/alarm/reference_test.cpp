// SPDX-License-Identifier: Apache-2.0
#include "alarm/reference.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numeric>
#include <random>

namespace driftguard::alarm {
namespace {

using Draw = std::function<double(std::int64_t bucket)>;

WatchSpec numeric_spec() {
  WatchSpec spec{"amount", {}, 0.05};
  for (int edge = -36; edge <= 36; edge += 3) spec.layout.edges.push_back(edge / 10.0);
  return spec;
}

// A day of 20 values a bucket.
History day_of(const Draw& draw) {
  const std::vector<double> edges = numeric_spec().layout.edges;
  History history(edges.size() + 1);
  for (std::int64_t bucket = 0; bucket < 8640; ++bucket) {
    std::vector<std::uint32_t> counts(history.cells());
    for (int i = 0; i < 20; ++i) {
      const auto at = std::lower_bound(edges.begin(), edges.end(), draw(bucket));
      ++counts[static_cast<std::size_t>(at - edges.begin())];
    }
    history.add(bucket, counts);
  }
  return history;
}

Reference of_steady(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  return learn(numeric_spec(), day_of([&](std::int64_t) { return normal(random); }), {});
}

Reference of_clustered() {
  std::mt19937_64 random(5);
  std::normal_distribution<double> normal;
  double z = 0;
  const Draw draw = [&](std::int64_t) {
    z = 0.9 * z + std::sqrt(1 - 0.81) * normal(random);
    return z;
  };
  return learn(numeric_spec(), day_of(draw), {});
}

Reference of_waves(double deviation) {
  std::mt19937_64 random(6);
  std::normal_distribution<double> normal;
  return learn(numeric_spec(), day_of([&](std::int64_t bucket) {
                 return normal(random) +
                        deviation * std::sqrt(2.0) * std::sin(static_cast<double>(bucket) / 200);
               }),
               {});
}

double least_eta(const Reference& reference) {
  double least = 1;
  for (const Component& component : reference.mixture.components()) {
    least = std::min(least, component.eta);
  }
  return least;
}

TEST(Reference, ToleratesWhatTheBaselineShows) {
  const Reference reference = of_steady(1);
  EXPECT_EQ(reference.admission, Admission::kAdmitted);
  EXPECT_TRUE(reference.tolerance_learnt);
  EXPECT_EQ(reference.tolerance, Rules{}.tolerance_min);
  double cumulative = 0;
  for (std::size_t k = 0; k < reference.null.low.size(); ++k) {
    cumulative += reference.shares[k];
    const double tolerated = 0.02 * 2 * std::sqrt(cumulative * (1 - cumulative));
    EXPECT_LE(reference.null.low[k], std::max(0.0, cumulative - tolerated) + 1e-5);
    EXPECT_GE(reference.null.high[k], std::min(1.0, cumulative + tolerated) - 1e-5);
    EXPECT_LT(reference.null.high[k] - reference.null.low[k], 0.06);
  }
}

TEST(Reference, WeightsAddUpToOne) {
  const Reference reference = of_steady(2);
  double sum = 0;
  for (const Component& component : reference.mixture.components()) sum += component.weight;
  EXPECT_NEAR(sum, 1.0, 1e-12);
}

// One event at a time: no component expects to gain from the baseline itself.
TEST(Reference, NoComponentGrowsOnTheBaseline) {
  const Reference reference = of_steady(3);
  std::vector<double> mean(reference.mixture.components().size());
  std::vector<double> log_e(mean.size());
  std::vector<std::uint32_t> one(reference.layout.cells());
  for (std::size_t j = 0; j < one.size(); ++j) {
    one[j] = 1;
    reference.mixture.score(one, log_e);
    for (std::size_t c = 0; c < mean.size(); ++c) {
      mean[c] += reference.shares[j] * std::exp(log_e[c]);
    }
    one[j] = 0;
  }
  EXPECT_LE(*std::max_element(mean.begin(), mean.end()), 1.0 + 1e-9);
}

TEST(Reference, IndependentEventsAreNotTempered) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    EXPECT_EQ(least_eta(of_steady(seed)), 1.0) << "seed " << seed;
  }
}

TEST(Reference, ClusteredEventsAreTemperedAndAdmitted) {
  const Reference reference = of_clustered();
  EXPECT_EQ(reference.admission, Admission::kAdmitted);
  EXPECT_LT(least_eta(reference), 0.1);
  EXPECT_GT(reference.overdispersion, 10);
}

TEST(Reference, TailsBorrowTheOverdispersionOfTheBody) {
  const Reference reference = of_clustered();
  for (const Component& component : reference.mixture.components()) {
    EXPECT_LT(component.eta, 0.5);
  }
}

TEST(Reference, WavesOfTheBaselineWidenTheTolerance) {
  EXPECT_GT(of_waves(0.05).tolerance, 0.05);
  EXPECT_GT(of_waves(0.1).tolerance, of_waves(0.05).tolerance);
}

TEST(Reference, ABaselineOfGreatWavesIsUnsteady) {
  EXPECT_EQ(of_waves(0.6).admission, Admission::kUnsteady);
}

TEST(Reference, AFewValuesAreNoBaseline) {
  History history(numeric_spec().layout.cells());
  std::vector<std::uint32_t> counts(history.cells());
  counts[3] = 50;
  history.add(1, counts);
  EXPECT_EQ(learn(numeric_spec(), history, {}).admission, Admission::kTooFewValues);
}

TEST(Reference, AShortBaselineHasAWideTolerance) {
  std::mt19937_64 random(7);
  History history(numeric_spec().layout.cells());
  for (std::int64_t bucket = 0; bucket < 400; ++bucket) {
    std::vector<std::uint32_t> counts(history.cells());
    for (int i = 0; i < 20; ++i) ++counts[random() % counts.size()];
    history.add(bucket, counts);
  }
  const Reference reference = learn(numeric_spec(), history, {});
  EXPECT_FALSE(reference.tolerance_learnt);
  EXPECT_EQ(reference.tolerance, Rules{}.tolerance_unlearnt);
}

TEST(Reference, FingerprintsTellBaselinesApart) {
  EXPECT_EQ(of_steady(1).fingerprint(), of_steady(1).fingerprint());
  EXPECT_NE(of_steady(1).fingerprint(), of_steady(2).fingerprint());
}

}  // namespace
}  // namespace driftguard::alarm
