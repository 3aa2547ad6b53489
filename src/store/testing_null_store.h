// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/store.h"

namespace driftguard::store {

// Takes everything, at once, and keeps nothing: for measuring what stands before a store.
class NullStore final : public Store {
 public:
  std::string_view engine() const override { return "null"; }
  std::size_t writers() const override { return 1; }
  bool exclusive() const override { return true; }
  Result<void> commit(const Commit&) override { return {}; }
  Result<void> read_rollups(const SegmentFilter&, TimeRange, const RollupVisitor&) override {
    return {};
  }
  Result<void> read_sums(const SegmentFilter&, TimeRange, const SumVisitor&) override { return {}; }
  Result<std::size_t> make_sums(Time, std::size_t) override { return std::size_t{0}; }
  Result<std::vector<SegmentName>> list_segments(std::string_view) override {
    return std::vector<SegmentName>();
  }
  Result<RowPage> read_rows(const RowQuery&) override { return RowPage(); }
  Result<std::optional<StoredAnswer>> find_answer(std::string_view) override {
    return std::optional<StoredAnswer>();
  }
  Result<std::size_t> drop_expired_answers(Time, std::size_t) override { return std::size_t{0}; }
  Result<std::optional<std::string>> get_document(std::string_view) override {
    return std::optional<std::string>();
  }
  Result<void> put_document(std::string_view, std::string_view) override { return {}; }
  Result<bool> create_document(std::string_view, std::string_view) override { return true; }
  Result<std::vector<std::string>> list_documents(std::string_view) override {
    return std::vector<std::string>();
  }
  Result<bool> change_documents(std::span<const DocumentExpectation>,
                                std::span<const DocumentWrite>) override {
    return true;
  }
  Result<std::size_t> compact(Time) override { return std::size_t{0}; }
  Result<Dropped> drop(const DropStep&) override { return Dropped{}; }
  Result<std::optional<Time>> oldest(History) override { return std::optional<Time>(); }
  Result<std::uint64_t> bytes() override { return std::uint64_t{0}; }
  Result<DropCut> find_cut(History, std::uint64_t) override { return DropCut{}; }
  Result<void> reclaim(History, Reclaim, std::atomic<bool>&) override { return {}; }
  Result<void> ping() override { return {}; }
  Figures figures() override { return {}; }
};

}  // namespace driftguard::store
