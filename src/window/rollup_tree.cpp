// SPDX-License-Identifier: Apache-2.0
#include "window/rollup_tree.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "rollup/bucket.h"

namespace driftguard::window {
namespace {

// A leaf's parts are added up once this many wait, even if nobody reads.
constexpr std::size_t kPendingMax = 32;

std::int64_t bucket_number(Time bucket) { return bucket.time_since_epoch() / rollup::kBucketWidth; }
Time bucket_time(std::int64_t number) { return Time{} + number * rollup::kBucketWidth; }

// About how many bytes a rollup holds in memory.
std::size_t bytes_of(const rollup::Rollup& rollup) {
  constexpr std::size_t kPerFeature = 400;
  constexpr std::size_t kPerCategory = 48;
  std::size_t bytes = kPerFeature + rollup.latency_ms.cells().size_bytes();
  for (const auto& [pointer, feature] : rollup.features) {
    bytes += kPerFeature + pointer.size() + feature.numbers.cells().size_bytes() +
             feature.texts.categories().size() * kPerCategory;
  }
  return bytes;
}

std::shared_ptr<const rollup::Rollup> added(const std::shared_ptr<const rollup::Rollup>& a,
                                            const std::shared_ptr<const rollup::Rollup>& b) {
  if (!a || !b) return a ? a : b;
  rollup::RollupSum sum;
  sum.add(*a);
  sum.add(*b);
  return std::make_shared<const rollup::Rollup>(sum.take());
}

}  // namespace

std::size_t RollupTree::NodeHash::operator()(const NodeId& id) const {
  constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15;
  std::uint64_t hash = id.segment * kOdd ^ static_cast<std::uint64_t>(id.level) << 56;
  hash = (hash ^ static_cast<std::uint64_t>(id.index)) * kOdd;
  return hash ^ hash >> 32;
}

// One read of one (service, endpoint).
class RollupTree::Reader final {
 public:
  Reader(RollupTree& tree, store::SegmentFilter filter, std::uint32_t segment)
      : tree_(tree), filter_(std::move(filter)), segment_(segment) {
    const std::lock_guard lock(tree_.mutex_);
    reading_ = tree_.readings_.emplace(tree_.readings_.end());
  }
  ~Reader() {
    const std::lock_guard lock(tree_.mutex_);
    tree_.readings_.erase(reading_);
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  Result<Sum> sum(std::int64_t first, std::int64_t last) {
    const std::int64_t settled_end = std::max(first, last - kUnsettledBuckets);
    Parts parts;
    if (auto read = gather(first, settled_end, &parts); !read) return read.error();
    const Sum settled = settled_sum(first, parts);
    Parts rest;
    for (std::int64_t bucket = settled_end; bucket < last; ++bucket) {
      if (auto read = gather(bucket, bucket + 1, &rest); !read) return read.error();
    }
    return sum_of(settled, rest);
  }

 private:
  using Parts = std::vector<Sum>;  // None of them null.

  // Appends what buckets [first, last) hold, by the largest aligned nodes inside.
  Result<void> gather(std::int64_t first, std::int64_t last, Parts* parts) {
    while (first < last) {
      int level = 0;
      while (level < kLevels && first % (std::int64_t{2} << level) == 0 &&
             first + (std::int64_t{2} << level) <= last) {
        ++level;
      }
      Result<Sum> part = node({segment_, level, first >> level});
      if (!part) return part.error();
      if (*part) parts->push_back(std::move(*part));
      first += std::int64_t{1} << level;
    }
    return {};
  }

  static Sum sum_of(const Sum& begin, std::span<const Sum> parts) {
    if (parts.empty()) return begin;
    if (!begin && parts.size() == 1) return parts.front();
    rollup::RollupSum sum;
    if (begin) sum.add(*begin);
    for (const Sum& part : parts) sum.add(*part);
    return std::make_shared<const rollup::Rollup>(sum.take());
  }

  // The sum of `parts`, from what was kept the last time if it was a sum of the first of them.
  Sum settled_sum(std::int64_t first, const Parts& parts) {
    if (parts.size() < 2) return sum_of(nullptr, parts);
    const NodeId id{segment_, kSettled, first};
    Sum begin;
    std::size_t known = 0;
    {
      const std::lock_guard lock(tree_.mutex_);
      const Node* kept = tree_.find(id);
      const auto same = [](const auto& old, const Sum& part) { return old.lock() == part; };
      if (kept != nullptr && kept->parts.size() <= parts.size() &&
          std::equal(kept->parts.begin(), kept->parts.end(), parts.begin(), same)) {
        begin = kept->sum;
        known = kept->parts.size();
      }
    }
    if (begin && known == parts.size()) return begin;
    Sum sum = sum_of(begin, std::span(parts).subspan(known));
    const std::lock_guard lock(tree_.mutex_);
    if (first < reading_->forgotten) return sum;
    tree_.erase(id);
    tree_.put(id, sum, {parts.begin(), parts.end()});
    return sum;
  }

  // The buckets of a cold stretch, read in one go.
  struct Stretch {
    std::int64_t first = 0;
    std::int64_t last = 0;
    std::map<std::int64_t, rollup::RollupSum> buckets;
  };

  Result<Sum> node(const NodeId& id) {
    if (const std::optional<Sum> kept = cached(id)) return *kept;
    const std::int64_t first = id.index << id.level;
    const std::int64_t last = (id.index + 1) << id.level;
    const bool stretched = stretch_.first <= first && last <= stretch_.last;
    if (!stretched && (id.level == 0 || cold_below(id))) {
      if (auto read = read_stretch(first, last); !read) return read.error();
    } else if (stretched && !holds_buckets(first, last)) {
      keep(id, nullptr);
      return Sum();
    }
    Sum sum;
    if (id.level == 0) {
      const auto at = stretch_.buckets.find(first);
      if (at != stretch_.buckets.end()) {
        sum = std::make_shared<const rollup::Rollup>(at->second.take());
        stretch_.buckets.erase(at);
      }
    } else {
      Result<Sum> left = node({id.segment, id.level - 1, id.index * 2});
      if (!left) return left;
      Result<Sum> right = node({id.segment, id.level - 1, id.index * 2 + 1});
      if (!right) return right;
      sum = added(*left, *right);
    }
    keep(id, sum);
    return sum;
  }

  std::optional<Sum> cached(const NodeId& id) {
    const std::lock_guard lock(tree_.mutex_);
    Node* kept = tree_.find(id);
    ++(kept != nullptr ? tree_.figures_.hits : tree_.figures_.misses);
    if (kept == nullptr) return std::nullopt;
    tree_.settle(*kept);
    return kept->sum;
  }

  bool cold_below(const NodeId& id) {
    const std::lock_guard lock(tree_.mutex_);
    return tree_.find({id.segment, id.level - 1, id.index * 2}) == nullptr &&
           tree_.find({id.segment, id.level - 1, id.index * 2 + 1}) == nullptr;
  }

  bool holds_buckets(std::int64_t first, std::int64_t last) const {
    const auto at = stretch_.buckets.lower_bound(first);
    return at != stretch_.buckets.end() && at->first < last;
  }

  Result<void> read_stretch(std::int64_t first, std::int64_t last) {
    stretch_ = {first, last, {}};
    std::optional<Error> failure;
    auto read =
        tree_.store_.read_rollups(filter_, {bucket_time(first), bucket_time(last)},
                                  [&](std::string_view, Time bucket, std::string_view summary) {
                                    Result<rollup::Rollup> rollup = rollup::decode(summary);
                                    if (!rollup) {
                                      failure = rollup.error();
                                      return false;
                                    }
                                    stretch_.buckets[bucket_number(bucket)].add(*rollup);
                                    return true;
                                  });
    if (failure) return *failure;
    return read;
  }

  // Keeps the sum, unless a commit changed a bucket of it meanwhile.
  void keep(const NodeId& id, Sum sum) {
    const std::lock_guard lock(tree_.mutex_);
    if (id.index << id.level < reading_->forgotten) return;
    for (const auto& [segment, bucket] : reading_->changed) {
      if (segment == id.segment && bucket >> id.level == id.index) return;
    }
    tree_.put(id, std::move(sum));
  }

  RollupTree& tree_;
  const store::SegmentFilter filter_;
  const std::uint32_t segment_;
  std::list<Reading>::iterator reading_;
  Stretch stretch_;
};

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
    const NodeId leaf{segment_number(key.service, key.endpoint), 0, bucket_number(key.bucket)};
    bool loaded = false;
    {
      const std::lock_guard lock(mutex_);
      loaded = find(leaf) != nullptr;
      if (loaded) writing_.push_back(leaf);
    }
    if (loaded) continue;
    Result<Sum> sum = load_leaf({key.service, key.endpoint}, key.bucket);
    if (!sum) continue;  // after() will see that the leaf is not there.
    const std::lock_guard lock(mutex_);
    put(leaf, std::move(*sum));
    writing_.push_back(leaf);
  }
}

