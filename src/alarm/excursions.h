// SPDX-License-Identifier: Apache-2.0
// How evidence runs over a baseline that has no drift.
//
// The running sum of a log e-value, kept at zero or above, makes excursions whose heights become
// rarer like exp(-rate x); for an e-value whose events are independent the rate (Lundberg's
// exponent, Asmussen 2003, Applied Probability and Queues, XIII.5) is at least 1. Where events come
// in clusters it is less, and raising the e-value to the power `rate` brings it back to 1. The rate
// is estimated from the highest excursions as the tail index is by Hill (1975).
#pragma once

#include <cstddef>
#include <vector>

namespace driftguard::alarm {

// Not thread-safe.
class Excursions final {
 public:
  // The excursions that the estimate rests on, and how many there must be in all.
  static constexpr std::size_t kHighest = 64;
  static constexpr std::size_t kLeast = 128;

  void add(double log_e);
  // The estimate less two standard errors, at most 1; 1 where there are too few excursions.
  double rate();

 private:
  void end();

  double sum_ = 0;
  double height_ = 0;            // Of the excursion under way.
  std::vector<double> heights_;  // Of the ended ones.
};

}  // namespace driftguard::alarm
