// SPDX-License-Identifier: Apache-2.0
#include "store/testing_contract.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>
#include <thread>

namespace driftguard::store {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

void PrintTo(const StoreFactory& factory, std::ostream* out) { *out << factory.name; }

namespace {

std::mutex action_mutex;
std::function<void()> action_before_merge;  // Guarded by action_mutex.

}  // namespace

void before_merges(std::function<void()> action) {
  const std::lock_guard lock(action_mutex);
  action_before_merge = std::move(action);
}

Result<std::string> merge_letters(std::span<const std::string_view> parts) {
  std::function<void()> action;
  {
    const std::lock_guard lock(action_mutex);
    action = action_before_merge;
  }
  if (action) action();
  std::string all;
  for (const std::string_view part : parts) all += part;
  if (all.find('!') != std::string::npos)
    return Error{ErrorCode::kCorrupt, "A '!' does not merge."};
  std::sort(all.begin(), all.end());
  return all;
}

void StoreContract::SetUp() {
  place_ = GetParam().make_place();
  reopen();
}

void StoreContract::reopen() {
  store_.reset();
  auto opened = place_->open(clock_);
  ASSERT_TRUE(opened) << opened.error().detail;
  store_ = *std::move(opened);
}

Result<void> StoreContract::commit_rows(const std::vector<OwnedRow>& rows) {
  std::vector<RawRow> views;
  for (const OwnedRow& row : rows) {
    views.push_back({time_from_us(row.us), row.service, row.endpoint, "host-1", row.payload});
  }
  return store_->commit({views, {}, {}});
}

Result<void> StoreContract::commit_delta(std::string endpoint, std::int64_t bucket_us,
                                         std::string letters, std::string service) {
  const RollupDelta delta{{std::move(service), std::move(endpoint), time_from_us(bucket_us)},
                          std::move(letters)};
  return store_->commit({{}, {&delta, 1}, {}});
}

Result<void> StoreContract::commit_answer(std::string key, std::int64_t expires_us,
                                          std::string text) {
  const StoredAnswer answer{std::move(key), "print", std::move(text), time_from_us(expires_us)};
  return store_->commit({{}, {}, {&answer, 1}});
}

RowQuery StoreContract::all_rows(std::size_t rows_max) {
  return {.service = {},
          .endpoint = {},
          .range = {Time::min(), Time::max()},
          .after = {},
          .rows_max = rows_max,
          .bytes_max = 8u << 20};
}

std::vector<std::string> StoreContract::payloads(RowQuery query) {
  std::vector<std::string> out;
  while (true) {
    auto page = store_->read_rows(query);
    EXPECT_TRUE(page) << page.error().detail;
    if (!page) return out;
    EXPECT_LE(page->rows.size(), query.rows_max);
    for (StoredRow& row : page->rows) out.push_back(std::move(row.payload));
    if (!page->next) return out;
    query.after = page->next;
  }
}

std::vector<std::string> StoreContract::sums(std::string service,
                                             std::optional<std::string> endpoint, TimeRange range) {
  std::vector<std::pair<std::string, std::string>> parts;  // In the order of visits.
  const auto visit = [&](std::string_view where, Time bucket, std::string_view summary) {
    std::string key = std::string(where) + "@" + std::to_string(us_since_epoch(bucket));
    if (parts.empty() || parts.back().first != key) parts.emplace_back(std::move(key), "");
    parts.back().second += summary;
    return true;
  };
  auto read = store_->read_rollups({std::move(service), std::move(endpoint)}, range, visit);
  EXPECT_TRUE(read) << read.error().detail;
  std::vector<std::string> out;
  for (auto& [key, letters] : parts) {
    std::sort(letters.begin(), letters.end());
    out.push_back(key + "=" + letters);
  }
  return out;
}

namespace {

std::string numbered(int n) { return std::to_string(n); }

}  // namespace

TEST_P(StoreContract, EmptyStoreHoldsNothing) {
  EXPECT_THAT(payloads(all_rows()), IsEmpty());
  EXPECT_THAT(sums(), IsEmpty());
  EXPECT_THAT(*store_->list_segments(""), IsEmpty());
  EXPECT_FALSE(store_->find_answer("k")->has_value());
  EXPECT_FALSE(store_->get_document("d")->has_value());
  EXPECT_TRUE(store_->ping());
  EXPECT_FALSE(store_->engine().empty());
  EXPECT_GT(store_->writers(), 0u);
}

TEST_P(StoreContract, EmptyCommitSucceeds) {
  EXPECT_TRUE(store_->commit({}));
  EXPECT_THAT(payloads(all_rows()), IsEmpty());
}

TEST_P(StoreContract, RowsComeBackInOrderOfTimeThenArrival) {
  ASSERT_TRUE(commit_rows({{30, "3"}, {10, "1"}, {20, "2", "pay", "GET /"}, {20, "4"}}));
  ASSERT_TRUE(commit_rows({{20, "5", "shop"}}));
  EXPECT_THAT(payloads(all_rows()), ElementsAre("1", "2", "4", "5", "3"));
  EXPECT_THAT(payloads(all_rows(1)), ElementsAre("1", "2", "4", "5", "3"));
  EXPECT_THAT(payloads(all_rows(2)), ElementsAre("1", "2", "4", "5", "3"));
}

TEST_P(StoreContract, RowsCarryTheirNamesAndBytes) {
  const std::string name(66, 'x');
  const std::string utf8 = name + "\u00e9\u20ac" + name + "\U0001f4a1" + std::string(59, 'y');
  const std::string payload = R"({"a": [1, 2.50, "\u00e9\"\\"], "b": {"c": null}})";
  ASSERT_TRUE(commit_rows({{5, payload, utf8.substr(0, 200), "DELETE /\u00fc"}}));
  const auto page = store_->read_rows(all_rows());
  ASSERT_EQ(page->rows.size(), 1u);
  EXPECT_EQ(page->rows[0].service, utf8.substr(0, 200));
  EXPECT_EQ(page->rows[0].endpoint, "DELETE /\u00fc");
  EXPECT_EQ(page->rows[0].ts, time_from_us(5));
  EXPECT_NE(page->rows[0].payload.find("2.50"), std::string::npos);
  EXPECT_FALSE(page->next);
}

