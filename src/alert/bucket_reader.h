// SPDX-License-Identifier: Apache-2.0
// A service's buckets one after another, over all endpoints, out of a store.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "alarm/layout.h"
#include "store/store.h"

namespace driftguard::alert {

// Hears of a bucket with events, and what each endpoint had in it.
using BucketVisitor = std::function<void(Time bucket, std::span<const alarm::EndpointRollup>)>;

// In order of time; holds the buckets of `kStretch` at once. Errors: the store's.
inline constexpr std::chrono::minutes kStretch{30};
Result<void> read_buckets(store::Store& store, const std::string& service, TimeRange range,
                          const BucketVisitor& visit);

// Endpoints' sums, borrowed.
std::vector<alarm::EndpointRollup> borrowed(const std::map<std::string, rollup::Rollup>& sums);

}  // namespace driftguard::alert
