// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/postgres_store.h"

#include <gmock/gmock.h>

#include <atomic>
#include <set>
#include <thread>

#include "store/postgres/connection.h"
#include "store/postgres/testing_server.h"
#include "store/testing_contract.h"

namespace driftguard::store {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// One server for the whole program: started by the first test that needs it.
TestingServer& server() {
  static TestingServer server;
  return server;
}

PostgresOptions options_for(const std::string& url) {
  PostgresOptions options;
  options.url = url;
  options.backoff_max = std::chrono::milliseconds(200);
  options.outcome_timeout = std::chrono::seconds(60);  // A restart of the server on a busy machine.
  return options;
}

class PostgresPlace final : public StorePlace {
 public:
  PostgresPlace() : url_(server().create_database()) {}
  Result<std::unique_ptr<Store>> open(const Clock& clock) override {
    PostgresOptions options = options_for(url_);
    options.clock = &clock;
    return open_postgres_store(options, merge_letters);
  }

 private:
  const std::string url_;
};

INSTANTIATE_TEST_SUITE_P(Postgres, StoreContract,
                         ::testing::Values(StoreFactory{
                             "postgresql", [] { return std::make_unique<PostgresPlace>(); }}),
                         [](const auto& param) { return param.param.name; });

class PostgresStoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(server().running());
    url_ = server().create_database();
  }
  std::unique_ptr<Store> open() {
    auto opened = open_postgres_store(options_for(url_), merge_letters);
    EXPECT_TRUE(opened) << opened.error().detail;
    return opened ? *std::move(opened) : nullptr;
  }
  std::string psql(const std::string& sql) { return server().psql(url_, sql); }

  // A batch of five rows and a delta, all of one number.
  static Result<void> commit_batch(Store& store, std::int64_t number) {
    const std::string payload = std::to_string(number);
    const std::vector<RawRow> rows(5, {time_from_us(number), "pay", "e", "h", payload});
    const RollupDelta delta{{"pay", "e", time_from_us(number)}, "x"};
    return store.commit({rows, {&delta, 1}, {}});
  }

  // Commits numbered batches from three threads until told to stop; each is tried again while it
  // is refused for sure. Then everything has to be there exactly once.
  void commit_through(const std::function<void()>& trouble);

  std::string url_;
};

void PostgresStoreTest::commit_through(const std::function<void()>& trouble) {
  const auto store = open();
  std::atomic<bool> stop = false;
  std::atomic<std::int64_t> acknowledged = 0, refused = 0, unknown = 0;
  const auto work = [&](std::int64_t first) {
    for (std::int64_t number = first; !stop; number += 3) {
      while (true) {
        const auto done = commit_batch(*store, number);
        if (done) break;
        ASSERT_EQ(done.error().code, ErrorCode::kUnavailable) << done.error().detail;
        ++refused;
        if (done.error().detail.find("not known") != std::string::npos) ++unknown;
        if (stop) return;
        std::this_thread::yield();
      }
      ++acknowledged;
    }
  };
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 3; ++i) threads.emplace_back(work, i);
    const auto wait_for = [&](std::int64_t more) {
      const std::int64_t goal = acknowledged + more;
      while (acknowledged < goal) std::this_thread::yield();
    };
    wait_for(100);
    for (int i = 0; i < 3; ++i) {
      trouble();
      wait_for(100);
    }
    stop = true;
  }
  EXPECT_EQ(unknown, 0);
  EXPECT_EQ(psql("SELECT count(*) FROM observations_raw"), std::to_string(acknowledged * 5));
  EXPECT_EQ(psql("SELECT count(*) FROM driftguard_rollups"), std::to_string(acknowledged));
  EXPECT_EQ(psql("SELECT count(*) FROM (SELECT 1 FROM observations_raw GROUP BY ts"
                 " HAVING count(*) <> 5) AS bad"),
            "0");
  EXPECT_TRUE(store->ping());
  // How many of them had to ask afterwards what became of their transaction.
  RecordProperty("commits_resolved", static_cast<int>(store->figures().at("commits_resolved")));
  RecordProperty("refused", static_cast<int>(refused));
}

