// SPDX-License-Identifier: Apache-2.0
// What store.h promises, as tests that run against every engine. An engine's test program names
// itself one row of the list:
//
//   INSTANTIATE_TEST_SUITE_P(Rocks, StoreContract, testing::Values(StoreFactory{...}));
#pragma once

#include <gtest/gtest.h>

#include <memory>

#include "core/clock.h"
#include "store/store.h"

namespace driftguard::store {

// A place that outlives the stores opened on it, empty at first.
class StorePlace {
 public:
  virtual ~StorePlace() = default;
  // Opens the store there. The one opened before must be gone.
  virtual Result<std::unique_ptr<Store>> open(const Clock& clock) = 0;
};

struct StoreFactory {
  std::string name;
  std::function<std::unique_ptr<StorePlace>()> make_place;
};

void PrintTo(const StoreFactory& factory, std::ostream* out);

// The summaries of these tests: characters in order. Merging gives all of them in order, so a
// merged summary tells which parts are in it, and how often. A '!' merges with nothing.
Result<std::string> merge_letters(std::span<const std::string_view> parts);
// Each merge of letters, on whatever thread, first does this; null: nothing.
void before_merges(std::function<void()> action);

// Rows that own their bytes, to build commits from.
struct OwnedRow {
  std::int64_t us;
  std::string payload = "{}";
  std::string service = "pay";
  std::string endpoint = "POST /v2";
};

// The words of the tests. Each test gets a place of its own.
class StoreContract : public ::testing::TestWithParam<StoreFactory> {
 protected:
  void SetUp() override;
  void reopen();

  Result<void> commit_rows(const std::vector<OwnedRow>& rows);
  Result<void> commit_delta(std::string endpoint, std::int64_t bucket_us, std::string letters,
                            std::string service = "pay");
  Result<void> commit_answer(std::string key, std::int64_t expires_us, std::string answer = "yes");

  // All rows, page by page, as "payload" texts.
  std::vector<std::string> payloads(RowQuery query);
  static RowQuery all_rows(std::size_t rows_max = 1000);
  // The sum of each bucket: "endpoint@bucket=letters".
  std::vector<std::string> sums(std::string service = "pay",
                                std::optional<std::string> endpoint = {},
                                TimeRange range = {Time::min(), Time::max()});

  // What read_sums() visits: "endpoint@begins=letters" for buckets, "endpoint@begins/s=letters"
  // for sums of s seconds; buckets' parts are joined.
  std::vector<std::string> pieces(std::optional<std::string> endpoint = {},
                                  TimeRange range = {Time::min(), Time::max()});
  // Makes all sums of what ended by then, and of buckets that began before it.
  void settle(std::int64_t before_us);

  ManualClock clock_{time_from_us(1'000'000)};
  std::unique_ptr<StorePlace> place_;
  std::unique_ptr<Store> store_;
};

}  // namespace driftguard::store
