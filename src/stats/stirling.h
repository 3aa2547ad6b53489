// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace driftguard::stats {

// What Stirling's formula leaves out: log k! - log(sqrt(2 pi k) (k/e)^k), to 1e-18 (Loader 2000,
// Fast and Accurate Computation of Binomial Probabilities). k >= 1, an integer (asserted). It lets
// ratios of factorials be taken without cancellation. Pure, safe from any thread.
long double stirling_error(long double k);

// log(n! / n^n) without the cancellation of its parts; n >= 1.
long double log_factorial_over_power(std::uint64_t n);

}  // namespace driftguard::stats
