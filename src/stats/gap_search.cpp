// SPDX-License-Identifier: Apache-2.0
#include "stats/gap_search.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include "stats/gap.h"

namespace driftguard::stats {
namespace {

// A double as an integer of the same order.
using Key = std::uint64_t;
using Keys = std::span<Key>;

constexpr Key kSign = Key{1} << 63;
constexpr std::size_t kSortAtMost = 128;  // Fewer keys are sorted rather than cut into cells.
constexpr std::size_t kObservationsPerCell = 8;  // Aimed at, were they evenly spread.
constexpr std::size_t kSomeValues = 1'000;
constexpr int kCellBitsMax = 15;  // Counters of one side fill 256 KiB.

Key key_of(double value) {
  const Key bits = std::bit_cast<Key>(value + 0.0);  // -0.0 + 0.0 is 0.0.
  return (bits & kSign) != 0 ? ~bits : bits | kSign;
}

Key key_of(Key key) { return key; }

double value_of(Key key) { return std::bit_cast<double>((key & kSign) != 0 ? key ^ kSign : ~key); }

template <typename T>
struct Range {
  T least = std::numeric_limits<T>::max();
  T greatest = std::numeric_limits<T>::lowest();

  void take(std::span<const T> values) {
    for (const T value : values) {
      least = std::min(least, value);
      greatest = std::max(greatest, value);
    }
  }
};

// At most kSomeValues of them, from everywhere.
std::vector<double> some_of(std::span<const double> values) {
  std::vector<double> some;
  const std::size_t step = (values.size() - 1) / kSomeValues + 1;
  for (std::size_t i = 0; i < values.size(); i += step) some.push_back(values[i]);
  return some;
}

// How many cells to cut so many observations into, as a power of two.
int cell_bits(std::size_t observations) {
  const auto bits = static_cast<int>(std::bit_width(observations / kObservationsPerCell));
  return std::min(bits, kCellBitsMax);
}

// Cells of equal width on the line of values, even where values are near each other. The first and
// the last reach to infinity, as they are laid over a few of the values only: what is far out
// leaves the cells narrow. Every operation rounds monotonically, so the cells ascend.
class ValueCells {
 public:
  ValueCells(const Range<double>& range, std::size_t observations)
      : least_(range.least), last_(std::ldexp(1.0, cell_bits(observations)) + 1) {
    // Halves, as the width of the whole line is no double.
    const double half_width = range.greatest / 2 - range.least / 2;
    scale_ = std::min(last_ / half_width, std::numeric_limits<double>::max());
  }

  std::size_t count() const { return static_cast<std::size_t>(last_) + 1; }
  std::size_t of(double value) const {
    const double place = (value / 2 - least_ / 2) * scale_;
    return static_cast<std::size_t>(std::clamp(place, 0.0, last_));
  }

 private:
  double least_;
  double last_;   // The last cell.
  double scale_;  // Cells in two units.
};

// Cells of equal width in keys: as many in each octave, so that four levels tell any two doubles
// apart.
class KeyCells {
 public:
  KeyCells(const Range<Key>& range, std::size_t observations) : least_(range.least) {
    const auto width = static_cast<int>(std::bit_width(range.greatest - range.least));
    shift_ = std::max(0, width - cell_bits(observations));
    count_ = of(range.greatest) + 1;
  }

  std::size_t count() const { return count_; }
  std::size_t of(Key key) const { return (key - least_) >> shift_; }

 private:
  Key least_;
  int shift_;  // A cell spans 2^shift_ keys.
  std::size_t count_;
};

// The observations of one side, cell by cell.
template <typename Cells, typename T>
class Side {
 public:
  Side(const Cells& cells, std::span<const T> values)
      : cells_(cells), values_(values), counts_(cells.count()) {
    for (const T value : values) ++counts_[cells.of(value)];
  }

  std::uint64_t count(std::size_t cell) const { return counts_[cell]; }

  // Brings the keys of these cells (ascending) together.
  void gather(std::span<const std::size_t> wanted) {
    constexpr std::size_t kNowhere = ~std::size_t{0};
    std::vector<std::size_t> next(counts_.size(), kNowhere);
    std::size_t size = 0;
    for (const std::size_t cell : wanted) {
      next[cell] = size;
      size += counts_[cell];
    }
    gathered_ = std::make_unique_for_overwrite<Key[]>(size);
    for (const T value : values_) {
      std::size_t& place = next[cells_.of(value)];
      if (place != kNowhere) gathered_[place++] = key_of(value);
    }
  }

  // The keys of the next of the gathered cells.
  Keys take(std::size_t cell) {
    const Keys taken(gathered_.get() + taken_, counts_[cell]);
    taken_ += taken.size();
    return taken;
  }

