// SPDX-License-Identifier: Apache-2.0
// Observing: from an event's JSON to values at slots. The observer of a service learns the shape
// of its events as a tree of keys; as events of one service look alike, nearly every key is the
// one that came at this place last time, and costs one comparison.
//
// A slot is a place (a JSON Pointer) whose values are watched: every scalar under request.body and
// response.body, and what the rules name; less what they ignore or redact. Objects and arrays at
// watched places are counted as `others`, so that a field that changes its type is seen.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "ingest/feature_rules.h"
#include "rollup/fold.h"

namespace driftguard::ingest {

// Finds duplicate keys anywhere under `value`; the offending key, or empty. Nothing else is read.
std::string_view find_duplicate_key(const simdjson::dom::element& value);

// Not thread-safe: one per service and reading thread.
class Observer final {
 public:
  // Keys remembered; a service with more is observed afresh in the next batch.
  static constexpr std::size_t kNodesMax = 20'000;
  static constexpr std::size_t kKeyBytesMax = 200;

  Observer(std::string service, const FeatureRules& rules);

  // Walks one event. Folds its watched values into `fold`, in which the event has begun,
  // and ends it there, unless `fold` is null. Gives the first duplicate key, or empty. Views handed
  // to the fold live as long as the parsed document.
  std::string_view observe(const simdjson::dom::object& event, rollup::BucketFold* fold);

  // To be called between batches, when no fold holds views any more.
  void begin_batch();

  // Whether hosts may be counted: no rule ignores or redacts them.
  bool watches_host() const { return watches_host_; }

  // The pointers of the slots so far.
  const std::vector<std::string>& pointers() const { return pointers_; }

 private:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  struct Node {
    std::string key;
    std::string pointer;
    std::vector<std::uint32_t> children;
    std::uint32_t slot = kNone;
    std::uint64_t seen_in = 0;  // The number of the last event that had this key.
    bool watched = false;
    bool watched_below = false;  // What the children get.
    bool as_category = false;    // Numbers here are names.
    bool segment = false;        // Declared to tell events apart.
  };

  std::string_view walk(const simdjson::dom::object& object, std::uint32_t at);
  std::string_view visit(const simdjson::dom::element& value, std::uint32_t at);
  std::uint32_t child(std::uint32_t parent, std::string_view key, std::size_t* expected);
  std::uint32_t add_child(std::uint32_t parent, std::string_view key);
  bool has_slot(Node& node);
  void fold_number(const Node& node, const simdjson::dom::element& value);

  std::string service_;
  const FeatureRules& rules_;
  bool watches_host_ = true;
  std::vector<Node> nodes_;
  std::vector<std::string> pointers_;
  std::unordered_set<std::string> number_names_;  // Texts of numbers that are categories.
  std::uint64_t event_ = 0;
  rollup::BucketFold* fold_ = nullptr;
};

}  // namespace driftguard::ingest
