// SPDX-License-Identifier: Apache-2.0
// What changed in the shape of a service's events, endpoint by endpoint: fields that are new, that
// vanished, that are present more or less often, that hold values of another type, and values that
// a small category did not have. Pure functions of rollups; safe from any thread. docs/SCHEMA.md is
// the same for people.
//
// A change counts when it is both significant (Fisher's exact test; p times the number of tests
// made, at most 1, is below the rule's) and large (the shares differ by so much at least). So an
// optional field in one event of a hundred changes nothing, whichever events have it.
//
// Cost: a step a field and endpoint; the exact test only where the shares differ enough. Bounds:
// a rollup keeps kFeaturesMax places. Values at places left out are counted (features_dropped); as
// any of them could have been the field in question, a field counts as new, vanished or rarer only
// if they could not explain it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "stats/proportion.h"

namespace driftguard::report {

class Comparison;
struct EndpointPair;

enum class SchemaChange {
  kNew,        // The baseline never had the field.
  kVanished,   // The window does not have it.
  kPresence,   // It is there more, or less, often.
  kRetyped,    // More of its values are of a type that few or none were of.
  kNewValues,  // A small category has values that the baseline does not have.
};
std::string_view change_name(SchemaChange change);  // "new", "vanished", "presence", ...

// What JSON types a rollup tells apart. Booleans are texts, "true" and "false".
enum class ValueType { kNumber, kText, kOther };
std::string_view type_name(ValueType type);  // "number", "text", "object or array".

struct SchemaRules {
  double p_min = 0.001;            // Of all tests together; 0: nothing is significant.
  double presence_min = 0.02;      // The least change of the share of events that have a field.
  double type_min = 0.01;          // Of the share of a field's values that are of a type.
  double values_min = 0.01;        // Of the share of a category's values that are new.
  std::uint64_t samples_min = 50;  // Events (of types and values: values) on either side.
};

// A category is small, and its values all known, up to so many; each seen ten times on average.
inline constexpr std::size_t kSmallCategoryMax = 50;
inline constexpr std::size_t kNewValuesNamedMax = 10;
// Changes found beyond these are counted, and judged by.
inline constexpr std::size_t kSchemaChangesMax = 1000;

struct NewValue {
  std::string name;
  std::uint64_t live_n = 0;
};

// One change at one endpoint.
struct SchemaFinding {
  SchemaChange change = SchemaChange::kNew;
  std::string endpoint;  // Empty: of all together.
  std::string pointer;
  std::string field;  // The feature's name, else what it would be called.

  // Events that have the field among those of the endpoint; values of type `to` among those of the
  // field; new values among the texts (in the baseline: what was seen once, as often as new values
  // were to be expected).
  stats::Proportion live;
  stats::Proportion baseline;
  double p_value = 1;  // Times the number of tests, at most 1.

  ValueType from = ValueType::kOther;  // Of kRetyped: what became rarer, what more frequent.
  ValueType to = ValueType::kOther;
  std::vector<NewValue> values;  // Of kNewValues, the most frequent first.
  std::uint64_t below = 0;       // Places within this one that changed with it.
  bool within = false;           // One of those: the place above it is told instead.
  // Told, but not judged by: the feature is muted, or a pinned file does not name the field.
  bool muted = false;

  double live_share() const;
  double baseline_share() const;
  double size() const;  // How far apart the two are.
};

struct SchemaAnalysis {
  std::vector<SchemaFinding> findings;  // The largest first, those within another last.
  std::uint64_t omitted = 0;            // Beyond kSchemaChangesMax.
  bool drifted = false;                 // One that is not muted is among them, or omitted.
  std::uint64_t tests = 0;
  std::uint64_t fields = 0;              // Compared, counted at every endpoint.
  std::uint64_t endpoints = 0;           // Compared.
  std::uint64_t endpoints_left_out = 0;  // New ones, and those with too few events.
  std::uint64_t live_events = 0;         // Of the endpoints compared.
  std::uint64_t baseline_events = 0;     // Likewise.
  std::uint64_t live_dropped = 0;        // Values at places beyond the bound, likewise.
  std::uint64_t baseline_dropped = 0;    // Likewise.
};

SchemaAnalysis analyse_schema(const Comparison& comparison, const SchemaRules& rules);

// How often a field is there at one endpoint: the two shares that are compared, in favour of no
// change where places were left out. Empty: nothing can be said (the endpoint is not told apart,
// or has too few events on a side, or neither side has the field).
struct SharePair {
  stats::Proportion live;
  stats::Proportion baseline;
};
std::optional<SharePair> presence_of(const EndpointPair& endpoint, const std::string& pointer,
                                     const SchemaRules& rules);

// The type that gained most among the field's values, and the one that lost most, with the first
// one's shares. Empty: a side has too few values.
struct TypeShift {
  ValueType from = ValueType::kOther;
  ValueType to = ValueType::kOther;
  SharePair shares;
};
std::optional<TypeShift> types_of(const EndpointPair& endpoint, const std::string& pointer,
                                  const SchemaRules& rules);

}  // namespace driftguard::report
