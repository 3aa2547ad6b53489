// SPDX-License-Identifier: Apache-2.0
#include "report/share_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "report/pooled.h"
#include "stats/psi.h"

namespace driftguard::report {
namespace {

using sketch::CategoryCounts;

Counts counts_of(const CategoryCounts& texts) {
  Counts counts;
  for (const sketch::Category& category : texts.categories()) {
    counts[category.name] = category.count;
  }
  return counts;
}

// The names compared one by one: the heaviest of the baseline, and the heaviest newcomers.
std::set<std::string> compared_names(const Counts& live, const Counts& baseline, std::size_t most) {
  std::vector<std::pair<std::uint64_t, std::string>> ranked;
  for (const auto& [name, count] : baseline) ranked.emplace_back(count, name);
  const auto heavier = [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  };
  std::sort(ranked.begin(), ranked.end(), heavier);
  const std::size_t old_names = ranked.size();
  for (const auto& [name, count] : live) {
    if (!baseline.contains(name)) ranked.emplace_back(count, name);
  }
  std::sort(ranked.begin() + static_cast<std::ptrdiff_t>(old_names), ranked.end(), heavier);
  // A tenth of the places is for newcomers, if there are more names than places.
  const std::size_t newcomers = ranked.size() - old_names;
  const std::size_t for_new =
      std::min(newcomers, std::max(most / 10, most - std::min(most, old_names)));
  const std::size_t for_old = std::min(old_names, most - for_new);
  std::set<std::string> names;
  for (std::size_t i = 0; i < for_old; ++i) names.insert(ranked[i].second);
  for (std::size_t i = 0; i < for_new; ++i) names.insert(ranked[old_names + i].second);
  return names;
}

// Counts of the named categories; the others and `unnamed` under __other__.
Counts folded(const Counts& counts, const std::set<std::string>& names, std::uint64_t unnamed) {
  Counts kept;
  std::uint64_t other = unnamed;
  for (const auto& [name, count] : counts) {
    if (names.contains(name)) {
      kept[name] += count;
    } else {
      other += count;
    }
  }
  if (other > 0) kept[kOtherCategory] += other;
  return kept;
}

// Aligns the counts, and names what only one side has.
void align(ShareTable* table) {
  Counts all = table->live_counts;
  all.insert(table->baseline_counts.begin(), table->baseline_counts.end());
  for (const auto& [name, ignored] : all) {
    const auto a = table->live_counts.find(name);
    const auto e = table->baseline_counts.find(name);
    table->live.push_back(a == table->live_counts.end() ? 0 : a->second);
    table->baseline.push_back(e == table->baseline_counts.end() ? 0 : e->second);
    if (table->baseline.back() == 0) table->new_categories.push_back(name);
    if (table->live.back() == 0) table->vanished_categories.push_back(name);
  }
}

std::string bin_name(const std::vector<double>& edges, std::size_t bin) {
  const std::string from = bin == 0 ? "(-inf" : fmt::format("({}", edges[bin - 1]);
  return bin == edges.size() ? from + ", inf)" : fmt::format("{}, {}]", from, edges[bin]);
}

}  // namespace

ShareTable table_of_categories(FeatureSide live, FeatureSide baseline, std::size_t categories_max) {
  // Both sides at one level of sampling, so that a name is kept on both or on neither.
  const int level = std::max(texts_of(live).level(), texts_of(baseline).level());
  const CategoryCounts live_texts = texts_of(live).sampled(level);
  const CategoryCounts baseline_texts = texts_of(baseline).sampled(level);
  const Counts live_counts = counts_of(live_texts);
  const Counts baseline_counts = counts_of(baseline_texts);
  const auto names = compared_names(live_counts, baseline_counts, categories_max);
  ShareTable table;
  table.live_n = live_texts.count();
  table.baseline_n = baseline_texts.count();
  table.live_counts = folded(live_counts, names, live_texts.other());
  table.baseline_counts = folded(baseline_counts, names, baseline_texts.other());
  align(&table);
  return table;
}

ShareTable table_of_numbers(FeatureSide live, FeatureSide baseline) {
  const Pooled pooled = pool(numbers_of(live), numbers_of(baseline));
  std::vector<stats::WeightedPoint> live_points;
  std::vector<stats::WeightedPoint> baseline_points;
  for (std::size_t i = 0; i < pooled.cells.size(); ++i) {
    live_points.push_back({pooled.upper(i), pooled.cells[i].live});
    baseline_points.push_back({pooled.upper(i), pooled.cells[i].baseline});
  }
  ShareTable table;
  table.live_n = numbers_of(live).count();
  table.baseline_n = numbers_of(baseline).count();
  table.edges = stats::quantile_edges(baseline_points, kBins);
  const auto live_bins = stats::count_in_bins(live_points, table.edges);
  const auto baseline_bins = stats::count_in_bins(baseline_points, table.edges);
  for (std::size_t bin = 0; bin <= table.edges.size(); ++bin) {
    const std::string name = bin_name(table.edges, bin);
    if (live_bins[bin] > 0) table.live_counts[name] = live_bins[bin];
    if (baseline_bins[bin] > 0) table.baseline_counts[name] = baseline_bins[bin];
  }
  align(&table);
  return table;
}

}  // namespace driftguard::report
