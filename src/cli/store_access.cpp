// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "api/baselines.h"
#include "api/compare.h"
#include "baseline/baseline_file.h"
#include "cli/access.h"

namespace driftguard::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// "<microseconds>.<id>", as the HTTP API writes it.
std::string cursor_text(const store::RowCursor& cursor) {
  return fmt::format("{}.{}", us_since_epoch(cursor.ts), cursor.id);
}

store::RowCursor cursor_of(const std::string& text) {
  std::int64_t us = 0;
  std::uint64_t id = 0;
  const char* end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, us);
  if (first.ptr != end) std::from_chars(first.ptr + 1, end, id);
  return {time_from_us(us), id};
}

// An event's JSON on one line: raw line ends can only stand between its tokens.
void append_line(std::string payload, std::string& lines) {
  std::replace_if(
      payload.begin(), payload.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  lines += payload;
  lines += '\n';
}

class StoreAccess final : public Access {
 public:
  StoreAccess(Engine& engine, std::unique_ptr<Engine> owned)
      : engine_(engine), owned_(std::move(owned)) {}

  Result<std::string> report(const report::ReportQuery& query) override {
    Result<report::Report> report = engine_.desk.make(query);
    if (!report) return report.error();
    return report::to_json(*report);
  }

  Result<std::string> compare(const std::map<std::string, std::string>& parameters) override {
    http::Request request;
    request.query = parameters;
    Result<report::CompareQuery> query = api::compare_query(request);
    if (!query) return query.error();
    Result<report::Compared> made = engine_.comparisons.make(*query);
    if (!made) return made.error();
    return report::to_json(*made);
  }

  Result<std::string> build_baseline(const BuildOrder& order) override {
    Result<std::string> service = engine_.desk.service_of(order.service);
    if (!service) return service.error();
    const Time now = engine_.clock.now();
    const TimeRange before{now - std::chrono::minutes(order.window_minutes), now};
    Result<baseline::BaselinePtr> built =
        engine_.baselines.build(*service, order.range.value_or(before),
                                baseline::BaselineBook::AfterBuild::kActivate, order.exclude);
    if (!built) return built.error();
    return baseline::to_json(**built);
  }

  Result<std::string> list_baselines(const std::string& asked) override {
    Result<std::string> service = engine_.desk.service_of(asked);
    if (!service) return service.error();
    Result<std::vector<baseline::BaselineInfo>> infos = engine_.baselines.list(*service);
    if (!infos) return infos.error();
    Json json{{"service", *service}, {"baselines", Json::array()}};
    for (const baseline::BaselineInfo& info : *infos) {
      json["baselines"].push_back(Json::parse(api::to_json(info)));
    }
    return text_of(json);
  }

  Result<std::string> show_baseline(const std::string& asked, std::optional<int> version) override {
    Result<std::string> service = engine_.desk.service_of(asked);
    if (!service) return service.error();
    Result<baseline::BaselinePtr> baseline =
        version ? engine_.baselines.load(*service, *version) : engine_.baselines.active(*service);
    if (!baseline) return baseline.error();
    if (!*baseline) return Error{ErrorCode::kNotFound, *service + " has no baseline yet"};
    return baseline::to_json(**baseline);
  }

  Result<std::string> activate_baseline(const std::string& asked, int version) override {
    Result<std::string> service = engine_.desk.service_of(asked);
    if (!service) return service.error();
    if (auto done = engine_.baselines.activate(*service, version); !done) return done.error();
    return text_of(Json{{"service", *service}, {"active", version}});
  }

  Result<std::string> promote_baseline(const std::string& asked,
                                       const baseline::BaselineChoice& choice) override {
    report::ReportQuery query;
    Result<std::string> service = engine_.desk.service_of(asked);
    if (!service) return service.error();
    query.service = *service;
    query.baseline = choice;
    Result<int> version = engine_.desk.promote(query);
    if (!version) return version.error();
    return text_of(Json{{"service", *service}, {"active", *version}});
  }

  Result<std::string> roll_back_baseline(const std::string& asked) override {
    Result<std::string> service = engine_.desk.service_of(asked);
    if (!service) return service.error();
    Result<int> version = engine_.baselines.roll_back(*service);
    if (!version) return version.error();
    return text_of(Json{{"service", *service}, {"active", *version}});
  }

  Result<std::string> diff_baselines(const std::string& asked, int from, int to) override {
    Result<std::string> service = engine_.desk.service_of(asked);
    if (!service) return service.error();
    Result<report::Report> report = engine_.desk.compare(*service, from, to);
    if (!report) return report.error();
    return report::to_json(*report);
  }

  Result<EventPage> events(const EventQuery& query) override {
    store::RowQuery rows;
    if (!query.service.empty()) rows.service = query.service;
    if (!query.endpoint.empty()) rows.endpoint = query.endpoint;
    rows.range = query.range;
    if (!query.cursor.empty()) rows.after = cursor_of(query.cursor);
    rows.rows_max = query.events_max;
    Result<store::RowPage> page = engine_.store->read_rows(rows);
    if (!page) return page.error();
    EventPage answer;
    for (store::StoredRow& row : page->rows) append_line(std::move(row.payload), answer.lines);
    if (page->next) answer.cursor = cursor_text(*page->next);
    return answer;
  }

 private:
  Engine& engine_;
  std::unique_ptr<Engine> owned_;
};

}  // namespace

std::unique_ptr<Access> access_to(Engine& engine) {
  return std::make_unique<StoreAccess>(engine, nullptr);
}

std::unique_ptr<Access> access_to(std::unique_ptr<Engine> engine) {
  Engine& parts = *engine;
  return std::make_unique<StoreAccess>(parts, std::move(engine));
}

}  // namespace driftguard::cli
