// SPDX-License-Identifier: Apache-2.0
#include "cli/file_import.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>

namespace driftguard::cli {
namespace {

using testing::HasSubstr;
using Outcome = BatchAnswer::Outcome;

// A store as far as an import sees it: remembers keys, refuses lines with "bad" in them, and can
// be told to fail from some batch on.
class FakeStore final : public BatchSink, public Access {
 public:
  void wait_for_room() override {}
  void drain() override {}
  void send(BatchOrder order, Done done) override { done(answer(order)); }

  Result<EventPage> events(const EventQuery& query) override {
    EventPage page;
    for (const std::string& line : lines) {
      const bool narrow = query.range.to != kLatest;
      if (!narrow || line.find(format_rfc3339(query.range.from)) != std::string::npos) {
        page.lines += line + '\n';
      }
    }
    return page;
  }

  Result<std::string> report(const report::ReportQuery&) override { return unused(); }
  Result<std::string> compare(const std::map<std::string, std::string>&) override {
    return unused();
  }
  Result<std::string> build_baseline(const BuildOrder&) override { return unused(); }
  Result<std::string> list_baselines(const std::string&) override { return unused(); }
  Result<std::string> show_baseline(const std::string&, std::optional<int>) override {
    return unused();
  }
  Result<std::string> activate_baseline(const std::string&, int) override { return unused(); }
  Result<std::string> promote_baseline(const std::string&,
                                       const baseline::BaselineChoice&) override {
    return unused();
  }
  Result<std::string> roll_back_baseline(const std::string&) override { return unused(); }
  Result<std::string> diff_baselines(const std::string&, int, int) override { return unused(); }

  std::vector<std::string> lines;
  std::map<std::string, std::uint64_t> keys;
  int batches_left = 1'000'000;  // Until every batch fails.
  int busy_batches = 0;          // First.

 private:
  static Error unused() { return {ErrorCode::kInternal, "not asked for by an import"}; }

  BatchAnswer answer(const BatchOrder& order) {
    BatchAnswer given;
    if (busy_batches > 0) {
      --busy_batches;
      given.outcome = Outcome::kBusy;
      return given;
    }
    if (batches_left-- <= 0) {
      given.detail = "the store is away";
      return given;
    }
    if (order.body.find("no json") != std::string::npos) {
      given.outcome = Outcome::kNotJson;
      return given;
    }
    given.outcome = Outcome::kStored;
    const auto known = keys.find(order.key);
    given.stored = known == keys.end() ? store(order.body) : known->second;
    keys[order.key] = given.stored;
    return given;
  }

  std::uint64_t store(std::string_view body) {
    std::uint64_t stored = 0;
    for (; !body.empty(); body.remove_prefix(body.find('\n') + 1), ++stored) {
      lines.emplace_back(body.substr(0, body.find('\n')));
    }
    return stored;
  }
};

std::string event(int number) {
  return R"({"ts":")" + format_rfc3339(time_from_us(1'735'689'600'000'000 + number * 1000)) +
         R"(","service":"s","endpoint":"e"})";
}

class FileImportTest : public testing::Test {
 protected:
  FileImportTest() {
    std::filesystem::create_directories(directory_);
    source_.path = source_.file = directory_ + "/events.jsonl";
    source_.target = "rocksdb:/data";
    source_.state_path = directory_ + "/state.json";
    source_.batch = 10;
    write(100);
  }
  ~FileImportTest() override { std::filesystem::remove_all(directory_); }

  void write(int events, const std::string& rest = "") {
    std::ofstream file(source_.path, std::ios::binary);
    for (int i = 0; i < events; ++i) file << event(i) << '\n';
    file << rest;
  }

  Result<FileImportResult> import(bool skip = false) {
    Result<ImportStart> start = start_import(source_, store_);
    if (!start) return start.error();
    FileImportOptions options;
    options.skip_invalid = skip;
    return FileImport(source_, std::move(*start), store_, interrupts_, options).run();
  }

  const std::string directory_ =
      testing::TempDir() + "file_import_test." + std::to_string(::getpid());
  ImportSource source_;
  FakeStore store_;
  Interrupts interrupts_;
};

TEST_F(FileImportTest, AllEventsArriveInOrder) {
  const auto result = import();
  ASSERT_TRUE(result);
  EXPECT_EQ(result->events, 100);
  ASSERT_EQ(store_.lines.size(), 100);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(store_.lines[static_cast<std::size_t>(i)], event(i));
}

