// SPDX-License-Identifier: Apache-2.0
// A window is the sum of its buckets: reading one costs the number of buckets, never of events.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/time.h"
#include "rollup/rollup.h"

namespace driftguard::window {

// The population a question is about.
struct Segment {
  std::string service;
  std::optional<std::string> endpoint;  // Empty: all of the service's.
  std::optional<std::string> host;      // Empty: all.
};

// What happened in a segment within a stretch of time, by endpoint. Immutable once made.
struct Window {
  TimeRange range;  // What it covers: whole buckets.
  std::map<std::string, std::shared_ptr<const rollup::Rollup>> endpoints;

  // The sum over all endpoints.
  rollup::Rollup total() const;
};

}  // namespace driftguard::window
