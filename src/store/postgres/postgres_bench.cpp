// SPDX-License-Identifier: Apache-2.0
// Durable commits of 1, 100 and 1,000 events of about 225 bytes, with two rollup deltas of 10 KB
// or without, from one connection. The limit to come close to is psql's \copy of the same rows in
// transactions of 1,000. DRIFTGUARD_BENCH_URL names the database; without it nothing is measured.
#include <benchmark/benchmark.h>

#include <cstdlib>

#include "store/postgres/postgres_store.h"

namespace driftguard::store {
namespace {

Result<std::string> keep_first(std::span<const std::string_view> parts) {
  return std::string(parts.front());
}

std::string make_payload(std::size_t i) {
  return R"({"ts": "2025-01-01T00:00:00.123Z", "service": "payments_api", "endpoint": "POST /v2/)"
         R"(payments", "host": "client-)" +
         std::to_string(i * 7919 % 50) + R"(", "request": {"body": {"amount": )" +
         std::to_string(i * 104729 % 99991) +
         R"(.25, "currency": "EUR"}}, "response": {"status": 200, "duration_ms": )" +
         std::to_string(i * 15485863 % 1999) + "}}";
}

void commit_batches(benchmark::State& state) {
  const char* url = std::getenv("DRIFTGUARD_BENCH_URL");
  if (!url) return state.SkipWithError("DRIFTGUARD_BENCH_URL is not set");
  PostgresOptions options;
  options.url = url;
  const auto store = open_postgres_store(options, keep_first);
  if (!store) return state.SkipWithError(store.error().detail.c_str());
  const auto count = static_cast<std::size_t>(state.range(0));
  std::vector<std::string> payloads;
  for (std::size_t i = 0; i < count; ++i) payloads.push_back(make_payload(i));
  std::vector<RawRow> rows(count);
  std::vector<RollupDelta> deltas(state.range(1) ? 2 : 0);
  std::int64_t us = 1735689600'000000;
  for (auto _ : state) {
    for (std::size_t i = 0; i < count; ++i, us += 1500) {
      rows[i] = {time_from_us(us), "payments_api", "POST /v2/payments", "client-1", payloads[i]};
    }
    for (RollupDelta& delta : deltas) {
      delta = {{"payments_api", "POST /v2/payments", time_from_us(us / 10'000'000 * 10'000'000)},
               std::string(10'000, static_cast<char>(us / 1500))};
    }
    if (!(*store)->commit({rows, deltas, {}})) state.SkipWithError("commit failed");
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * count));
}
BENCHMARK(commit_batches)
    ->ArgNames({"rows", "rollups"})
    ->ArgsProduct({{1, 100, 1000}, {0, 1}})
    ->UseRealTime();

}  // namespace
}  // namespace driftguard::store
