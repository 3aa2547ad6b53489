// SPDX-License-Identifier: Apache-2.0
#include "sketch/row_sample.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "core/hash.h"
#include "sketch/numeric_summary.h"

namespace driftguard::sketch {
namespace {

constexpr std::uint32_t kTextBit = 1u << 31;
constexpr std::size_t kNoPlace = RowSample::kColumnsMax;
constexpr int kLevelMax = 31;

// The codes of a column in the order in which they come first, at most kSizeMax of them.
class Dictionary final {
 public:
  static constexpr std::size_t kSizeMax = 64;

  // The code's place; kSizeMax if there is no room for it.
  std::size_t place_of(std::uint32_t code) {
    constexpr std::uint32_t kOdd = 0x9E3779B1;
    for (std::size_t slot = code * kOdd >> 24;; slot = (slot + 1) % slots_.size()) {
      if (slots_[slot] == 0) {
        if (codes_.size() == kSizeMax) return kSizeMax;
        codes_.push_back(code);
        slots_[slot] = static_cast<std::uint8_t>(codes_.size());
        return codes_.size() - 1;
      }
      if (codes_[slots_[slot] - 1] == code) return slots_[slot] - std::size_t{1};
    }
  }
  const std::vector<std::uint32_t>& codes() const { return codes_; }