TEST_P(StoreContract, FiltersNarrowByServiceEndpointAndTime) {
  ASSERT_TRUE(commit_rows({{1, "1"},
                           {2, "2"},
                           {3, "3"},
                           {2, "4", "pay", "GET /"},
                           {2, "5", "payments"},
                           {2, "6", "pa"}}));
  RowQuery query = all_rows();
  query.service = "pay";
  EXPECT_THAT(payloads(query), ElementsAre("1", "2", "4", "3"));
  query.endpoint = "POST /v2";
  EXPECT_THAT(payloads(query), ElementsAre("1", "2", "3"));
  query.range = {time_from_us(2), time_from_us(3)};
  EXPECT_THAT(payloads(query), ElementsAre("2"));
  query.endpoint = "POST /v";
  EXPECT_THAT(payloads(query), IsEmpty());
}

TEST_P(StoreContract, TimesBeforeTheEpochSortBefore) {
  ASSERT_TRUE(commit_rows({{1, "1"}, {-1, "-1"}, {0, "0"}, {-62135596800'000000, "-9"}}));
  ASSERT_TRUE(commit_delta("a", -10, "x"));
  ASSERT_TRUE(commit_delta("a", 10, "y"));
  EXPECT_THAT(payloads(all_rows(2)), ElementsAre("-9", "-1", "0", "1"));
  RowQuery query = all_rows();
  query.range = {time_from_us(-1), time_from_us(1)};
  EXPECT_THAT(payloads(query), ElementsAre("-1", "0"));
  EXPECT_THAT(sums(), ElementsAre("a@-10=x", "a@10=y"));
}

TEST_P(StoreContract, PageEndsAtTheRowThatPassesItsBytes) {
  const std::string big = "\"" + std::string(1000, 'b') + "\"";
  ASSERT_TRUE(commit_rows({{1, big}, {2, big, "pay", "GET /"}, {3, big}, {4, big}}));
  RowQuery query = all_rows();
  query.bytes_max = 1500;
  const auto page = store_->read_rows(query);
  ASSERT_TRUE(page);
  EXPECT_EQ(page->rows.size(), 2u);
  ASSERT_TRUE(page->next);
  EXPECT_EQ(page->next->ts, time_from_us(2));
  EXPECT_EQ(payloads(query).size(), 4u);
}

TEST_P(StoreContract, ManySegmentsMergeIntoOneOrder) {
  std::vector<OwnedRow> rows;
  for (int i = 0; i < 600; ++i) {
    rows.push_back({(i * 7919) % 600, numbered((i * 7919) % 600), "s" + numbered(i % 3),
                    "e" + numbered(i % 50)});
  }
  ASSERT_TRUE(commit_rows(rows));
  std::vector<std::string> expected;
  for (int i = 0; i < 600; ++i) expected.push_back(numbered(i));
  EXPECT_EQ(payloads(all_rows(7)), expected);
}

// Commits whose rows interleave in time, as those of many clients do.
TEST_P(StoreContract, InterleavedCommitsReadAsOneOrderFromAnywhere) {
  constexpr int kCommits = 40, kRows = 25;
  std::vector<std::string> expected;
  for (int i = 0; i < kCommits * kRows; ++i) expected.push_back(numbered(i));
  for (int commit = 0; commit < kCommits; ++commit) {
    std::vector<OwnedRow> rows;
    for (int i = 0; i < kRows; ++i) {
      const int n = commit + i * kCommits;  // Over three stretches of ten seconds.
      rows.push_back({n * 27'000, numbered(n)});
    }
    ASSERT_TRUE(commit_rows(rows));
  }
  for (const std::size_t page : {1u, 7u, 1000u, 5000u})
    EXPECT_EQ(payloads(all_rows(page)), expected);
  RowQuery query = all_rows(9);
  query.service = "pay";
  query.range = {time_from_us(400 * 27'000), time_from_us(700 * 27'000)};
  EXPECT_EQ(payloads(query),
            std::vector<std::string>(expected.begin() + 400, expected.begin() + 700));
  auto last = store_->read_rows(all_rows(kCommits * kRows));
  EXPECT_FALSE(last->next);
}

TEST_P(StoreContract, PartsOfOneBucketSumUp) {
  ASSERT_TRUE(commit_delta("b", 10, "ca"));
  ASSERT_TRUE(commit_delta("a", 20, "z"));
  ASSERT_TRUE(commit_delta("b", 10, "ab"));
  ASSERT_TRUE(commit_delta("b", 5, "q"));
  ASSERT_TRUE(commit_delta("b", 10, "w", "payments"));
  EXPECT_THAT(sums(), ElementsAre("a@20=z", "b@5=q", "b@10=aabc"));
  EXPECT_THAT(sums("pay", "b"), ElementsAre("b@5=q", "b@10=aabc"));
  EXPECT_THAT(sums("pay", {}, {time_from_us(10), time_from_us(20)}), ElementsAre("b@10=aabc"));
  EXPECT_THAT(sums("pa"), IsEmpty());
}

TEST_P(StoreContract, TwoDeltasOfOneCommitMayShareABucket) {
  const RollupKey key{"pay", "e", time_from_us(0)};
  const RollupDelta deltas[] = {{key, "a"}, {key, "b"}};
  ASSERT_TRUE(store_->commit({{}, deltas, {}}));
  EXPECT_THAT(sums(), ElementsAre("e@0=ab"));
}

TEST_P(StoreContract, VisitorEndsTheReadEarly) {
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(commit_delta("e", i, std::string(5000, 'x')));
  int visits = 0;
  ASSERT_TRUE(store_->read_rollups({"pay", {}}, {Time::min(), Time::max()},
                                   [&](auto, auto, auto) { return ++visits < 2; }));
  EXPECT_EQ(visits, 2);
  EXPECT_EQ(sums().size(), 200u);
}

TEST_P(StoreContract, SegmentsAreListedInOrder) {
  ASSERT_TRUE(commit_delta("b", 10, "x"));
  ASSERT_TRUE(commit_delta("b", 20, "x"));
  ASSERT_TRUE(commit_delta("\u00e4", 20, "x"));
  ASSERT_TRUE(commit_delta("B a", 10, "x"));
  ASSERT_TRUE(commit_delta("a", 10, "x", "pa"));
  EXPECT_THAT(*store_->list_segments("pay"),
              ElementsAre(SegmentName{"pay", "B a"}, SegmentName{"pay", "b"},
                          SegmentName{"pay", "\u00e4"}));
  EXPECT_EQ(store_->list_segments("")->size(), 4u);
  EXPECT_EQ(store_->list_segments("")->front(), (SegmentName{"pa", "a"}));
}

TEST_P(StoreContract, LiveAnswerConflictsAndNothingIsWritten) {
  ASSERT_TRUE(commit_answer("k", 2'000'000, "first"));
  const StoredAnswer again{"k", "print", "second", time_from_us(3'000'000)};
  const RawRow row{time_from_us(1), "pay", "e", {}, "{}"};
  const RollupDelta delta{{"pay", "e", time_from_us(0)}, "a"};
  const auto refused = store_->commit({{&row, 1}, {&delta, 1}, {&again, 1}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
  EXPECT_THAT(payloads(all_rows()), IsEmpty());
  EXPECT_THAT(sums(), IsEmpty());
  EXPECT_EQ((*store_->find_answer("k"))->answer, "first");
}

TEST_P(StoreContract, ConflictLeavesTheNextCommitAlone) {
  ASSERT_TRUE(commit_answer("k", 2'000'000));
  ASSERT_FALSE(commit_answer("k", 2'000'000));
  EXPECT_TRUE(commit_rows({{1, "1"}}));
  EXPECT_THAT(payloads(all_rows()), ElementsAre("1"));
}

TEST_P(StoreContract, OneKeyTwiceInACommitConflicts) {
  const StoredAnswer answer{"k", "print", "yes", time_from_us(2'000'000)};
  const StoredAnswer both[] = {answer, answer};
  EXPECT_EQ(store_->commit({{}, {}, both}).error().code, ErrorCode::kConflict);
  EXPECT_FALSE(store_->find_answer("k")->has_value());
}

TEST_P(StoreContract, ExpiredAnswerIsReplaced) {
  ASSERT_TRUE(commit_answer("k", 2'000'000, "first"));
  clock_.set(time_from_us(2'000'000));
  EXPECT_EQ((*store_->find_answer("k"))->answer, "first");
  ASSERT_TRUE(commit_answer("k", 9'000'000, "second"));
  const auto found = *store_->find_answer("k");
  EXPECT_EQ(found->answer, "second");
  EXPECT_EQ(found->fingerprint, "print");
  EXPECT_EQ(found->expires_at, time_from_us(9'000'000));
  EXPECT_EQ(*store_->drop_expired_answers(time_from_us(3'000'000), 10), 0u);
  EXPECT_TRUE(store_->find_answer("k")->has_value());
}

TEST_P(StoreContract, ExpiredAnswersAreDroppedUpToTheLimit) {
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(commit_answer("k" + numbered(i), 2'000'000 + i));
  EXPECT_EQ(*store_->drop_expired_answers(time_from_us(2'000'008), 5), 5u);
  EXPECT_EQ(*store_->drop_expired_answers(time_from_us(2'000'008), 5), 3u);
  EXPECT_EQ(*store_->drop_expired_answers(time_from_us(2'000'008), 5), 0u);
  EXPECT_FALSE(store_->find_answer("k7")->has_value());
  EXPECT_TRUE(store_->find_answer("k8")->has_value());
  ASSERT_TRUE(commit_answer("early", 1'500'000));
  EXPECT_EQ(*store_->drop_expired_answers(time_from_us(2'000'008), 5), 1u);
}

TEST_P(StoreContract, AnswersMayHoldAnyByte) {
  const std::string bytes("a\0b\xff\n'\\", 7);
  const StoredAnswer answer{bytes, bytes, bytes, time_from_us(2'000'000)};
  ASSERT_TRUE(store_->commit({{}, {}, {&answer, 1}}));
  const auto found = *store_->find_answer(bytes);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->fingerprint, bytes);
  EXPECT_EQ(found->answer, bytes);
}

TEST_P(StoreContract, DocumentsAreKeptUnderAnyKey) {
  const std::string key("baseline/\0\xff", 11);
  ASSERT_TRUE(store_->put_document(key, "one"));
  ASSERT_TRUE(store_->put_document(key, std::string("two\0", 4)));
  ASSERT_TRUE(store_->put_document("other", ""));
  EXPECT_EQ(**store_->get_document(key), std::string("two\0", 4));
  EXPECT_EQ(**store_->get_document("other"), "");
  EXPECT_THAT(*store_->list_documents("baseline/"), ElementsAre(key));
  EXPECT_THAT(*store_->list_documents(std::string("baseline/\0\xff", 11)), ElementsAre(key));
  EXPECT_THAT(*store_->list_documents(""), ElementsAre(key, "other"));
}

TEST_P(StoreContract, DocumentIsCreatedByOneOnly) {
  std::atomic<int> created = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&, i] {
        const auto done = store_->create_document("d", numbered(i));
        ASSERT_TRUE(done) << done.error().detail;
        if (*done) ++created;
      });
    }
  }
  EXPECT_EQ(created, 1);
  EXPECT_FALSE(*store_->create_document("d", "late"));
  EXPECT_NE(**store_->get_document("d"), "late");
}

TEST_P(StoreContract, DocumentsChangeTogetherOrNotAtAll) {
  ASSERT_TRUE(store_->put_document("state", "1"));
  ASSERT_TRUE(store_->put_document("old", "o"));
  const DocumentExpectation expected[] = {{"state", "1"}, {"new", {}}};
  const DocumentWrite writes[] = {{"state", "2"}, {"new", std::string_view("n\0", 2)}, {"old", {}}};
  EXPECT_TRUE(*store_->change_documents(expected, writes));
  EXPECT_EQ(**store_->get_document("state"), "2");
  EXPECT_EQ(**store_->get_document("new"), std::string("n\0", 2));
  EXPECT_FALSE(store_->get_document("old")->has_value());
  EXPECT_FALSE(*store_->change_documents(expected, writes)) << "nothing of it holds any more";
  const DocumentExpectation half[] = {{"state", "2"}, {"new", {}}};
  const DocumentWrite late[] = {{"state", "3"}, {"other", "x"}};
  EXPECT_FALSE(*store_->change_documents(half, late));
  EXPECT_EQ(**store_->get_document("state"), "2");
  EXPECT_FALSE(store_->get_document("other")->has_value());
  EXPECT_TRUE(*store_->change_documents({}, {}));
  reopen();
  EXPECT_THAT(*store_->list_documents(""), ElementsAre("new", "state"));
}

TEST_P(StoreContract, EveryChangeRestsOnTheOneBefore) {
  constexpr int kEach = 25;
  ASSERT_TRUE(store_->put_document("n", "0"));
  const auto count_up = [&] {
    for (int i = 0; i < kEach;) {
      const std::string now = **store_->get_document("n");
      const std::string next = std::to_string(std::stoi(now) + 1);
      const DocumentExpectation expected{"n", now};
      const DocumentWrite write{"n", next};
      const auto changed = store_->change_documents({&expected, 1}, {&write, 1});
      ASSERT_TRUE(changed) << changed.error().detail;
      if (*changed) ++i;
    }
  };
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 3; ++i) threads.emplace_back(count_up);
  }
  EXPECT_EQ(**store_->get_document("n"), std::to_string(3 * kEach));
}

TEST_P(StoreContract, ReopeningKeepsEverything) {
  const RawRow row{time_from_us(1), "pay", "e", {}, "7"};
  const RollupDelta delta{{"pay", "e", time_from_us(0)}, "a"};
  const StoredAnswer answer{"k", "print", "yes", time_from_us(2'000'000)};
  ASSERT_TRUE(store_->commit({{&row, 1}, {&delta, 1}, {&answer, 1}}));
  ASSERT_TRUE(store_->put_document("d", "v"));
  reopen();
  EXPECT_THAT(payloads(all_rows()), ElementsAre("7"));
  EXPECT_THAT(sums(), ElementsAre("e@0=a"));
  EXPECT_EQ((*store_->find_answer("k"))->answer, "yes");
  EXPECT_EQ(**store_->get_document("d"), "v");
  EXPECT_FALSE(commit_answer("k", 2'000'000));
}

TEST_P(StoreContract, IdsStayUniqueAndGrowOverReopening) {
  std::set<std::uint64_t> ids;
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(commit_rows({{i, "1"}, {i, "2"}}));
    reopen();
  }
  const auto page = store_->read_rows(all_rows());
  std::uint64_t last = 0;
  for (const StoredRow& row : page->rows) {
    EXPECT_GT(row.id, last);
    last = row.id;
  }
  EXPECT_EQ(page->rows.size(), 10u);
}

