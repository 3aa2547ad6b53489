// SPDX-License-Identifier: Apache-2.0
#include "api/ingest.h"

#include <nlohmann/json.hpp>

#include "api/parameters.h"
#include "http/problem.h"

namespace driftguard::api {
namespace {

using ingest::IngestAnswer;
using ingest::IngestOutcome;

constexpr std::size_t kKeyBytesMax = 255;

// The key as the client means it: the header may be quoted, as a structured field is.
Result<std::string> idempotency_key(const http::Request& request) {
  std::string_view key;
  if (const auto header = request.header("idempotency-key")) {
    key = *header;
    if (key.size() >= 2 && key.front() == '"' && key.back() == '"') {
      key = key.substr(1, key.size() - 2);
    }
  } else if (const auto parameter = request.parameter("batch_id")) {
    key = *parameter;
  } else {
    return std::string();
  }
  if (key.empty() || key.size() > kKeyBytesMax) {
    return Error{ErrorCode::kInvalidArgument, "Idempotency-Key: must be 1 to 255 bytes long"};
  }
  return std::string(key);
}

Result<bool> skip_invalid(const http::Request& request) {
  const auto choice = request.parameter("on_invalid");
  if (!choice || *choice == "reject") return false;
  if (*choice == "skip") return true;
  return Error{ErrorCode::kInvalidArgument, "on_invalid: neither \"reject\" nor \"skip\""};
}

bool is_lines(const http::Request& request) {
  const std::string_view type = request.header("content-type").value_or("");
  return type.starts_with("application/x-ndjson") || type.starts_with("application/ndjson");
}

std::string error_members(const IngestAnswer& answer) {
  nlohmann::ordered_json errors = nlohmann::ordered_json::array();
  for (const ingest::EventError& error : answer.errors) {
    errors.push_back(
        {{"index", error.index}, {"pointer", error.pointer}, {"detail", error.detail}});
  }
  return "\"error_count\":" + std::to_string(answer.error_count) +
         ",\"errors\":" + errors.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

http::Response response_of(IngestAnswer&& answer) {
  switch (answer.outcome) {
    case IngestOutcome::kStored:
      return json_response(std::move(answer.json));
    case IngestOutcome::kNotJson:
      return http::problem(400, answer.detail, {"/problems/not-json", "Not a JSON batch", {}});
    case IngestOutcome::kInProgress:
      return http::problem(409, answer.detail,
                           {"/problems/request-under-way", "Request under way", {}});
    case IngestOutcome::kTooLarge:
      return http::problem(413, answer.detail,
                           {"/problems/batch-too-large", "Batch too large", {}});
    case IngestOutcome::kInvalidEvents: {
      const std::string members = error_members(answer);
      return http::problem(422, answer.detail,
                           {"/problems/invalid-events", "Invalid events", members});
    }
    case IngestOutcome::kKeyReused:
      return http::problem(422, answer.detail,
                           {"/problems/idempotency-key-reused", "Idempotency-Key reused", {}});
    case IngestOutcome::kRefusedByStore:
      return http::problem(422, answer.detail,
                           {"/problems/refused-by-store", "Refused by the store", {}});
    case IngestOutcome::kOverloaded:
      return http::problem(Error{ErrorCode::kOverloaded, answer.detail});
    case IngestOutcome::kStoreUnavailable:
      break;
  }
  return http::problem(Error{ErrorCode::kUnavailable, answer.detail});
}

}  // namespace

void add_ingest_routes(http::Router& router, ingest::Pipeline& pipeline) {
  http::RouteOptions options;
  options.media_types = {"application/json", "application/x-ndjson", "application/ndjson"};
  router.add(
      http::Method::kPost, "/v1/ingest",
      [&pipeline](http::Request&& request, const http::Respond& respond) {
        Result<std::string> key = idempotency_key(request);
        if (!key) return respond(http::problem(key.error()));
        Result<bool> skip = skip_invalid(request);
        if (!skip) return respond(http::problem(skip.error()));
        ingest::IngestRequest batch;
        batch.format = is_lines(request) ? ingest::BodyFormat::kLines : ingest::BodyFormat::kArray;
        batch.body = std::move(request.body);
        batch.skip_invalid = *skip;
        batch.idempotency_key = std::move(*key);
        pipeline.ingest(std::move(batch), [respond](IngestAnswer answer) {
          respond(response_of(std::move(answer)));
        });
      },
      options);
}

}  // namespace driftguard::api
