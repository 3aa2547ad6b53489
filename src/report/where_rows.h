// SPDX-License-Identifier: Apache-2.0
// Raw events, cut by what rollups do not tell apart: hosts, and the categories of other features.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "report/where.h"

namespace driftguard::report {

// What an event is told apart by.
struct RowCut {
  WhereDimension::Kind kind = WhereDimension::Kind::kHost;
  std::string feature;  // Of kFeature.
  std::string pointer;  // Of a feature; "/host".
};

// Events of both sides, each as the parts that it belongs to. Not thread-safe.
class RowTable final {
 public:
  static constexpr std::size_t kCutsMax = 12;     // Dimensions; further ones are left out.
  static constexpr std::size_t kPartsMax = 1000;  // Of one dimension; further ones are no part.

  // `endpoints`: those whose events could have the feature (of a place of kMissing).
  RowTable(DriftPlace place, std::vector<RowCut> cuts,
           std::set<std::string, std::less<>> endpoints);

  // The first rows of the query, of `host` alone if it is named, at most rows_max. Errors are the
  // store's.
  Result<RecentRowsEnd> read(store::Store& store, const RecentRowsQuery& query,
                             const std::optional<std::string>& host, bool live);

  // Leaves live events alone, if there are fewer of the baseline than `rows_min`.
  void need_baseline(std::size_t rows_min);

  // Every dimension, its shares of the drift among the events read; none if they do not show it.
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
  static constexpr std::uint16_t kNoPart = 0xFFFF;

  struct Row {
    bool live = false;
    bool in = false;
    double value = 0;  // Of a place of numbers.
    std::vector<std::uint16_t> parts;
  };
  class Reader;

  double baseline_n() const { return static_cast<double>(baseline_rows_); }
  // What each part of a cut has of the excess among the rows marked; with what it has of the live
  // ones.
  struct Part {
    double excess = 0;
    double live = 0;
    Tally tally;
  };
  std::vector<Part> parts_of(std::size_t cut, const std::vector<bool>& marked) const;
  // The part of a cut not in `used` that narrows the marked rows most; nothing if none is worth a
  // word.
  struct Narrowing {
    std::size_t cut = 0;
    std::size_t part = 0;
  };
  std::optional<Narrowing> narrowing(const std::vector<bool>& marked,
                                     const std::set<std::size_t>& used) const;
  double excess(const std::vector<bool>& marked) const;

  DriftPlace place_;
  std::vector<RowCut> cuts_;
  std::set<std::string, std::less<>> endpoints_;
  std::vector<std::map<std::string, std::uint16_t, std::less<>>> numbers_;  // By cut.
  std::vector<std::vector<std::string>> names_;                             // By cut and number.
  std::vector<Row> rows_;
  std::uint64_t live_rows_ = 0;
  std::uint64_t baseline_rows_ = 0;
};

}  // namespace driftguard::report
