// SPDX-License-Identifier: Apache-2.0
#include "guard/override_book.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/bytes.h"

namespace driftguard::guard {
namespace {

// A number that each change makes larger by one; an override takes it as its id.
constexpr std::string_view kMarkKey = "guard_overrides_mark";
// Of two that change at once, one has to begin again.
constexpr int kTriesMax = 20;

std::string prefix() { return std::string("guard_override") + '\0'; }

std::string key_of(std::int64_t id) {
  std::string key = prefix();
  ByteWriter(key).big_endian64(static_cast<std::uint64_t>(id));
  return key;
}

std::int64_t id_of(const std::string& key) {
  if (key.size() != prefix().size() + 8) return 0;
  const std::string_view id = std::string_view(key).substr(key.size() - 8);
  return static_cast<std::int64_t>(ByteReader(id).big_endian64());
}

std::int64_t number_of(const std::string& mark) {
  std::int64_t number = 0;
  std::from_chars(mark.data(), mark.data() + mark.size(), number);
  return number;
}

}  // namespace

OverridesPtr OverrideBook::known() const {
  const std::lock_guard lock(mutex_);
  return known_;
}

Result<void> OverrideBook::refresh() {
  Result<std::optional<std::string>> mark = store_.get_document(kMarkKey);
  if (!mark) return mark.error();
  {
    const std::lock_guard lock(mutex_);
    if (mark->value_or("") == mark_) return {};
  }
  return read(mark->value_or(""));
}

// Those that are over do not change, so they are not read again.
Result<void> OverrideBook::read(const std::string& mark) {
  Result<std::vector<std::string>> keys = store_.list_documents(prefix());
  if (!keys) return keys.error();
  std::map<std::int64_t, Override> over;
  const Time now = clock_.now();
  for (const Override& one : *known()) {
    if (!one.holds(now)) over.emplace(one.id, one);
  }
  auto all = std::make_shared<Overrides>();
  for (const std::string& key : *keys) {
    if (const auto same = over.find(id_of(key)); same != over.end()) {
      all->push_back(same->second);
      continue;
    }
    Result<std::optional<std::string>> json = store_.get_document(key);
    if (!json) return json.error();
    if (!*json) continue;  // Dropped meanwhile.
    Result<Override> one = override_from_json(**json);
    if (!one) return one.error();
    all->push_back(std::move(*one));
  }
  std::sort(all->begin(), all->end(),
            [](const Override& a, const Override& b) { return a.id > b.id; });
  const std::lock_guard lock(mutex_);
  if (number_of(mark) < number_of(mark_)) return {};  // Somebody read a later one.
  mark_ = mark;
  known_ = std::move(all);
  return {};
}

template <typename Edit>
Result<Override> OverrideBook::change(const Edit& edit) {
  for (int attempt = 0; attempt < kTriesMax; ++attempt) {
    Result<std::optional<std::string>> mark = store_.get_document(kMarkKey);
    if (!mark) return mark.error();
    if (auto read_now = read(mark->value_or("")); !read_now) return read_now.error();
    const std::int64_t number = number_of(mark->value_or("")) + 1;
    Result<Change> made = edit(*known(), number);
    if (!made) return made.error();
    const std::string next = std::to_string(number);
    std::vector<std::pair<std::string, std::optional<std::string>>> documents;
    documents.emplace_back(kMarkKey, next);
    documents.emplace_back(
        key_of(made->written.id),
        override_json(made->written, clock_.now())
            .dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
    for (const std::int64_t id : made->dropped) documents.emplace_back(key_of(id), std::nullopt);
    std::vector<store::DocumentWrite> writes;
    for (const auto& [key, value] : documents) writes.push_back({key, value});
    const store::DocumentExpectation expected{kMarkKey, *mark};
    Result<bool> done = store_.change_documents({&expected, 1}, writes);
    if (!done) return done.error();
    if (!*done) continue;
    if (auto read_now = read(next); !read_now) return read_now.error();
    return made->written;
  }
  return Error{ErrorCode::kOverloaded, "others keep changing the guard's overrides; try again"};
}

Result<Override> OverrideBook::add(const OverrideOrder& order) {
  if (auto fits = order.check(clock_.now()); !fits) return fits.error();
  return change([&](const Overrides& all, std::int64_t id) -> Result<Change> {
    const Time now = clock_.now();
    const auto holding =
        std::count_if(all.begin(), all.end(), [&](const Override& o) { return o.holds(now); });
    if (static_cast<std::size_t>(holding) >= kHoldingMax) {
      return Error{ErrorCode::kTooLarge,
                   fmt::format("{} overrides hold already; end some", holding)};
    }
    Change change{{id, order, now, {}, {}, {}}, {}};
    std::size_t over = all.size() + 1 - std::min(all.size() + 1, kKeptMax);
    for (auto oldest = all.rbegin(); oldest != all.rend() && over > 0; ++oldest) {
      if (oldest->holds(now)) continue;
      change.dropped.push_back(oldest->id);
      --over;
    }
    return change;
  });
}

Result<Override> OverrideBook::end(std::int64_t id, const std::string& by,
                                   const std::string& because) {
  return change([&](const Overrides& all, std::int64_t) -> Result<Change> {
    const Time now = clock_.now();
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const Override& one) { return one.id == id; });
    if (found == all.end()) {
      return Error{ErrorCode::kNotFound, fmt::format("there is no override {}", id)};
    }
    if (!found->holds(now)) {
      return Error{ErrorCode::kConflict, fmt::format("override {} is over already", id)};
    }
    // The texts are held to the same rules as those of an order.
    OverrideOrder words = found->order;
    words.by = by;
    words.reason = because;
    if (auto fits = words.check(now); !fits) return fits.error();
    Override ended = *found;
    ended.ended_at = now;
    ended.ended_by = by;
    ended.ended_because = because;
    return Change{std::move(ended), {}};
  });
}

}  // namespace driftguard::guard
