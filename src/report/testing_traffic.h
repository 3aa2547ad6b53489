// SPDX-License-Identifier: Apache-2.0
// Real traffic in an embedded store, at moments that the test chooses.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "ingest/batch_reader.h"
#include "report/view_desk.h"
#include "store/rocksdb/rocks_store.h"

namespace driftguard::report {

class TrafficTest : public ::testing::Test {
 protected:
  TrafficTest() {
    store::RocksOptions options;
    options.directory = directory_.string();
    auto opened = store::open_rocks_store(options, rollup::merge_encoded);
    EXPECT_TRUE(opened) << opened.error().detail;
    store_ = std::move(*opened);
    FeatureRule secret;
    secret.pointer = "/request/body/card";
    secret.redact = true;
    rules_ = ingest::FeatureRules({secret});
    names_.emplace(*store_, rules_);
    windows_.emplace(*store_, rules_, nullptr, window::WindowReaderOptions{1000});
    book_.emplace(*store_, *names_, *windows_, clock_, baseline::BaselineBookOptions{});
    desk_.emplace(*store_, *windows_, *book_, *names_, rules_, clock_, config_);
  }
  ~TrafficTest() override {
    store_.reset();
    std::filesystem::remove_all(directory_);
  }

  ViewSources sources() { return {*store_, *windows_, *book_, *desk_, rules_, clock_}; }

  // Stores one event a number, `step` apart from `begin` on.
  void store(const std::string& service, Time begin, std::chrono::seconds step,
             const std::vector<double>& amounts, const std::string& rest = R"("currency":"USD")",
             const std::string& endpoint = "/pay") {
    std::string body;
    for (std::size_t i = 0; i < amounts.size(); ++i) {
      body += fmt::format(R"({{"ts":"{}","service":"{}","endpoint":"{}","host":"h{}",)"
                          R"("request":{{"body":{{"amount":{},{}}}}},)"
                          R"("response":{{"status":200,"duration_ms":{}}}}})"
                          "\n",
                          format_rfc3339(begin + step * static_cast<int>(i)), service, endpoint,
                          i % 2, amounts[i], rest, 100 + i % 7);
    }
    store_lines(body);
  }
  // Under no rules: events as they were stored before a rule was made.
  void store_lines(const std::string& lines) {
    const ingest::FeatureRules none;
    ingest::BatchReader reader(none);
    ingest::ReadOptions options;
    options.format = ingest::BodyFormat::kLines;
    options.latest = kLatest;
    auto batch = reader.read(lines, options);
    ASSERT_TRUE(batch) << batch.error().detail;
    std::vector<store::RollupDelta> deltas;
    for (const auto& delta : batch->deltas) {
      deltas.push_back({delta.key, rollup::encode(*delta.rollup)});
    }
    ASSERT_TRUE(store_->commit({batch->rows, deltas, {}}));
  }

  static std::vector<double> ramp(std::size_t count, double begin) {
    std::vector<double> values(count);
    for (std::size_t i = 0; i < count; ++i) values[i] = begin + static_cast<double>(i % 60);
    return values;
  }

  const std::filesystem::path directory_ =
      std::filesystem::temp_directory_path() / fmt::format("dg_report_{}", ::getpid());
  const Time start_ = *parse_rfc3339("2025-03-01T12:00:00Z");
  ManualClock clock_{start_};
  Config config_;
  std::unique_ptr<store::Store> store_;
  ingest::FeatureRules rules_;
  std::optional<baseline::FeatureNames> names_;
  std::optional<window::WindowReader> windows_;
  std::optional<baseline::BaselineBook> book_;
  std::optional<ReportDesk> desk_;
};

}  // namespace driftguard::report
