// SPDX-License-Identifier: Apache-2.0
// A sample of rows: what the features of one event were together, for questions about pairs of
// features that counts of single ones cannot answer. Rows are sampled by a hash each brings
// (distinct sampling, Gibbons 2001), the more thinly the more rows there were, so the sample
// depends on the multiset of rows alone, not on the order or grouping of arrivals and merges.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.h"

namespace driftguard::sketch {

// A value as 32 bits: of numbers the order is kept (equal within 2^-19 of the value are equal),
// of texts equality is. kNoCode stands for no value, kOtherCode for an object or an array.
inline constexpr std::uint32_t kNoCode = 0;
inline constexpr std::uint32_t kOtherCode = 1;
inline constexpr bool is_scalar(std::uint32_t code) { return code > kOtherCode; }
std::uint32_t code_of(double number);  // Finite.
std::uint32_t code_of(std::string_view text);
// About the numbers that have this code, to six figures.
double number_of(std::uint32_t code);
inline bool is_text(std::uint32_t code) { return code >> 31 != 0; }

// What the codes of a column are of. Of too many columns the first stay: by rank, then by name.
struct Column {
  std::uint8_t rank = 0;
  std::string_view name;

  friend auto operator<=>(const Column&, const Column&) = default;
};
using Columns = std::span<const Column>;  // Ascending, RowSample::kColumnsMax at most.

// How columns lie in bytes: as encode() writes them, or as rollups of version 2 have them.
enum class RowCoding { kWords, kAscending };

// Immutable in use; safe to read from many threads.
class RowSample final {
 public:
  static constexpr std::size_t kColumnsMax = 32;
  // About twice what is kept of any number of rows; a bound against hashes made on purpose.
  static constexpr std::size_t kRowsMax = 8192;

  // Rows are kept whose hash lies below 2^(32 - level). Of n rows all are kept up to 16, half up to
  // 64, a quarter up to 256, an eighth up to 32,768, and of more between 2,048 and 4,096.
  static int level_of(std::uint64_t rows, int at_least = 0);
  static bool keeps(std::uint32_t hash, int level) {
    return level == 0 || hash >> (32 - level) == 0;
  }

  std::size_t columns() const { return columns_; }
  std::size_t rows() const { return hashes_.size(); }  // Different ones.
  std::uint32_t hash(std::size_t row) const { return hashes_[row]; }
  std::uint32_t count(std::size_t row) const { return counts_[row]; }
  std::span<const std::uint32_t> codes(std::size_t row) const {
    return std::span(codes_).subspan(row * columns_, columns_);
  }

  // The rows that are left at a level: the first ones.
  struct Prefix {
    std::span<const std::uint32_t> hashes;
    std::span<const std::uint32_t> counts;
    std::span<const std::uint32_t> codes;
  };
  Prefix prefix(int level) const;
  RowSample thinned(int level) const;
  // The least level at which at most `rows_max` rows of all of these are left.
  static int common_level(std::span<const RowSample* const> samples, std::size_t rows_max);
  // In memory.
  std::size_t bytes() const {
    return (hashes_.size() + counts_.size() + codes_.size()) * sizeof(std::uint32_t);
  }

  void encode(ByteWriter& out) const;
  // Malformed bytes turn `in` not ok.
  static RowSample decode(ByteReader& in, std::size_t columns,
                          RowCoding coding = RowCoding::kWords);

  friend bool operator==(const RowSample&, const RowSample&) = default;

 private:
  friend class RowSum;

  std::size_t columns_ = 0;
  std::vector<std::uint32_t> hashes_;  // Ascending.
  std::vector<std::uint32_t> counts_;  // Of equal rows.
  std::vector<std::uint32_t> codes_;   // Row by row.
};

// Gathers rows, of events or of samples. Holds 2 kRowsMax rows at most, and those of one addition.
// Not thread-safe.
class RowSum final {
 public:
  // So many rows more were seen, whether they are added or were sampled away.
  void saw(std::uint64_t rows);
  // Rows by their hashes; `codes` stand under `columns`, row by row.
  void add(Columns columns, std::span<const std::uint32_t> hashes,
           std::span<const std::uint32_t> codes);
  void add(Columns columns, const RowSample& sample);

  // The sample of all rows seen, under `columns`. Leaves an empty sum behind.
  RowSample take(Columns columns);

 private:
  using Places = std::array<std::size_t, RowSample::kColumnsMax>;
  struct Known {
    std::uint8_t rank = 0;
    std::string name;
  };

  static Column view_of(const Known& known) { return {known.rank, known.name}; }
  bool knows(Columns columns) const;
  void learn(Columns columns);
  void arrange(Columns columns);
  Places places_of(Columns columns) const;
  void append_codes(Columns columns, std::span<const std::uint32_t> codes);
  std::span<const std::uint32_t> codes_of(std::size_t row) const {
    return std::span(codes_).subspan(row * columns_.size(), columns_.size());
  }
  std::vector<std::size_t> order() const;
  void reduce();

  std::uint64_t seen_ = 0;
  int level_ = 0;
  std::vector<Known> columns_;  // Ascending, kColumnsMax at most.
  // Rows one after another, as in a sample, but in any order, and equal ones apart.
  std::vector<std::uint32_t> hashes_;
  std::vector<std::uint32_t> counts_;
  std::vector<std::uint32_t> codes_;
};

}  // namespace driftguard::sketch
