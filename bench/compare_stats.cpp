// SPDX-License-Identifier: Apache-2.0
// compare_stats: KS of two files of doubles, and PSI of two files of three-letter categories, from
// raw values in any order: what SciPy and pandas are held against, on the same arrays. Prints the
// results too, so that the caller can see that all agree.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "rollup/fold.h"
#include "stats/ks.h"
#include "stats/psi.h"

namespace {

using driftguard::rollup::TextFold;
using driftguard::sketch::CategoryCounts;
namespace stats = driftguard::stats;

constexpr std::size_t kCategoryBytes = 3;

struct Options {
  std::string live;
  std::string baseline;
  std::string live_categories;
  std::string baseline_categories;
  int rounds = 5;
};

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<double> doubles_of(const std::string& path) {
  const std::string bytes = read_file(path);
  std::vector<double> values(bytes.size() / sizeof(double));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(double));
  return values;
}

// The median of some rounds; `work` gets a copy that it may change, made off the clock.
template <typename Data, typename Work>
double median_ms(int rounds, const Data& data, const Work& work) {
  std::vector<double> taken;
  for (int i = 0; i < rounds; ++i) {
    Data copy = data;
    const auto begin = std::chrono::steady_clock::now();
    work(copy);
    taken.push_back(
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin)
            .count());
  }
  std::nth_element(taken.begin(), taken.begin() + rounds / 2, taken.end());
  return taken[static_cast<std::size_t>(rounds / 2)];
}

CategoryCounts count(std::string_view codes) {
  TextFold fold;
  for (std::size_t at = 0; at + kCategoryBytes <= codes.size(); at += kCategoryBytes) {
    fold.add(codes.substr(at, kCategoryBytes));
  }
  return fold.take();
}

double psi(std::string_view live, std::string_view baseline) {
  std::map<std::string, std::array<std::uint64_t, 2>> counts;
  const std::array<CategoryCounts, 2> sides = {count(live), count(baseline)};
  for (std::size_t side = 0; side < sides.size(); ++side) {
    for (const auto& category : sides[side].categories()) {
      counts[category.name][side] = category.count;
    }
  }
  std::vector<std::uint64_t> left;
  std::vector<std::uint64_t> right;
  for (const auto& [name, both] : counts) {
    left.push_back(both[0]);
    right.push_back(both[1]);
  }
  return *stats::psi(left, right);
}

int run(const Options& options) {
  const std::pair samples(doubles_of(options.live), doubles_of(options.baseline));
  const std::pair codes(read_file(options.live_categories), read_file(options.baseline_categories));
  stats::KsStatistic statistic;
  stats::KsPValue p{};
  double index = 0;
  const double ks_ms = median_ms(options.rounds, samples, [&](const auto& both) {
    statistic = *stats::ks_statistic(both.first, both.second);
    p = stats::ks_p_value(statistic.t, statistic.n, statistic.m);
  });
  const double sort_ms = median_ms(options.rounds, samples.first,
                                   [](auto& values) { std::sort(values.begin(), values.end()); });
  const double psi_ms = median_ms(options.rounds, codes,
                                  [&](const auto& both) { index = psi(both.first, both.second); });
  fmt::print(R"({{"ks_ms": {:.3f}, "sort_ms": {:.3f}, "psi_ms": {:.3f}, "d": {:.17g}, )"
             R"("p_value": {:.17g}, "psi": {:.17g}}})"
             "\n",
             ks_ms, sort_ms, psi_ms, statistic.d, p.p, index);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App program{"Times KS and PSI on files of raw values; prints JSON.", "compare_stats"};
  Options options;
  program.add_option("--live", options.live, "doubles as this machine stores them")
      ->required()
      ->check(CLI::ExistingFile);
  program.add_option("--baseline", options.baseline)->required()->check(CLI::ExistingFile);
  program.add_option("--live-categories", options.live_categories, "three bytes each")
      ->required()
      ->check(CLI::ExistingFile);
  program.add_option("--baseline-categories", options.baseline_categories)
      ->required()
      ->check(CLI::ExistingFile);
  program.add_option("--rounds", options.rounds, "of which the median counts: 5")
      ->check(CLI::Range(1, 1000));
  CLI11_PARSE(program, argc, argv);
  return run(options);
}
