// SPDX-License-Identifier: Apache-2.0
// What still counts as "no drift", and the sharpest evidence against all of it at once.
//
// A population is a vector of cell probabilities. The null is a convex set of them: for ordered
// cells (numbers) the vectors whose cumulative sums stay inside limits at every edge, for unordered
// ones (categories, rates) those whose shares stay inside limits. For an alternative p the e-value
// of one event in cell j is p[j] / q[j], where q is the member of the set nearest to p in
// Kullback-Leibler divergence, the reverse information projection: its mean is at most 1 under
// *every* member of the set, and its logarithm grows fastest under p (Li 1999; Gruenwald, de Heide
// and Koolen 2024, "Safe testing", theorem 1). Products over events stay e-values whatever the
// dependence, while each event's distribution given the past lies in the set.
//
// Between cumulative limits the projection is a taut string: the shortest path through the tube,
// drawn over the cumulative sums of p (Davies and Kovac 2001 use the same algorithm; the string
// minimises every convex function of its slopes at once, -log among them).
//
// Pure functions, safe from any thread.
#pragma once

#include <span>
#include <vector>

namespace driftguard::alarm {

enum class Order {
  kOrdered,    // Limits hold for cumulative sums; low and high have one entry an edge.
  kUnordered,  // Limits hold for shares; low and high have one entry a cell.
};

// 0 <= low <= high <= 1 everywhere, ascending where ordered, and some distribution satisfies them.
struct NullSet {
  Order order = Order::kOrdered;
  std::vector<double> low;
  std::vector<double> high;

  std::size_t cells() const { return order == Order::kOrdered ? low.size() + 1 : low.size(); }
};

// Makes cumulative limits ascend without changing which distributions satisfy them.
void make_ascending(NullSet* ordered);

// The member of `null` nearest to `p`, KL(p || q). Every p[j] > 0, their sum is 1 (asserted).
std::vector<double> project(const NullSet& null, std::span<const double> p);

// The largest mean that `value` (one number a cell) has under a member of `null`; for cumulative
// limits an upper bound of it, sharp at projections.
double largest_mean(const NullSet& null, std::span<const double> value);

// log(p[j] / q[j]) for the projection q, lowered where rounding left the largest mean above 1: a
// log e-value whatever the arithmetic did.
std::vector<double> log_e_values(const NullSet& null, std::span<const double> p);

}  // namespace driftguard::alarm