TEST_P(StoreContract, ThreadsCommitAtOnce) {
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([this, t] {
        for (int i = 0; i < 25; ++i) {
          const std::string payload = numbered(t * 25 + i);
          const RawRow row{time_from_us(t * 25 + i), "pay", "e", {}, payload};
          const RollupDelta delta{{"pay", "e", time_from_us(0)}, std::string(1, 'a' + t)};
          const auto done = store_->commit({{&row, 1}, {&delta, 1}, {}});
          ASSERT_TRUE(done) << done.error().detail;
        }
      });
    }
  }
  std::vector<std::string> expected;
  for (int i = 0; i < 100; ++i) expected.push_back(numbered(i));
  EXPECT_EQ(payloads(all_rows(9)), expected);
  std::string letters;
  for (char c = 'a'; c < 'e'; ++c) letters += std::string(25, c);
  EXPECT_THAT(sums(), ElementsAre("e@0=" + letters));
}

TEST_P(StoreContract, OneOfManyThreadsWinsAKey) {
  std::atomic<int> won = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        const StoredAnswer answer{"k", "print", numbered(t), time_from_us(2'000'000)};
        const auto done = store_->commit({{}, {}, {&answer, 1}});
        if (done) ++won;
        EXPECT_TRUE(done || done.error().code == ErrorCode::kConflict);
      });
    }
  }
  EXPECT_EQ(won, 1);
}

