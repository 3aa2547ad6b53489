// SPDX-License-Identifier: Apache-2.0
#include "cli/import_state.h"

#include <fmt/format.h>

#include <cassert>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/hash.h"

namespace driftguard::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kFormat = 1;

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return text;
}

std::string dump(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

Json witness_json(const std::optional<Witness>& witness) {
  if (!witness) return nullptr;
  return {{"service", witness->service},
          {"endpoint", witness->endpoint},
          {"ts", format_rfc3339(witness->ts)}};
}

std::optional<Witness> witness_from(const Json& json) {
  if (!json.is_object()) return std::nullopt;
  const Result<Time> ts = parse_rfc3339(json.value("ts", ""));
  Witness witness{json.value("service", ""), json.value("endpoint", ""), ts ? *ts : Time{}};
  if (!ts || witness.service.empty() || witness.endpoint.empty()) return std::nullopt;
  return witness;
}

}  // namespace

std::string to_json(const ImportState& state) {
  Json json{{"format", kFormat},
            {"file", state.file},
            {"target", state.target},
            {"run", state.run},
            {"batch", state.batch},
            {"lines", state.lines},
            {"digest", state.digest},
            {"first_chunk_lines", state.first_chunk_lines},
            {"first_chunk_digest", state.first_chunk_digest},
            {"ahead", state.ahead},
            {"events", state.events},
            {"rejected", state.rejected},
            {"complete", state.complete},
            {"witness", witness_json(state.witness)}};
  return dump(json);
}

Result<ImportState> import_state_from_json(const std::string& text) {
  try {
    const Json json = Json::parse(text);
    if (json.at("format").get<int>() != kFormat) {
      return Error{ErrorCode::kCorrupt, "written by another driftguard"};
    }
    ImportState state;
    json.at("file").get_to(state.file);
    json.at("target").get_to(state.target);
    json.at("run").get_to(state.run);
    json.at("batch").get_to(state.batch);
    json.at("lines").get_to(state.lines);
    json.at("digest").get_to(state.digest);
    json.at("first_chunk_lines").get_to(state.first_chunk_lines);
    json.at("first_chunk_digest").get_to(state.first_chunk_digest);
    json.at("ahead").get_to(state.ahead);
    json.at("events").get_to(state.events);
    json.at("rejected").get_to(state.rejected);
    json.at("complete").get_to(state.complete);
    state.witness = witness_from(json.at("witness"));
    return state;
  } catch (const nlohmann::json::exception& error) {
    return Error{ErrorCode::kCorrupt, error.what()};
  }
}

std::string import_state_directory(
    const std::vector<std::pair<std::string, std::string>>& environment) {
  std::string home;
  for (const auto& [name, value] : environment) {
    if (name == "XDG_STATE_HOME" && value.starts_with('/')) return value + "/driftguard";
    if (name == "HOME" && value.starts_with('/')) home = value;
  }
  return home.empty() ? "" : home + "/.local/state/driftguard";
}

std::string import_state_path(const std::string& directory, const std::string& file,
                              const std::string& target) {
  const std::string both = fmt::format("{}\n{}", file, target);
  return fmt::format("{}/import-{}.json", directory, hex(fingerprint128(both)));
}

Result<ImportState> load_import_state(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{ErrorCode::kNotFound, path};
  std::ostringstream text;
  text << file.rdbuf();
  Result<ImportState> state = import_state_from_json(text.str());
  if (state) return state;
  return Error{ErrorCode::kCorrupt, fmt::format("{}: {}", path, state.error().detail)};
}

std::optional<Witness> witness_of(const Chunk& chunk) {
  std::string_view left = chunk.body;
  while (!left.empty()) {
    left.remove_suffix(1);
    const std::size_t begin = left.rfind('\n') + 1;  // npos + 1 is 0.
    const Json json = Json::parse(left.substr(begin), nullptr, false);
    try {
      if (auto witness = witness_from(json)) return witness;
    } catch (const Json::exception&) {  // A field of another type.
    }
    left = left.substr(0, begin);
  }
  return std::nullopt;
}

std::string chunk_key(const std::string& run, std::uint64_t first_line, const std::string& body) {
  return fmt::format("import-{}{}{}-{}", run, run.empty() ? "" : "-", first_line,
                     hex(fingerprint128(body)));
}

void ImportLedger::taken(const Chunk& chunk, const std::string& key) {
  std::optional<Witness> witness = witness_of(chunk);
  const std::lock_guard lock(mutex_);
  assert(chunk.first_line() > state_.lines);
  if (state_.lines == 0 && pending_.empty()) {
    state_.first_chunk_lines = chunk.last_line;
    state_.first_chunk_digest = chunk.digest;
  }
  pending_[chunk.first_line()] = {key, chunk.last_line, chunk.digest, std::move(witness)};
}

bool ImportLedger::done_before(const std::string& key) const {
  const std::lock_guard lock(mutex_);
  return state_.ahead.contains(key);
}

void ImportLedger::done(std::uint64_t first_line, std::uint64_t events, std::uint64_t rejected) {
  const std::lock_guard lock(mutex_);
  const auto at = pending_.find(first_line);
  assert(at != pending_.end());
  at->second.done = true;
  if (rejected > 0) at->second.witness.reset();  // It may be the one that was refused.
  state_.ahead.insert(at->second.key);
  state_.events += events;
  state_.rejected += rejected;
  while (!pending_.empty() && pending_.begin()->second.done) {
    Pending& first = pending_.begin()->second;
    state_.lines = first.last_line;
    state_.digest = first.digest;
    if (first.witness) state_.witness = std::move(first.witness);
    state_.ahead.erase(first.key);
    pending_.erase(pending_.begin());
  }
}

void ImportLedger::complete() {
  const std::lock_guard lock(mutex_);
  assert(pending_.empty());
  state_.complete = true;
  state_.ahead.clear();
}

ImportState ImportLedger::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

}  // namespace driftguard::cli
