// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "stats/proportion.h"

namespace driftguard::stats {

// Fisher's exact test (Fisher 1934): may two shares be of one probability? Given both totals, the
// successes of the first side follow the hypergeometric distribution; the p-value is twice its
// smaller tail from what was observed on, at most 1 (so never smaller than the probability of what
// is as extreme on either side). Valid for every sample size; conservative for small ones. 1 when a
// side has no trials. Down to 1e-300, then 0; relative error below 1e-6. Its cost is a few standard
// deviations of the counts, at most about 10,000 steps at a hundred million trials. Pure, safe from
// any thread.
double fisher_p_value(Proportion first, Proportion second);

}  // namespace driftguard::stats