TEST_F(FileImportTest, ACompletedFileIsNotImportedAgain) {
  ASSERT_TRUE(import());
  store_.keys.clear();  // As after 24 hours.
  const auto result = import();
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->nothing_new);
  EXPECT_EQ(store_.lines.size(), 100);
}

TEST_F(FileImportTest, AgainStoresASecondTime) {
  ASSERT_TRUE(import());
  source_.again = true;
  ASSERT_TRUE(import());
  EXPECT_EQ(store_.lines.size(), 200);
}

TEST_F(FileImportTest, AnImportThatFailedGoesOnWithoutTheStoresMemory) {
  for (int batches = 0; batches < 10; ++batches) {
    std::filesystem::remove(source_.state_path);
    store_ = FakeStore();
    store_.batches_left = batches;
    const auto failed = import();
    ASSERT_FALSE(failed);
    EXPECT_THAT(failed.error().detail, HasSubstr("the store is away"));
    store_.batches_left = 1000;
    store_.keys.clear();
    const auto result = import();
    ASSERT_TRUE(result);
    EXPECT_EQ(result->events, 100);
    EXPECT_EQ(store_.lines.size(), 100) << "after " << batches << " batches";
  }
}

TEST_F(FileImportTest, WithoutAStateTheStoresMemoryPreventsDoubles) {
  source_.state_path.clear();
  store_.batches_left = 3;
  ASSERT_FALSE(import());
  store_.batches_left = 1000;
  ASSERT_TRUE(import());
  EXPECT_EQ(store_.lines.size(), 100);
}

TEST_F(FileImportTest, AFileThatGrewIsImportedFromWhereItEnded) {
  ASSERT_TRUE(import());
  write(130);
  const auto result = import();
  ASSERT_TRUE(result);
  EXPECT_EQ(result->resumed_after, 100);
  EXPECT_FALSE(result->nothing_new);
  EXPECT_EQ(store_.lines.size(), 130);
}

TEST_F(FileImportTest, AFileThatChangedInItsImportedPartIsRefused) {
  ASSERT_TRUE(import());
  write(50, "changed\n");
  const auto result = import();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kConflict);
  EXPECT_THAT(result.error().detail, HasSubstr("has changed before line 101"));
}

TEST_F(FileImportTest, AnotherFileOfTheSameNameIsImportedFromTheStart) {
  ASSERT_TRUE(import());
  std::ofstream(source_.path, std::ios::binary) << event(1000) << '\n';
  ASSERT_TRUE(import());
  EXPECT_EQ(store_.lines.size(), 101);
}

TEST_F(FileImportTest, AnEmptiedStoreIsFilledAgain) {
  ASSERT_TRUE(import());
  store_ = FakeStore();
  ASSERT_TRUE(import());
  EXPECT_EQ(store_.lines.size(), 100);
}

TEST_F(FileImportTest, AStoreThatLacksTheLastEventIsRefused) {
  ASSERT_TRUE(import());
  store_.lines.pop_back();
  const auto result = import();
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().detail, HasSubstr("does not hold its last event"));
}

TEST_F(FileImportTest, ABusyStoreIsAskedAgain) {
  store_.busy_batches = 2;
  ASSERT_TRUE(import());
  EXPECT_EQ(store_.lines.size(), 100);
}

TEST_F(FileImportTest, ABadLineStopsTheImportAndIsNamed) {
  write(55, "no json\n" + event(56) + "\n");
  const auto result = import();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(result.error().detail, HasSubstr("events.jsonl:56: "));
  EXPECT_EQ(store_.lines.size(), 50);
}

TEST_F(FileImportTest, AfterTheBadLineIsMendedTheImportGoesOn) {
  write(55, "no json\n");
  ASSERT_FALSE(import());
  write(100);
  ASSERT_TRUE(import());
  EXPECT_EQ(store_.lines.size(), 100);
}

TEST_F(FileImportTest, SkippingPassesOverBadLinesAlone) {
  write(55, "no json\n" + event(56) + "\nno json either\n" + event(58) + "\n");
  const auto result = import(true);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->events, 57);
  EXPECT_EQ(result->rejected, 2);
  EXPECT_EQ(store_.lines.back(), event(58));
}

}  // namespace
}  // namespace driftguard::cli
