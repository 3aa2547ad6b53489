// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace driftguard {

// How the two sides of a feature are compared; docs/MEASURES.md has a formula for each.
enum class Measure {
  kKs,
  kPsi,
  kChiSquare,
  kJensenShannon,
  kWasserstein,
  kHellinger,
  kTvd,
  kCramerVonMises,
};

// "ks psi chisquare jensenshannon wasserstein hellinger tvd cramer_von_mises": in driftguard.toml,
// and behind a feature's name in that of its check ("amount_wasserstein").
std::string_view measure_name(Measure measure);

// By that name or another one in use ("kolmogorov_smirnov", "chi2", "js", "emd", "cvm"...); case,
// blanks, '-' and '_' do not count.
std::optional<Measure> measure_named(std::string_view text);

// The names of those that suit a numeric (else: a categorical) feature, for messages.
std::string measure_names(bool numeric);

// A test has a p-value and fails below its threshold; a distance fails above it.
bool is_test(Measure measure);

// Of values in their order, so of numeric features alone. The others compare shares: of categories,
// or of numbers in bins.
bool needs_numbers(Measure measure);

// Whether it can look at one direction alone.
bool has_direction(Measure measure);

// No distance of this measure is larger; infinity where there is no such bound.
double largest_value(Measure measure);

// Which change of a numeric feature counts: any, or live values that tend to be larger, or smaller.
enum class Direction { kBoth, kIncrease, kDecrease };

std::string_view direction_name(Direction direction);  // "both", "increase", "decrease".
std::optional<Direction> direction_named(std::string_view text);

}  // namespace driftguard
