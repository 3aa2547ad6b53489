// SPDX-License-Identifier: Apache-2.0
#include "stats/ks.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "stats/gap.h"
#include "stats/gap_search.h"

namespace driftguard::stats {
namespace {

__extension__ using int128 = __int128;

constexpr std::uint64_t kExactSizeMax = 10'000;
constexpr std::uint64_t kExactCellsMax = 10'000'000;
constexpr std::uint64_t kExactBandMax = 20'000'000;

Error invalid(std::string detail) { return {ErrorCode::kInvalidArgument, std::move(detail)}; }

// Calls visit(value, live count, baseline count) for every pooled value, ascending.
template <typename Visit>
void walk_pooled(std::span<const WeightedPoint> live, std::span<const WeightedPoint> baseline,
                 Visit visit) {
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < live.size() || j < baseline.size()) {
    const bool from_live =
        j == baseline.size() || (i < live.size() && live[i].value <= baseline[j].value);
    const bool from_baseline =
        i == live.size() || (j < baseline.size() && baseline[j].value <= live[i].value);
    const double value = from_live ? live[i].value : baseline[j].value;
    visit(value, from_live ? live[i++].count : 0, from_baseline ? baseline[j++].count : 0);
  }
}

Result<void> check_sample(std::span<const WeightedPoint> points, const char* side) {
  if (is_sample(points)) return {};
  const bool finite = std::all_of(points.begin(), points.end(), [](const WeightedPoint& point) {
    return std::isfinite(point.value);
  });
  return invalid((finite ? "unsorted_input: " : "non_finite_input: ") + std::string(side));
}

Result<void> check_sizes(std::uint64_t live, std::uint64_t baseline) {
  if (live > 0 && baseline > 0) return {};
  return invalid(live == 0 && baseline == 0 ? "empty_sample: both sides"
                 : live == 0                ? "empty_sample: live"
                                            : "empty_sample: baseline");
}

// numpy.round(m n / (m + n)) in the same double arithmetic: halves go to the even side.
std::uint64_t effective_size(std::uint64_t m, std::uint64_t n) {
  const auto left = static_cast<double>(std::max(m, n));
  const auto right = static_cast<double>(std::min(m, n));
  return static_cast<std::uint64_t>(std::nearbyint(left * right / (left + right)));
}

bool is_exact_cheap(uint128 t, std::uint64_t m, std::uint64_t n) {
  if (t == uint128{m} * n) return true;
  if (std::max(m, n) > kExactSizeMax) return false;
  return m * n <= kExactCellsMax || 2 * t <= kExactBandMax;
}

// Fills in t_low, t_high, cell and sign of a bracket whose n and m are set. `Int` is a signed type
// that holds m n: no gap is larger.
template <typename Int, Alternative kAlternative>
void find_gaps(std::span<const PooledCell> cells, KsBracket& bracket) {
  const auto size = [](Int gap) -> Int {
    if constexpr (kAlternative == Alternative::kGreater) return gap < 0 ? Int{0} : gap;
    if constexpr (kAlternative == Alternative::kLess) return gap < 0 ? -gap : Int{0};
    return gap < 0 ? -gap : gap;
  };
  Int before = 0;  // m i - n j, i of the live and j of the baseline observations below the cell.
  Int low = 0;
  Int high = 0;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const Int forward = static_cast<Int>(cells[i].live) * static_cast<Int>(bracket.m);
    const Int back = static_cast<Int>(cells[i].baseline) * static_cast<Int>(bracket.n);
    const Int after = before + forward - back;
    if (size(after) > low) {
      low = size(after);
      bracket.cell = i;
      bracket.sign = after > 0 ? 1 : -1;
    }
    if (!cells[i].exact) {
      // The largest gap inside, when one side's observations all come before the other's.
      high = std::max({high, size(before + forward), size(before - back)});
    }
    before = after;
  }
  bracket.t_low = static_cast<uint128>(low);
  bracket.t_high = static_cast<uint128>(std::max(low, high));
}

