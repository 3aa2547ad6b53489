// SPDX-License-Identifier: Apache-2.0
#include "baseline/baseline_book.h"

#include <fmt/format.h>

#include <fstream>
#include <sstream>

#include "baseline/baseline_file.h"
#include "baseline/baseline_format.h"
#include "rollup/bucket.h"

namespace driftguard::baseline {
namespace {

constexpr std::size_t kCachedMax = 64;

// Document keys; the version is big-endian so that versions list in order.
std::string versions_prefix(std::string_view kind, const std::string& service) {
  return std::string(kind) + '\0' + service + '\0';
}
std::string version_key(std::string_view kind, const std::string& service, int version) {
  std::string key = versions_prefix(kind, service);
  ByteWriter(key).big_endian64(static_cast<std::uint64_t>(version));
  return key;
}
constexpr std::string_view kBody = "baseline";       // The whole baseline.
constexpr std::string_view kInfo = "baseline_info";  // Its BaselineInfo; there last.

}  // namespace

BaselineBook::BaselineBook(store::Store& store, FeatureNames& names, window::WindowReader& windows,
                           const Clock& clock, BaselineBookOptions options)
    : store_(store),
      names_(names),
      windows_(windows),
      clock_(clock),
      options_(std::move(options)),
      activations_(store, clock),
      derived_(names, windows, options_.exclusions, clock, options_.derived, options_.slo) {}

Result<BaselinePtr> BaselineBook::build(const std::string& service, TimeRange range,
                                        AfterBuild after, std::vector<TimeRange> excluded) {
  range = rollup::whole_buckets(range);
  if (options_.exclusions != nullptr) {
    auto chosen = options_.exclusions->within(service, range, Without::kChosen);
    if (!chosen) return chosen.error();
    excluded.insert(excluded.end(), chosen->begin(), chosen->end());
  }
  const std::vector<TimeRange> rest = rest_of(range, std::move(excluded));
  Result<window::Window> window = read_stretches(windows_, service, rest);
  if (!window) return window.error();
  auto baseline = std::make_shared<Baseline>();
  baseline->service = service;
  baseline->created_at = clock_.now();
  baseline->range = range;
  if (rest != std::vector{range}) baseline->stretches = rest;
  baseline->slo = options_.slo;
  baseline->endpoints = window->endpoints;
  baseline->total = total_of(window->total());
  if (baseline->samples() == 0) {
    const bool whole = rest.size() == 1 && rest.front() == range;
    return Error{ErrorCode::kNotFound,
                 fmt::format("no events of {} from {} to {}{}", service, format_rfc3339(range.from),
                             format_rfc3339(range.to), whole ? "" : " that are not excluded")};
  }
  for (const auto& [pointer, feature] : baseline->total->features) {
    Result<std::string> name = names_.name_of(service, pointer);
    if (!name) return name.error();
    baseline->names[pointer] = *name;
  }
  return store_built(std::move(baseline), after);
}

Result<BaselinePtr> BaselineBook::keep(const Baseline& derived) {
  auto baseline = std::make_shared<Baseline>(derived);
  baseline->source = Source::kStore;
  baseline->created_at = clock_.now();
  return store_built(std::move(baseline), AfterBuild::kActivate);
}

Result<BaselinePtr> BaselineBook::store_built(std::shared_ptr<Baseline> baseline,
                                              AfterBuild after) {
  Result<int> version = store_next(*baseline);
  if (!version) return version.error();
  if (options_.built) options_.built(*baseline);
  if (after == AfterBuild::kActivate) {
    if (auto activated = activate(baseline->service, *version); !activated) {
      return activated.error();
    }
  }
  return BaselinePtr(std::move(baseline));
}

// Claims the next free version; a version counts once its info is there, which comes last.
Result<int> BaselineBook::store_next(Baseline& baseline) {
  Result<std::vector<std::string>> taken =
      store_.list_documents(versions_prefix(kBody, baseline.service));
  if (!taken) return taken.error();
  int version = 1;
  if (!taken->empty()) {
    const std::string& last = taken->back();
    version = static_cast<int>(
                  ByteReader(std::string_view(last).substr(last.size() - 8)).big_endian64()) +
              1;
  }
  for (;; ++version) {
    baseline.version = version;
    Result<bool> created =
        store_.create_document(version_key(kBody, baseline.service, version), encode(baseline));
    if (!created) return created.error();
    if (*created) break;
  }
  const BaselineInfo info{version,        baseline.service,   baseline.created_at,
                          baseline.range, baseline.samples(), false};
  auto stored =
      store_.put_document(version_key(kInfo, baseline.service, version), encode_info(info));
  if (!stored) return stored.error();
  return version;
}

Result<std::vector<BaselineInfo>> BaselineBook::list(const std::string& service) {
  Result<std::vector<std::string>> keys = store_.list_documents(versions_prefix(kInfo, service));
  if (!keys) return keys.error();
  Result<int> active = activations_.active(service);
  if (!active) return active.error();
  std::vector<BaselineInfo> infos;
  for (const std::string& key : *keys) {
    Result<std::optional<std::string>> bytes = store_.get_document(key);
    if (!bytes) return bytes.error();
    if (!*bytes) continue;
    Result<BaselineInfo> info = decode_info(**bytes);
    if (!info) return info.error();
    info->active = info->version == *active;
    infos.push_back(std::move(*info));
  }
  return infos;
}

Result<BaselinePtr> BaselineBook::load(const std::string& service, int version) {
  const std::pair key(service, version);
  {
    const std::lock_guard lock(mutex_);
    if (const auto at = cached_.find(key); at != cached_.end()) return at->second;
  }
  Result<std::optional<std::string>> bytes =
      store_.get_document(version_key(kBody, service, version));
  if (!bytes) return bytes.error();
  if (!*bytes) {
    return Error{ErrorCode::kNotFound,
                 fmt::format("{} has no baseline of version {}", service, version)};
  }
  Result<Baseline> decoded = decode(**bytes);
  if (!decoded) return decoded.error();
  auto baseline = std::make_shared<const Baseline>(std::move(*decoded));
  const std::lock_guard lock(mutex_);
  if (cached_.size() >= kCachedMax) cached_.clear();
  cached_[key] = baseline;
  return BaselinePtr(std::move(baseline));
}

Result<void> BaselineBook::activate(const std::string& service, int version) {
  Result<std::optional<std::string>> info =
      store_.get_document(version_key(kInfo, service, version));
  if (!info) return info.error();
  if (!*info) {
    return Error{ErrorCode::kNotFound,
                 fmt::format("{} has no baseline of version {}", service, version)};
  }
  return activations_.activate(service, version);
}

Result<BaselinePtr> BaselineBook::active(const std::string& service) {
  if (BaselinePtr baseline = pinned(service)) return baseline;
  Result<int> version = activations_.active(service);
  if (!version) return version.error();
  if (*version == 0) return BaselinePtr();
  return load(service, *version);
}

Result<std::string> BaselineBook::active_mark(const std::string& service) {
  if (pinned(service)) {
    const std::lock_guard lock(mutex_);
    return fmt::format("file {} {}", pin_.changed_at.time_since_epoch().count(), pin_.size);
  }
  Result<int> version = activations_.active(service);
  if (!version) return version.error();
  return *version == 0 ? std::string() : std::to_string(*version);
}

Result<Chosen> BaselineBook::choose(const std::string& service, const BaselineChoice& choice,
                                    TimeRange live) {
  const auto fixed = [](Result<BaselinePtr> baseline) -> Result<Chosen> {
    if (!baseline) return baseline.error();
    return Chosen{*std::move(baseline), {}};
  };
  switch (choice.kind) {
    case BaselineChoice::Kind::kActive:
      return fixed(active(service));
    case BaselineChoice::Kind::kVersion:
      return fixed(load(service, choice.version));
    case BaselineChoice::Kind::kTrailing:
      return derived_.trailing(service, live);
    case BaselineChoice::Kind::kSeasonal:
      return derived_.seasonal(service, live);
  }
  return Chosen{};
}

BaselinePtr BaselineBook::pinned(const std::string& service) {
  if (options_.pinned_path.empty()) return nullptr;
  const std::lock_guard lock(mutex_);
  refresh_pin();
  const bool about_it =
      pin_.baseline && (pin_.baseline->service.empty() || pin_.baseline->service == service);
  return about_it ? pin_.baseline : nullptr;
}

std::string BaselineBook::pin_problem() {
  if (options_.pinned_path.empty()) return {};
  const std::lock_guard lock(mutex_);
  refresh_pin();
  return pin_.problem;
}

void BaselineBook::refresh_pin() {
  std::error_code error;
  const auto changed_at = std::filesystem::last_write_time(options_.pinned_path, error);
  const auto size = error ? 0 : std::filesystem::file_size(options_.pinned_path, error);
  if (error) {
    pin_.changed_at = {};  // Whatever comes back is read again.
    pin_.problem = fmt::format("{}: {}", options_.pinned_path, error.message());
    return;
  }
  if (changed_at == pin_.changed_at && size == pin_.size) return;
  pin_.changed_at = changed_at;
  pin_.size = size;
  std::ostringstream text;
  text << std::ifstream(options_.pinned_path, std::ios::binary).rdbuf();
  Result<Baseline> baseline = from_json(text.str());
  pin_.problem =
      baseline ? "" : fmt::format("{}: {}", options_.pinned_path, baseline.error().detail);
  if (baseline) pin_.baseline = std::make_shared<const Baseline>(std::move(*baseline));
}

std::string default_path(const std::string& service) {
  std::string name = service;
  for (char& c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.';
    if (!plain) c = '_';
  }
  return fmt::format("db/baseline_{}.json", name);
}

}  // namespace driftguard::baseline
