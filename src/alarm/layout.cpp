// SPDX-License-Identifier: Apache-2.0
#include "alarm/layout.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <limits>
#include <utility>

#include "alarm/lists.h"

namespace driftguard::alarm {
namespace {

using rollup::FeatureRollup;
using rollup::Rollup;

// In thousandths. Tails finer than the body, because outliers show there first.
constexpr std::array<std::uint64_t, 27> kLevels = {1,   5,   10,  20,  50,  100, 150, 200, 250,
                                                   300, 350, 400, 450, 500, 550, 600, 650, 700,
                                                   750, 800, 850, 900, 950, 980, 990, 995, 999};

void count_numbers(const Layout& layout, const sketch::NumericSummary& numbers,
                   std::span<std::uint32_t> counts) {
  std::size_t k = 0;
  for (const sketch::Cell& cell : numbers.cells()) {
    const sketch::CellBounds bounds = numbers.bounds(cell);
    const double value = bounds.low + (bounds.high - bounds.low) / 2;
    while (k < layout.edges.size() && value > layout.edges[k]) ++k;
    counts[k] += static_cast<std::uint32_t>(cell.count);
  }
}

void count_texts(const Layout& layout, const sketch::CategoryCounts& texts,
                 std::span<std::uint32_t> counts) {
  for (const sketch::Category& category : texts.categories()) {
    const auto at = std::lower_bound(layout.names.begin(), layout.names.end(), category.name);
    std::size_t cell = static_cast<std::size_t>(at - layout.names.begin());
    if (at == layout.names.end() || *at != category.name) {
      const bool known =
          std::binary_search(layout.light.begin(), layout.light.end(), category.name);
      cell = known ? layout.other_cell() : layout.unseen_cell();
    }
    counts[cell] += static_cast<std::uint32_t>(category.count);
  }
  counts[layout.other_cell()] += static_cast<std::uint32_t>(texts.other());
}

void count_rate(std::uint64_t bad, std::uint64_t all, std::span<std::uint32_t> counts) {
  bad = std::min(bad, all);
  counts[0] += static_cast<std::uint32_t>(bad);
  counts[1] += static_cast<std::uint32_t>(all - bad);
}

std::uint64_t above(const sketch::NumericSummary& numbers, double limit) {
  std::uint64_t count = 0;
  for (const sketch::Cell& cell : numbers.cells()) {
    if (numbers.bounds(cell).high > limit) count += cell.count;
  }
  return count;
}

void count_feature(const Layout& layout, const Rollup& rollup, std::span<std::uint32_t> counts) {
  static const FeatureRollup kAbsent;
  const auto at = rollup.features.find(layout.pointer);
  const FeatureRollup& feature = at == rollup.features.end() ? kAbsent : at->second;
  const std::uint64_t present = feature.present();
  switch (layout.subject) {
    case Subject::kNumbers:
      return count_numbers(layout, feature.numbers, counts);
    case Subject::kCategories:
      return count_texts(layout, feature.texts, counts);
    case Subject::kMissing:
      return count_rate(rollup.events - std::min(rollup.events, present), rollup.events, counts);
    case Subject::kMistyped: {
      const bool numeric = layout.kind == FeatureKind::kNumeric;
      const std::uint64_t of_kind = numeric ? feature.numbers.count() : feature.texts.count();
      return count_rate(present - of_kind, present, counts);
    }
    case Subject::kLatency:
    case Subject::kFailures:
    case Subject::kSlow:
    case Subject::kJoint:
      break;
  }
  assert(false);
}

}  // namespace

bool is_rate(Subject subject) {
  return subject == Subject::kMissing || subject == Subject::kMistyped ||
         subject == Subject::kFailures || subject == Subject::kSlow;
}

void Layout::encode(ByteWriter& out) const {
  out.u8(static_cast<std::uint8_t>(subject));
  out.text(pointer);
  out.u8(static_cast<std::uint8_t>(kind));
  encode_texts(endpoints, out);
  out.real(limit);
  encode_reals(edges, out);
  encode_texts(names, out);
  encode_texts(light, out);
  out.u8(static_cast<std::uint8_t>(pair.size()));
  for (const Halves& halves : pair) encode_halves(halves, out);
}

Layout Layout::decode(ByteReader& in) {
  Layout layout;
  const std::uint8_t subject = in.u8();
  layout.subject = static_cast<Subject>(subject);
  layout.pointer = in.text();
  const std::uint8_t kind = in.u8();
  layout.kind = static_cast<FeatureKind>(kind);
  layout.endpoints = decode_texts(in);
  layout.limit = in.real();
  layout.edges = decode_reals(in);
  layout.names = decode_texts(in);
  layout.light = decode_texts(in);
  for (std::uint8_t left = in.u8(); left > 0 && in.ok(); --left) {
    layout.pair.push_back(decode_halves(in));
  }
  if (subject > static_cast<std::uint8_t>(Subject::kJoint) ||
      layout.pair.size() != (layout.subject == Subject::kJoint ? 2u : 0u) ||
      kind > static_cast<std::uint8_t>(FeatureKind::kCategorical) ||
      layout.edges.size() > kEdgesMax || layout.names.size() > kNamesMax) {
    in.fail();
  }
  return layout;
}

std::size_t Layout::cells() const {
  if (is_rate(subject) || subject == Subject::kJoint) return 2;
  return subject == Subject::kCategories ? names.size() + 2 : edges.size() + 1;
}

std::vector<double> edges_of(const sketch::NumericSummary& numbers) {
  assert(numbers.count() > 0);
  std::vector<double> edges = {
      std::nextafter(numbers.min(), -std::numeric_limits<double>::infinity()), numbers.max()};
  for (const std::uint64_t level : kLevels) {
    edges.push_back(numbers.quantile({level, 1000}).high);
  }
  std::sort(edges.begin(), edges.end());
  edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
  assert(edges.size() <= Layout::kEdgesMax);
  return edges;
}

void take_names(const sketch::CategoryCounts& texts, Layout* layout) {
  std::vector<sketch::Category> ranked(texts.categories().begin(), texts.categories().end());
  std::stable_sort(
      ranked.begin(), ranked.end(),
      [](const sketch::Category& a, const sketch::Category& b) { return a.count > b.count; });
  for (std::size_t i = 0; i < ranked.size(); ++i) {
    (i < Layout::kNamesMax ? layout->names : layout->light).push_back(std::move(ranked[i].name));
  }
  std::sort(layout->names.begin(), layout->names.end());
  std::sort(layout->light.begin(), layout->light.end());
}

void count_cells(const Layout& layout, std::span<const EndpointRollup> bucket,
                 std::span<std::uint32_t> counts) {
  assert(counts.size() == layout.cells());
  std::fill(counts.begin(), counts.end(), 0u);
  for (const auto& [endpoint, rollup] : bucket) {
    if (layout.subject == Subject::kLatency) {
      count_numbers(layout, rollup->latency_ms, counts);
    } else if (layout.subject == Subject::kFailures) {
      count_rate(rollup->with_status() - rollup->successes(), rollup->with_status(), counts);
    } else if (layout.subject == Subject::kSlow) {
      count_rate(above(rollup->latency_ms, layout.limit), rollup->latency_ms.count(), counts);
    } else if (layout.subject == Subject::kJoint) {
      count_pair(layout.pair, *rollup, counts);
    } else if (layout.endpoints.empty() ||
               std::binary_search(layout.endpoints.begin(), layout.endpoints.end(), endpoint)) {
      count_feature(layout, *rollup, counts);
    }
  }
}

}  // namespace driftguard::alarm
