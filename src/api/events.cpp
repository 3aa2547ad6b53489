// SPDX-License-Identifier: Apache-2.0
#include "api/events.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>

#include "api/parameters.h"
#include "http/problem.h"

namespace driftguard::api {
namespace {

constexpr int kLimitDefault = 1000;
constexpr int kLimitMax = 10'000;

// "<microseconds>.<id>", of the last row of the page before.
std::string cursor_text(const store::RowCursor& cursor) {
  return fmt::format("{}.{}", us_since_epoch(cursor.ts), cursor.id);
}

Error strange_cursor() {
  return {ErrorCode::kInvalidArgument, "cursor: not one that this server gave"};
}

Result<std::optional<store::RowCursor>> cursor_parameter(const http::Request& request) {
  const auto text = request.parameter("cursor");
  if (!text) return std::optional<store::RowCursor>();
  std::int64_t us = 0;
  std::uint64_t id = 0;
  const char* end = text->data() + text->size();
  const auto first = std::from_chars(text->data(), end, us);
  const bool dotted = first.ec == std::errc{} && first.ptr != end && *first.ptr == '.';
  if (!dotted) return strange_cursor();
  const auto second = std::from_chars(first.ptr + 1, end, id);
  if (second.ec != std::errc{} || second.ptr != end) return strange_cursor();
  return std::optional<store::RowCursor>({time_from_us(us), id});
}

Result<store::RowQuery> query_of(const http::Request& request) {
  store::RowQuery query;
  query.service = optional_text(request, "service");
  query.endpoint = optional_text(request, "endpoint");
  if (query.endpoint && !query.service) {
    return Error{ErrorCode::kInvalidArgument, "endpoint needs a service"};
  }
  Result<std::optional<Time>> from = time_parameter(request, "from");
  if (!from) return from.error();
  Result<std::optional<Time>> to = time_parameter(request, "to");
  if (!to) return to.error();
  query.range = {from->value_or(kEarliest), to->value_or(kLatest)};
  Result<std::optional<store::RowCursor>> cursor = cursor_parameter(request);
  if (!cursor) return cursor.error();
  query.after = *cursor;
  Result<std::optional<int>> limit = int_parameter(request, "limit", 1, kLimitMax);
  if (!limit) return limit.error();
  query.rows_max = static_cast<std::size_t>(limit->value_or(kLimitDefault));
  return query;
}

http::Response page_of_events(store::Store& store, const http::Request& request) {
  Result<store::RowQuery> query = query_of(request);
  if (!query) return http::problem(query.error());
  Result<store::RowPage> page = store.read_rows(*query);
  if (!page) return http::problem(page.error());
  http::Response response;
  response.content_type = "application/x-ndjson";
  for (store::StoredRow& row : page->rows) {
    // An event is one line, however it was sent: between tokens a line end is a space.
    std::replace_if(
        row.payload.begin(), row.payload.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    response.body += row.payload + '\n';
  }
  if (page->next) response.headers.emplace_back("Next-Cursor", cursor_text(*page->next));
  return response;
}

http::Response services(store::Store& store) {
  Result<std::vector<store::SegmentName>> segments = store.list_segments("");
  if (!segments) return http::problem(segments.error());
  nlohmann::ordered_json json;
  auto& list = json["services"] = nlohmann::ordered_json::array();
  for (const store::SegmentName& segment : *segments) {
    if (list.empty() || list.back()["service"] != segment.service) {
      list.push_back({{"service", segment.service}, {"endpoints", nlohmann::json::array()}});
    }
    list.back()["endpoints"].push_back(segment.endpoint);
  }
  return json_response(json.dump());
}

}  // namespace

void add_event_routes(http::Router& router, store::Store& store) {
  http::RouteOptions options;
  options.run = http::Run::kWorker;
  router.add(
      http::Method::kGet, "/v1/services",
      [&store](http::Request&&, const http::Respond& respond) { respond(services(store)); },
      options);
  router.add(
      http::Method::kGet, "/v1/events",
      [&store](http::Request&& request, const http::Respond& respond) {
        respond(page_of_events(store, request));
      },
      options);
}

}  // namespace driftguard::api
