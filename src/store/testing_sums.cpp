// SPDX-License-Identifier: Apache-2.0
// The part of the contract that is about kept sums (sums.h). Buckets here are ten seconds apart.
#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "store/sums.h"
#include "store/testing_contract.h"

namespace driftguard::store {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kHour = 60 * kMinute;

TimeRange seconds(std::int64_t from, std::int64_t to) {
  return {time_from_us(from * kSecond), time_from_us(to * kSecond)};
}

}  // namespace

std::vector<std::string> StoreContract::pieces(std::optional<std::string> endpoint,
                                               TimeRange range) {
  std::vector<std::pair<std::string, std::string>> found;  // In the order of visits.
  const auto visit = [&](std::string_view where, Time begins, std::chrono::seconds width,
                         std::string_view summary) {
    std::string key = std::string(where) + "@" + std::to_string(us_since_epoch(begins) / kSecond) +
                      (width.count() > 0 ? "/" + std::to_string(width.count()) : std::string());
    if (found.empty() || found.back().first != key) found.emplace_back(std::move(key), "");
    found.back().second += summary;
    return true;
  };
  auto read = store_->read_sums({"pay", std::move(endpoint)}, range, visit);
  EXPECT_TRUE(read) << read.error().detail;
  std::vector<std::string> out;
  for (auto& [key, letters] : found) {
    std::sort(letters.begin(), letters.end());
    out.push_back(key + "=" + letters);
  }
  return out;
}

void StoreContract::settle(std::int64_t before_us) {
  constexpr std::size_t kStep = 5;
  const Time before = time_from_us(before_us);
  const auto compacted = store_->compact(before);
  EXPECT_TRUE(compacted) << compacted.error().detail;
  Result<std::size_t> tried = kStep;
  while (tried && *tried == kStep) tried = store_->make_sums(before, kStep);
  EXPECT_TRUE(tried) << tried.error().detail;
}

TEST_P(StoreContract, StretchesBeginOnWholeMinutesAlsoBeforeTheEpoch) {
  const auto minute = kSumWidths[0];
  EXPECT_EQ(stretch_of(time_from_us(kMinute), minute), time_from_us(kMinute));
  EXPECT_EQ(stretch_of(time_from_us(kMinute - 1), minute), time_from_us(0));
  EXPECT_EQ(stretch_of(time_from_us(-1), minute), time_from_us(-kMinute));
  EXPECT_EQ(stretch_of(time_from_us(-kMinute), minute), time_from_us(-kMinute));
}

TEST_P(StoreContract, WithoutSumsTheBucketsAreRead) {
  ASSERT_TRUE(commit_delta("e", 10 * kSecond, "b"));
  ASSERT_TRUE(commit_delta("e", 70 * kSecond, "c"));
  ASSERT_TRUE(commit_delta("e", 0, "a"));
  EXPECT_THAT(pieces(), ElementsAre("e@0=a", "e@10=b", "e@70=c"));
  EXPECT_THAT(pieces({}, seconds(0, 70)), ElementsAre("e@0=a", "e@10=b"));
  EXPECT_THAT(pieces("f"), IsEmpty());
}

TEST_P(StoreContract, MinutesThatHaveEndedAreSummed) {
  for (int s = 0; s < 180; s += 10) ASSERT_TRUE(commit_delta("e", s * kSecond, "x"));
  settle(2 * kMinute);
  EXPECT_THAT(pieces({}, seconds(0, 150)),
              ElementsAre("e@0/60=xxxxxx", "e@60/60=xxxxxx", "e@120=x", "e@130=x", "e@140=x"));
  EXPECT_THAT(pieces({}, seconds(50, 120)), ElementsAre("e@50=x", "e@60/60=xxxxxx"));
  EXPECT_THAT(pieces({}, seconds(50, 110)),
              ElementsAre("e@50=x", "e@60=x", "e@70=x", "e@80=x", "e@90=x", "e@100=x"));
}

