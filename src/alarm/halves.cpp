// SPDX-License-Identifier: Apache-2.0
#include "alarm/halves.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

namespace driftguard::alarm {
namespace {

using sketch::RowSample;

// The codes of one kind in a column, ascending, with how often each came.
using Counted = std::map<std::uint32_t, std::uint64_t>;

Counted codes_of(const RowSample& rows, std::size_t column, bool texts) {
  Counted counted;
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    const std::uint32_t code = rows.codes(row)[column];
    if (sketch::is_scalar(code) && sketch::is_text(code) == texts) counted[code] += rows.count(row);
  }
  return counted;
}

struct Cut {
  std::uint32_t code = sketch::kNoCode;
  double high = 0;  // The share of its high half.
};

double unevenness(const Cut& cut) { return std::abs(cut.high - 0.5); }

// Numbers are cut where the halves are most even, texts at the most frequent one.
std::optional<Cut> best_cut(const Counted& counted, bool texts) {
  std::uint64_t all = 0;
  for (const auto& [code, count] : counted) all += count;
  std::optional<Cut> best;
  std::uint64_t up_to = 0;
  for (const auto& [code, count] : counted) {
    up_to += count;
    const std::uint64_t high = texts ? count : all - up_to;
    const Cut cut{code, static_cast<double>(high) / static_cast<double>(all)};
    const bool better =
        best && (texts ? cut.high > best->high : unevenness(cut) < unevenness(*best));
    if (!best || better) best = cut;
  }
  if (best && std::min(best->high, 1.0 - best->high) < kHalfMin) return std::nullopt;
  return best;
}

std::string text_of(std::uint32_t code, const sketch::CategoryCounts& texts) {
  for (const sketch::Category& category : texts.categories()) {
    if (sketch::code_of(category.name) == code) return category.name;
  }
  return "...";  // A long text, counted under another name.
}

// A feature that is sampled, and where its codes stand.
struct Sampled {
  std::string_view pointer;
  std::size_t column;
};

// Those that may be paired, by pointer.
std::vector<Sampled> paired_features(const rollup::Rollup& rollup) {
  const std::vector<sketch::Column> columns = rollup::sampled_columns(rollup);
  std::vector<Sampled> features;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].rank == static_cast<std::uint8_t>(rollup::ColumnRank::kContext)) continue;
    features.push_back({columns[i].name, i});
  }
  std::sort(features.begin(), features.end(),
            [](const Sampled& a, const Sampled& b) { return a.pointer < b.pointer; });
  if (features.size() > kPairedMax) features.resize(kPairedMax);
  return features;
}

bool splits(const Halves& halves, std::uint32_t code) {
  return sketch::is_scalar(code) && sketch::is_text(code) == sketch::is_text(halves.cut);
}

bool is_high(const Halves& halves, std::uint32_t code) {
  return sketch::is_text(halves.cut) ? code == halves.cut : code > halves.cut;
}

}  // namespace

std::vector<Halves> halves_of(const rollup::Rollup& total,
                              const std::map<std::string, std::string>& names) {
  std::vector<Halves> found;
  if (total.rows.rows() == 0) return found;
  for (const Sampled& sampled : paired_features(total)) {
    const std::string pointer(sampled.pointer);
    const rollup::FeatureRollup& feature = total.features.at(pointer);
    const bool texts = feature.texts.count() > feature.numbers.count();
    const std::optional<Cut> cut = best_cut(codes_of(total.rows, sampled.column, texts), texts);
    if (!cut) continue;
    const auto named = names.find(pointer);
    found.push_back({pointer, named == names.end() ? pointer : named->second,
                     texts ? text_of(cut->code, feature.texts) : "", cut->code});
  }
  return found;
}

void count_pair(std::span<const Halves> pair, const rollup::Rollup& rollup,
                std::span<std::uint32_t> counts) {
  const sketch::RowSample& rows = rollup.rows;
  if (rows.rows() == 0) return;
  const std::vector<sketch::Column> columns = rollup::sampled_columns(rollup);
  const auto of_a = rollup::find_feature(columns, pair[0].pointer);
  const auto of_b = rollup::find_feature(columns, pair[1].pointer);
  if (!of_a || !of_b) return;
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    const std::uint32_t code_a = rows.codes(row)[*of_a];
    const std::uint32_t code_b = rows.codes(row)[*of_b];
    if (!splits(pair[0], code_a) || !splits(pair[1], code_b)) continue;
    const bool together = is_high(pair[0], code_a) == is_high(pair[1], code_b);
    counts[together ? 0 : 1] += rows.count(row);
  }
}

std::string high_half_text(const Halves& halves) {
  if (sketch::is_text(halves.cut)) return fmt::format("{} \"{}\"", halves.name, halves.text);
  return fmt::format("{} above {:.6g}", halves.name, sketch::number_of(halves.cut));
}

void encode_halves(const Halves& halves, ByteWriter& out) {
  out.text(halves.pointer);
  out.text(halves.name);
  out.text(halves.text);
  out.varint(halves.cut);
}

Halves decode_halves(ByteReader& in) {
  Halves halves;
  halves.pointer = in.text();
  halves.name = in.text();
  halves.text = in.text();
  halves.cut = static_cast<std::uint32_t>(in.varint());
  return halves;
}

}  // namespace driftguard::alarm
