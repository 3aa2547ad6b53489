// SPDX-License-Identifier: Apache-2.0
#include "window/rollup_tree.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "window/tree_reader.h"

namespace driftguard::window {
namespace {

// A leaf's parts are added up once this many wait, even if nobody reads.
constexpr std::size_t kPendingMax = 32;

// About how many bytes a rollup holds in memory.
std::size_t bytes_of(const rollup::Rollup& rollup) {
  constexpr std::size_t kPerFeature = 400;
  constexpr std::size_t kPerCategory = 48;
  std::size_t bytes = kPerFeature + rollup.latency_ms.cells().size_bytes() + rollup.rows.bytes() +
                      rollup.hosts.categories().size() * kPerCategory;
  for (const auto& [pointer, feature] : rollup.features) {
    bytes += kPerFeature + pointer.size() + feature.numbers.cells().size_bytes() +
             feature.texts.categories().size() * kPerCategory;
  }
  return bytes;
}

}  // namespace

std::size_t RollupTree::NodeHash::operator()(const NodeId& id) const {
  constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15;
  std::uint64_t hash = id.segment * kOdd ^ static_cast<std::uint64_t>(id.place.level) << 56;
  hash = (hash ^ static_cast<std::uint64_t>(id.place.index)) * kOdd;
  return hash ^ hash >> 32;
}

RollupTree::RollupTree(store::Store& store, std::size_t bytes_max)
    : store_(store), bytes_max_(bytes_max) {}

Result<Window> RollupTree::read(const Segment& segment, TimeRange range) {
  Result<std::vector<std::string>> endpoints = endpoints_of(segment);
  if (!endpoints) return endpoints.error();
  Window window{range, {}};
  for (const std::string& endpoint : *endpoints) {
    Reader reader(*this, {segment.service, endpoint}, segment_number(segment.service, endpoint));
    Result<Sum> sum = reader.sum(bucket_number(range.from), bucket_number(range.to));
    if (!sum) return sum.error();
    if (*sum) window.endpoints.emplace(endpoint, std::move(*sum));
  }
  return window;
}

// Only endpoints that exist are given, so that questions about others leave nothing behind.
Result<std::vector<std::string>> RollupTree::endpoints_of(const Segment& segment) {
  std::unique_lock lock(mutex_);
  // From here on after() adds what is new; the store knows the rest.
  while (!endpoints_[segment.service].listed) {
    const std::uint64_t forgets = forgets_;
    lock.unlock();
    Result<std::vector<store::SegmentName>> names = store_.list_segments(segment.service);
    lock.lock();
    if (!names || (names->empty() && endpoints_[segment.service].names.empty())) {
      endpoints_.erase(segment.service);
      return names ? Result<std::vector<std::string>>(std::vector<std::string>()) : names.error();
    }
    if (forgets != forgets_) continue;  // They may be gone: ask again.
    Endpoints& endpoints = endpoints_[segment.service];
    endpoints.listed = true;
    for (store::SegmentName& name : *names) endpoints.names.insert(std::move(name.endpoint));
  }
  const std::set<std::string>& all = endpoints_[segment.service].names;
  if (!segment.endpoint) return std::vector<std::string>(all.begin(), all.end());
  if (!all.contains(*segment.endpoint)) return std::vector<std::string>();
  return std::vector{*segment.endpoint};
}

void RollupTree::before(std::span<const store::RollupKey> keys) {
  for (const store::RollupKey& key : keys) {
    const NodeId leaf{segment_number(key.service, key.endpoint),
                      place_of(0, bucket_number(key.bucket))};
    bool loaded = false;
    {
      const std::lock_guard lock(mutex_);
      loaded = find(leaf) != nullptr;
      if (loaded) writing_.insert(leaf);
    }
    if (loaded) continue;
    Result<Sum> sum = load_leaf({key.service, key.endpoint}, key.bucket);
    if (!sum) continue;  // after() will see that the leaf is not there.
    const std::lock_guard lock(mutex_);
    put(leaf, std::move(*sum));
    writing_.insert(leaf);
  }
}

Result<Sum> RollupTree::load_leaf(const store::SegmentFilter& filter, Time bucket) {
  rollup::RollupSum sum;
  std::optional<Error> failure;
  auto read = store_.read_rollups(filter, {bucket, bucket + rollup::kBucketWidth},
                                  [&](std::string_view, Time, std::string_view summary) {
                                    Result<rollup::Rollup> rollup = rollup::decode(summary);
                                    if (rollup) sum.add(*rollup);
                                    if (!rollup) failure = rollup.error();
                                    return rollup.has_value();
                                  });
  if (!read) return read.error();
  if (failure) return *failure;
  if (sum.empty()) return Sum();
  return std::make_shared<const rollup::Rollup>(sum.take());
}

void RollupTree::after(std::span<const ingest::BucketDelta> deltas, bool committed) {
  for (const ingest::BucketDelta& delta : deltas) {
    const NodeId leaf{segment_number(delta.key.service, delta.key.endpoint),
                      place_of(0, bucket_number(delta.key.bucket))};
    const std::lock_guard lock(mutex_);
    note_change(leaf.place.first());
    // Only now: whoever lists the store's endpoints from here on finds it there.
    if (const auto at = endpoints_.find(delta.key.service); at != endpoints_.end()) {
      at->second.names.insert(delta.key.endpoint);
    }
    for (Reading& reading : readings_) reading.changed.emplace_back(leaf.segment, leaf.place.index);
    erase_ancestors(leaf);
    Node* node = writing_.contains(leaf) ? find(leaf) : nullptr;
    if (node == nullptr || !committed) {
      // Not loaded, or it is not known what the store holds now: read it afresh.
      erase(leaf);
      continue;
    }
    node->pending.push_back(delta.rollup);
    if (node->pending.size() >= kPendingMax) settle(*node);
  }
}

void RollupTree::done(std::span<const store::RollupKey> /*keys*/) {
  const std::lock_guard lock(mutex_);
  writing_.clear();
  shrink();
}

void RollupTree::forget(Time before) {
  const std::int64_t first = bucket_number(before);
  const std::lock_guard lock(mutex_);
  for (Reading& reading : readings_) reading.forgotten = std::max(reading.forgotten, first);
  std::vector<NodeId> gone;
  for (const Node& node : nodes_) {
    const Place& place = node.id.place;
    if ((place.level == kSettled ? place.index : place.first()) < first) gone.push_back(node.id);
  }
  for (const NodeId& id : gone) erase(id);
  endpoints_.clear();
  ++forgets_;
  ++changes_anywhere_;
}

void RollupTree::note_change(std::int64_t bucket) {
  if (changes_.size() >= kChangedDaysMax) {
    for (const auto& [day, count] : std::exchange(changes_, {})) changes_anywhere_ += count;
  }
  ++changes_[place_of(kTopLevel, bucket).index];
}

std::uint64_t RollupTree::changes(TimeRange range) const {
  if (range.from >= range.to) return 0;
  const std::int64_t last = place_of(kTopLevel, bucket_number(range.to) - 1).index;
  const std::lock_guard lock(mutex_);
  std::uint64_t changes = changes_anywhere_;
  auto at = changes_.lower_bound(place_of(kTopLevel, bucket_number(range.from)).index);
  for (; at != changes_.end() && at->first <= last; ++at) changes += at->second;
  return changes;
}

std::uint32_t RollupTree::segment_number(const std::string& service, const std::string& endpoint) {
  const std::lock_guard lock(mutex_);
  const std::string name = service + '\0' + endpoint;
  return segments_.try_emplace(name, static_cast<std::uint32_t>(segments_.size())).first->second;
}

RollupTree::Node* RollupTree::find(const NodeId& id) {
  const auto at = index_.find(id);
  if (at == index_.end()) return nullptr;
  nodes_.splice(nodes_.begin(), nodes_, at->second);
  return &*at->second;
}

void RollupTree::put(const NodeId& id, Sum sum,
                     std::vector<std::weak_ptr<const rollup::Rollup>> parts, Room room) {
  if (index_.contains(id)) return;  // A leaf that is there may know more already.
  constexpr std::size_t kNodeBytes = 200;
  const std::size_t bytes = kNodeBytes + (sum ? bytes_of(*sum) : 0);
  if (room == Room::kIfFree && figures_.bytes + bytes > bytes_max_) return;
  nodes_.push_front({id, std::move(sum), {}, std::move(parts), bytes});
  index_[id] = nodes_.begin();
  figures_.bytes += bytes;
  shrink();
}

void RollupTree::erase(const NodeId& id) {
  const auto at = index_.find(id);
  if (at == index_.end()) return;
  figures_.bytes -= at->second->bytes;
  nodes_.erase(at->second);
  index_.erase(at);
}

void RollupTree::erase_ancestors(const NodeId& leaf) {
  for (int level = 1; level <= kTopLevel; ++level) {
    erase({leaf.segment, place_of(level, leaf.place.index)});
  }
}

void RollupTree::settle(Node& node) {
  if (node.pending.empty()) return;
  rollup::RollupSum sum;
  if (node.sum) sum.add(*node.sum);
  for (const Sum& part : node.pending) sum.add(*part);
  node.pending.clear();
  node.sum = std::make_shared<const rollup::Rollup>(sum.take());
  const std::size_t bytes = bytes_of(*node.sum);
  figures_.bytes += bytes - node.bytes;
  node.bytes = bytes;
}

void RollupTree::shrink() {
  auto node = nodes_.end();
  while (figures_.bytes > bytes_max_ && node != nodes_.begin()) {
    --node;
    if (writing_.contains(node->id)) continue;
    const NodeId id = node->id;
    ++node;
    erase(id);
  }
}

RollupTreeFigures RollupTree::figures() const {
  const std::lock_guard lock(mutex_);
  RollupTreeFigures figures = figures_;
  figures.nodes = nodes_.size();
  return figures;
}

}  // namespace driftguard::window
