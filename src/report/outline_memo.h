// SPDX-License-Identifier: Apache-2.0
// Outlines remembered by what they were made of, so that a view that is polled works out only what
// changed.
#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "baseline/baseline_book.h"
#include "report/outline.h"

namespace driftguard::report {

// 16 bytes that are equal for windows of equal content, whatever stretch of time they cover.
std::string fingerprint_of(const window::Window& window);

// Thread-safe. The least recently used are forgotten beyond `outlines_max` checks.
class OutlineMemo final {
 public:
  using Made = std::shared_ptr<const SegmentOutline>;

  explicit OutlineMemo(std::size_t outlines_max) : outlines_max_(outlines_max) {}

  // What `make` gave the last time for equal content: of the window, of `question` (which tells
  // apart what is asked of it, the service included) and of the same baseline. Else calls it.
  Result<Made> get(const window::Window& live, const std::string& question,
                   const baseline::BaselinePtr& baseline,
                   const std::function<Result<SegmentOutline>()>& make);

  std::size_t size() const;  // Checks.

 private:
  struct Entry {
    std::string key;
    std::weak_ptr<const baseline::Baseline> baseline;
    Made made;
  };
  using Entries = std::list<Entry>;  // Most recently used first.

  void put(Entry entry);
  static std::size_t weight(const Entry& entry) { return entry.made->checks.size() + 1; }

  const std::size_t outlines_max_;

  mutable std::mutex mutex_;  // Guards all below.
  Entries entries_;
  std::unordered_map<std::string, Entries::iterator> index_;
  std::size_t size_ = 0;
};

}  // namespace driftguard::report
