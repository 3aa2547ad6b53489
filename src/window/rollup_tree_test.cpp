// SPDX-License-Identifier: Apache-2.0
#include "window/rollup_tree.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <random>

#include "store/rocksdb/rocks_store.h"

namespace driftguard::window {
namespace {

constexpr std::int64_t kDay = 8640;  // In buckets.
constexpr std::int64_t kHour = 360;

// A store, a tree on it, and what went through both.
class RollupTreeTest : public ::testing::Test {
 protected:
  RollupTreeTest() : seed_(std::random_device{}()), random_(seed_) {
    std::string name = (std::filesystem::temp_directory_path() / "tree_test.XXXXXX").string();
    if (::mkdtemp(name.data())) directory_ = name;
    store::RocksOptions options;
    options.directory = directory_.string();
    store_ = *store::open_rocks_store(options, rollup::merge_encoded);
    forget_all();
  }
  ~RollupTreeTest() override {
    store_.reset();
    std::filesystem::remove_all(directory_);
  }

  void forget_all(std::size_t bytes_max = 64u << 20) {
    tree_ = std::make_unique<RollupTree>(*store_, bytes_max);
  }
  // One event with this value in each of the buckets, in one commit that the tree sees.
  void commit(const std::vector<std::int64_t>& buckets, double value,
              const std::string& endpoint = "/e") {
    std::vector<ingest::BucketDelta> deltas;
    std::vector<store::RollupKey> keys;
    std::vector<store::RollupDelta> stored;
    for (const std::int64_t bucket : buckets) {
      values_[bucket].push_back(value);
      auto rollup = std::make_shared<const rollup::Rollup>(rollup_of({value}));
      keys.push_back({"pay", endpoint, bucket_time(bucket)});
      stored.push_back({keys.back(), rollup::encode(*rollup)});
      deltas.push_back({keys.back(), std::move(rollup), {}});
    }
    tree_->before(keys);
    ASSERT_TRUE(store_->commit({{}, stored, {}}));
    tree_->after(deltas, true);
    tree_->done({});
  }
  void commit(std::int64_t bucket, double value) { commit(std::vector{bucket}, value); }
  void commit_every(std::int64_t step, std::int64_t first, std::int64_t last) {
    std::vector<std::int64_t> buckets;
    for (std::int64_t bucket = first; bucket < last; bucket += step) buckets.push_back(bucket);
    commit(buckets, 1);
  }
  void make_sums(std::int64_t before) {
    Result<std::size_t> tried = 1000;
    while (tried && *tried == 1000) tried = store_->make_sums(bucket_time(before), 1000);
    ASSERT_TRUE(tried) << tried.error().detail;
  }

  static rollup::Rollup rollup_of(std::vector<double> values) {
    rollup::Rollup rollup;
    rollup.events = values.size();
    if (!values.empty()) rollup.features["/a"].numbers = sketch::NumericSummary::of(values);
    return rollup;
  }
  // What the window has to be.
  rollup::Rollup expected(std::int64_t first, std::int64_t last) const {
    std::vector<double> values;
    for (auto at = values_.lower_bound(first); at != values_.end() && at->first < last; ++at) {
      values.insert(values.end(), at->second.begin(), at->second.end());
    }
    return rollup_of(values);
  }
  rollup::Rollup read(std::int64_t first, std::int64_t last) {
    auto window = tree_->read({"pay", {}, {}}, {bucket_time(first), bucket_time(last)});
    EXPECT_TRUE(window) << window.error().detail;
    return window ? window->total() : rollup::Rollup();
  }
  // Reads the window, which must be right; gives how many summaries the store was asked for.
  std::uint64_t summaries_for(std::int64_t first, std::int64_t last) {
    const std::uint64_t before = tree_->figures().summaries_read;
    EXPECT_EQ(read(first, last), expected(first, last)) << first << " " << last;
    return tree_->figures().summaries_read - before;
  }

