// SPDX-License-Identifier: Apache-2.0
#include "window/tree_reader.h"

#include <algorithm>
#include <utility>

namespace driftguard::window {

RollupTree::Reader::Reader(RollupTree& tree, store::SegmentFilter filter, std::uint32_t segment)
    : tree_(tree), filter_(std::move(filter)), segment_(segment) {
  const std::lock_guard lock(tree_.mutex_);
  reading_ = tree_.readings_.emplace(tree_.readings_.end());
}

RollupTree::Reader::~Reader() {
  const std::lock_guard lock(tree_.mutex_);
  tree_.readings_.erase(reading_);
}

Result<Sum> RollupTree::Reader::sum(std::int64_t first, std::int64_t last) {
  const std::int64_t settled_end = std::max(first, last - kUnsettledBuckets);
  Parts parts;
  if (auto read = gather(cover(first, settled_end), &parts); !read) return read.error();
  Parts rest;
  for (std::int64_t bucket = settled_end; bucket < last; ++bucket) {
    const Place leaf = place_of(0, bucket);
    if (auto read = gather({&leaf, 1}, &rest); !read) return read.error();
  }
  if (const Sum settled = settled_sum(first, parts)) rest.insert(rest.begin(), settled);
  return sum_of(rest);
}

// Appends what these places hold, which lie one behind the other. Neighbours of which nothing is
// known are read from the store together.
Result<void> RollupTree::Reader::gather(std::span<const Place> places, Parts* parts) {
  while (!places.empty()) {
    std::size_t count = 0;
    std::optional<Sum> kept;
    while (count < places.size() && !(kept = cached(places[count])) && cold(places[count])) ++count;
    if (count > 0) {
      if (auto read = read_store(places.first(count), parts); !read) return read;
      places = places.subspan(count);
    }
    if (places.empty()) return {};
    if (!kept) {
      Result<Sum> sum = sum_of_children(places.front());
      if (!sum) return sum.error();
      kept = *std::move(sum);
    }
    if (*kept) parts->push_back(*std::move(kept));
    places = places.subspan(1);
  }
  return {};
}

Result<Sum> RollupTree::Reader::sum_of_children(const Place& place) {
  Parts parts;
  if (auto read = gather(children_of(place), &parts); !read) return read.error();
  Sum sum = sum_of(parts);
  keep(place, sum, Room::kMake);
  return sum;
}

// One call of the store, whatever its length: it gives sums of hours and minutes where it has them.
Result<void> RollupTree::Reader::read_store(std::span<const Place> places, Parts* parts) {
  Assembly assembly(places, [&](const Place& place, Sum sum, bool wanted) {
    if (wanted && sum) parts->push_back(sum);
    keep(place, std::move(sum), wanted ? Room::kMake : Room::kIfFree);
  });
  std::optional<Error> failure;
  std::uint64_t summaries = 0;
  auto read = tree_.store_.read_sums(
      filter_, {bucket_time(places.front().first()), bucket_time(places.back().last())},
      [&](std::string_view, Time begins, std::chrono::seconds width, std::string_view summary) {
        Result<rollup::Rollup> rollup = rollup::decode(summary);
        if (!rollup) {
          failure = rollup.error();
          return false;
        }
        ++summaries;
        assembly.add(bucket_number(begins), level_of(width),
                     std::make_shared<const rollup::Rollup>(*std::move(rollup)));
        return true;
      });
  {
    const std::lock_guard lock(tree_.mutex_);
    ++tree_.figures_.store_reads;
    tree_.figures_.summaries_read += summaries;
  }
  if (failure) return *failure;
  if (!read) return read;
  assembly.finish();
  return {};
}

// The sum of `parts`, from what was kept the last time if it was a sum of the first of them.
Sum RollupTree::Reader::settled_sum(std::int64_t first, const Parts& parts) {
  if (parts.size() < 2) return sum_of(parts);
  const NodeId id{segment_, {kSettled, first}};
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
  Parts left(parts.begin() + static_cast<std::ptrdiff_t>(known), parts.end());
  if (begin) left.insert(left.begin(), begin);
  Sum sum = sum_of(left);
  const std::lock_guard lock(tree_.mutex_);
  if (first < reading_->forgotten) return sum;
  tree_.erase(id);
  tree_.put(id, sum, {parts.begin(), parts.end()});
  return sum;
}

std::optional<Sum> RollupTree::Reader::cached(const Place& place) {
  const std::lock_guard lock(tree_.mutex_);
  Node* kept = tree_.find({segment_, place});
  ++(kept != nullptr ? tree_.figures_.hits : tree_.figures_.misses);
  if (kept == nullptr) return std::nullopt;
  tree_.settle(*kept);
  return kept->sum;
}

// Whether nothing is known of what the place, which is not cached, is made of.
bool RollupTree::Reader::cold(const Place& place) {
  const std::vector<Place> children = children_of(place);
  const std::lock_guard lock(tree_.mutex_);
  return std::none_of(children.begin(), children.end(), [&](const Place& child) {
    return tree_.find({segment_, child}) != nullptr;
  });
}

// Keeps the sum, unless a commit changed a bucket of it meanwhile.
void RollupTree::Reader::keep(const Place& place, Sum sum, Room room) {
  const std::lock_guard lock(tree_.mutex_);
  if (place.first() < reading_->forgotten) return;
  for (const auto& [segment, bucket] : reading_->changed) {
    if (segment == segment_ && place_of(place.level, bucket) == place) return;
  }
  tree_.put({segment_, place}, std::move(sum), {}, room);
}

}  // namespace driftguard::window
