// SPDX-License-Identifier: Apache-2.0
// Windows of events that no rollup tells apart: by host, or by what stands somewhere in the event.
// They are made of raw rows, so they are bounded.
#pragma once

#include <optional>
#include <string>

#include "core/result.h"
#include "ingest/feature_rules.h"
#include "store/store.h"
#include "window/window.h"

namespace driftguard::window {

// Events that have this value at this JSON Pointer ("/version", "1.5"); numbers and booleans by
// their text.
struct Label {
  std::string pointer;
  std::string value;
  friend bool operator==(const Label&, const Label&) = default;
};

// "/version=1.5"; the value is all behind the first '='. kInvalidArgument: it is none.
Result<Label> parse_label(const std::string& text);

struct RawWindowQuery {
  Segment segment;
  std::optional<Label> label;
  TimeRange range;  // Whole buckets.
  std::size_t rows_max = 200'000;
};

// Redacted places have no values to be found by. kTooLarge: the range holds more than `rows_max`
// events of the service or endpoint. Thread-safe.
Result<Window> read_raw_window(store::Store& store, const ingest::FeatureRules& rules,
                               const RawWindowQuery& query);

}  // namespace driftguard::window
