// SPDX-License-Identifier: Apache-2.0
#include "report/hosts.h"

#include <simdjson.h>

#include <algorithm>
#include <unordered_map>

#include "report/report_json.h"

namespace driftguard::report {

Result<Hosts> find_hosts(store::Store& store, const window::Segment& segment, TimeRange range) {
  std::unordered_map<std::string, std::uint64_t> counts;  // Bounded by the rows read.
  simdjson::dom::parser parser;
  const auto count = [&](const RecentRowsPage& page) {
    for (const store::StoredRow& row : page.rows) {
      simdjson::dom::element event;
      std::string_view host;
      if (parser.parse(row.payload).get(event) != simdjson::SUCCESS) continue;
      if (event.at_key("host").get(host) != simdjson::SUCCESS || host.empty()) continue;
      ++counts[std::string(host)];
    }
    return true;
  };
  RecentRowsQuery query;
  query.service = segment.service;
  query.endpoint = segment.endpoint;
  query.range = range;
  Result<RecentRowsEnd> end = read_recent_rows(store, query, count);
  if (!end) return end.error();
  Hosts hosts{segment, range, *end, {counts.begin(), counts.end()}};
  std::sort(hosts.hosts.begin(), hosts.hosts.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  if (hosts.hosts.size() > kHostsMax) hosts.hosts.resize(kHostsMax);
  return hosts;
}

std::string to_json(const Hosts& hosts) {
  Json json;
  json["service"] = hosts.segment.service;
  if (hosts.segment.endpoint) json["endpoint"] = *hosts.segment.endpoint;
  json["from"] = format_rfc3339(hosts.range.from);
  json["to"] = format_rfc3339(hosts.range.to);
  json["scanned"] = hosts.end.scanned;
  json["complete"] = hosts.end.complete;
  Json& list = json["hosts"] = Json::array();
  for (const auto& [host, samples] : hosts.hosts) {
    Json one;
    one["host"] = host;
    one["samples"] = samples;
    list.push_back(std::move(one));
  }
  return text_of(json);
}

}  // namespace driftguard::report
