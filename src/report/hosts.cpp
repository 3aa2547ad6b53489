// SPDX-License-Identifier: Apache-2.0
#include "report/hosts.h"

#include <algorithm>

#include "report/report_json.h"

namespace driftguard::report {

Hosts hosts_of(const window::Segment& segment, const window::Window& window) {
  const rollup::Rollup total = window.total();
  Hosts hosts{segment, window.range, total.events, total.hosts.lossless(), {}};
  for (const sketch::Category& host : total.hosts.categories()) {
    if (!host.name.empty()) hosts.hosts.emplace_back(host.name, host.count);
  }
  std::sort(hosts.hosts.begin(), hosts.hosts.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  if (hosts.hosts.size() > kHostsMax) {
    hosts.hosts.resize(kHostsMax);
    hosts.complete = false;
  }
  return hosts;
}

std::string to_json(const Hosts& hosts) {
  Json json;
  json["service"] = hosts.segment.service;
  if (hosts.segment.endpoint) json["endpoint"] = *hosts.segment.endpoint;
  json["from"] = format_rfc3339(hosts.range.from);
  json["to"] = format_rfc3339(hosts.range.to);
  json["scanned"] = hosts.events;
  json["complete"] = hosts.complete;
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
