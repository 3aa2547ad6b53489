// SPDX-License-Identifier: Apache-2.0
#include "api/overview.h"

#include <algorithm>
#include <list>
#include <mutex>

#include "api/parameters.h"
#include "http/compression.h"
#include "http/conditional.h"
#include "http/problem.h"

namespace driftguard::api {
namespace {

constexpr int kWindowMinutesMax = 43'200;
constexpr int kLimitMax = 1000;
constexpr int kOffsetMax = 1'000'000;
constexpr std::size_t kTextBytesMax = 200;

struct Query {
  int window_minutes = 0;
  report::OverviewQuery shown;
};

Result<std::optional<report::State>> state_parameter(const http::Request& request) {
  const auto text = request.parameter("state");
  if (!text) return std::optional<report::State>();
  for (const report::State state :
       {report::State::kOk, report::State::kFail, report::State::kInsufficient}) {
    if (*text == state_name(state)) return std::optional(state);
  }
  return Error{ErrorCode::kInvalidArgument,
               "state: \"" + std::string(*text) + "\" is none of ok, fail, insufficient"};
}

Result<Query> query_of(const http::Request& request, int window_minutes) {
  Query query;
  Result<std::optional<int>> minutes =
      int_parameter(request, "window_minutes", 1, kWindowMinutesMax);
  if (!minutes) return minutes.error();
  query.window_minutes = minutes->value_or(window_minutes);
  query.shown.text = text_parameter(request, "q");
  if (query.shown.text.size() > kTextBytesMax) {
    return Error{ErrorCode::kInvalidArgument, "q: longer than any name"};
  }
  Result<std::optional<report::State>> state = state_parameter(request);
  if (!state) return state.error();
  query.shown.state = *state;
  Result<std::optional<int>> limit = int_parameter(request, "limit", 1, kLimitMax);
  if (!limit) return limit.error();
  if (*limit) query.shown.limit = static_cast<std::size_t>(**limit);
  Result<std::optional<int>> offset = int_parameter(request, "offset", 0, kOffsetMax);
  if (!offset) return offset.error();
  query.shown.offset = static_cast<std::size_t>(offset->value_or(0));
  return query;
}

// An overview as it is sent; the same for everybody who asks for the same.
struct Text {
  std::string json;
  std::string gzip;
  std::string tag;
};

// The last texts, so that many pages that poll cost one. Thread-safe.
class Texts final {
 public:
  std::shared_ptr<const Text> get(const report::OverviewPtr& overview,
                                  const report::OverviewQuery& query) {
    const std::lock_guard lock(mutex_);
    for (const Entry& entry : entries_) {
      if (entry.overview == overview && entry.query == query) return entry.text;
    }
    auto text = std::make_shared<Text>();
    text->json = to_json(*overview, query);
    text->gzip = http::gzip(text->json);
    text->tag = http::entity_tag(text->json);
    entries_.push_front({overview, query, text});
    if (entries_.size() > kTextsMax) entries_.pop_back();
    return text;
  }

 private:
  static constexpr std::size_t kTextsMax = 8;
  struct Entry {
    report::OverviewPtr overview;
    report::OverviewQuery query;
    std::shared_ptr<const Text> text;
  };

  std::mutex mutex_;
  std::list<Entry> entries_;  // Guarded by mutex_.
};

http::Response response_of(const http::Request& request, const Text& text) {
  http::Response response;
  response.headers = {{"ETag", text.tag}, {"Cache-Control", "no-cache"}};
  const bool known = http::has_already(request, text.tag);
  const bool compressed = http::accepts_gzip(request.header("accept-encoding").value_or(""));
  if (known || compressed) response.headers.emplace_back("Vary", "Accept-Encoding");
  if (known) return http::not_modified(std::move(response.headers));
  response.body = compressed ? text.gzip : text.json;
  if (compressed) response.headers.emplace_back("Content-Encoding", "gzip");
  return response;
}

}  // namespace

void add_overview_routes(http::Router& router, report::OverviewDesk& desk, int window_minutes) {
  http::RouteOptions options;
  options.run = http::Run::kWorker;
  const auto texts = std::make_shared<Texts>();
  router.add(
      http::Method::kGet, "/v1/overview",
      [&desk, texts, window_minutes](http::Request&& request, http::Respond respond) {
        Result<Query> query = query_of(request, window_minutes);
        if (!query) return respond(http::problem(query.error()));
        desk.ask(query->window_minutes,
                 [texts, request = std::move(request), respond = std::move(respond),
                  shown = query->shown](Result<report::OverviewPtr> overview) {
                   if (!overview) return respond(http::problem(overview.error()));
                   respond(response_of(request, *texts->get(*overview, shown)));
                 });
      },
      options);
}

}  // namespace driftguard::api
