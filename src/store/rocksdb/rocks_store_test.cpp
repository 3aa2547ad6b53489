// SPDX-License-Identifier: Apache-2.0
#include "store/rocksdb/rocks_store.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>
#include <thread>

#include "store/rocksdb/rocks_engine.h"
#include "store/testing_contract.h"

namespace driftguard::store {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

// A directory of its own that is gone with the object.
class RocksPlace final : public StorePlace {
 public:
  RocksPlace() {
    std::string name = (fs::temp_directory_path() / "rocks_test.XXXXXX").string();
    if (::mkdtemp(name.data())) path_ = name;
  }
  ~RocksPlace() override { fs::remove_all(path_); }

  Result<std::unique_ptr<Store>> open(const Clock& clock) override {
    RocksOptions options = this->options();
    options.clock = &clock;
    return open_rocks_store(options, merge_letters);
  }
  Result<std::unique_ptr<Store>> open() { return open_rocks_store(options(), merge_letters); }
  RocksOptions options() const {
    RocksOptions options;
    options.directory = (path_ / "data").string();
    options.memtable_bytes = 8u << 20;
    return options;
  }
  fs::path data() const { return path_ / "data"; }
  // The largest file of this kind.
  fs::path file(std::string_view extension) const {
    fs::path found;
    for (const auto& entry : fs::directory_iterator(data())) {
      if (entry.path().extension() != extension) continue;
      if (found.empty() || fs::file_size(found) < entry.file_size()) found = entry.path();
    }
    return found;
  }

 private:
  fs::path path_;
};

INSTANTIATE_TEST_SUITE_P(Rocks, StoreContract,
                         ::testing::Values(StoreFactory{
                             "rocksdb", [] { return std::make_unique<RocksPlace>(); }}),
                         [](const auto& param) { return param.param.name; });

Result<void> commit_one(Store& store, std::int64_t us, std::string payload) {
  const RawRow row{time_from_us(us), "pay", "e", {}, payload};
  return store.commit({{&row, 1}, {}, {}});
}

Result<std::vector<StoredRow>> all_rows(Store& store) {
  auto page = store.read_rows({.service = {},
                               .endpoint = {},
                               .range = {Time::min(), Time::max()},
                               .after = {},
                               .rows_max = 1'000'000,
                               .bytes_max = 1u << 30});
  if (!page) return page.error();
  return std::move(page->rows);
}

void flip_byte(const fs::path& path, std::uint64_t at) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(at));
  const int byte = file.get();
  file.seekp(static_cast<std::streamoff>(at));
  file.put(static_cast<char>(byte ^ 0x40));
}

TEST(RocksStore, DirectoryIsHeldByOneProcess) {
  RocksPlace place;
  const auto first = place.open();
  ASSERT_TRUE(first);
  const auto second = place.open();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kConflict);
  EXPECT_THAT(second.error().detail, HasSubstr("--url"));
}

TEST(RocksStore, DirectoryOfAnotherProcessIsAConflict) {
  RocksPlace place;
  ASSERT_TRUE(place.open());
  int held[2], release[2];
  ASSERT_EQ(::pipe(held) | ::pipe(release), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto store = place.open();
    char byte = store ? 'y' : 'n';
    if (::write(held[1], &byte, 1) == 1 && ::read(release[0], &byte, 1) == 1) ::_exit(0);
    ::_exit(1);
  }
  char byte = 0;
  ASSERT_EQ(::read(held[0], &byte, 1), 1);
  ASSERT_EQ(byte, 'y');
  const auto refused = place.open();
  ASSERT_EQ(::write(release[1], &byte, 1), 1);
  ::waitpid(child, nullptr, 0);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict) << refused.error().detail;
}

TEST(RocksStore, NewerFormatIsRefused) {
  RocksPlace place;
  ASSERT_TRUE(place.open());
  {
    rocksdb::DB* db = nullptr;
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    const RocksOptions options = place.options();
    auto merge = std::make_shared<SummaryMerge>(merge_letters);
    ASSERT_TRUE(rocksdb::DB::Open(database_options(options), options.directory,
                                  column_families(options, nullptr, merge), &handles, &db)
                    .ok());
    db->Put(rocksdb::WriteOptions(), std::string(kFormatKey), std::string("\0\0\0\0\0\0\0\x63", 8));
    for (auto* handle : handles) db->DestroyColumnFamilyHandle(handle);
    delete db;
  }
  const auto refused = place.open();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(refused.error().detail, HasSubstr("newer driftguard"));
}

TEST(RocksStore, DamagedLogIsRefusedWhereAnsweredCommitsLieBehind) {
  RocksPlace place;
  {
    const auto store = place.open();
    for (int i = 0; i < 50; ++i) ASSERT_TRUE(commit_one(**store, i, std::string(1000, 'p')));
  }
  const fs::path log = place.file(".log");
  flip_byte(log, fs::file_size(log) / 2);
  const auto refused = place.open();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kCorrupt);
  EXPECT_THAT(refused.error().detail, HasSubstr("damaged at byte"));
}

TEST(RocksStore, TornTailOfTheLogIsForgotten) {
  RocksPlace place;
  {
    const auto store = place.open();
    for (int i = 0; i < 50; ++i) ASSERT_TRUE(commit_one(**store, i, std::string(1000, 'p')));
  }
  const fs::path log = place.file(".log");
  flip_byte(log, fs::file_size(log) - 500);  // Within the last record.
  const auto store = place.open();
  ASSERT_TRUE(store) << store.error().detail;
  EXPECT_EQ(all_rows(**store)->size(), 49u);
  EXPECT_TRUE(commit_one(**store, 50, "50"));
}

