// SPDX-License-Identifier: Apache-2.0
#include "report/row_table.h"

#include <algorithm>

namespace driftguard::report {
namespace {

using What = DriftPlace::What;

// A part is worth a word if it still carries so much of what was left...
constexpr double kCarriedMin = 0.6;
// ...and so much more of it than of the traffic.
constexpr double kNarrowingMin = 0.15;
constexpr std::size_t kConditionsMax = 3;

std::array<std::uint32_t, 2> codes_of(const ValueRange& range) {
  constexpr std::uint32_t kNumbersEnd = (std::uint32_t{1} << 31) - 1;
  return {range.from ? sketch::code_of(*range.from) : sketch::kOtherCode + 1,
          range.to ? sketch::code_of(*range.to) : kNumbersEnd};
}

void count(Standing standing, double weight, Portion* side) {
  if (standing == Standing::kNone) return;
  side->of += weight;
  if (standing == Standing::kIn) side->in += weight;
}

}  // namespace

PlaceCodes::PlaceCodes(const DriftPlace& place)
    : what_(place.what), numeric_(place.numeric), outside_(place.outside) {
  for (const ValueRange& range : place.ranges) ranges_.push_back(codes_of(range));
  for (const std::string& name : place.categories) categories_.insert(sketch::code_of(name));
}

bool PlaceCodes::holds(std::uint32_t code) const {
  switch (what_) {
    case What::kNumbers:
    case What::kDuration:
      return std::any_of(ranges_.begin(), ranges_.end(),
                         [&](const auto& range) { return code >= range[0] && code <= range[1]; });
    case What::kCategories:
      return categories_.contains(code);
    case What::kStatus: {
      const double status = sketch::number_of(code);
      return status < 200 || status >= 300;
    }
    case What::kMissing:
      return code == sketch::kNoCode;
    case What::kType:
      break;
  }
  return !sketch::is_scalar(code) || sketch::is_text(code) == numeric_;
}

Standing PlaceCodes::of(std::uint32_t code) const {
  const bool numbers =
      what_ == What::kNumbers || what_ == What::kDuration || what_ == What::kStatus;
  const bool counts = what_ == What::kMissing ||
                      (what_ == What::kType && code != sketch::kNoCode) ||
                      (numbers && sketch::is_scalar(code) && !sketch::is_text(code)) ||
                      (what_ == What::kCategories && sketch::is_text(code));
  if (!counts) return Standing::kNone;
  return holds(code) != outside_ ? Standing::kIn : Standing::kOut;
}

RowTable::RowTable(DriftPlace place, std::vector<RowCut> cuts)
    : place_(std::move(place)), cuts_(std::move(cuts)) {
  numbers_.resize(cuts_.size());
  names_.resize(cuts_.size());
}

std::uint16_t RowTable::part(std::size_t cut, std::string_view name) {
  auto& numbers = numbers_[cut];
  if (const auto at = numbers.find(name); at != numbers.end()) return at->second;
  if (numbers.size() >= kPartsMax) return kNoPart;
  const auto number = static_cast<std::uint16_t>(numbers.size());
  numbers.emplace(name, number);
  names_[cut].emplace_back(name);
  return number;
}

void RowTable::add(bool live, Standing standing, std::uint32_t code, double weight,
                   std::span<const std::uint16_t> parts) {
  rows_.push_back({live, standing, code, weight});
  parts_.insert(parts_.end(), parts.begin(), parts.end());
  live_rows_ += live ? 1 : 0;
}

void RowTable::forget(bool live) {
  std::size_t kept = 0;
  for (std::size_t row = 0; row < rows_.size(); ++row) {
    if (rows_[row].live == live) continue;
    std::copy_n(parts_.begin() + static_cast<std::ptrdiff_t>(row * cuts_.size()), cuts_.size(),
                parts_.begin() + static_cast<std::ptrdiff_t>(kept * cuts_.size()));
    rows_[kept++] = rows_[row];
  }
  rows_.resize(kept);
  parts_.resize(kept * cuts_.size());
  if (live) live_rows_ = 0;
}

// Makes the weights of every cell add up to what is known of it; cells without rows stay so.
template <typename CellOf>
void RowTable::fit(bool live, const std::vector<double>& known, const CellOf& cell_of) {
  std::vector<double> sums(known.size(), 0);
  for (std::size_t row = 0; row < rows_.size(); ++row) {
    if (rows_[row].live == live) sums[cell_of(row)] += rows_[row].weight;
  }
  for (std::size_t row = 0; row < rows_.size(); ++row) {
    if (rows_[row].live != live) continue;
    const std::size_t cell = cell_of(row);
    if (sums[cell] > 0) rows_[row].weight *= known[cell] / sums[cell];
  }
}

void RowTable::calibrate(bool live, const SideCounts& counts) {
  if (rows(live) == 0) return;
  const auto in = static_cast<double>(counts.place.successes);
  const auto of = static_cast<double>(counts.place.trials);
  const std::vector<double> standings = {std::max(0.0, counts.events - of), of - in, in};
  std::vector<std::vector<double>> cuts(cuts_.size());
  for (std::size_t cut = 0; cut < std::min(cuts.size(), counts.parts.size()); ++cut) {
    if (counts.parts[cut].empty()) continue;
    cuts[cut].resize(names_[cut].size());
    double rest = counts.events;
    for (const auto& [name, n] : counts.parts[cut]) {
      const auto at = numbers_[cut].find(name);
      if (at == numbers_[cut].end()) continue;
      cuts[cut][at->second] = n;
      rest -= n;
    }
    cuts[cut].push_back(std::max(0.0, rest));  // Of no part.
  }
  constexpr int kRounds = 8;  // Far fewer bring it within a thousandth.
  for (int round = 0; round < kRounds; ++round) {
    for (std::size_t cut = 0; cut < cuts.size(); ++cut) {
      if (cuts[cut].empty()) continue;
      fit(live, cuts[cut], [&](std::size_t row) {
        return std::min<std::size_t>(part_of(row, cut), cuts[cut].size() - 1);
      });
    }
    fit(live, standings,
        [&](std::size_t row) { return static_cast<std::size_t>(rows_[row].standing); });
  }
}

Tally RowTable::values() const { return marked_values(Marks(rows_.size(), true)); }

Tally RowTable::marked_values(const Marks& marked) const {
  Tally all;
  for (std::size_t row = 0; row < rows_.size(); ++row) {
    const Row& one = rows_[row];
    if (marked[row]) count(one.standing, one.weight, one.live ? &all.live : &all.baseline);
  }
  return all;
}

bool RowTable::shows_nothing(const Tally& all) const {
  return all.live.of <= 0 || (all.baseline.of <= 0 && !place_.allowed);
}

double RowTable::excess_of(const Tally& part, const Tally& all) const {
  const double expected = all.baseline.of > 0
                              ? part.baseline.in / all.baseline.of
                              : part.live.of / all.live.of * place_.allowed.value_or(0);
  return part.live.in / all.live.of - expected;
}

std::vector<RowTable::Part> RowTable::parts_of(std::size_t cut, const Marks& marked,
                                               const Tally& all) const {
  std::vector<Part> parts(names_[cut].size());
  for (std::size_t row = 0; row < rows_.size(); ++row) {
    const std::uint16_t part = part_of(row, cut);
    if (!marked[row] || part == kNoPart) continue;
    const Row& one = rows_[row];
    Tally& tally = parts[part].tally;
    count(one.standing, one.weight, one.live ? &tally.live : &tally.baseline);
  }
  for (Part& part : parts) {
    part.live = part.tally.live.of / all.live.of;
    part.excess = excess_of(part.tally, all);
  }
  return parts;
}

std::vector<WhereDimension> RowTable::dimensions() const {
  std::vector<WhereDimension> made;
  const Tally all = values();
  if (shows_nothing(all)) return made;
  const Marks marked(rows_.size(), true);
  for (std::size_t cut = 0; cut < cuts_.size(); ++cut) {
    if (cuts_[cut].kind == WhereDimension::Kind::kEndpoint) continue;  // Rollups tell it exactly.
    std::vector<std::pair<std::string, Tally>> segments;
    const std::vector<Part> parts = parts_of(cut, marked, all);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      segments.emplace_back(names_[cut][i], parts[i].tally);
    }
    WhereDimension dimension;
    dimension.kind = cuts_[cut].kind;
    dimension.feature = cuts_[cut].feature;
    dimension.segments = shared_out(segments, place_);
    dimension = ranked(std::move(dimension));
    if (!dimension.segments.empty()) made.push_back(std::move(dimension));
  }
  return made;
}

