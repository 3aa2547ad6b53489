// SPDX-License-Identifier: Apache-2.0
#include "simulate/tables.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>

#include "core/hash.h"
#include "stats/proportion.h"
#include "stats/quantile.h"

namespace driftguard::simulate {

std::string to_markdown(const Table& table) {
  std::string text =
      fmt::format("### {}\n\n| {} |\n|", table.title, fmt::join(table.header, " | "));
  for (std::size_t i = 0; i < table.header.size(); ++i) text += "---|";
  text += "\n";
  for (const auto& row : table.rows) text += fmt::format("| {} |\n", fmt::join(row, " | "));
  return text + "\n";
}

int Plan::replicates(int full, int brief) const {
  return is_short ? brief : std::max(1, static_cast<int>(std::lround(full * scale)));
}

void for_each_replicate(const Plan& plan, int count, const std::function<void(int)>& body) {
  std::atomic<int> next{0};
  std::vector<std::jthread> threads;
  for (int t = 0; t < plan.threads; ++t) {
    threads.emplace_back([&] {
      for (int i = next++; i < count; i = next++) body(i);
    });
  }
}

std::uint64_t seed_of(const Plan& plan, std::string_view part, int replicate) {
  return hash64(fmt::format("{}/{}/{}", plan.seed, part, replicate));
}

std::string share_text(int hits, int of) {
  const stats::Interval limits = stats::clopper_pearson_interval(hits, of, 0.025);
  return fmt::format("{:.3f} ({:.3f} to {:.3f})", static_cast<double>(hits) / of, limits.low,
                     limits.high);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[stats::nearest_rank(stats::kP50, values.size()) - 1];
}

std::string median_text(std::vector<double> seconds) {
  std::sort(seconds.begin(), seconds.end());
  const auto minutes = [&](std::uint64_t rank) {
    const double value = seconds[std::clamp<std::uint64_t>(rank, 1, seconds.size()) - 1] / 60.0;
    return std::isfinite(value) ? fmt::format("{:.2f}", value) : std::string("never");
  };
  const stats::RankInterval limits = stats::quantile_rank_interval(stats::kP50, seconds.size());
  return fmt::format("{} ({} to {})", minutes(stats::nearest_rank(stats::kP50, seconds.size())),
                     minutes(limits.lower), minutes(limits.upper));
}

}  // namespace driftguard::simulate
