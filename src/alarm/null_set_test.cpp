// SPDX-License-Identifier: Apache-2.0
#include "alarm/null_set.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <random>

namespace driftguard::alarm {
namespace {

using Shares = std::vector<double>;

Shares random_shares(std::size_t cells, std::mt19937_64* random) {
  std::exponential_distribution<double> exponential;
  Shares shares(cells);
  for (double& share : shares) share = exponential(*random) + 1e-3;
  const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
  for (double& share : shares) share /= sum;
  return shares;
}

// Limits around random shares, by a random width.
NullSet random_null(Order order, const Shares& centre, std::mt19937_64* random) {
  const double width = std::uniform_real_distribution<double>(0.002, 0.1)(*random);
  NullSet null{order, {}, {}};
  double cumulative = 0.0;
  for (std::size_t j = 0; j < centre.size() - (order == Order::kOrdered ? 1 : 0); ++j) {
    cumulative = order == Order::kOrdered ? cumulative + centre[j] : centre[j];
    null.low.push_back(std::max(0.0, cumulative - width));
    null.high.push_back(std::min(1.0, cumulative + width));
  }
  if (order == Order::kOrdered) make_ascending(&null);
  return null;
}

bool is_member(const NullSet& null, const Shares& q) {
  double cumulative = 0.0;
  for (std::size_t j = 0; j < null.low.size(); ++j) {
    cumulative = null.order == Order::kOrdered ? cumulative + q[j] : q[j];
    if (cumulative < null.low[j] - 1e-9 || cumulative > null.high[j] + 1e-9) return false;
  }
  return std::abs(std::accumulate(q.begin(), q.end(), 0.0) - 1.0) < 1e-9;
}

double divergence(const Shares& p, const Shares& q) {
  double sum = 0.0;
  for (std::size_t j = 0; j < p.size(); ++j) sum += p[j] * std::log(p[j] / q[j]);
  return sum;
}

class NullSetProperty : public ::testing::TestWithParam<Order> {
 protected:
  // Calls `body` with a null set, its centre and an alternative; the seed is in the trace.
  template <typename Body>
  void for_random_cases(Body body) {
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
      SCOPED_TRACE("seed " + std::to_string(seed));
      std::mt19937_64 random(seed);
      const std::size_t cells = 2 + random() % 29;
      const Shares centre = random_shares(cells, &random);
      body(random_null(GetParam(), centre, &random), centre, random_shares(cells, &random));
    }
  }
};
INSTANTIATE_TEST_SUITE_P(Orders, NullSetProperty,
                         ::testing::Values(Order::kOrdered, Order::kUnordered));

TEST_P(NullSetProperty, AProjectionIsAMember) {
  for_random_cases([](const NullSet& null, const Shares&, const Shares& p) {
    EXPECT_TRUE(is_member(null, project(null, p)));
  });
}

TEST_P(NullSetProperty, AMemberIsItsOwnProjection) {
  for_random_cases([](const NullSet& null, const Shares& centre, const Shares&) {
    const Shares q = project(null, centre);
    for (std::size_t j = 0; j < q.size(); ++j) EXPECT_NEAR(q[j], centre[j], 1e-9);
  });
}

// The theorem that everything rests on, checked where it could fail: at the worst member.
TEST_P(NullSetProperty, NoMemberGivesAProjectionsEValueAMeanAboveOne) {
  for_random_cases([](const NullSet& null, const Shares&, const Shares& p) {
    const Shares q = project(null, p);
    Shares e(p.size());
    for (std::size_t j = 0; j < p.size(); ++j) e[j] = p[j] / q[j];
    EXPECT_NEAR(largest_mean(null, e), 1.0, 1e-6);
  });
}

TEST_P(NullSetProperty, NoMemberOnTheWayToTheCentreIsNearer) {
  for_random_cases([](const NullSet& null, const Shares& centre, const Shares& p) {
    const Shares q = project(null, p);
    for (const double step : {0.01, 0.1, 0.5}) {
      Shares other(q.size());
      for (std::size_t j = 0; j < q.size(); ++j) other[j] = q[j] + step * (centre[j] - q[j]);
      EXPECT_GE(divergence(p, other), divergence(p, q) - 1e-12);
    }
  });
}

TEST_P(NullSetProperty, LogEValuesHaveMeansOfOneAtMost) {
  for_random_cases([](const NullSet& null, const Shares& centre, const Shares& p) {
    Shares e = log_e_values(null, p);
    for (double& value : e) value = std::exp(value);
    EXPECT_LE(largest_mean(null, e), 1.0 + 1e-12);
    EXPECT_LE(std::inner_product(e.begin(), e.end(), centre.begin(), 0.0), 1.0 + 1e-12);
  });
}

TEST(NullSet, OneEdgeGivesTheLikelihoodRatioAtItsLimit) {
  const NullSet null{Order::kOrdered, {0.45}, {0.55}};
  const Shares log_e = log_e_values(null, Shares{0.8, 0.2});
  EXPECT_NEAR(log_e[0], std::log(0.8 / 0.55), 1e-12);
  EXPECT_NEAR(log_e[1], std::log(0.2 / 0.45), 1e-12);
}

TEST(NullSet, AnAlternativeInsideTheNullBringsNoEvidence) {
  const NullSet null{Order::kOrdered, {0.2, 0.6}, {0.4, 0.8}};
  for (const double value : log_e_values(null, Shares{0.25, 0.5, 0.25})) {
    EXPECT_NEAR(value, 0.0, 1e-12);
  }
}

TEST(NullSet, AscendingLimitsKeepTheirMembers) {
  NullSet null{Order::kOrdered, {0.3, 0.2, 0.5}, {0.6, 0.9, 0.8}};
  make_ascending(&null);
  EXPECT_EQ(null.low, (Shares{0.3, 0.3, 0.5}));
  EXPECT_EQ(null.high, (Shares{0.6, 0.8, 0.8}));
}

}  // namespace
}  // namespace driftguard::alarm