// The part of a cut not in `used` that narrows the marked rows most; nothing if none is worth a
// word.
std::optional<RowTable::Narrowing> RowTable::narrowing(const Marks& marked,
                                                       const std::set<std::size_t>& used,
                                                       const Tally& all) const {
  const Tally left = marked_values(marked);
  const double before = excess_of(left, all);
  const double traffic = left.live.of / all.live.of;
  if (before <= 0 || traffic <= 0) return std::nullopt;
  std::optional<Narrowing> best;
  double most = kNarrowingMin;
  for (std::size_t cut = 0; cut < cuts_.size(); ++cut) {
    if (used.contains(cut)) continue;
    const std::vector<Part> parts = parts_of(cut, marked, all);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const double carried = parts[i].excess / before;
      const double narrowed = std::min(carried, 1.0) - parts[i].live / traffic;
      if (carried < kCarriedMin || narrowed <= most) continue;
      most = narrowed;
      best = Narrowing{cut, i};
    }
  }
  return best;
}

RowTable::Common RowTable::common(const std::optional<ValueRange>& within) const {
  Common found;
  const Tally all = values();
  if (shows_nothing(all)) return {{}, 0};
  Marks marked(rows_.size(), true);
  const double total = excess_of(all, all);
  if (total <= 0) return {{}, 0};
  if (within) {
    const auto [from, to] = codes_of(*within);
    for (std::size_t row = 0; row < rows_.size(); ++row) {
      // Outside the range a row is no part of the drift, but of the traffic it is.
      const Row& one = rows_[row];
      if (one.standing == Standing::kIn && (one.code < from || one.code > to)) marked[row] = false;
    }
    found.share = excess_of(marked_values(marked), all) / total;
  }
  std::set<std::size_t> used;
  while (used.size() < kConditionsMax) {
    const std::optional<Narrowing> best = narrowing(marked, used, all);
    if (!best) break;
    used.insert(best->cut);
    for (std::size_t row = 0; row < rows_.size(); ++row) {
      if (part_of(row, best->cut) != best->part) marked[row] = false;
    }
    WhereDimension dimension;
    dimension.kind = cuts_[best->cut].kind;
    dimension.feature = cuts_[best->cut].feature;
    found.conditions.push_back({dimension.name(), names_[best->cut][best->part]});
    found.share = excess_of(marked_values(marked), all) / total;
  }
  return found;
}

}  // namespace driftguard::report