 private:
  const Cells& cells_;
  std::span<const T> values_;
  std::vector<std::uint64_t> counts_;
  std::unique_ptr<Key[]> gathered_;
  std::size_t taken_ = 0;
};

// The gap there, 0 if the alternative does not look at it.
uint128 gap_at(const Progress& at, std::uint64_t n, std::uint64_t m, Alternative alternative) {
  const uint128 ahead = at.weighted_live(m);
  const uint128 behind = at.weighted_baseline(n);
  return counts_for(alternative, ahead > behind) ? distance(ahead, behind) : 0;
}

// The largest gap that observations between two points could reach in any order of theirs.
uint128 widest_between(const Progress& before, const Progress& after, std::uint64_t n,
                       std::uint64_t m, Alternative alternative) {
  return std::max(gap_at({after.live, before.baseline}, n, m, alternative),
                  gap_at({before.live, after.baseline}, n, m, alternative));
}

class GapSearch {
 public:
  GapSearch(std::uint64_t n, std::uint64_t m, Alternative alternative) : alternative_(alternative) {
    best_.n = n;
    best_.m = m;
  }

  void search(std::span<const double> live, std::span<const double> baseline) {
    Range<double> range;
    range.take(some_of(live));
    range.take(some_of(baseline));
    search_cells(ValueCells(range, live.size() + baseline.size()), live, baseline, {});
  }

  const KsStatistic& best() const { return best_; }

 private:
  // Looks into the keys of a stretch of the line; `before` counts what lies below it. Stretches
  // have to come ascending.
  void search(Keys live, Keys baseline, const Progress& before) {
    const std::size_t size = live.size() + baseline.size();
    if (size <= kSortAtMost) return search_sorted(live, baseline, before);
    Range<Key> range;
    range.take(live);
    range.take(baseline);
    if (range.least == range.greatest) {
      return arrive({before.live + live.size(), before.baseline + baseline.size()}, range.least);
    }
    search_cells(KeyCells(range, size), std::span<const Key>(live), std::span<const Key>(baseline),
                 before);
  }

  template <typename Cells, typename T>
  void search_cells(const Cells& cells, std::span<const T> in_live, std::span<const T> in_baseline,
                    const Progress& before);
  void search_sorted(Keys live, Keys baseline, Progress at);

  // Could a gap between these two points be the largest of all?
  bool matters(const Progress& before, const Progress& after) const {
    return widest_between(before, after, best_.n, best_.m, alternative_) >= reached_;
  }

  void arrive(const Progress& at, Key key) {
    const double value = value_of(key);
    if (!started_) best_.location = value;
    started_ = true;
    consider(best_, at, value, alternative_);
  }

  KsStatistic best_;
  Alternative alternative_;
  uint128 reached_ = 0;  // The largest gap at an edge of a cell so far.
  bool started_ = false;
};

template <typename Cells, typename T>
void GapSearch::search_cells(const Cells& cells, std::span<const T> in_live,
                             std::span<const T> in_baseline, const Progress& before) {
  Side live(cells, in_live);
  Side baseline(cells, in_baseline);
  std::vector<Progress> edges = {before};  // Edge i + 1 ends cell i.
  for (std::size_t i = 0; i < cells.count(); ++i) {
    edges.push_back({edges[i].live + live.count(i), edges[i].baseline + baseline.count(i)});
    reached_ = std::max(reached_, gap_at(edges.back(), best_.n, best_.m, alternative_));
  }
  std::vector<std::size_t> wanted;
  for (std::size_t i = 0; i < cells.count(); ++i) {
    if (live.count(i) + baseline.count(i) > 0 && matters(edges[i], edges[i + 1])) {
      wanted.push_back(i);
    }
  }
  live.gather(wanted);
  baseline.gather(wanted);
  for (const std::size_t i : wanted) {
    const Keys live_keys = live.take(i);
    const Keys baseline_keys = baseline.take(i);
    if (matters(edges[i], edges[i + 1])) search(live_keys, baseline_keys, edges[i]);
  }
}

void GapSearch::search_sorted(Keys live, Keys baseline, Progress at) {
  std::sort(live.begin(), live.end());
  std::sort(baseline.begin(), baseline.end());
  auto i = live.begin();
  auto j = baseline.begin();
  while (i != live.end() || j != baseline.end()) {
    const Key key = j == baseline.end() || (i != live.end() && *i < *j) ? *i : *j;
    for (; i != live.end() && *i == key; ++i) ++at.live;
    for (; j != baseline.end() && *j == key; ++j) ++at.baseline;
    arrive(at, key);
  }
}

}  // namespace

KsStatistic largest_gap(std::span<const double> live, std::span<const double> baseline,
                        Alternative alternative) {
  assert(!live.empty() && !baseline.empty());
  GapSearch search(live.size(), baseline.size(), alternative);
  search.search(live, baseline);
  KsStatistic found = search.best();
  found.d = ratio(found.t, found.m, found.n);
  return found;
}

}  // namespace driftguard::stats
