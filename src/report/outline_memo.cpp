// SPDX-License-Identifier: Apache-2.0
#include "report/outline_memo.h"

#include <bit>
#include <span>

#include "core/bytes.h"
#include "core/hash.h"

namespace driftguard::report {
namespace {

// Appends what tells rollups apart, long parts by their hash.
class Digest final {
 public:
  void add(std::uint64_t number) { writer_.fixed64(number); }
  void add(std::string_view text) {
    add(text.size());
    text_.append(text);
  }
  void add(const sketch::NumericSummary& numbers) {
    const auto cells = std::as_bytes(numbers.cells());
    add(numbers.count());
    add(static_cast<std::uint64_t>(numbers.shift()));
    add(std::bit_cast<std::uint64_t>(numbers.min()));
    add(std::bit_cast<std::uint64_t>(numbers.max()));
    text_ += fingerprint128({reinterpret_cast<const char*>(cells.data()), cells.size()});
  }
  void add(const sketch::CategoryCounts& texts) {
    add(texts.count());
    add(texts.other());
    add(static_cast<std::uint64_t>(texts.level()));
    for (const sketch::Category& category : texts.categories()) {
      add(category.name);
      add(category.count);
    }
  }
  void add(const rollup::Rollup& rollup) {
    add(rollup.events);
    for (const std::uint64_t count : rollup.statuses) add(count);
    add(rollup.latency_ms);
    add(rollup.features.size());
    for (const auto& [pointer, feature] : rollup.features) {
      add(pointer);
      add(feature.numbers);
      add(feature.texts);
      add(feature.nulls);
      add(feature.others);
    }
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
  ByteWriter writer_{text_};
};

}  // namespace

std::string fingerprint_of(const window::Window& window) {
  Digest digest;
  for (const auto& [endpoint, rollup] : window.endpoints) {
    digest.add(endpoint);
    digest.add(*rollup);
  }
  return fingerprint128(digest.text());
}

Result<OutlineMemo::Made> OutlineMemo::get(const window::Window& live, const std::string& question,
                                           const baseline::BaselinePtr& baseline,
                                           const std::function<Result<SegmentOutline>()>& make) {
  std::string key = fingerprint_of(live) + (baseline ? '+' : '-') + question;
  {
    const std::lock_guard lock(mutex_);
    if (const auto at = index_.find(key); at != index_.end()) {
      // Another baseline may lie where one lay that is gone; a weak pointer is not fooled.
      if (at->second->baseline.lock() == baseline) {
        entries_.splice(entries_.begin(), entries_, at->second);
        return at->second->made;
      }
    }
  }
  Result<SegmentOutline> made = make();
  if (!made) return made.error();
  auto kept = std::make_shared<const SegmentOutline>(std::move(*made));
  put({std::move(key), baseline, kept});
  return kept;
}

void OutlineMemo::put(Entry entry) {
  const std::lock_guard lock(mutex_);
  if (const auto at = index_.find(entry.key); at != index_.end()) {
    size_ -= weight(*at->second);
    entries_.erase(at->second);
    index_.erase(at);
  }
  size_ += weight(entry);
  entries_.push_front(std::move(entry));
  index_[entries_.front().key] = entries_.begin();
  while (size_ > outlines_max_) {
    size_ -= weight(entries_.back());
    index_.erase(entries_.back().key);
    entries_.pop_back();
  }
}

std::size_t OutlineMemo::size() const {
  const std::lock_guard lock(mutex_);
  return size_;
}

}  // namespace driftguard::report
