// SPDX-License-Identifier: Apache-2.0
#include "sketch/row_sample.h"

#include <algorithm>
#include <cassert>
#include <tuple>
#include <utility>

#include "core/hash.h"
#include "sketch/numeric_summary.h"

namespace driftguard::sketch {
namespace {

constexpr std::uint32_t kTextBit = 1u << 31;
constexpr std::size_t kNoPlace = RowSample::kColumnsMax;
constexpr int kLevelMax = 31;

// A column as the sorted list of its codes, and each row's place in it.
void encode_column(std::span<const std::uint32_t> codes, std::size_t columns, std::size_t column,
                   ByteWriter& out) {
  std::vector<std::uint32_t> known;
  for (std::size_t at = column; at < codes.size(); at += columns) known.push_back(codes[at]);
  std::sort(known.begin(), known.end());
  known.erase(std::unique(known.begin(), known.end()), known.end());
  out.varint(known.size());
  std::uint32_t before = 0;
  for (const std::uint32_t code : known) out.varint(code - std::exchange(before, code));
  if (known.size() < 2) return;  // Nothing to choose from.
  for (std::size_t at = column; at < codes.size(); at += columns) {
    const auto place = std::lower_bound(known.begin(), known.end(), codes[at]);
    out.varint(static_cast<std::uint64_t>(place - known.begin()));
  }
}

void decode_column(ByteReader& in, std::size_t columns, std::size_t column,
                   std::span<std::uint32_t> codes) {
  const std::uint64_t size = in.varint();
  if (size == 0 || size > RowSample::kRowsMax) {
    in.fail();
    return;
  }
  std::vector<std::uint32_t> known(size);
  std::uint32_t before = 0;
  for (std::uint32_t& code : known) code = before += static_cast<std::uint32_t>(in.varint());
  for (std::size_t at = column; at < codes.size(); at += columns) {
    const std::uint64_t place = size < 2 ? 0 : in.varint();
    if (place >= size) {
      in.fail();
      return;
    }
    codes[at] = known[place];
  }
}

}  // namespace

std::uint32_t code_of(double number) {
  // Ascending with the number; the highest bit is free for texts.
  const auto ordered = static_cast<std::uint64_t>(cell_key(number)) + (std::uint64_t{1} << 63);
  return static_cast<std::uint32_t>(ordered >> 33);
}

double number_of(std::uint32_t code) {
  const std::uint64_t ordered = std::uint64_t{code} << 33;
  return cell_bounds(static_cast<std::int64_t>(ordered - (std::uint64_t{1} << 63)), 0).low;
}

std::uint32_t code_of(std::string_view text) {
  return kTextBit | static_cast<std::uint32_t>(hash64(text) >> 33);
}

int RowSample::level_of(std::uint64_t rows, int level) {
  constexpr int kEighth = 3;
  while (level < kEighth && rows > std::uint64_t{16} << (2 * level)) ++level;
  if (level < kEighth) return level;
  while (level < kLevelMax && rows > std::uint64_t{kRowsMax / 2} << level) ++level;
  return level;
}

void RowSample::encode(ByteWriter& out) const {
  out.varint(rows());
  if (rows() == 0) return;
  std::uint32_t before = 0;
  for (std::size_t row = 0; row < rows(); ++row) {
    out.varint(hashes_[row] - std::exchange(before, hashes_[row]));
    out.varint(counts_[row] - 1);
  }
  for (std::size_t column = 0; column < columns_; ++column) {
    encode_column(codes_, columns_, column, out);
  }
}

RowSample RowSample::decode(ByteReader& in, std::size_t columns) {
  RowSample sample;
  const std::uint64_t rows = in.varint();
  if (rows == 0) return sample;
  if (rows > kRowsMax || columns > kColumnsMax) {
    in.fail();
    return sample;
  }
  sample.columns_ = columns;
  std::uint32_t before = 0;
  for (std::uint64_t row = 0; row < rows && in.ok(); ++row) {
    sample.hashes_.push_back(before += static_cast<std::uint32_t>(in.varint()));
    sample.counts_.push_back(1 + static_cast<std::uint32_t>(in.varint()));
  }
  sample.codes_.resize(rows * columns);
  for (std::size_t column = 0; column < columns && in.ok(); ++column) {
    decode_column(in, columns, column, sample.codes_);
  }
  return in.ok() ? sample : RowSample();
}

bool RowSum::knows(Columns columns) const {
  return std::equal(columns.begin(), columns.end(), columns_.begin(), columns_.end(),
                    [](const Column& a, const Known& b) { return a == view_of(b); });
}

// Takes `columns` in; of all of them the first stay.
void RowSum::learn(Columns columns) {
  std::vector<Column> known;
  for (const Known& one : columns_) known.push_back(view_of(one));
  std::vector<Column> both;
  std::set_union(known.begin(), known.end(), columns.begin(), columns.end(),
                 std::back_inserter(both));
  if (both.size() > RowSample::kColumnsMax) both.resize(RowSample::kColumnsMax);
  if (!knows(both)) arrange(both);
}

// Where each of `columns` stands among columns_.
RowSum::Places RowSum::places_of(Columns columns) const {
  Places places;
  places.fill(kNoPlace);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto at =
        std::lower_bound(columns_.begin(), columns_.end(), columns[i],
                         [](const Known& a, const Column& b) { return view_of(a) < b; });
    if (at == columns_.end() || view_of(*at) != columns[i]) continue;
    places[i] = static_cast<std::size_t>(at - columns_.begin());
  }
  return places;
}

