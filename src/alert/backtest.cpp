// SPDX-License-Identifier: Apache-2.0
#include "alert/backtest.h"

#include "alert/bucket_reader.h"
#include "alert/service_state.h"
#include "rollup/bucket.h"

namespace driftguard::alert {

Result<Backtest> backtest(store::Store& store, const std::string& service,
                          const LearntReferences& learnt, int baseline_version, TimeRange range) {
  const TimeRange covered = rollup::whole_buckets(range);
  ServiceState state(service, covered.from);
  state.start(learnt, baseline_version, std::nullopt, covered.from);
  auto read = read_buckets(store, service, covered, [&](Time bucket, auto endpoints) {
    state.fold(alarm::bucket_number(bucket), endpoints);
  });
  if (!read) return read.error();
  state.fold(alarm::bucket_number(covered.to) - 1, {});
  return Backtest{covered, state.news(), state.show()};
}

}  // namespace driftguard::alert
