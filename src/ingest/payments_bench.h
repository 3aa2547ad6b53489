// SPDX-License-Identifier: Apache-2.0
// What this room's benchmarks read: bodies of a thousand payments each, four features an event.
#pragma once

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "core/time.h"
#include "load/traffic.h"

namespace driftguard::ingest {

inline constexpr std::size_t kBodyEvents = 1000;
inline constexpr std::size_t kBodies = 16;  // Several megabytes: more than the nearer caches hold.

// All of them in one bucket, as when a client sends what it has gathered.
inline std::vector<std::string> payment_bodies() {
  constexpr Time kStart{Microseconds{1735689600'000000}};  // 2025-01-01T00:00:00Z.
  load::Traffic traffic({.seed = 1});
  std::vector<std::string> bodies(kBodies);
  for (std::string& body : bodies) {
    for (std::size_t i = 0; i < kBodyEvents; ++i) {
      body += i == 0 ? "[" : ", ";
      append_json(body, traffic.next(), kStart + std::chrono::milliseconds(i));
    }
    body += "]";
  }
  return bodies;
}

// Seconds of processor time an event. At the end of a benchmark whose iterations handle a body
// each.
inline void count_per_event(benchmark::State& state) {
  const double events = static_cast<double>(state.iterations()) * kBodyEvents;
  state.counters["per_event"] =
      benchmark::Counter(events, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

}  // namespace driftguard::ingest