  const std::uint64_t seed_;
  std::mt19937_64 random_;
  std::filesystem::path directory_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<RollupTree> tree_;
  std::map<std::int64_t, std::vector<double>> values_;  // By bucket.
};

TEST_F(RollupTreeTest, EndpointsThatComeAfterAReadAreSeen) {
  commit({0}, 1, "/first");
  EXPECT_EQ(read(0, 6), expected(0, 6));
  commit({1}, 2, "/later");
  EXPECT_EQ(read(0, 6), expected(0, 6));
}

TEST_F(RollupTreeTest, RandomWindowsAreTheSumsOfTheirBuckets) {
  SCOPED_TRACE(testing::Message() << "seed " << seed_);
  const auto bucket = [&] { return static_cast<std::int64_t>(random_() % (3 * kDay)) - kDay; };
  for (int round = 0; round < 300; ++round) {
    for (int i = 0; i < 3; ++i) commit(bucket(), static_cast<double>(random_() % 9));
    if (round % 40 == 0) make_sums(bucket());
    if (round % 50 == 0) forget_all(random_() % 2 ? 64u << 20 : 20'000);
    const std::int64_t first = bucket();
    const std::int64_t last = first + 1 + static_cast<std::int64_t>(random_() % kDay);
    ASSERT_EQ(read(first, last), expected(first, last)) << first << " " << last;
    ASSERT_EQ(read(first, last), expected(first, last)) << "again " << first << " " << last;
  }
}

TEST_F(RollupTreeTest, AColdWeekIsReadAsHoursAtOnce) {
  commit_every(3, 0, 7 * kDay);
  make_sums(7 * kDay);
  forget_all();
  // All but the last two buckets, whose minute and hour are not whole then.
  EXPECT_LE(summaries_for(0, 7 * kDay), 7 * 24 - 1 + 59 + 6u);
  EXPECT_LE(tree_->figures().store_reads, 4u);
  EXPECT_EQ(summaries_for(0, 7 * kDay), 0u);
}

TEST_F(RollupTreeTest, WithoutSumsItIsReadFromBuckets) {
  commit_every(60, 0, 7 * kDay);
  forget_all();
  EXPECT_EQ(summaries_for(0, 7 * kDay), 7u * 24 * 6);
}

TEST_F(RollupTreeTest, APollReadsNothingOfWhatACommitToldTheTree) {
  commit_every(60, 0, 7 * kDay);
  make_sums(7 * kDay);
  forget_all();
  summaries_for(0, 7 * kDay);
  commit(7 * kDay - 1, 2);
  EXPECT_EQ(summaries_for(0, 7 * kDay), 0u);
  commit(7 * kDay - 1, 3);
  EXPECT_EQ(summaries_for(0, 7 * kDay), 0u);
}

TEST_F(RollupTreeTest, ASlidingWindowReadsWhatIsNewAtItsEnds) {
  commit_every(1, 0, 2 * kDay);
  make_sums(2 * kDay);
  forget_all();
  summaries_for(0, kDay);
  for (std::int64_t i = 1; i < 20; ++i) {
    commit(kDay + i - 1, 5);
    EXPECT_LE(summaries_for(i, kDay + i), i == 1 ? 100u : 10u) << i;
  }
}

TEST_F(RollupTreeTest, ALateEventCostsItsOwnHour) {
  commit_every(1, 0, 2 * kDay);
  make_sums(2 * kDay);
  forget_all();
  summaries_for(0, 2 * kDay);
  commit(5 * kHour + 100, 9);
  EXPECT_LE(summaries_for(0, 2 * kDay), 59 + 6u);
  make_sums(2 * kDay);
  forget_all();
  EXPECT_LE(summaries_for(0, 2 * kDay), 2 * 24 - 1 + 59 + 6u);
}

TEST_F(RollupTreeTest, ChangesAreCountedWhereTheyCame) {
  const TimeRange day{bucket_time(0), bucket_time(kDay)};
  const TimeRange next{bucket_time(kDay), bucket_time(2 * kDay)};
  EXPECT_EQ(tree_->changes(day), tree_->changes(day));
  const std::uint64_t before = tree_->changes(day);
  const std::uint64_t before_next = tree_->changes(next);
  commit(kDay - 1, 1);
  EXPECT_GT(tree_->changes(day), before);
  EXPECT_EQ(tree_->changes(next), before_next);
  const std::uint64_t kept = tree_->changes(next);
  tree_->forget(bucket_time(1));
  EXPECT_GT(tree_->changes(next), kept);
}

TEST_F(RollupTreeTest, MemoryIsBoundedAndWhatWasAskedForStays) {
  commit_every(6, 0, 2 * kDay);
  forget_all(10'000);  // A few nodes.
  for (int i = 0; i < 3; ++i) {
    summaries_for(0, 2 * kDay);
    EXPECT_LE(tree_->figures().bytes, 10'000u);
  }
  forget_all(1u << 20);
  summaries_for(0, 2 * kDay);
  EXPECT_EQ(summaries_for(0, 2 * kDay), 0u);
}

}  // namespace
}  // namespace driftguard::window
