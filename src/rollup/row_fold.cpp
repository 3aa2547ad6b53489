// SPDX-License-Identifier: Apache-2.0
#include "rollup/row_fold.h"

#include <algorithm>
#include <utility>

namespace driftguard::rollup {
namespace {

// The finalizer of SplitMix64 (Steele, Lea and Flood 2014).
std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

}  // namespace

void RowFold::begin(Time ts, std::uint64_t salt) {
  level_ = sketch::RowSample::level_of(++seen_, level_);
  const std::uint64_t moment = mixed(static_cast<std::uint64_t>(us_since_epoch(ts)));
  const auto hash = static_cast<std::uint32_t>(mixed(moment + salt) >> 32);
  sampled_ = sketch::RowSample::keeps(hash, level_);
  if (!sampled_) return;
  hashes_.push_back(hash);
  contexts_.resize(contexts_.size() + kContexts, sketch::kNoCode);
}

void RowFold::end() {
  if (sampled_) ends_.push_back(values_.size());
}

sketch::RowSample RowFold::take(sketch::Columns columns, const Places& places) {
  std::vector<std::uint32_t> codes(hashes_.size() * columns.size(), sketch::kNoCode);
  std::size_t at = 0;
  for (std::size_t row = 0; row < ends_.size(); ++row) {
    const std::span cells = std::span(codes).subspan(row * columns.size(), columns.size());
    std::copy_n(contexts_.begin() + static_cast<std::ptrdiff_t>(row) * kContexts, kContexts,
                cells.begin());
    for (; at < ends_[row]; ++at) {
      const std::size_t place = places[values_[at].slot];
      if (place != kNowhere) cells[place] = values_[at].code;
    }
  }
  sketch::RowSum sum;
  sum.saw(seen_);
  sum.add(columns, hashes_, codes);
  seen_ = 0;
  level_ = 0;
  hashes_.clear();
  contexts_.clear();
  ends_.clear();
  values_.clear();
  return sum.take(columns);
}

}  // namespace driftguard::rollup