TEST_F(PostgresStoreTest, SchemaIsTheContracts) {
  const auto store = open();
  EXPECT_EQ(psql("SELECT string_agg(column_name || ' ' || data_type || ' ' || is_nullable, ', '"
                 " ORDER BY ordinal_position) FROM information_schema.columns"
                 " WHERE table_name = 'observations_raw'"),
            "id bigint NO, ts timestamp with time zone NO, service text NO, endpoint text NO, "
            "host text YES, payload jsonb NO");
  EXPECT_THAT(psql("SELECT indexdef FROM pg_indexes WHERE indexname ="
                   " 'observations_raw_service_endpoint_ts_idx'"),
              HasSubstr("(service, endpoint, ts)"));
}

TEST_F(PostgresStoreTest, RowsAreThereForSql) {
  const auto store = open();
  const RawRow row{time_from_us(1735689600'123456), "pay", "POST /v2", "client-1",
                   R"({"a": 1.50})"};
  ASSERT_TRUE(store->commit({{&row, 1}, {}, {}}));
  EXPECT_EQ(psql("SET timezone = 'UTC'; SELECT ts, service, endpoint, host, payload->>'a'"
                 " FROM observations_raw"),
            "2025-01-01 00:00:00.123456+00|pay|POST /v2|client-1|1.50");
}

TEST_F(PostgresStoreTest, SeedTableIsTakenOver) {
  psql(
      "CREATE TABLE IF NOT EXISTS observations_raw (id BIGSERIAL PRIMARY KEY, ts TIMESTAMPTZ NOT"
      " NULL, service TEXT NOT NULL, endpoint TEXT NOT NULL, host TEXT, payload JSONB NOT NULL);"
      "CREATE INDEX ON observations_raw (service, endpoint, ts);"
      "INSERT INTO observations_raw (ts, service, endpoint, payload)"
      " VALUES ('2025-01-01Z', 'pay', 'e', '{\"old\": true}')");
  const auto store = open();
  ASSERT_TRUE(commit_batch(*store, 7));
  EXPECT_EQ(psql("SELECT count(*) FROM observations_raw"), "6");
  EXPECT_EQ(psql("SELECT count(*) FROM pg_indexes WHERE tablename = 'observations_raw'"), "2");
}

TEST_F(PostgresStoreTest, NewerSchemaIsRefused) {
  (void)open();
  psql("INSERT INTO driftguard_schema VALUES (99)");
  const auto refused = open_postgres_store(options_for(url_), merge_letters);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(refused.error().detail, HasSubstr("newer driftguard"));
}

TEST_F(PostgresStoreTest, NodesMayStartAtOnce) {
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this] {
      const auto store = open();
      ASSERT_TRUE(store);
    });
  }
  threads.clear();
  EXPECT_EQ(psql("SELECT string_agg(version::text, ' ' ORDER BY version) FROM driftguard_schema"),
            "1 2");
}

TEST_F(PostgresStoreTest, TwoStoresShareOneDatabase) {
  const auto one = open(), two = open();
  ASSERT_TRUE(commit_batch(*one, 1));
  ASSERT_TRUE(commit_batch(*two, 2));
  const StoredAnswer answer{"k", "print", "yes", Time::max()};
  EXPECT_TRUE(one->commit({{}, {}, {&answer, 1}}));
  EXPECT_EQ(two->commit({{}, {}, {&answer, 1}}).error().code, ErrorCode::kConflict);
  EXPECT_EQ(two->list_segments("")->size(), 1u);
  EXPECT_FALSE(one->exclusive());
}

TEST_F(PostgresStoreTest, TwoStoresCompactAtOnce) {
  const auto one = open(), two = open();
  for (int i = 0; i < 300; ++i) {
    const RollupDelta delta{{"pay", "e", time_from_us(i % 10)}, "x"};
    ASSERT_TRUE(one->commit({{}, {&delta, 1}, {}}));
  }
  std::atomic<std::size_t> gone = 0;
  const auto compact = [&](Store& store) {
    const auto merged = store.compact(time_from_us(100));
    ASSERT_TRUE(merged) << merged.error().detail;
    gone += *merged;
  };
  {
    std::jthread first([&] { compact(*one); }), second([&] { compact(*two); });
  }
  compact(*one);
  EXPECT_EQ(gone, 290u);
  EXPECT_EQ(psql("SELECT count(*), sum(length(summary)) FROM driftguard_rollups"), "10|300");
}

