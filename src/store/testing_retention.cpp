// SPDX-License-Identifier: Apache-2.0
// The part of the contract that drops what is old: exactly what was asked for, whatever goes on.
#include <gmock/gmock.h>

#include <atomic>
#include <random>
#include <thread>

#include "store/testing_contract.h"

namespace driftguard::store {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

namespace {

// Times of this file are told in stretches of history, the unit in which it is dropped.
constexpr std::int64_t kStretchUs = Microseconds(kHistoryStretch).count();

Time stretch(std::int64_t number) { return time_from_us(number * kStretchUs); }

// Rows whose `us` says the stretch.
std::vector<OwnedRow> in_stretches(std::vector<OwnedRow> rows) {
  for (OwnedRow& row : rows) row.us *= kStretchUs;
  return rows;
}

// Drops step by step; gives how many went.
std::size_t drop_all(Store& store, History what, std::int64_t before_stretch,
                     std::size_t limit = 1000) {
  DropStep step{.what = what, .before = stretch(before_stretch), .limit = limit};
  std::size_t count = 0;
  for (int steps = 0; steps < 100'000; ++steps) {
    const auto dropped = store.drop(step);
    EXPECT_TRUE(dropped) << dropped.error().detail;
    if (!dropped) return count;
    count += dropped->count;
    if (!dropped->next) return count;
    step.from = dropped->next;
  }
  ADD_FAILURE() << "drop() never comes to an end";
  return count;
}

// A sum as sums() shows it.
std::string at(std::int64_t number, const std::string& endpoint, const std::string& letters) {
  return endpoint + "@" + std::to_string(number * kStretchUs) + "=" + letters;
}

// Letters that hardly compress.
std::string noise(std::size_t length, std::minstd_rand& random) {
  std::string letters;
  while (letters.size() < length) letters += static_cast<char>('a' + random() / 7 % 26);
  return letters;
}

}  // namespace

TEST_P(StoreContract, DropTakesWhatIsOlderAndNothingElse) {
  ASSERT_TRUE(commit_rows(
      in_stretches({{1, "1"}, {2, "2"}, {3, "3"}, {3, "4"}, {2, "5", "pay", "GET /"}})));
  ASSERT_TRUE(
      commit_rows(in_stretches({{9, "6", "pa"}, {-5, "7", "payments"}, {3, "8", "payments"}})));
  EXPECT_EQ(drop_all(*store_, History::kRows, 3), 4u);
  EXPECT_THAT(payloads(all_rows()), ElementsAre("3", "4", "8", "6"));
  EXPECT_EQ(drop_all(*store_, History::kRows, 3), 0u);
}

TEST_P(StoreContract, AStretchIsDroppedAsAWhole) {
  ASSERT_TRUE(commit_rows({{-1, "1"}, {0, "2"}, {kStretchUs - 1, "3"}, {kStretchUs, "4"}}));
  EXPECT_EQ(drop_all(*store_, History::kRows, 0), 1u);
  EXPECT_THAT(payloads(all_rows()), ElementsAre("2", "3", "4"));
  EXPECT_EQ(drop_all(*store_, History::kRows, 1), 2u);
  EXPECT_THAT(payloads(all_rows()), ElementsAre("4"));
}

TEST_P(StoreContract, DropOfRollupsTakesBucketsThatBeganBefore) {
  ASSERT_TRUE(commit_rows(in_stretches({{0, "1"}})));
  for (const int bucket : {0, 10, 20}) ASSERT_TRUE(commit_delta("e", bucket * kStretchUs, "a"));
  ASSERT_TRUE(commit_delta("f", 0 * kStretchUs, "b"));
  ASSERT_TRUE(commit_delta("e", 10 * kStretchUs, "c", "shop"));
  EXPECT_EQ(drop_all(*store_, History::kRollups, 10), 2u);
  EXPECT_THAT(sums(), ElementsAre(at(10, "e", "a"), at(20, "e", "a")));
  EXPECT_THAT(sums("shop"), ElementsAre(at(10, "e", "c")));
  EXPECT_THAT(payloads(all_rows()), ElementsAre("1"));
}

TEST_P(StoreContract, SegmentWithoutRollupsIsListedNoMore) {
  ASSERT_TRUE(commit_delta("old", 0 * kStretchUs, "a"));
  ASSERT_TRUE(commit_delta("new", 10 * kStretchUs, "b"));
  EXPECT_EQ(drop_all(*store_, History::kRollups, 10), 1u);
  EXPECT_THAT(*store_->list_segments(""), ElementsAre(SegmentName{"pay", "new"}));
}

TEST_P(StoreContract, LateEventsAreStoredAfterADrop) {
  ASSERT_TRUE(commit_rows(in_stretches({{1, "1"}, {5, "2"}})));
  ASSERT_TRUE(commit_delta("e", 0 * kStretchUs, "a"));
  EXPECT_EQ(drop_all(*store_, History::kRows, 5), 1u);
  EXPECT_EQ(drop_all(*store_, History::kRollups, 5), 1u);
  ASSERT_TRUE(commit_rows(in_stretches({{1, "3"}})));
  ASSERT_TRUE(commit_delta("e", 0 * kStretchUs, "b"));
  EXPECT_THAT(payloads(all_rows()), ElementsAre("3", "2"));
  EXPECT_THAT(sums(), ElementsAre(at(0, "e", "b")));
  EXPECT_EQ(drop_all(*store_, History::kRows, 5), 1u);
  EXPECT_THAT(payloads(all_rows()), ElementsAre("2"));
}

TEST_P(StoreContract, DropGoesInBoundedStepsOverManySegments) {
  std::vector<OwnedRow> rows;
  for (int i = 0; i < 3000; ++i) {
    rows.push_back(
        {i / 3, std::to_string(i), "s" + std::to_string(i % 7), "e" + std::to_string(i % 60)});
  }
  ASSERT_TRUE(commit_rows(in_stretches(rows)));
  const auto first = store_->drop({.what = History::kRows, .before = stretch(900), .limit = 50});
  ASSERT_TRUE(first) << first.error().detail;
  EXPECT_GE(first->count, 50u);
  EXPECT_LE(first->count, 52u);  // All three of a moment.
  ASSERT_TRUE(first->next);
  EXPECT_EQ(first->count + drop_all(*store_, History::kRows, 900, 50), 2700u);
  std::vector<std::string> left;
  for (int i = 2700; i < 3000; ++i) left.push_back(std::to_string(i));
  EXPECT_EQ(payloads(all_rows()), left);
}

TEST_P(StoreContract, DropKeepsDocumentsAndAnswers) {
  ASSERT_TRUE(commit_rows(in_stretches({{1, "1"}})));
  ASSERT_TRUE(commit_delta("e", 0 * kStretchUs, "a"));
  ASSERT_TRUE(commit_answer("k", 2'000'000));
  ASSERT_TRUE(store_->put_document("d", "v"));
  EXPECT_EQ(drop_all(*store_, History::kRows, 100), 1u);
  EXPECT_EQ(drop_all(*store_, History::kRollups, 100), 1u);
  EXPECT_TRUE(store_->find_answer("k")->has_value());
  EXPECT_EQ(**store_->get_document("d"), "v");
}

TEST_P(StoreContract, WhatWasDroppedStaysSoAfterReopeningAndReclaiming) {
  std::vector<OwnedRow> rows;
  for (int i = 0; i < 500; ++i) rows.push_back({i, std::to_string(i)});
  ASSERT_TRUE(commit_rows(in_stretches(rows)));
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(commit_delta("e", i * kStretchUs, "a"));
  EXPECT_EQ(drop_all(*store_, History::kRows, 498, 100), 498u);
  EXPECT_EQ(drop_all(*store_, History::kRollups, 49), 49u);
  std::atomic<bool> stop = false;
  for (const History what : {History::kRows, History::kRollups}) {
    ASSERT_TRUE(store_->reclaim(what, Reclaim::kNow, stop));
  }
  EXPECT_THAT(payloads(all_rows()), ElementsAre("498", "499"));
  reopen();
  EXPECT_THAT(payloads(all_rows()), ElementsAre("498", "499"));
  EXPECT_THAT(sums(), ElementsAre(at(49, "e", "a")));
  ASSERT_TRUE(commit_rows(in_stretches({{498, "500"}})));  // A new id: it comes behind.
  EXPECT_THAT(payloads(all_rows()), ElementsAre("498", "500", "499"));
}

TEST_P(StoreContract, OldestIsTheFirstMomentOfWhatIsKept) {
  EXPECT_FALSE(store_->oldest(History::kRows)->has_value());
  EXPECT_FALSE(store_->oldest(History::kRollups)->has_value());
  ASSERT_TRUE(commit_rows(in_stretches({{7, "1"}, {5, "2", "shop"}, {-3, "3", "a", "b"}})));
  ASSERT_TRUE(commit_delta("e", 20 * kStretchUs, "a"));
  ASSERT_TRUE(commit_delta("f", 10 * kStretchUs, "a"));
  EXPECT_EQ(**store_->oldest(History::kRows), stretch(-3));
  EXPECT_EQ(**store_->oldest(History::kRollups), stretch(10));
  drop_all(*store_, History::kRows, 6);
  EXPECT_EQ(**store_->oldest(History::kRows), stretch(7));
}

TEST_P(StoreContract, CommitsAndReadersGoOnWhileOldRowsAreDropped) {
  constexpr int kOld = 2000, kNew = 400;
  std::vector<OwnedRow> rows;
  for (int i = 0; i < kOld; ++i) {
    rows.push_back({i, "\"o\"", "pay", "e" + std::to_string(i % 5)});
  }
  ASSERT_TRUE(commit_rows(in_stretches(rows)));
  std::atomic<bool> done = false;
  std::jthread committer([&] {
    for (int i = 0; i < kNew; ++i) {
      EXPECT_TRUE(commit_rows(
          in_stretches({{kOld + i, std::to_string(i), "pay", "e" + std::to_string(i % 5)}})));
    }
    done = true;
  });
  std::size_t dropped = 0;
  for (int before = 0; before < kOld; before += 100) {
    dropped += drop_all(*store_, History::kRows, before, 30);
    RowQuery query = all_rows();
    query.range.from = stretch(before);
    query.range.to = stretch(kOld);
    ASSERT_EQ(payloads(query).size(), static_cast<std::size_t>(kOld - before));
  }
  dropped += drop_all(*store_, History::kRows, kOld);
  committer.join();
  EXPECT_EQ(dropped, static_cast<std::size_t>(kOld));
  std::vector<std::string> expected;
  for (int i = 0; i < kNew; ++i) expected.push_back(std::to_string(i));
  EXPECT_EQ(payloads(all_rows()), expected);
}

// What a cut promises to free goes, about, and what is older than the cut is the oldest.
TEST_P(StoreContract, CutFreesAboutWhatWasAskedFor) {
  std::minstd_rand random(1);
  std::int64_t us = 0;
  for (int batch = 0; batch < 40; ++batch) {
    std::vector<OwnedRow> rows;
    for (int i = 0; i < 500; ++i, us += 100'000) {
      rows.push_back({us, "{\"" + noise(1000, random) + "\": " + std::to_string(us) + "}",
                      "s" + std::to_string(i % 3)});
    }
    ASSERT_TRUE(commit_rows(rows));
  }
  reopen();  // The embedded store's memtables become tables.
  const auto all = store_->find_cut(History::kRows, std::uint64_t{1} << 60);
  ASSERT_TRUE(all) << all.error().detail;
  EXPECT_NEAR(static_cast<double>(us_since_epoch(all->before)), static_cast<double>(us),
              static_cast<double>(us) * 0.02);
  EXPECT_LE(all->bytes, *store_->bytes());
  EXPECT_GT(all->bytes, 1u << 20);
  const auto third = store_->find_cut(History::kRows, all->bytes / 3);
  ASSERT_TRUE(third) << third.error().detail;
  EXPECT_NEAR(static_cast<double>(us_since_epoch(third->before)), static_cast<double>(us) / 3,
              static_cast<double>(us) * 0.05);
  EXPECT_EQ(store_->find_cut(History::kRollups, 1)->bytes, 0u);
}

TEST_P(StoreContract, BytesFallWhenRowsAreDropped) {
  std::minstd_rand random(1);
  for (int batch = 0; batch < 20; ++batch) {
    std::vector<OwnedRow> rows;
    for (std::size_t i = 0; i < 500; ++i)
      rows.push_back({batch * kStretchUs, "\"" + noise(1000, random) + "\""});
    ASSERT_TRUE(commit_rows(rows));
  }
  reopen();
  std::atomic<bool> stop = false;
  const std::uint64_t before = *store_->bytes();
  EXPECT_EQ(drop_all(*store_, History::kRows, 19), 9'500u);
  ASSERT_TRUE(store_->reclaim(History::kRows, Reclaim::kNow, stop));
  reopen();  // The embedded store's log is emptied too.
  EXPECT_LT(*store_->bytes(), before / 2);
}

}  // namespace driftguard::store
