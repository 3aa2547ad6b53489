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
  if (sampled_) hashes_.push_back(hash);
}

void RowFold::end() {
  if (sampled_) ends_.push_back(values_.size());
}

sketch::RowSample RowFold::take(const std::vector<std::size_t>& slots,
                                const std::vector<std::string_view>& names) {
  std::vector<std::uint32_t> codes(hashes_.size() * slots.size(), sketch::kNoCode);
  std::size_t at = 0;
  for (std::size_t row = 0; row < ends_.size(); ++row) {
    for (; at < ends_[row]; ++at) {
      const auto column = std::find(slots.begin(), slots.end(), values_[at].slot) - slots.begin();
      const auto place = static_cast<std::size_t>(column);
      if (place < slots.size()) codes[row * slots.size() + place] = values_[at].code;
    }
  }
  sketch::RowSum sum;
  sum.saw(seen_);
  sum.add(names, hashes_, codes);
  seen_ = 0;
  level_ = 0;
  hashes_.clear();
  ends_.clear();
  values_.clear();
  return sum.take(names);
}

}  // namespace driftguard::rollup