template <typename Int>
void find_gaps(std::span<const PooledCell> cells, Alternative alternative, KsBracket& bracket) {
  switch (alternative) {
    case Alternative::kTwoSided:
      return find_gaps<Int, Alternative::kTwoSided>(cells, bracket);
    case Alternative::kGreater:
      return find_gaps<Int, Alternative::kGreater>(cells, bracket);
    case Alternative::kLess:
      return find_gaps<Int, Alternative::kLess>(cells, bracket);
  }
}

}  // namespace

Result<KsStatistic> ks_statistic(std::span<const WeightedPoint> live,
                                 std::span<const WeightedPoint> baseline, Alternative alternative) {
  if (auto checked = check_sample(live, "live"); !checked) return checked.error();
  if (auto checked = check_sample(baseline, "baseline"); !checked) return checked.error();
  KsStatistic best;
  best.n = total_count(live);
  best.m = total_count(baseline);
  if (auto checked = check_sizes(best.n, best.m); !checked) return checked.error();
  Progress at;
  bool started = false;
  walk_pooled(live, baseline, [&](double value, std::uint64_t in_live, std::uint64_t in_baseline) {
    if (in_live + in_baseline == 0) return;
    if (!started) best.location = value;
    started = true;
    at.live += in_live;
    at.baseline += in_baseline;
    consider(best, at, value, alternative);
  });
  assert(at.live == best.n && at.baseline == best.m);
  best.d = ratio(best.t, best.m, best.n);
  return best;
}

Result<KsStatistic> ks_statistic(std::span<const double> live, std::span<const double> baseline,
                                 Alternative alternative) {
  if (auto checked = check_finite(live); !checked) return checked.error();
  if (auto checked = check_finite(baseline); !checked) return checked.error();
  if (auto checked = check_sizes(live.size(), baseline.size()); !checked) return checked.error();
  return largest_gap(live, baseline, alternative);
}

std::vector<std::uint64_t> tie_blocks(std::span<const WeightedPoint> live,
                                      std::span<const WeightedPoint> baseline) {
  std::vector<std::uint64_t> blocks;
  walk_pooled(live, baseline, [&](double, std::uint64_t in_live, std::uint64_t in_baseline) {
    if (in_live + in_baseline > 0) blocks.push_back(in_live + in_baseline);
  });
  return blocks;
}

Result<KsBracket> ks_bracket(std::span<const PooledCell> cells, Alternative alternative) {
  KsBracket bracket;
  for (const PooledCell& cell : cells) {
    bracket.n += cell.live;
    bracket.m += cell.baseline;
  }
  if (auto checked = check_sizes(bracket.n, bracket.m); !checked) return checked.error();
  const bool fits = uint128{bracket.m} * bracket.n <= INT64_MAX;
  fits ? find_gaps<std::int64_t>(cells, alternative, bracket)
       : find_gaps<int128>(cells, alternative, bracket);
  bracket.d_low = ratio(bracket.t_low, bracket.m, bracket.n);
  bracket.d_high = ratio(bracket.t_high, bracket.m, bracket.n);
  return bracket;
}

KsPValue ks_p_value(uint128 t, std::uint64_t m, std::uint64_t n) {
  assert(m >= 1 && n >= 1 && t <= uint128{m} * n);
  if (is_exact_cheap(t, m, n)) return {ks_exact_p(t, m, n), KsMethod::kExact};
  return {kstwo_sf(ratio(t, m, n), effective_size(m, n)), KsMethod::kAsymptotic};
}

KsPValue ks_p_value_one_sided(uint128 t, std::uint64_t m, std::uint64_t n) {
  assert(m >= 1 && n >= 1 && t <= uint128{m} * n);
  const bool small = std::max(m, n) <= kExactSizeMax && m * n <= kExactCellsMax;
  if (small || t == uint128{m} * n) return {ks_exact_p_one_sided(t, m, n), KsMethod::kExact};
  return {ks_hodges_p(ratio(t, m, n), m, n), KsMethod::kAsymptotic};
}

}  // namespace driftguard::stats