 private:
  std::array<std::uint8_t, 256> slots_{};  // One more than the place; 0: none.
  std::vector<std::uint32_t> codes_;
};

void encode_words(std::span<const std::uint32_t> codes, std::size_t columns, std::size_t column,
                  ByteWriter& out) {
  std::string words;
  words.reserve(codes.size() / columns * sizeof(std::uint32_t));
  for (std::size_t at = column; at < codes.size(); at += columns) {
    for (int shift = 0; shift < 32; shift += 8) {
      words.push_back(static_cast<char>(codes[at] >> shift));
    }
  }
  out.text(words);
}

// Few codes as a list, and each row's place in it; many as they are.
void encode_column(std::span<const std::uint32_t> codes, std::size_t columns, std::size_t column,
                   ByteWriter& out) {
  Dictionary known;
  std::string places;
  for (std::size_t at = column; at < codes.size(); at += columns) {
    const std::size_t place = known.place_of(codes[at]);
    if (place == Dictionary::kSizeMax) break;
    places.push_back(static_cast<char>(place));
  }
  const std::size_t rows = codes.size() / columns;
  const std::size_t size = known.codes().size();
  if (places.size() < rows || (size > 1 && 2 * size > rows)) {
    out.varint(0);
    encode_words(codes, columns, column, out);
    return;
  }
  out.varint(size);
  for (const std::uint32_t code : known.codes()) out.varint(code);
  if (size > 1) out.text(places);
}

void decode_words(ByteReader& in, std::size_t columns, std::size_t column,
                  std::span<std::uint32_t> codes) {
  const std::string_view words = in.text();
  if (words.size() != codes.size() / columns * sizeof(std::uint32_t)) {
    in.fail();
    return;
  }
  const char* word = words.data();
  for (std::size_t at = column; at < codes.size(); at += columns) {
    for (int shift = 0; shift < 32; shift += 8) {
      codes[at] |= static_cast<std::uint32_t>(static_cast<unsigned char>(*word++)) << shift;
    }
  }
}

void decode_column(ByteReader& in, std::size_t columns, std::size_t column,
                   std::span<std::uint32_t> codes) {
  const std::uint64_t size = in.varint();
  if (size == 0) {
    decode_words(in, columns, column, codes);
    return;
  }
  if (size > Dictionary::kSizeMax) {
    in.fail();
    return;
  }
  std::vector<std::uint32_t> known(size);
  for (std::uint32_t& code : known) code = static_cast<std::uint32_t>(in.varint());
  const std::string_view places = size > 1 ? in.text() : std::string_view();
  if (size > 1 && places.size() != codes.size() / columns) {
    in.fail();
    return;
  }
  std::size_t row = 0;
  for (std::size_t at = column; at < codes.size(); at += columns, ++row) {
    const std::size_t place = size < 2 ? 0 : static_cast<unsigned char>(places[row]);
    if (place >= size) {
      in.fail();
      return;
    }
    codes[at] = known[place];
  }
}

// As rollups of version 2 have it: the codes ascending, and each row's place among them.
void decode_ascending_column(ByteReader& in, std::size_t columns, std::size_t column,
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

int RowSample::common_level(std::span<const RowSample* const> samples, std::size_t rows_max) {
  for (int level = 0; level < kLevelMax; ++level) {
    std::size_t left = 0;
    for (const RowSample* sample : samples) left += sample->prefix(level).hashes.size();
    if (left <= rows_max) return level;
  }
  return kLevelMax;
}

RowSample::Prefix RowSample::prefix(int level) const {
  const auto end = std::partition_point(hashes_.begin(), hashes_.end(),
                                        [&](std::uint32_t hash) { return keeps(hash, level); });
  const auto kept = static_cast<std::size_t>(end - hashes_.begin());
  return {std::span(hashes_).first(kept), std::span(counts_).first(kept),
          std::span(codes_).first(kept * columns_)};
}

RowSample RowSample::thinned(int level) const {
  const Prefix kept = prefix(level);
  RowSample sample;
  if (kept.hashes.empty()) return sample;
  sample.columns_ = columns_;
  sample.hashes_.assign(kept.hashes.begin(), kept.hashes.end());
  sample.counts_.assign(kept.counts.begin(), kept.counts.end());
  sample.codes_.assign(kept.codes.begin(), kept.codes.end());
  return sample;
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

RowSample RowSample::decode(ByteReader& in, std::size_t columns, RowCoding coding) {
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
    if (coding == RowCoding::kAscending) {
      decode_ascending_column(in, columns, column, sample.codes_);
    } else {
      decode_column(in, columns, column, sample.codes_);
    }
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
  std::vector<Known> known;  // Made first: `columns` may be views of columns_.
  for (const Column& column : columns) known.push_back({column.rank, std::string(column.name)});
  std::vector<Column> before;
  for (const Known& one : columns_) before.push_back(view_of(one));
  std::vector<std::size_t> from;  // By new column: the old one, or none.
  for (const Column& column : columns) {
    const auto at = std::lower_bound(before.begin(), before.end(), column);
    const bool there = at != before.end() && *at == column;
    from.push_back(there ? static_cast<std::size_t>(at - before.begin()) : kNoPlace);
  }
  std::vector<std::uint32_t> codes;
  codes.reserve(hashes_.size() * known.size());
  for (std::size_t row = 0; row < hashes_.size(); ++row) {
    const std::span<const std::uint32_t> old = codes_of(row);
    for (const std::size_t column : from) {
      codes.push_back(column == kNoPlace ? kNoCode : old[column]);
    }
  }
  codes_ = std::move(codes);
  columns_ = std::move(known);
}

// Codes that stand under `columns`, all of which are known.
void RowSum::append_codes(Columns columns, std::span<const std::uint32_t> codes) {
  if (knows(columns)) {
    codes_.insert(codes_.end(), codes.begin(), codes.end());
    return;
  }
  const Places places = places_of(columns);
  for (std::size_t at = 0; at < codes.size(); at += columns.size()) {
    const std::size_t row = codes_.size();
    codes_.resize(row + columns_.size(), kNoCode);
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (places[i] != kNoPlace) codes_[row + places[i]] = codes[at + i];
    }
  }
}

void RowSum::saw(std::uint64_t rows) {
  seen_ += rows;
  level_ = RowSample::level_of(seen_);
}

void RowSum::add(Columns columns, std::span<const std::uint32_t> hashes,
                 std::span<const std::uint32_t> codes) {
  assert(codes.size() == hashes.size() * columns.size());
  if (!knows(columns)) learn(columns);
  for (std::size_t row = 0; row < hashes.size(); ++row) {
    if (!RowSample::keeps(hashes[row], level_)) continue;
    hashes_.push_back(hashes[row]);
    counts_.push_back(1);
    append_codes(columns, codes.subspan(row * columns.size(), columns.size()));
  }
  if (hashes_.size() > 2 * RowSample::kRowsMax) reduce();
}

void RowSum::add(Columns columns, const RowSample& sample) {
  const RowSample::Prefix kept = sample.prefix(level_);
  if (kept.hashes.empty()) return;
  assert(sample.columns() == columns.size());
  if (!knows(columns)) learn(columns);
  hashes_.insert(hashes_.end(), kept.hashes.begin(), kept.hashes.end());
  counts_.insert(counts_.end(), kept.counts.begin(), kept.counts.end());
  append_codes(columns, kept.codes);
  if (hashes_.size() > 2 * RowSample::kRowsMax) reduce();
}

// The rows that the level keeps, ascending by hash, then by codes.
std::vector<std::size_t> RowSum::order() const {
  // Hash and row in one word: sorted without looking at anything else.
  std::vector<std::uint64_t> words;
  for (std::size_t row = 0; row < hashes_.size(); ++row) {
    if (!RowSample::keeps(hashes_[row], level_)) continue;
    words.push_back(std::uint64_t{hashes_[row]} << 32 | row);
  }
  std::sort(words.begin(), words.end());
  std::vector<std::size_t> rows;
  rows.reserve(words.size());
  for (const std::uint64_t word : words) rows.push_back(word & 0xFFFF'FFFF);
  for (auto first = rows.begin(); first != rows.end();) {
    const auto last = std::find_if(
        first, rows.end(), [&](std::size_t row) { return hashes_[row] != hashes_[*first]; });
    std::sort(first, last, [&](std::size_t a, std::size_t b) {
      return std::ranges::lexicographical_compare(codes_of(a), codes_of(b));
    });
    first = last;
  }
  return rows;
}

// Adds up equal rows and drops what the level leaves out; of more than kRowsMax those with the
// lowest hashes stay.
void RowSum::reduce() {
  RowSum kept;
  std::size_t last = 0;
  for (const std::size_t row : order()) {
    const bool twin = !kept.hashes_.empty() && hashes_[last] == hashes_[row] &&
                      std::ranges::equal(codes_of(last), codes_of(row));
    last = row;
    if (twin) {
      kept.counts_.back() += counts_[row];
      continue;
    }
    if (kept.hashes_.size() == RowSample::kRowsMax) break;
    kept.hashes_.push_back(hashes_[row]);
    kept.counts_.push_back(counts_[row]);
    kept.codes_.insert(kept.codes_.end(), codes_of(row).begin(), codes_of(row).end());
  }
  hashes_ = std::move(kept.hashes_);
  counts_ = std::move(kept.counts_);
  codes_ = std::move(kept.codes_);
}

RowSample RowSum::take(Columns columns) {
  if (!knows(columns)) arrange(columns);
  reduce();
  RowSample sample;
  if (!hashes_.empty()) sample.columns_ = columns.size();
  sample.hashes_ = std::move(hashes_);
  sample.counts_ = std::move(counts_);
  sample.codes_ = std::move(codes_);
  *this = RowSum();
  return sample;
}

}  // namespace driftguard::sketch
