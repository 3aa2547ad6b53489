// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/access.h"
#include "cli/server_client.h"

namespace driftguard::cli {
namespace {

class ServerAccess final : public Access {
 public:
  explicit ServerAccess(HttpClient client) : client_(std::move(client)) {}

  Result<std::string> report(const report::ReportQuery& query) override {
    TargetText target("/reports/latest");
    add_service(target, query.service);
    if (query.endpoint) target.add("endpoint", *query.endpoint);
    if (query.host) target.add("host", *query.host);
    if (query.window_minutes > 0)
      target.add("window_minutes", fmt::to_string(query.window_minutes));
    if (query.at) target.add("at", format_rfc3339(*query.at));
    if (query.baseline != baseline::BaselineChoice{}) {
      target.add("baseline", baseline::to_string(query.baseline));
    }
    if (query.range) add_range(target, *query.range);
    return get(target);
  }

  Result<std::string> compare(const std::map<std::string, std::string>& parameters) override {
    TargetText target("/v1/compare");
    for (const auto& [name, value] : parameters) target.add(name, value);
    return get(target);
  }

  Result<std::string> build_baseline(const BuildOrder& order) override {
    nlohmann::ordered_json body;
    if (!order.service.empty()) body["service"] = order.service;
    if (order.range) {
      body["from"] = format_rfc3339(order.range->from);
      body["to"] = format_rfc3339(order.range->to);
    } else {
      body["window_minutes"] = order.window_minutes;
    }
    for (const TimeRange& one : order.exclude) {
      body["exclude"].push_back(
          {{"from", format_rfc3339(one.from)}, {"to", format_rfc3339(one.to)}});
    }
    return body_of(client_, {"POST", "/v1/baselines",
                             body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)});
  }

  Result<std::string> list_baselines(const std::string& service) override {
    return get(of_service("/v1/baselines", service));
  }
  Result<std::string> show_baseline(const std::string& service,
                                    std::optional<int> version) override {
    const std::string which = version ? fmt::to_string(*version) : "active";
    return get(of_service("/v1/baselines/" + which, service));
  }
  Result<std::string> activate_baseline(const std::string& service, int version) override {
    const std::string path = fmt::format("/v1/baselines/{}/activate", version);
    return body_of(client_, {"POST", of_service(path, service).text()});
  }
  Result<std::string> promote_baseline(const std::string& service,
                                       const baseline::BaselineChoice& choice) override {
    TargetText target = of_service("/v1/baselines/promote", service);
    target.add("baseline", baseline::to_string(choice));
    return body_of(client_, {"POST", target.text()});
  }
  Result<std::string> roll_back_baseline(const std::string& service) override {
    return body_of(client_, {"POST", of_service("/v1/baselines/rollback", service).text()});
  }
  Result<std::string> diff_baselines(const std::string& service, int from, int to) override {
    return get(of_service(fmt::format("/v1/baselines/{}/diff/{}", from, to), service));
  }

  Result<EventPage> events(const EventQuery& query) override {
    TargetText target = of_service("/v1/events", query.service);
    if (!query.endpoint.empty()) target.add("endpoint", query.endpoint);
    if (query.range.from != kEarliest) target.add("from", format_rfc3339(query.range.from));
    if (query.range.to != kLatest) target.add("to", format_rfc3339(query.range.to));
    if (!query.cursor.empty()) target.add("cursor", query.cursor);
    target.add("limit", fmt::to_string(query.events_max));
    Result<HttpAnswer> answer = client_.call({"GET", target.text()});
    if (!answer) return answer.error();
    if (answer->status != 200) return error_of(*answer, client_.url());
    return EventPage{std::move(answer->body), answer->headers["next-cursor"]};
  }

 private:
  static void add_service(TargetText& target, const std::string& service) {
    if (!service.empty()) target.add("service", service);
  }
  static void add_range(TargetText& target, const TimeRange& range) {
    target.add("from", format_rfc3339(range.from)).add("to", format_rfc3339(range.to));
  }
  static TargetText of_service(std::string path, const std::string& service) {
    TargetText target(std::move(path));
    add_service(target, service);
    return target;
  }
  Result<std::string> get(const TargetText& target) {
    return body_of(client_, {"GET", target.text()});
  }

  HttpClient client_;
};

}  // namespace

Result<std::unique_ptr<Access>> open_server(const std::string& url) {
  Result<HttpClient> client = make_client(url);
  if (!client) return client.error();
  return std::unique_ptr<Access>(std::make_unique<ServerAccess>(std::move(*client)));
}

}  // namespace driftguard::cli
