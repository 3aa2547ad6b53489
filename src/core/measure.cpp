// SPDX-License-Identifier: Apache-2.0
#include "core/measure.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <limits>

namespace driftguard {
namespace {

struct Alias {
  std::string_view name;  // In small letters and digits alone.
  Measure measure;
};

constexpr auto kAliases = std::to_array<Alias>({
    {"ks", Measure::kKs},
    {"kolmogorovsmirnov", Measure::kKs},
    {"kstest", Measure::kKs},
    {"ks2samp", Measure::kKs},
    {"psi", Measure::kPsi},
    {"populationstabilityindex", Measure::kPsi},
    {"chisquare", Measure::kChiSquare},
    {"chisquared", Measure::kChiSquare},
    {"chi2", Measure::kChiSquare},
    {"chi2contingency", Measure::kChiSquare},
    {"jensenshannon", Measure::kJensenShannon},
    {"jensenshannondistance", Measure::kJensenShannon},
    {"js", Measure::kJensenShannon},
    {"jsd", Measure::kJensenShannon},
    {"wasserstein", Measure::kWasserstein},
    {"wassersteindistance", Measure::kWasserstein},
    {"w1", Measure::kWasserstein},
    {"emd", Measure::kWasserstein},
    {"earthmovers", Measure::kWasserstein},
    {"earthmoversdistance", Measure::kWasserstein},
    {"earthmoverdistance", Measure::kWasserstein},
    {"hellinger", Measure::kHellinger},
    {"hellingerdistance", Measure::kHellinger},
    {"tvd", Measure::kTvd},
    {"tv", Measure::kTvd},
    {"totalvariation", Measure::kTvd},
    {"totalvariationdistance", Measure::kTvd},
    {"cramervonmises", Measure::kCramerVonMises},
    {"cramervonmises2samp", Measure::kCramerVonMises},
    {"cvm", Measure::kCramerVonMises},
});

std::string plain(std::string_view text) {
  std::string kept;
  for (const char letter : text) {
    if (letter == '_' || letter == '-' || letter == ' ') continue;
    kept += static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  }
  return kept;
}

}  // namespace

std::string_view measure_name(Measure measure) {
  switch (measure) {
    case Measure::kKs:
      return "ks";
    case Measure::kPsi:
      return "psi";
    case Measure::kChiSquare:
      return "chisquare";
    case Measure::kJensenShannon:
      return "jensenshannon";
    case Measure::kWasserstein:
      return "wasserstein";
    case Measure::kHellinger:
      return "hellinger";
    case Measure::kTvd:
      return "tvd";
    case Measure::kCramerVonMises:
      return "cramer_von_mises";
  }
  return "";
}

std::optional<Measure> measure_named(std::string_view text) {
  const std::string wanted = plain(text);
  const auto at = std::find_if(kAliases.begin(), kAliases.end(),
                               [&](const Alias& alias) { return alias.name == wanted; });
  if (at == kAliases.end()) return std::nullopt;
  return at->measure;
}

std::string measure_names(bool numeric) {
  std::string names;
  for (int i = 0; i <= static_cast<int>(Measure::kCramerVonMises); ++i) {
    const auto measure = static_cast<Measure>(i);
    if (!numeric && needs_numbers(measure)) continue;
    names += (names.empty() ? "" : " ") + std::string(measure_name(measure));
  }
  return names;
}

bool is_test(Measure measure) {
  return measure == Measure::kKs || measure == Measure::kChiSquare ||
         measure == Measure::kCramerVonMises;
}

bool needs_numbers(Measure measure) {
  return measure == Measure::kKs || measure == Measure::kWasserstein ||
         measure == Measure::kCramerVonMises;
}

bool has_direction(Measure measure) {
  return measure == Measure::kKs || measure == Measure::kWasserstein;
}

double largest_value(Measure measure) {
  switch (measure) {
    case Measure::kKs:
    case Measure::kJensenShannon:
    case Measure::kHellinger:
    case Measure::kTvd:
      return 1;
    case Measure::kPsi:
    case Measure::kChiSquare:
    case Measure::kWasserstein:
    case Measure::kCramerVonMises:
      break;
  }
  return std::numeric_limits<double>::infinity();
}

std::string_view direction_name(Direction direction) {
  switch (direction) {
    case Direction::kBoth:
      return "both";
    case Direction::kIncrease:
      return "increase";
    case Direction::kDecrease:
      return "decrease";
  }
  return "";
}

std::optional<Direction> direction_named(std::string_view text) {
  for (const Direction direction : {Direction::kBoth, Direction::kIncrease, Direction::kDecrease}) {
    if (direction_name(direction) == text) return direction;
  }
  return std::nullopt;
}

}  // namespace driftguard