// The commit has looked for sums when there was no claim yet, and adds its delta afterwards.
TEST_F(PostgresStoreTest, ASumWaitsForCommitsThatLookedBeforeItsClaim) {
  const auto store = open();
  const RollupDelta delta{{"pay", "e", time_from_us(0)}, "a"};
  ASSERT_TRUE(store->commit({{}, {&delta, 1}, {}}));
  const Time hour = time_from_us(3600'000'000);
  ASSERT_TRUE(store->compact(hour));
  auto other = Connection::open(options_for(url_));
  ASSERT_TRUE(other);
  ASSERT_TRUE(
      (*other)->run("BEGIN; SELECT pg_current_xact_id(); SELECT driftguard_void_sums("
                    "ARRAY['pay','pay'], ARRAY['e','e'], ARRAY[60,3600], ARRAY[0,0]::bigint[])"));
  {
    std::jthread maker([&] { EXPECT_EQ(*store->make_sums(hour, 10), 2u); });
    while (psql("SELECT count(*) FROM driftguard_sums") != "2") std::this_thread::yield();
    ASSERT_TRUE(
        (*other)->run("INSERT INTO driftguard_rollups (service, endpoint, bucket, summary)"
                      " VALUES ('pay', 'e', 10000000, 'b'); COMMIT"));
  }
  EXPECT_EQ(psql("SELECT string_agg(width || ':' || encode(summary, 'escape'), ' ' ORDER BY width)"
                 " FROM driftguard_sums"),
            "60:ab 3600:ab");
}

TEST_F(PostgresStoreTest, TwoStoresMakeAndVoidSumsAtOnce) {
  const auto one = open(), two = open();
  const Time hour = time_from_us(3600'000'000);
  std::atomic<bool> done = false;
  const auto settle = [&](Store& store) {
    const auto merged = store.compact(hour);
    ASSERT_TRUE(merged) << merged.error().detail;
    const auto made = store.make_sums(hour, 20);
    ASSERT_TRUE(made) << made.error().detail;
  };
  {
    std::vector<std::jthread> threads;
    for (Store* store : {one.get(), two.get()}) {
      threads.emplace_back([&, store] {
        while (!done) settle(*store);
      });
    }
    for (int i = 0; i < 200; ++i) {
      const RollupDelta deltas[] = {{{"pay", "e", time_from_us(i % 7 * 60'000'000)}, "x"},
                                    {{"pay", "f", time_from_us(i % 5 * 60'000'000)}, "x"}};
      EXPECT_TRUE((i % 2 ? *one : *two).commit({{}, deltas, {}}));
    }
    done = true;
  }
  psql("UPDATE driftguard_sums SET claimed_at = now() - interval '2 minutes'");
  settle(*one);
  std::string letters;
  int pieces = 0;
  ASSERT_TRUE(two->read_sums({"pay", {}}, {Time::min(), Time::max()},
                             [&](auto, auto, auto, std::string_view summary) {
                               return ++pieces, letters += summary, true;
                             }));
  EXPECT_EQ(pieces, 2);
  EXPECT_EQ(letters, std::string(400, 'x'));
}

