// SPDX-License-Identifier: Apache-2.0
// Tables in Markdown, and bars that a run keeps or breaks.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "simulate/experiment.h"

namespace driftguard::simulate {

struct Table {
  std::string title;
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
};
std::string to_markdown(const Table& table);

// One promise and what was measured; a figure above its limit breaks it.
struct Bar {
  std::string what;
  double figure;
  double limit;
  bool met() const { return figure <= limit; }
};

// How much to simulate. Everything else follows from the seed.
struct Plan {
  bool is_short = false;
  std::uint64_t seed = 1;
  int threads = 1;
  double scale = 1;   // Of the replicates.
  std::string match;  // Only the steady traffic whose name contains it.

  int replicates(int full, int brief) const;
};

// Runs `body(replicate)` for 0 .. count-1 on the plan's threads.
void for_each_replicate(const Plan& plan, int count, const std::function<void(int)>& body);

// The seed of a replicate of the named part.
std::uint64_t seed_of(const Plan& plan, std::string_view part, int replicate);

struct Outcome {
  std::vector<Table> tables;
  std::vector<Bar> bars;
};

Outcome false_alarms(const Plan& plan);
Outcome day(const Plan& plan);
Outcome delays(const Plan& plan);
Outcome small_print(const Plan& plan);  // Negligible shifts, little data, PSI's noise.

// "0.000 (0.000 to 0.018)": Clopper and Pearson's 95 % interval.
std::string share_text(int hits, int of);
// "0.50 (0.42 to 0.66)" minutes: the median, with its 95 % interval by order statistics.
std::string median_text(std::vector<double> seconds);
double median(std::vector<double> values);

}  // namespace driftguard::simulate
