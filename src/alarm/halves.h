// SPDX-License-Identifier: Apache-2.0
// Whether two features go together, asked so that counts can answer: each is split in two halves,
// and events are counted in which both lie in the same one. Its share is 1/2 for independent
// features split evenly, and leaves it as far as they are associated (Blomqvist 1950 splits at the
// medians; here the baseline's, for live traffic too).
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "rollup/rollup.h"

namespace driftguard::alarm {

// Splits a feature's values in two, about evenly: numbers above `cut`, or the text that is `cut`,
// are its high half. Values of the other kind are in neither. Codes as in sketch::RowSample.
struct Halves {
  std::string pointer;
  std::string name;  // Of the feature.
  std::string text;  // What `cut` is the code of; empty for numbers.
  std::uint32_t cut = sketch::kNoCode;

  friend bool operator==(const Halves&, const Halves&) = default;
};

// The halves of the features sampled in `total`, the first kPairedMax in the order of their
// pointers; of those that can be split so that the smaller half has kHalfMin of the values. `names`
// gives names by pointer; others keep theirs.
inline constexpr double kHalfMin = 0.05;
inline constexpr std::size_t kPairedMax = 16;
std::vector<Halves> halves_of(const rollup::Rollup& total,
                              const std::map<std::string, std::string>& names);

// Adds the sampled events that have both features: in counts[0] those with both in the same half,
// in counts[1] the others.
void count_pair(std::span<const Halves> pair, const rollup::Rollup& rollup,
                std::span<std::uint32_t> counts);

// "amount above 101", "currency \"EUR\"".
std::string high_half_text(const Halves& halves);

void encode_halves(const Halves& halves, ByteWriter& out);
Halves decode_halves(ByteReader& in);  // Malformed bytes turn `in` not ok.

}  // namespace driftguard::alarm