TEST_P(StoreContract, AnHourThatHasEndedIsOneSum) {
  ASSERT_TRUE(commit_delta("e", 30 * kSecond, "a"));
  ASSERT_TRUE(commit_delta("e", 59 * kMinute, "b"));
  ASSERT_TRUE(commit_delta("e", 60 * kMinute, "c"));
  settle(kHour);
  EXPECT_THAT(pieces(), ElementsAre("e@0/3600=ab", "e@3600=c"));
  EXPECT_THAT(pieces({}, seconds(0, 3599)), ElementsAre("e@0/60=a", "e@3540=b"));
  EXPECT_THAT(pieces({}, seconds(1, 7200)), ElementsAre("e@30=a", "e@3540/60=b", "e@3600=c"));
}

TEST_P(StoreContract, SumsOfAllEndpointsComeInOrder) {
  for (const char* endpoint : {"b", "a", "\u00e4"}) {
    ASSERT_TRUE(commit_delta(endpoint, 0, "x"));
    ASSERT_TRUE(commit_delta(endpoint, 60 * kMinute, "y"));
  }
  ASSERT_TRUE(commit_delta("a", 0, "other", "payments"));
  settle(kHour);
  EXPECT_THAT(pieces(), ElementsAre("a@0/3600=x", "a@3600=y", "b@0/3600=x", "b@3600=y",
                                    "\u00e4@0/3600=x", "\u00e4@3600=y"));
  EXPECT_THAT(pieces("b"), ElementsAre("b@0/3600=x", "b@3600=y"));
}

TEST_P(StoreContract, SumsBeforeTheEpochAreSums) {
  ASSERT_TRUE(commit_delta("e", -10 * kSecond, "a"));
  ASSERT_TRUE(commit_delta("e", -kHour, "b"));
  ASSERT_TRUE(commit_delta("e", -kHour - 10 * kSecond, "c"));
  settle(kHour);
  EXPECT_THAT(pieces(), ElementsAre("e@-7200/3600=c", "e@-3600/3600=ab"));
}

TEST_P(StoreContract, LateDeltaVoidsItsMinuteAndHourUntilTheyAreMadeAgain) {
  for (int minute = 0; minute < 60; ++minute) {
    ASSERT_TRUE(commit_delta("e", minute * kMinute, "x"));
  }
  ASSERT_TRUE(commit_delta("f", 0, "f"));
  settle(kHour);
  ASSERT_THAT(pieces("e"), ElementsAre("e@0/3600=" + std::string(60, 'x')));
  ASSERT_TRUE(commit_delta("e", 70 * kSecond, "late"));
  EXPECT_THAT(pieces("e", seconds(0, 240)),
              ElementsAre("e@0/60=x", "e@60=x", "e@70=aelt", "e@120/60=x", "e@180/60=x"));
  EXPECT_EQ(pieces("e").size(), 61u);
  EXPECT_THAT(pieces("f"), ElementsAre("f@0/3600=f"));
  settle(kHour);
  EXPECT_THAT(pieces("e"), ElementsAre("e@0/3600=aelt" + std::string(60, 'x')));
  EXPECT_THAT(pieces("e", seconds(60, 120)), ElementsAre("e@60/60=aeltx"));
}

TEST_P(StoreContract, SumsAndWhatVoidsThemOutliveTheProcess) {
  ASSERT_TRUE(commit_delta("e", 0, "a"));
  ASSERT_TRUE(commit_delta("e", 2 * kMinute, "b"));
  reopen();
  settle(kMinute);
  reopen();
  EXPECT_THAT(pieces(), ElementsAre("e@0/60=a", "e@120=b"));
  ASSERT_TRUE(commit_delta("e", 10 * kSecond, "late"));
  EXPECT_THAT(pieces(), ElementsAre("e@0=a", "e@10=aelt", "e@120=b"));
  reopen();
  settle(kHour);
  EXPECT_THAT(pieces(), ElementsAre("e@0/3600=aabelt"));
}

