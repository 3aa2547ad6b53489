// SPDX-License-Identifier: Apache-2.0
#include "ingest/observer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace driftguard::ingest {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;
using simdjson::dom::object;

constexpr std::size_t kNumberNamesMax = 10'000;

// A key as a JSON Pointer token (RFC 6901).
std::string pointer_token(std::string_view key) {
  std::string token;
  for (const char c : key) {
    if (c == '~') {
      token += "~0";
    } else if (c == '/') {
      token += "~1";
    } else {
      token += c;
    }
  }
  return token;
}

// "A duplicate key" that is itself the empty text still has to be told from "none".
constexpr std::string_view kEmptyKey = "\"\"";

std::string_view shown(std::string_view key) { return key.empty() ? kEmptyKey : key; }

std::string_view find_repeated(std::vector<std::string_view>& keys) {
  std::sort(keys.begin(), keys.end());
  const auto twin = std::adjacent_find(keys.begin(), keys.end());
  return twin == keys.end() ? std::string_view() : shown(*twin);
}

std::string number_text(const element& value) {
  if (value.is<std::int64_t>()) return fmt::format("{}", std::int64_t(value));
  if (value.is<std::uint64_t>()) return fmt::format("{}", std::uint64_t(value));
  return fmt::format("{}", double(value));
}

}  // namespace

std::string_view find_duplicate_key(const element& value) {
  if (value.is_array()) {
    for (const element item : simdjson::dom::array(value)) {
      if (const auto key = find_duplicate_key(item); !key.empty()) return key;
    }
    return {};
  }
  if (!value.is_object()) return {};
  std::vector<std::string_view> keys;
  for (const auto field : object(value)) {
    keys.push_back(field.key);
    if (const auto key = find_duplicate_key(field.value); !key.empty()) return key;
  }
  return find_repeated(keys);
}

Observer::Observer(std::string service, const FeatureRules& rules)
    : service_(std::move(service)), rules_(rules), nodes_(1) {
  const FeatureRule* rule = rules_.find(service_, rollup::kHostPointer);
  watches_host_ = rule == nullptr || !(rule->ignore || rule->redact);
}

void Observer::begin_batch() {
  if (nodes_.size() >= kNodesMax) {
    nodes_.assign(1, Node{});
    pointers_.clear();
  }
  if (number_names_.size() > kNumberNamesMax) number_names_.clear();
}

std::string_view Observer::observe(const object& event, rollup::BucketFold* fold) {
  ++event_;
  fold_ = fold;
  const std::string_view key = walk(event, 0);
  if (fold_ != nullptr) fold_->end_event();
  return key;
}

std::string_view Observer::walk(const object& object, std::uint32_t at) {
  std::size_t expected = 0;
  std::vector<std::string_view> unknown;  // Keys beyond the bounds of the tree.
  for (const auto field : object) {
    const std::uint32_t node = child(at, field.key, &expected);
    if (node == kNone) {
      unknown.push_back(field.key);
      if (nodes_[at].watched_below && fold_ != nullptr) fold_->count_dropped_feature();
      if (const auto key = find_duplicate_key(field.value); !key.empty()) return key;
      continue;
    }
    if (std::exchange(nodes_[node].seen_in, event_) == event_) return shown(field.key);
    if (const auto key = visit(field.value, node); !key.empty()) return key;
  }
  return find_repeated(unknown);
}

std::string_view Observer::visit(const element& value, std::uint32_t at) {
  Node& node = nodes_[at];
  const bool folds = node.watched && fold_ != nullptr && has_slot(node);
  if (folds && node.segment) fold_->declare_segment(node.slot);
  switch (value.type()) {
    case element_type::OBJECT:
      if (folds) fold_->other(node.slot);
      return walk(object(value), at);
    case element_type::ARRAY:
      if (folds) fold_->other(node.slot);
      return find_duplicate_key(value);
    case element_type::INT64:
    case element_type::UINT64:
    case element_type::DOUBLE:
      if (folds) fold_number(node, value);
      return {};
    case element_type::STRING:
      if (folds) fold_->text(node.slot, std::string_view(value));
      return {};
    case element_type::BOOL:
      if (folds) fold_->text(node.slot, bool(value) ? "true" : "false");
      return {};
    case element_type::NULL_VALUE:
      if (folds) fold_->null(node.slot);
      return {};
  }
  return {};
}

std::uint32_t Observer::child(std::uint32_t parent, std::string_view key, std::size_t* expected) {
  const std::vector<std::uint32_t>& children = nodes_[parent].children;
  const std::size_t size = children.size();
  for (std::size_t tried = 0, i = *expected; tried < size; ++tried, ++i) {
    if (i >= size) i = 0;
    if (nodes_[children[i]].key == key) {
      *expected = i + 1;
      return children[i];
    }
  }
  // Searched in place; an object with very many keys is not worth a tree of its own.
  constexpr std::size_t kChildrenMax = 1000;
  if (nodes_.size() >= kNodesMax || size >= kChildrenMax || key.size() > kKeyBytesMax) return kNone;
  return add_child(parent, key);
}

std::uint32_t Observer::add_child(std::uint32_t parent, std::string_view key) {
  Node node;
  node.key = std::string(key);
  node.pointer = nodes_[parent].pointer + "/" + pointer_token(key);
  const bool is_body = node.pointer == "/request/body" || node.pointer == "/response/body";
  node.watched = nodes_[parent].watched_below;
  node.watched_below = node.watched || is_body;
  if (const FeatureRule* rule = rules_.find(service_, node.pointer); rule != nullptr) {
    const bool hidden = rule->ignore || rule->redact;
    node.watched = !hidden;
    node.watched_below = node.watched_below && !hidden;
    node.as_category = rule->kind == FeatureKind::kCategorical;
    node.segment = rule->segment && !hidden;
  }
  const auto at = static_cast<std::uint32_t>(nodes_.size());
  nodes_.push_back(std::move(node));
  nodes_[parent].children.push_back(at);
  return at;
}

// Gives it one if there is room.
bool Observer::has_slot(Node& node) {
  if (node.slot != kNone) return true;
  if (pointers_.size() >= rollup::Rollup::kFeaturesMax) {
    fold_->count_dropped_feature();
    return false;
  }
  node.slot = static_cast<std::uint32_t>(pointers_.size());
  pointers_.push_back(node.pointer);
  return true;
}

void Observer::fold_number(const Node& node, const element& value) {
  if (node.as_category) {
    fold_->text(node.slot, *number_names_.insert(number_text(value)).first);
  } else {
    fold_->number(node.slot, double(value.get_double().value_unsafe()));
  }
}

}  // namespace driftguard::ingest
