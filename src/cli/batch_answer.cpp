// SPDX-License-Identifier: Apache-2.0
#include "cli/batch_answer.h"

#include <nlohmann/json.hpp>

namespace driftguard::cli {
namespace {

using Json = nlohmann::json;

std::vector<ingest::EventError> errors_of(const Json& json) {
  std::vector<ingest::EventError> errors;
  const auto list = json.find("errors");
  if (list == json.end() || !list->is_array()) return errors;
  for (const Json& error : *list) {
    if (!error.is_object() || !error.contains("index") || !error["index"].is_number_unsigned()) {
      continue;
    }
    errors.push_back(
        {error["index"].get<std::size_t>(), error.value("pointer", ""), error.value("detail", "")});
  }
  return errors;
}

}  // namespace

std::vector<ingest::EventError> event_errors(const std::string& text) {
  const Json json = Json::parse(text, nullptr, false);
  return json.is_object() ? errors_of(json) : std::vector<ingest::EventError>();
}

BatchAnswer stored_answer(const std::string& text) {
  BatchAnswer answer;
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || !json.contains("ingested") || !json["ingested"].is_number_unsigned()) {
    answer.detail = "the answer does not say what was ingested; is that a driftguard server?";
    return answer;
  }
  answer.outcome = BatchAnswer::Outcome::kStored;
  answer.stored = json["ingested"].get<std::uint64_t>();
  answer.rejected = json.value("rejected", std::uint64_t{0});
  answer.errors = errors_of(json);
  return answer;
}

}  // namespace driftguard::cli