TEST_P(StoreContract, ASumThatIsThereIsNotMadeAgain) {
  ASSERT_TRUE(commit_delta("e", 0, "a"));
  settle(kHour);
  EXPECT_EQ(store_->figures().at("sums_made"), 2);
  settle(2 * kHour);
  EXPECT_EQ(*store_->make_sums(time_from_us(2 * kHour), 10), 0u);
  EXPECT_EQ(store_->figures().at("sums_made"), 2);
}

TEST_P(StoreContract, TheEarliestSumsAreMadeFirstAndNoMoreThanAskedFor) {
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(commit_delta("e", i * kMinute, "x"));
  ASSERT_TRUE(store_->compact(time_from_us(kHour)));
  EXPECT_EQ(*store_->make_sums(time_from_us(4 * kMinute), 2), 2u);
  EXPECT_THAT(pieces(), ElementsAre("e@0/60=x", "e@60/60=x", "e@120=x", "e@180=x", "e@240=x"));
  EXPECT_EQ(*store_->make_sums(time_from_us(4 * kMinute), 10), 2u);
  EXPECT_THAT(pieces({}, seconds(180, 300)), ElementsAre("e@180/60=x", "e@240=x"));
}

TEST_P(StoreContract, WhatDoesNotMergeGoesWithoutASum) {
  ASSERT_TRUE(commit_delta("e", 0, "!"));
  ASSERT_TRUE(commit_delta("e", 10 * kSecond, "a"));
  ASSERT_TRUE(commit_delta("f", 0, "b"));
  (void)store_->compact(time_from_us(kHour));
  const auto tried = store_->make_sums(time_from_us(kHour), 10);
  ASSERT_FALSE(tried);
  EXPECT_EQ(tried.error().code, ErrorCode::kCorrupt) << tried.error().detail;
  EXPECT_EQ(*store_->make_sums(time_from_us(kHour), 10), 0u);
  EXPECT_THAT(pieces("f"), ElementsAre("f@0/3600=b"));
}

TEST_P(StoreContract, ReaderOfSumsMayHaveEnough) {
  for (int i = 0; i < 130; ++i) ASSERT_TRUE(commit_delta("e", i * kMinute, "x"));
  settle(kHour + kMinute);
  for (const int enough : {1, 2, 5}) {
    int visits = 0;
    ASSERT_TRUE(store_->read_sums({"pay", {}}, {Time::min(), Time::max()},
                                  [&](auto, auto, auto, auto) { return ++visits < enough; }));
    EXPECT_EQ(visits, enough);
  }
}

TEST_P(StoreContract, ACommitWhileASumIsMadeIsInNoStaleSum) {
  ASSERT_TRUE(commit_delta("e", 0, "a"));
  ASSERT_TRUE(commit_delta("e", 10 * kSecond, "b"));
  ASSERT_TRUE(store_->compact(time_from_us(kHour)));
  std::atomic<int> commits = 0;
  before_merges([&] {
    if (commits++ < 3) {
      EXPECT_TRUE(commit_delta("e", 20 * kSecond, "c"));
    }
  });
  ASSERT_TRUE(store_->make_sums(time_from_us(kMinute), 10));
  before_merges(nullptr);
  ASSERT_GT(commits, 0);
  EXPECT_THAT(pieces(), ElementsAre("e@0=a", "e@10=b", ::testing::StartsWith("e@20=c")));
  const std::string late(static_cast<std::size_t>(std::min(commits.load(), 3)), 'c');
  settle(kMinute);
  EXPECT_THAT(pieces(), ElementsAre("e@0/60=ab" + late));
}

