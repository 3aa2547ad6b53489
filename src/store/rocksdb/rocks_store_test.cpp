// SPDX-License-Identifier: Apache-2.0
#include "store/rocksdb/rocks_store.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>
#include <thread>

#include "store/rocksdb/rocks_engine.h"
#include "store/sums.h"
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

// Bytes that do not compress.
std::string noise(std::size_t size, std::mt19937_64& random) {
  std::string bytes(size, ' ');
  for (char& c : bytes) c = static_cast<char>(random());
  return bytes;
}

void flip_byte(const fs::path& path, std::uint64_t at) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(at));
  const int byte = file.get();
  file.seekp(static_cast<std::streamoff>(at));
  file.put(static_cast<char>(byte ^ 0x40));
}

// Another process that commits batches of ten rows and a delta, one after another, and says so
// each time. It is this program once more, at the test below: a mere fork of a process that has
// used RocksDB has none of RocksDB's threads and waits for them forever.
class Child final {
 public:
  Child(const RocksPlace& place, std::int32_t first_batch) {
    ::setenv(kDirectory, place.options().directory.c_str(), 1);
    ::setenv(kFirstBatch, std::to_string(first_batch).c_str(), 1);
    int pipe[2];
    if (::pipe2(pipe, O_CLOEXEC) != 0) return;
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(pipe[1], kAcknowledged);
      ::execl("/proc/self/exe", "child", "--gtest_filter=RocksChild.Commits", "--gtest_brief=1",
              nullptr);
      ::_exit(127);
    }
    ::unsetenv(kDirectory);
    ::close(pipe[1]);
    acknowledged_ = pipe[0];
  }
  ~Child() {
    kill();
    ::close(acknowledged_);
  }
  Child(const Child&) = delete;

  // Waits for the next acknowledgement; -1 when there is none any more.
  std::int32_t next_batch() {
    std::int32_t batch = 0;
    return ::read(acknowledged_, &batch, sizeof batch) == sizeof batch ? batch : -1;
  }
  void kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }

  static constexpr const char* kDirectory = "DRIFTGUARD_ROCKS_CHILD";
  static constexpr const char* kFirstBatch = "DRIFTGUARD_ROCKS_CHILD_FIRST";
  static constexpr int kAcknowledged = 200;

 private:
  pid_t pid_ = 0;
  int acknowledged_ = -1;
};

// Does nothing unless it is started by Child.
TEST(RocksChild, Commits) {
  const char* directory = std::getenv(Child::kDirectory);
  if (!directory) return;
  RocksOptions options;
  options.directory = directory;
  options.memtable_bytes = 8u << 20;
  const auto store = open_rocks_store(options, merge_letters);
  ASSERT_TRUE(store) << store.error().detail;
  for (std::int32_t batch = std::atoi(std::getenv(Child::kFirstBatch));; ++batch) {
    const std::string payload = std::to_string(batch) + std::string(200, '.');
    const std::vector<RawRow> rows(10, {time_from_us(batch), "pay", "e", {}, payload});
    const RollupDelta delta{{"pay", "e", time_from_us(batch)}, "x"};
    ASSERT_TRUE((*store)->commit({rows, {&delta, 1}, {}}));
    ASSERT_EQ(::write(Child::kAcknowledged, &batch, sizeof batch), sizeof batch);
  }
}

// Kills a committing child at a random moment after its first acknowledgement; gives the last.
std::int32_t kill_while_committing(const RocksPlace& place, std::int32_t first, int moment_us) {
  Child child(place, first);
  std::int32_t last = child.next_batch();
  ::usleep(static_cast<useconds_t>(moment_us));  // Only the moment is random; nothing waits for it.
  child.kill();
  for (std::int32_t batch = last; batch >= 0; batch = child.next_batch()) last = batch;
  return last;
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
  const RocksPlace place;
  Child child(place, 0);
  ASSERT_EQ(child.next_batch(), 0);  // It has the store open.
  const auto refused = open_rocks_store(place.options(), merge_letters);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict) << refused.error().detail;
}

// Changes a closed store behind its back.
void tamper(const RocksOptions& options, const std::function<void(Database&)>& change) {
  const auto merge = std::make_shared<SummaryMerge>(merge_letters);
  const auto database = Database::open(options, nullptr, merge);
  ASSERT_TRUE(database) << database.error().detail;
  change(**database);
}

void set_format(Database& database, char version) {
  const std::string bytes = std::string(7, '\0') + version;
  ASSERT_TRUE(database.rocks()
                  .Put(rocksdb::WriteOptions(), database.family(Family::kMeta),
                       std::string(kFormatKey), bytes)
                  .ok());
}

TEST(RocksStore, NewerFormatIsRefused) {
  RocksPlace place;
  ASSERT_TRUE(place.open());
  tamper(place.options(), [](Database& database) { set_format(database, 99); });
  const auto refused = place.open();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(refused.error().detail, HasSubstr("newer driftguard"));
}

TEST(RocksStore, FormatOfNoReleaseIsRefused) {
  RocksPlace place;
  ASSERT_TRUE(place.open());
  tamper(place.options(), [](Database& database) { set_format(database, 1); });
  const auto refused = place.open();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(refused.error().detail, HasSubstr("before its first release"));
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
    for (int i = 0; i < 6; ++i) ASSERT_TRUE(commit_one(**store, i, noise(2u << 20, random)));
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
  {  // All but 24 MB, of which 16 have to stay: a few commits fit.
    std::ofstream fill(ballast, std::ios::binary);
    const std::string block(1u << 16, 'x');
    while (fs::space(data).available > 24u << 20) {
      fill.write(block.data(), static_cast<std::streamsize>(block.size())).flush();
    }
  }
  std::mt19937_64 random(7);
  Result<void> refused;
  std::int64_t stored = 1;
  for (; stored < 100 && refused; ++stored) {
    refused = commit_one(**store, stored, noise(1u << 20, random));
  }
  ASSERT_FALSE(refused);
  EXPECT_GT(stored, 2);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable) << refused.error().detail;
  EXPECT_THAT(refused.error().detail, HasSubstr("nearly full"));
  EXPECT_FALSE((*store)->ping());
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
