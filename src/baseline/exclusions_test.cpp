// SPDX-License-Identifier: Apache-2.0
#include "baseline/exclusions.h"

#include <future>
#include <random>

#include "baseline/testing_store.h"
#include "rollup/bucket.h"

namespace driftguard::baseline {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class ExclusionsTest : public StoreTest {
 protected:
  TimeRange at(int from_s, int to_s) const {
    return {start_ + seconds(from_s), start_ + seconds(to_s)};
  }
};

TEST_F(ExclusionsTest, TheRestIsWhatNoExclusionTouches) {
  EXPECT_EQ(rest_of(at(0, 100), {}), (std::vector{at(0, 100)}));
  EXPECT_EQ(rest_of(at(0, 100), {at(25, 31)}), (std::vector{at(0, 20), at(40, 100)}));
  EXPECT_EQ(rest_of(at(0, 100), {at(90, 200), at(-50, 10)}), (std::vector{at(10, 90)}));
  EXPECT_EQ(rest_of(at(0, 100), {at(50, 60), at(10, 20), at(15, 55)}),
            (std::vector{at(0, 10), at(60, 100)}));
  EXPECT_TRUE(rest_of(at(0, 100), {at(-10, 110)}).empty());
  EXPECT_EQ(rest_of(at(0, 100), {at(50, 50), at(100, 200)}), (std::vector{at(0, 100)}));
}

// The property that exclusions rest on: less some buckets is the sum of the others, byte for byte.
TEST_F(ExclusionsTest, ASumWithoutBucketsIsTheSumOfTheRest) {
  const auto seed = std::random_device{}();
  std::mt19937_64 random(seed);
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::string lines;
  for (int i = 0; i < 4000; ++i) {
    lines += event(start_ + minutes(random() % 200) + seconds(random() % 60),
                   static_cast<double>(random() % 100'000) / 64, random() % 2 ? "/a" : "/b");
  }
  ingest::Batch batch;
  const auto buckets = fold(lines, &batch);
  store(lines);
  for (int round = 0; round < 50; ++round) {
    const TimeRange range = at(static_cast<int>(random() % 3000), 9000);
    std::vector<TimeRange> excluded;
    for (std::size_t i = random() % 8; i > 0; --i) {
      const int from = static_cast<int>(random() % 12'000);
      excluded.push_back(at(from, from + 1 + static_cast<int>(random() % 900)));
    }
    std::map<std::string, rollup::RollupSum> sums;
    for (const auto& bucket : buckets) {
      const TimeRange whole{bucket.key.bucket, bucket.key.bucket + rollup::kBucketWidth};
      const auto overlaps = [&](const TimeRange& one) {
        return one.from < whole.to && whole.from < one.to;
      };
      const bool out = std::any_of(excluded.begin(), excluded.end(), overlaps);
      if (overlaps(range) && !out) sums[bucket.key.endpoint].add(*bucket.rollup);
    }
    const auto rest = read_stretches(*windows_, "pay", rest_of(range, excluded));
    ASSERT_TRUE(rest) << rest.error().detail;
    ASSERT_EQ(rest->endpoints.size(), sums.size());
    for (auto& [endpoint, sum] : sums) {
      EXPECT_EQ(rollup::encode(*rest->endpoints.at(endpoint)), rollup::encode(sum.take()));
    }
  }
}

TEST_F(ExclusionsTest, WhatIsAddedIsListedUntilItIsRemoved) {
  const auto first = exclusions_->add("pay", at(0, 60), "load test");
  const auto second = exclusions_->add("pay", at(100, 200), "");
  ASSERT_TRUE(first && second);
  EXPECT_EQ(exclusions_->list("pay")->size(), 2u);
  EXPECT_TRUE(exclusions_->list("other")->empty());
  ASSERT_TRUE(exclusions_->remove("pay", first->id));
  const auto left = exclusions_->list("pay");
  ASSERT_EQ(left->size(), 1u);
  EXPECT_EQ(left->front().range, at(100, 200));
  EXPECT_EQ(left->front().created_at, start_);
  EXPECT_EQ(exclusions_->remove("pay", first->id).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(exclusions_->add("pay", at(0, 60), "")->id, 3);  // Numbers are not used again.
}

TEST_F(ExclusionsTest, WhatMakesNoSenseIsRefused) {
  EXPECT_EQ(exclusions_->add("pay", at(60, 60), "").error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(exclusions_->add("pay", at(0, 60), std::string(501, 'x')).error().code,
            ErrorCode::kInvalidArgument);
  for (std::size_t i = 0; i < Exclusions::kKeptMax; ++i) {
    ASSERT_TRUE(exclusions_->add("pay", at(0, 60), ""));
  }
  EXPECT_EQ(exclusions_->add("pay", at(0, 60), "").error().code, ErrorCode::kTooLarge);
}

TEST_F(ExclusionsTest, ThoseWhoAddAtOnceLoseNothing) {
  std::vector<std::future<Result<Exclusion>>> added;
  for (int i = 0; i < 4; ++i) {
    added.push_back(std::async(std::launch::async,
                               [&, i] { return exclusions_->add("pay", at(i, i + 1), ""); }));
  }
  for (auto& one : added) EXPECT_TRUE(one.get());
  EXPECT_EQ(exclusions_->list("pay")->size(), 4u);
}

TEST_F(ExclusionsTest, ABuildLeavesOutWhatPeopleChose) {
  store_minutes(start_, start_ + hours(2), 10);
  ASSERT_TRUE(exclusions_->add("pay", {start_ + minutes(30), start_ + minutes(60)}, "incident"));
  alarms_ = {{start_, start_ + hours(2)}};  // May be the new normal: somebody builds on purpose.
  const auto built = book_->build("pay", {start_, start_ + hours(2)});
  ASSERT_TRUE(built);
  EXPECT_EQ((*built)->samples(), 90u);
  EXPECT_EQ((*built)->range, (TimeRange{start_, start_ + hours(2)}));
  const auto less =
      book_->build("pay", {start_, start_ + hours(2)}, BaselineBook::AfterBuild::kActivate,
                   {{start_ + minutes(90), start_ + hours(3)}});
  EXPECT_EQ((*less)->samples(), 60u);
  const auto none =
      book_->build("pay", {start_, start_ + hours(2)}, BaselineBook::AfterBuild::kActivate,
                   {{start_, start_ + hours(3)}});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::kNotFound);
  EXPECT_NE(none.error().detail.find("not excluded"), std::string::npos);
}

}  // namespace
}  // namespace driftguard::baseline