TEST_P(StoreContract, BigCommitIsOneCommit) {
  std::vector<OwnedRow> rows;
  const std::string payload = R"({"request": {"body": {"amount": 1.25, "currency": "USD"}}})";
  for (int i = 0; i < 50'000; ++i) rows.push_back({i, payload});
  ASSERT_TRUE(commit_rows(rows));
  EXPECT_EQ(payloads(all_rows(10'000)).size(), 50'000u);
}

TEST_P(StoreContract, CompactionKeepsSums) {
  for (const char* letters : {"a", "b", "c"}) ASSERT_TRUE(commit_delta("e", 0, letters));
  ASSERT_TRUE(commit_delta("e", 10, "d"));
  ASSERT_TRUE(commit_delta("e", 10, "d"));
  const auto gone = store_->compact(time_from_us(10));
  ASSERT_TRUE(gone) << gone.error().detail;
  EXPECT_EQ(*gone, 2u);
  EXPECT_EQ(*store_->compact(time_from_us(10)), 0u);
  ASSERT_TRUE(commit_delta("e", 0, "late"));
  EXPECT_THAT(sums(), ElementsAre("e@0=aabcelt", "e@10=dd"));
  ASSERT_TRUE(store_->compact(time_from_us(100)));
  EXPECT_THAT(sums(), ElementsAre("e@0=aabcelt", "e@10=dd"));
}

TEST_P(StoreContract, ReadersSeeTheSameSumsWhileCompactionRuns) {
  constexpr int kBuckets = 40, kParts = 5;
  for (int i = 0; i < kBuckets * kParts; ++i) ASSERT_TRUE(commit_delta("e", i % kBuckets, "x"));
  std::vector<std::string> expected;
  for (int i = 0; i < kBuckets; ++i) expected.push_back("e@" + numbered(i) + "=xxxxx");
  std::atomic<bool> done = false;
  std::jthread compactor([&] {
    for (int i = 0; i <= kBuckets; i += 4) EXPECT_TRUE(store_->compact(time_from_us(i)));
    done = true;
  });
  do {
    ASSERT_EQ(sums(), expected);
  } while (!done);
  EXPECT_EQ(sums(), expected);
}

TEST_P(StoreContract, DeltasOfACompactedBucketAreNotLost) {
  std::atomic<bool> done = false;
  std::jthread compactor([&] {
    for (int i = 1; !done; ++i) EXPECT_TRUE(store_->compact(time_from_us(i)));
  });
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(commit_delta("e", i, "ab"));
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(commit_delta("e", i, "c"));
  done = true;
  compactor.join();
  const auto all = sums();
  ASSERT_EQ(all.size(), 100u);
  for (const std::string& sum : all) EXPECT_THAT(sum, ::testing::EndsWith("=abc"));
}

TEST_P(StoreContract, PartsThatDoNotMergeAreKeptAndReported) {
  ASSERT_TRUE(commit_delta("e", 0, "a"));
  ASSERT_TRUE(commit_delta("e", 0, "!"));
  ASSERT_TRUE(commit_delta("e", 10, "b"));
  (void)store_->compact(time_from_us(5));
  EXPECT_THAT(sums("pay", {}, {time_from_us(10), Time::max()}), ElementsAre("e@10=b"));
  std::string seen;
  const auto read =
      store_->read_rollups({"pay", {}}, {Time::min(), Time::max()},
                           [&](auto, auto, std::string_view s) { return seen += s, true; });
  EXPECT_TRUE(!read || seen.find('!') != std::string::npos);
  EXPECT_TRUE(read || read.error().code == ErrorCode::kCorrupt);
  EXPECT_TRUE(commit_delta("e", 20, "c"));
}

TEST_P(StoreContract, NulInANameIsRefused) {
  const auto refused = commit_rows({{1, "1", std::string("a\0b", 3)}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(commit_delta(std::string("a\0", 2), 0, "x").error().code, ErrorCode::kInvalidArgument);
}

TEST_P(StoreContract, FiguresHaveNames) {
  ASSERT_TRUE(commit_rows({{1, "1"}}));
  const Figures figures = store_->figures();
  ASSERT_TRUE(figures.contains("commits"));
  EXPECT_EQ(figures.at("commits"), 1);
  EXPECT_TRUE(figures.contains("commit_seconds"));
}

}  // namespace driftguard::store