Result<RollupTree::Sum> RollupTree::load_leaf(const store::SegmentFilter& filter, Time bucket) {
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
    const NodeId leaf{segment_number(delta.key.service, delta.key.endpoint), 0,
                      bucket_number(delta.key.bucket)};
    const std::lock_guard lock(mutex_);
    // Only now: whoever lists the store's endpoints from here on finds it there.
    if (const auto at = endpoints_.find(delta.key.service); at != endpoints_.end()) {
      at->second.names.insert(delta.key.endpoint);
    }
    for (Reading& reading : readings_) reading.changed.emplace_back(leaf.segment, leaf.index);
    erase_ancestors(leaf);
    const bool loaded = std::find(writing_.begin(), writing_.end(), leaf) != writing_.end();
    Node* node = loaded ? find(leaf) : nullptr;
    if (node == nullptr || !committed) {
      // Not loaded, or it is not known what the store holds now: read it afresh.
      erase(leaf);
      continue;
    }
    node->pending.push_back(delta.rollup);
    if (node->pending.size() >= kPendingMax) settle(*node);
  }
}

void RollupTree::done() {
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
    if (node.id.level == kSettled ? node.id.index < first
                                  : node.id.index << node.id.level < first) {
      gone.push_back(node.id);
    }
  }
  for (const NodeId& id : gone) erase(id);
  endpoints_.clear();
  ++forgets_;
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
                     std::vector<std::weak_ptr<const rollup::Rollup>> parts) {
  if (index_.contains(id)) return;  // A leaf that is there may know more already.
  constexpr std::size_t kNodeBytes = 200;
  const std::size_t bytes = kNodeBytes + (sum ? bytes_of(*sum) : 0);
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
  for (int level = 1; level <= kLevels; ++level) {
    erase({leaf.segment, level, leaf.index >> level});
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
    if (std::find(writing_.begin(), writing_.end(), node->id) != writing_.end()) continue;
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