TEST(RocksStore, DamagedTableIsAnErrorNotGarbage) {
  RocksPlace place;
  {
    const auto store = place.open();
    std::mt19937_64 random(7);
    for (int i = 0; i < 6; ++i) {
      std::string noise(2u << 20, 'x');
      for (char& c : noise) c = static_cast<char>(random());
      ASSERT_TRUE(commit_one(**store, i, noise));
    }
    while ((*store)->figures().at("sst_bytes") < 2e6) std::this_thread::yield();
  }
  const fs::path table = place.file(".sst");
  flip_byte(table, fs::file_size(table) / 2);
  const auto store = place.open();
  const auto read = store ? all_rows(**store) : store.error();
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::kCorrupt) << read.error().detail;
}

TEST(RocksStore, FullDiskIsUnavailableUntilThereIsSpace) {
  RocksPlace place;
  const std::string data = place.data().string();
  fs::create_directories(data);
  if (::mount("tmpfs", data.c_str(), "tmpfs", 0, "size=64m") != 0) GTEST_SKIP() << "needs mount";
  const std::unique_ptr<const char, int (*)(const char*)> unmount(data.c_str(), ::umount);
  auto store = place.open();
  ASSERT_TRUE(store) << store.error().detail;
  ASSERT_TRUE(commit_one(**store, 0, "first"));
  const fs::path ballast = data + "/ballast";
  std::ofstream(ballast).close();
  std::error_code failed;
  fs::resize_file(ballast, 0, failed);
  {
    std::ofstream fill(ballast, std::ios::binary);
    const std::string block(1u << 16, 'x');
    while (fill.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
    }
  }
  Result<void> refused;
  std::int64_t stored = 1;
  for (; stored < 100 && refused; ++stored) {
    refused = commit_one(**store, stored, std::string(1u << 20, 'y'));
  }
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable) << refused.error().detail;
  EXPECT_EQ(all_rows(**store)->size(), static_cast<std::size_t>(stored - 1));
  fs::remove(ballast);
  const auto resumed = commit_one(**store, 1000, "after");
  EXPECT_TRUE(resumed) << resumed.error().detail;
  EXPECT_TRUE(all_rows(**store)->back().payload == "after");
  store = std::unique_ptr<Store>();
  const auto again = place.open();
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(all_rows(**again)->size(), static_cast<std::size_t>(stored));
}

// The child of the test below: commits batches of ten rows and a delta, and says so each time.
[[noreturn]] void commit_until_killed(const RocksPlace& place, int acknowledged,
                                      std::int32_t next) {
  const auto store = open_rocks_store(place.options(), merge_letters);
  if (!store) ::_exit(1);
  for (std::int32_t batch = next;; ++batch) {
    const std::string payload = std::to_string(batch) + std::string(200, '.');
    std::vector<RawRow> rows(10, {time_from_us(batch), "pay", "e", {}, payload});
    const RollupDelta delta{{"pay", "e", time_from_us(batch)}, "x"};
    if (!(*store)->commit({rows, {&delta, 1}, {}})) ::_exit(1);
    if (::write(acknowledged, &batch, sizeof batch) != sizeof batch) ::_exit(1);
  }
}

// Kills a committing child after `reads` acknowledgements and a random moment; gives the last.
std::int32_t kill_while_committing(const RocksPlace& place, std::int32_t next, int moment_us) {
  int acknowledged[2];
  if (::pipe(acknowledged) != 0) return -1;
  const pid_t child = ::fork();
  if (child == 0) commit_until_killed(place, acknowledged[1], next);
  ::close(acknowledged[1]);
  std::int32_t last = next - 1, read = 0;
  if (::read(acknowledged[0], &read, sizeof read) == sizeof read) last = read;
  ::usleep(static_cast<useconds_t>(moment_us));  // The random moment; nothing waits for it.
  ::kill(child, SIGKILL);
  while (::read(acknowledged[0], &read, sizeof read) == sizeof read) last = read;
  ::close(acknowledged[0]);
  ::waitpid(child, nullptr, 0);
  return last;
}

TEST(RocksStore, KillLosesNoAnsweredCommitAndSplitsNone) {
  const RocksPlace place;
  const auto seed = std::random_device{}();
  std::mt19937 random(seed);
  std::int32_t acknowledged = -1, next = 0;
  for (int round = 0; round < 20; ++round) {
    acknowledged = kill_while_committing(place, next, static_cast<int>(random() % 20'000));
    ASSERT_GE(acknowledged, next) << "round " << round << ", seed " << seed;
    const auto store = open_rocks_store(place.options(), merge_letters);
    ASSERT_TRUE(store) << store.error().detail << ", seed " << seed;
    const auto rows = all_rows(**store);
    ASSERT_TRUE(rows);
    std::map<std::int64_t, int> batches;
    std::set<std::uint64_t> ids;
    for (const StoredRow& row : *rows) ++batches[us_since_epoch(row.ts)], ids.insert(row.id);
    EXPECT_EQ(ids.size(), rows->size()) << "an id came twice, seed " << seed;
    // All that was answered, and at most the one commit that was under way.
    next = static_cast<std::int32_t>(batches.size());
    EXPECT_GE(next, acknowledged + 1) << "seed " << seed;
    EXPECT_LE(next, acknowledged + 2) << "seed " << seed;
    for (const auto& [batch, count] : batches) ASSERT_EQ(count, 10) << batch << ", seed " << seed;
    std::int32_t deltas = 0;
    ASSERT_TRUE(
        (*store)->read_rollups({"pay", {}}, {Time::min(), Time::max()},
                               [&](auto, auto, auto s) { return deltas += s == "x", true; }));
    EXPECT_EQ(deltas, next) << "seed " << seed;
  }
}

}  // namespace
}  // namespace driftguard::store
