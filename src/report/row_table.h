// SPDX-License-Identifier: Apache-2.0
// Single events of both sides of a drift, each as the parts that it belongs to: for what counts of
// single features do not tell, such as what one host's events in euros have of a drift.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "report/where.h"

namespace driftguard::report {

// What an event is told apart by.
struct RowCut {
  WhereDimension::Kind kind = WhereDimension::Kind::kHost;
  std::string feature;  // Of kFeature.
  std::string pointer;  // Of a feature, or of the host.
};

// What an event is to a place: it has no value there, or one elsewhere, or one in it.
enum class Standing : std::uint8_t { kNone, kOut, kIn };

// The standing of values by their codes (sketch/row_sample.h).
class PlaceCodes final {
 public:
  explicit PlaceCodes(const DriftPlace& place);
  Standing of(std::uint32_t code) const;

 private:
  bool holds(std::uint32_t code) const;

  DriftPlace::What what_;
  bool numeric_;
  bool outside_;
  std::vector<std::array<std::uint32_t, 2>> ranges_;  // Closed.
  std::set<std::uint32_t> categories_;
};

// What is known of all events of one side, for the few that are looked at to stand for them.
struct SideCounts {
  double events = 0;
  stats::Proportion place{0, 0};  // Values in it, of all.
  // By cut: how many events each part has. Empty: not known.
  std::vector<std::map<std::string, double, std::less<>>> parts;
};

// Not thread-safe.
class RowTable final {
 public:
  static constexpr std::size_t kCutsMax = 12;     // Dimensions; further ones are left out.
  static constexpr std::size_t kPartsMax = 2100;  // Of one dimension; further ones are no part.
  static constexpr std::uint16_t kNoPart = 0xFFFF;

  RowTable(DriftPlace place, std::vector<RowCut> cuts);

  const DriftPlace& place() const { return place_; }
  std::span<const RowCut> cuts() const { return cuts_; }
  // The number of a part; kNoPart beyond kPartsMax.
  std::uint16_t part(std::size_t cut, std::string_view name);

  // An event with its value's code, which stands for `weight` ones; `parts` by cut.
  void add(bool live, Standing standing, std::uint32_t code, double weight,
           std::span<const std::uint16_t> parts);
  std::size_t rows(bool live) const { return live ? live_rows_ : rows_.size() - live_rows_; }
  void forget(bool live);

  // Changes the weights of one side until its sums are what is known (raking; Deming and Stephan
  // 1940), as far as they can be.
  void calibrate(bool live, const SideCounts& counts);

  // Every dimension but the endpoints, its shares of the drift; none if the rows do not show it.
  // Without rows of the baseline every part is expected to have the place's `allowed` share.
  std::vector<WhereDimension> dimensions() const;

  // The parts that the drift's events have in common: at most three, each the one that narrows the
  // traffic most and still carries most of the drift. With the share that all of them carry.
  // `within`: only values in this range count (of numbers).
  struct Common {
    std::vector<WhereCondition> conditions;
    double share = 1;
  };
  Common common(const std::optional<ValueRange>& within) const;

 private:
  struct Row {
    bool live = false;
    Standing standing = Standing::kNone;
    std::uint32_t code = 0;
    double weight = 1;
  };
  // What a part has of the values: in the place, of all.
  struct Part {
    double excess = 0;
    double live = 0;  // Of the live values.
    Tally tally;
  };
  struct Narrowing {
    std::size_t cut = 0;
    std::size_t part = 0;
  };
  using Marks = std::vector<bool>;  // By row.

  std::uint16_t part_of(std::size_t row, std::size_t cut) const {
    return parts_[row * cuts_.size() + cut];
  }
  Tally values() const;
  bool shows_nothing(const Tally& all) const;
  double excess_of(const Tally& part, const Tally& all) const;
  std::vector<Part> parts_of(std::size_t cut, const Marks& marked, const Tally& all) const;
  Tally marked_values(const Marks& marked) const;
  std::optional<Narrowing> narrowing(const Marks& marked, const std::set<std::size_t>& used,
                                     const Tally& all) const;
  template <typename CellOf>
  void fit(bool live, const std::vector<double>& known, const CellOf& cell_of);

  DriftPlace place_;
  std::vector<RowCut> cuts_;
  std::vector<std::map<std::string, std::uint16_t, std::less<>>> numbers_;  // By cut.
  std::vector<std::vector<std::string>> names_;                             // By cut and number.
  std::vector<Row> rows_;
  std::vector<std::uint16_t> parts_;  // Row by row, cut by cut.
  std::size_t live_rows_ = 0;
};

}  // namespace driftguard::report