// Moves the codes of all rows under `columns`; codes under others are given up.
void RowSum::arrange(Columns columns) {
  const Places places = places_of(columns);
  for (Row& row : rows_) {
    const Row before = row;
    for (std::size_t i = 0; i < row.codes.size(); ++i) {
      row.codes[i] = places[i] == kNoPlace ? kNoCode : before.codes[places[i]];
    }
  }
  std::vector<Known> known;
  for (const Column& column : columns) known.push_back({column.rank, std::string(column.name)});
  columns_ = std::move(known);
}

void RowSum::append(std::uint32_t hash, std::uint32_t count, std::span<const std::uint32_t> codes,
                    const Places& places) {
  if (!RowSample::keeps(hash, level_)) return;
  if (rows_.size() >= 2 * RowSample::kRowsMax) reduce();
  Row& row = rows_.emplace_back();
  row.hash = hash;
  row.count = count;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    if (places[i] != kNoPlace) row.codes[places[i]] = codes[i];
  }
}

void RowSum::saw(std::uint64_t rows) {
  seen_ += rows;
  level_ = RowSample::level_of(seen_);
}

void RowSum::add(Columns columns, std::span<const std::uint32_t> hashes,
                 std::span<const std::uint32_t> codes) {
  assert(codes.size() == hashes.size() * columns.size() &&
         columns.size() <= RowSample::kColumnsMax);
  if (!knows(columns)) learn(columns);
  const Places places = places_of(columns);
  for (std::size_t row = 0; row < hashes.size(); ++row) {
    append(hashes[row], 1, codes.subspan(row * columns.size(), columns.size()), places);
  }
}

void RowSum::add(Columns columns, const RowSample& sample) {
  if (sample.rows() == 0) return;
  assert(sample.columns() == columns.size());
  if (!knows(columns)) learn(columns);
  const Places places = places_of(columns);
  for (std::size_t row = 0; row < sample.rows(); ++row) {
    append(sample.hash(row), sample.count(row), sample.codes(row), places);
  }
}

// Adds up equal rows and drops what the level leaves out; of more than kRowsMax those with the
// lowest hashes stay.
void RowSum::reduce() {
  std::erase_if(rows_, [&](const Row& row) { return !RowSample::keeps(row.hash, level_); });
  std::sort(rows_.begin(), rows_.end(), [](const Row& a, const Row& b) {
    return std::tie(a.hash, a.codes) < std::tie(b.hash, b.codes);
  });
  std::size_t kept = 0;
  for (const Row& row : rows_) {
    if (kept > 0 && rows_[kept - 1].hash == row.hash && rows_[kept - 1].codes == row.codes) {
      rows_[kept - 1].count += row.count;
    } else {
      rows_[kept++] = row;
    }
  }
  rows_.resize(std::min(kept, RowSample::kRowsMax));
}

RowSample RowSum::take(Columns columns) {
  if (!knows(columns)) arrange(columns);
  reduce();
  RowSample sample;
  if (!rows_.empty()) sample.columns_ = columns.size();
  for (const Row& row : rows_) {
    sample.hashes_.push_back(row.hash);
    sample.counts_.push_back(row.count);
    sample.codes_.insert(sample.codes_.end(), row.codes.begin(),
                         row.codes.begin() + static_cast<std::ptrdiff_t>(columns.size()));
  }
  *this = RowSum();
  return sample;
}

}  // namespace driftguard::sketch