TEST_P(StoreContract, ACommitWhileItsBucketIsMergedIsNotLost) {
  ASSERT_TRUE(commit_delta("e", 0, "a"));
  ASSERT_TRUE(commit_delta("e", 0, "b"));
  std::atomic<int> commits = 0;
  before_merges([&] {
    if (commits++ < 3) {
      EXPECT_TRUE(commit_delta("e", 0, "c"));
    }
  });
  ASSERT_TRUE(store_->compact(time_from_us(kMinute)));
  before_merges(nullptr);
  const std::string late(static_cast<std::size_t>(std::min(commits.load(), 3)), 'c');
  ASSERT_FALSE(late.empty());
  EXPECT_THAT(sums(), ElementsAre("e@0=ab" + late));
  reopen();
  EXPECT_THAT(sums(), ElementsAre("e@0=ab" + late));
}

// Every event that was committed before a read began is in it once, and none twice: whatever the
// sums were doing at that moment.
TEST_P(StoreContract, NoSumIsStaleWhileCommitsAndMakersRun) {
  constexpr int kCommits = 300;
  std::atomic<int> begun = 0, committed = 0;
  std::atomic<bool> done = false;
  const auto count = [&] {
    std::size_t letters = 0;
    auto read = store_->read_sums({"pay", {}}, {Time::min(), Time::max()},
                                  [&](auto, auto, auto, std::string_view summary) {
                                    return letters += summary.size(), true;
                                  });
    EXPECT_TRUE(read) << read.error().detail;
    return static_cast<int>(letters);
  };
  std::vector<std::jthread> threads;
  threads.emplace_back([&] {
    while (!done) settle(kHour);
  });
  for (int writer = 0; writer < 2; ++writer) {
    threads.emplace_back([&, writer] {
      for (int i = 0; i < kCommits; ++i) {
        const std::int64_t bucket = (i * 7 + writer) % 9 * 20 * kSecond;
        ++begun;
        ASSERT_TRUE(commit_delta("e" + std::to_string(i % 2), bucket, "x"));
        ++committed;
      }
    });
  }
  while (committed < 2 * kCommits) {
    const int least = committed;
    const int read = count();
    EXPECT_GE(read, least);
    EXPECT_LE(read, begun);
  }
  done = true;
  threads.clear();
  settle(kHour);
  EXPECT_EQ(pieces().size(), 2u);
  EXPECT_EQ(count(), 2 * kCommits);
}

TEST_P(StoreContract, DroppedBucketsTakeTheirSumsAlong) {
  for (const int second : {0, 10, 60, 70}) {
    ASSERT_TRUE(
        commit_delta("e", second * kSecond, std::string(1, static_cast<char>('a' + second % 7))));
    ASSERT_TRUE(commit_delta("f", second * kSecond, "x"));
  }
  settle(kHour);
  ASSERT_THAT(pieces(), ElementsAre(::testing::StartsWith("e@0/3600="), "f@0/3600=xxxx"));
  const DropStep step{.what = History::kRollups, .before = time_from_us(70 * kSecond)};
  ASSERT_TRUE(store_->drop(step));
  EXPECT_THAT(pieces(), ElementsAre("e@70=a", "f@70=x"));
  settle(kHour);  // What reached behind the cut is made again, of what is left.
  EXPECT_THAT(pieces(), ElementsAre("e@0/3600=a", "f@0/3600=x"));
}

TEST_P(StoreContract, ADropWhileASumIsMadeIsInNoStaleSum) {
  ASSERT_TRUE(commit_delta("e", 0, "a"));
  ASSERT_TRUE(commit_delta("e", 10 * kSecond, "b"));
  ASSERT_TRUE(store_->compact(time_from_us(kHour)));
  std::atomic<bool> dropped = false;
  before_merges([&] {
    if (dropped.exchange(true)) return;
    const DropStep step{.what = History::kRollups, .before = time_from_us(10 * kSecond)};
    EXPECT_TRUE(store_->drop(step));
  });
  ASSERT_TRUE(store_->make_sums(time_from_us(kMinute), 10));
  before_merges(nullptr);
  ASSERT_TRUE(dropped);
  EXPECT_THAT(pieces(), ElementsAre("e@10=b"));
  settle(kMinute);
  EXPECT_THAT(pieces(), ElementsAre("e@0/60=b"));
}

}  // namespace driftguard::store
