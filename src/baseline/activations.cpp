// SPDX-License-Identifier: Apache-2.0
#include "baseline/activations.h"

#include <fmt/format.h>

#include <array>
#include <cstdlib>

#include "core/bytes.h"

namespace driftguard::baseline {
namespace {

constexpr std::uint8_t kFormat = 1;
// Of two that choose at once, one has to begin again.
constexpr int kTriesMax = 20;

std::string key_of(std::string_view kind, const std::string& service) {
  return std::string(kind) + '\0' + service + '\0';
}
constexpr std::string_view kActive = "baseline_active";  // The version, in decimal.
constexpr std::string_view kLog = "baseline_activations";

std::string encode(const std::vector<Activation>& log) {
  std::string bytes;
  ByteWriter out(bytes);
  out.u8(kFormat);
  out.varint(log.size());
  for (const Activation& one : log) {
    out.varint(static_cast<std::uint64_t>(one.version));
    out.u8(static_cast<std::uint8_t>((one.at ? 1 : 0) | (one.rolled_back ? 2 : 0)));
    if (one.at) out.zigzag(us_since_epoch(*one.at));
  }
  return bytes;
}

Result<std::vector<Activation>> decode(std::string_view bytes) {
  ByteReader in(bytes);
  std::vector<Activation> log;
  const bool known = in.u8() == kFormat;
  for (std::uint64_t left = in.varint(); known && left > 0 && in.ok(); --left) {
    Activation one;
    one.version = static_cast<int>(in.varint());
    const int flags = in.u8();
    one.rolled_back = (flags & 2) != 0;
    if ((flags & 1) != 0) one.at = time_from_us(in.zigzag());
    log.push_back(one);
  }
  if (!known || !in.done()) {
    return Error{ErrorCode::kCorrupt, "the stored activations of a service do not read back"};
  }
  return log;
}

int version_of(const std::optional<std::string>& active) {
  return active ? std::atoi(active->c_str()) : 0;
}

}  // namespace

int version_before(const std::vector<Activation>& log) {
  std::vector<int> chosen;
  for (const Activation& one : log) {
    if (one.rolled_back && !chosen.empty()) chosen.pop_back();
    // After a log that was cut the version rolled back to may be missing.
    if (chosen.empty() || chosen.back() != one.version) chosen.push_back(one.version);
  }
  return chosen.size() < 2 ? 0 : chosen[chosen.size() - 2];
}

Result<int> Activations::active(const std::string& service) {
  Result<std::optional<std::string>> version = store_.get_document(key_of(kActive, service));
  if (!version) return version.error();
  return version_of(*version);
}

Result<std::vector<Activation>> Activations::log(const std::string& service) {
  Result<std::optional<std::string>> bytes = store_.get_document(key_of(kLog, service));
  if (!bytes) return bytes.error();
  if (!*bytes) return std::vector<Activation>();
  return decode(**bytes);
}

// The active version and the log change together or not at all.
Result<int> Activations::change(const std::string& service, const Choose& choose) {
  const std::string active_key = key_of(kActive, service);
  const std::string log_key = key_of(kLog, service);
  for (int attempt = 0; attempt < kTriesMax; ++attempt) {
    Result<std::optional<std::string>> active = store_.get_document(active_key);
    if (!active) return active.error();
    Result<std::optional<std::string>> bytes = store_.get_document(log_key);
    if (!bytes) return bytes.error();
    Result<std::vector<Activation>> log = *bytes ? decode(**bytes) : std::vector<Activation>();
    if (!log) return log.error();
    const int before = version_of(*active);
    if (log->empty() && before != 0) log->push_back({before, {}, false});
    Result<Activation> chosen = choose(before, *log);
    if (!chosen) return chosen.error();
    if (chosen->version == before) return before;
    log->push_back(*chosen);
    if (log->size() > kLoggedMax) log->erase(log->begin());
    const std::string next = std::to_string(chosen->version);
    const std::string next_log = encode(*log);
    const std::array expected{store::DocumentExpectation{active_key, *active},
                              store::DocumentExpectation{log_key, *bytes}};
    const std::array writes{store::DocumentWrite{active_key, next},
                            store::DocumentWrite{log_key, next_log}};
    Result<bool> done = store_.change_documents(expected, writes);
    if (!done) return done.error();
    if (*done) return chosen->version;
  }
  return Error{ErrorCode::kOverloaded,
               fmt::format("others keep choosing a baseline of {}; try again", service)};
}

Result<void> Activations::activate(const std::string& service, int version) {
  Result<int> done = change(service, [&](int, const auto&) -> Result<Activation> {
    return Activation{version, clock_.now(), false};
  });
  if (!done) return done.error();
  return {};
}

Result<int> Activations::roll_back(const std::string& service) {
  return change(service, [&](int, const std::vector<Activation>& log) -> Result<Activation> {
    const int version = version_before(log);
    if (version == 0) {
      return Error{ErrorCode::kNotFound,
                   fmt::format("no baseline of {} was active before this one", service)};
    }
    return Activation{version, clock_.now(), true};
  });
}

}  // namespace driftguard::baseline
