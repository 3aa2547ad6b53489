// SPDX-License-Identifier: Apache-2.0
// An embedded store of a test's own, with what baselines are made from.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "baseline/baseline_book.h"
#include "ingest/batch_reader.h"
#include "store/rocksdb/rocks_store.h"

namespace driftguard::baseline {

class StoreTest : public ::testing::Test {
 protected:
  StoreTest() {
    store::RocksOptions options;
    options.directory = directory_.string();
    auto opened = store::open_rocks_store(options, rollup::merge_encoded);
    EXPECT_TRUE(opened) << opened.error().detail;
    store_ = std::move(*opened);
    names_.emplace(*store_, rules_);
    windows_.emplace(*store_, rules_, nullptr, window::WindowReaderOptions{});
    exclusions_.emplace(*store_, clock_, configured_, [this](const std::string&, TimeRange range) {
      alarms_asked_ = range;
      return alarms_;
    });
    book_.emplace(*store_, *names_, *windows_, clock_,
                  BaselineBookOptions{"", {}, {}, &*exclusions_, derived_});
  }
  ~StoreTest() override {
    store_.reset();
    std::filesystem::remove_all(directory_);
  }

  // One event of the service "pay" at `ts`.
  static std::string event(Time ts, double amount, const std::string& endpoint = "/pay") {
    return fmt::format(R"({{"ts":"{}","service":"pay","endpoint":"{}",)"
                       R"("request":{{"body":{{"amount":{},"currency":"C{}"}}}},)"
                       R"("response":{{"status":200,"duration_ms":{}}}}})"
                       "\n",
                       format_rfc3339(ts), endpoint, amount, static_cast<int>(amount) % 3, amount);
  }
  // What events fold to, by bucket.
  std::vector<ingest::BucketDelta> fold(const std::string& lines, ingest::Batch* batch) {
    ingest::ReadOptions options;
    options.format = ingest::BodyFormat::kLines;
    options.latest = kLatest;
    auto read = reader_.read(lines, options);
    EXPECT_TRUE(read) << read.error().detail;
    *batch = std::move(*read);
    return batch->deltas;
  }
  void store(const std::string& lines) {
    ingest::Batch batch;
    std::vector<store::RollupDelta> deltas;
    for (const auto& delta : fold(lines, &batch)) {
      deltas.push_back({delta.key, rollup::encode(*delta.rollup)});
    }
    ASSERT_TRUE(store_->commit({batch.rows, deltas, {}}));
  }
  // Events a minute apart.
  void store_minutes(Time from, Time to, double amount) {
    std::string lines;
    for (Time t = from; t < to; t += std::chrono::minutes(1)) lines += event(t, amount);
    store(lines);
  }

  const std::filesystem::path directory_ =
      std::filesystem::temp_directory_path() / fmt::format("dg_baseline_{}", ::getpid());
  const Time start_ = *parse_rfc3339("2025-03-03T12:00:00Z");
  ManualClock clock_{start_};
  std::vector<TimeRange> configured_;
  std::vector<TimeRange> alarms_;
  TimeRange alarms_asked_{};
  DerivedRules derived_;
  std::unique_ptr<store::Store> store_;
  ingest::FeatureRules rules_;
  ingest::BatchReader reader_{rules_};  // Its buffers hold what was read last.
  std::optional<FeatureNames> names_;
  std::optional<window::WindowReader> windows_;
  std::optional<Exclusions> exclusions_;
  std::optional<BaselineBook> book_;
};

}  // namespace driftguard::baseline