TEST_F(PostgresStoreTest, HoursStoredBeforeThereWereSumsAreListed) {
  (void)open();
  psql(
      "DROP TABLE driftguard_sums, driftguard_stale_sums; DROP FUNCTION driftguard_void_sums;"
      "DELETE FROM driftguard_schema WHERE version > 1;"
      "INSERT INTO driftguard_rollups (service, endpoint, bucket, summary, merged)"
      " SELECT 'pay', e, bucket, 'x', true FROM unnest(ARRAY['e', 'f']) e,"
      " generate_series(-7200000000, 7190000000, 10000000) AS bucket");
  const auto store = open();
  ASSERT_TRUE(store);
  EXPECT_EQ(psql("SELECT string_agg(ends || endpoint, ' ' ORDER BY ends, endpoint)"
                 " FROM driftguard_stale_sums WHERE width = 3600"),
            "-3600000000e -3600000000f 0e 0f 3600000000e 3600000000f 7200000000e 7200000000f");
  EXPECT_EQ(*store->make_sums(time_from_us(7200'000'000), 100), 8u);
  EXPECT_EQ(psql("SELECT string_agg(DISTINCT encode(summary, 'escape'), ' ') FROM driftguard_sums"),
            std::string(360, 'x'));
}

TEST_F(PostgresStoreTest, WhatJsonbRefusesIsAnInvalidArgument) {
  const auto store = open();
  const RawRow good{time_from_us(1), "pay", "e", {}, "{}"};
  for (const char* payload : {R"({"a": "\u0000"})", "{not json", "\"\xff\""}) {
    const RawRow rows[] = {good, {time_from_us(2), "pay", "e", {}, payload}};
    const auto refused = store->commit({rows, {}, {}});
    ASSERT_FALSE(refused) << payload;
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument) << refused.error().detail;
  }
  EXPECT_EQ(psql("SELECT count(*) FROM observations_raw"), "0");
  EXPECT_TRUE(store->commit({{&good, 1}, {}, {}}));
}

TEST_F(PostgresStoreTest, TimeBeyondPostgresIsAnInvalidArgument) {
  const auto store = open();
  const RawRow row{time_from_us(-300'000'000'000'000'000), "pay", "e", {}, "{}"};
  const auto done = store->commit({{&row, 1}, {}, {}});
  EXPECT_TRUE(done || done.error().code == ErrorCode::kInvalidArgument);
}

TEST_F(PostgresStoreTest, NoErrorNamesThePassword) {
  PostgresOptions options;
  options.connect_timeout = std::chrono::milliseconds(2000);
  for (const char* url :
       {"postgresql://dev:s3cret@127.0.0.1:1/drift", "postgresql://dev:s3cret@[broken/drift",
        "postgresql//dev:s3cret@h/d", "postgresql://dev:s3cret@127.0.0.1:1/drift?nonsense=1"}) {
    options.url = url;
    const auto refused = open_postgres_store(options, merge_letters);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().detail, Not(HasSubstr("s3cret")));
  }
}

TEST_F(PostgresStoreTest, ServerThatCrashesLosesAndDoublesNothing) {
  const auto watcher = open();
  commit_through([&] {
    server().stop_immediately();
    const auto refused = watcher->ping();
    EXPECT_TRUE(!refused && refused.error().code == ErrorCode::kUnavailable);
    EXPECT_EQ(watcher->read_rows({}).error().code, ErrorCode::kUnavailable);
    server().start();
  });
}

TEST_F(PostgresStoreTest, TerminatedBackendsLoseAndDoubleNothing) {
  commit_through([&] {
    for (int i = 0; i < 20; ++i) {
      psql(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
          " WHERE application_name = 'driftguard' AND datname = current_database()");
    }
  });
}

TEST_F(PostgresStoreTest, SilentServerIsUnavailableInTime) {
  PostgresOptions options = options_for(url_);
  options.reply_timeout = std::chrono::milliseconds(300);
  options.outcome_timeout = std::chrono::milliseconds(300);
  auto store = open_postgres_store(options, merge_letters);
  ASSERT_TRUE(store);
  std::jthread holder([&] {
    server().psql(url_, "BEGIN; LOCK TABLE observations_raw; SELECT pg_sleep(3); COMMIT");
  });
  while (psql("SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted"
              " AND relation = 'observations_raw'::regclass") != "1") {
    std::this_thread::yield();
  }
  const auto refused = commit_batch(**store, 1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  holder.join();
  EXPECT_TRUE(commit_batch(**store, 1));
}

}  // namespace
}  // namespace driftguard::store
