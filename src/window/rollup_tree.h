// SPDX-License-Identifier: Apache-2.0
// Sums of rollups, kept in memory so that a poll reads only what changed.
//
// The buckets of each (service, endpoint) are the leaves of a tree over time (place.h); a node
// keeps the sum of what lies below. A window is then the sum of a few large nodes and a few small
// ones. What is not in memory is read from the store, as the sums of hours and minutes that it
// keeps. A commit changes one leaf and makes the nodes above it void, nothing else. What a window
// adds up to without its last buckets, which still change, is kept as well: a poll adds those to
// it. Everything here is a cache: it can be dropped at any moment, and is, least recently used
// first, beyond its bytes.
//
// Only right for a store whose writers all live in this process (Store::exclusive()).
#pragma once

#include <cstdint>
#include <limits>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "ingest/committer.h"
#include "rollup/bucket.h"
#include "store/store.h"
#include "window/assembly.h"
#include "window/window.h"

namespace driftguard::window {

inline std::int64_t bucket_number(Time bucket) {
  return bucket.time_since_epoch() / rollup::kBucketWidth;
}
inline Time bucket_time(std::int64_t number) { return Time{} + number * rollup::kBucketWidth; }

struct RollupTreeFigures {
  std::size_t bytes = 0;
  std::size_t nodes = 0;
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;
  std::uint64_t store_reads = 0;     // Calls of the store to make nodes.
  std::uint64_t summaries_read = 0;  // What those calls gave: sums and buckets.
};

// Thread-safe. The store must outlive it. before() and after() are called by the only writer.
class RollupTree final : public ingest::CommitObserver {
 public:
  RollupTree(store::Store& store, std::size_t bytes_max);

  // The window over `range`, which must be whole buckets.
  Result<Window> read(const Segment& segment, TimeRange range);

  // Loads the leaves that the commit will change, so that they can be kept up to date.
  void before(std::span<const store::RollupKey> keys) override;
  void after(std::span<const ingest::BucketDelta> deltas, bool committed) override;
  void done(std::span<const store::RollupKey> keys) override;

  // Buckets that begin before `before` are gone from the store, all or some: forgets all sums over
  // them, and endpoints that may have gone with them. Called after the store has dropped them.
  void forget(Time before);

  // Grows when something within `range` changes in the store; may grow for changes of other
  // services, or elsewhere on its days. For what is remembered of a range outside of the tree.
  std::uint64_t changes(TimeRange range) const;

  RollupTreeFigures figures() const;

 private:
  // The level of the nodes that keep the settled part of a window that begins at bucket `index`.
  static constexpr int kSettled = -1;
  // A window's last buckets, which are added each time.
  static constexpr std::int64_t kUnsettledBuckets = 2;
  static constexpr std::size_t kChangedDaysMax = 10'000;

  struct NodeId {
    std::uint32_t segment;
    Place place;
    friend bool operator==(const NodeId&, const NodeId&) = default;
  };
  // Whether a node may drive out others to be kept. Those made on the way to what was asked for
  // may not: they are read again in no time.
  enum class Room { kMake, kIfFree };
  struct NodeHash {
    std::size_t operator()(const NodeId& id) const;
  };
  struct Node {
    NodeId id;
    Sum sum;
    std::vector<Sum> pending;  // A leaf's further parts, not added yet.
    // What a settled node is the sum of: it holds as long as the window has the same parts.
    std::vector<std::weak_ptr<const rollup::Rollup>> parts;
    std::size_t bytes = 0;
  };
  using Nodes = std::list<Node>;  // Most recently used first.
  // Buckets that changed while a read was under way; sums over them must not be kept.
  struct Reading {
    std::vector<std::pair<std::uint32_t, std::int64_t>> changed;
    std::int64_t forgotten = std::numeric_limits<std::int64_t>::min();  // Buckets before it.
  };
  struct Endpoints {
    bool listed = false;  // Whether the store has been asked.
    std::set<std::string> names;
  };
  class Reader;

  std::uint32_t segment_number(const std::string& service, const std::string& endpoint);
  Result<std::vector<std::string>> endpoints_of(const Segment& segment);
  Result<Sum> load_leaf(const store::SegmentFilter& filter, Time bucket);
  Node* find(const NodeId& id);
  void put(const NodeId& id, Sum sum, std::vector<std::weak_ptr<const rollup::Rollup>> parts = {},
           Room room = Room::kMake);
  void erase(const NodeId& id);
  void erase_ancestors(const NodeId& leaf);
  void settle(Node& node);
  void note_change(std::int64_t bucket);
  void shrink();

  store::Store& store_;
  const std::size_t bytes_max_;

  mutable std::mutex mutex_;  // Guards all below.
  std::unordered_map<std::string, std::uint32_t> segments_;
  Nodes nodes_;
  std::unordered_map<NodeId, Nodes::iterator, NodeHash> index_;
  std::list<Reading> readings_;
  // Leaves loaded by before(): not to be dropped until after().
  std::unordered_set<NodeId, NodeHash> writing_;
  std::map<std::string, Endpoints> endpoints_;  // Of the services read so far.
  std::uint64_t forgets_ = 0;
  std::map<std::int64_t, std::uint64_t> changes_;  // By day: places of kTopLevel.
  std::uint64_t changes_anywhere_ = 0;
  RollupTreeFigures figures_;
};

}  // namespace driftguard::window
