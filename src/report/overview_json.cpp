// SPDX-License-Identifier: Apache-2.0
// A thousand services make a hundred thousand values: they are written straight to the text.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "alarm/reason.h"
#include "report/overview.h"
#include "report/report_json.h"

namespace driftguard::report {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool contains(std::string_view text, std::string_view part) {
  const auto same = [](char a, char b) { return lower(a) == lower(b); };
  return std::search(text.begin(), text.end(), part.begin(), part.end(), same) != text.end();
}

bool is_wanted(const OverviewService& service, const OverviewQuery& query) {
  if (query.state && service.row.outline->state != *query.state) return false;
  if (query.text.empty() || contains(service.row.name, query.text)) return true;
  return std::any_of(service.endpoints.begin(), service.endpoints.end(),
                     [&](const OverviewRow& row) { return contains(row.name, query.text); });
}

// Appends JSON to a text. Members are written with their comma in front but for the first.
class Writer final {
 public:
  template <typename... Values>
  void raw(fmt::format_string<Values...> format, Values&&... values) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Values>(values)...);
  }
  void quoted(std::string_view text) { text_ += text_of(Json(text)); }
  void number(const std::optional<double>& value) {
    if (value && std::isfinite(*value)) {
      raw("{}", *value);
    } else {
      text_ += "null";
    }
  }
  template <typename Values, typename Write>
  void list(const Values& values, const Write& write) {
    text_ += '[';
    bool first = true;
    for (const auto& value : values) {
      if (!std::exchange(first, false)) text_ += ',';
      write(value);
    }
    text_ += ']';
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

void write_worst(const Outline* worst, Writer& out) {
  if (worst == nullptr) return out.raw("null");
  out.raw("{{\"name\":");
  out.quoted(worst->name);
  out.raw(R"(,"kind":"{}","state":"{}","n":{},"value":)", kind_name(worst->kind),
          state_name(worst->state), worst->n);
  out.number(worst->value);
  out.raw(",\"limit\":");
  out.number(worst->limit);
  out.raw(",\"p_value\":");
  out.number(worst->p_value);
  out.raw(",\"severity\":");
  out.number(worst->severity);
  out.raw("}}");
}

void write_trend(const std::optional<Trend>& trend, Writer& out) {
  if (!trend) return out.raw("null");
  out.raw("{{\"samples\":");
  out.list(trend->samples, [&](std::uint64_t samples) { out.raw("{}", samples); });
  out.raw(",\"states\":");
  out.list(trend->states, [&](State state) { out.raw("\"{}\"", state_name(state)); });
  out.raw("}}");
}

// The members that services and endpoints share.
void write_row(std::string_view kind, const OverviewRow& row, Writer& out) {
  const SegmentOutline& outline = *row.outline;
  out.raw("\"{}\":", kind);
  out.quoted(row.name);
  out.raw(R"(,"state":"{}","samples":{},"success_rate":)", state_name(outline.state),
          outline.samples);
  out.number(outline.success_rate);
  out.raw(",\"p95\":");
  out.number(outline.p95_ms);
  out.raw(R"(,"checks":{},"failing":{},"worst":)", outline.checks.size(), failing(outline.checks));
  write_worst(worst_of(outline.checks), out);
  out.raw(",\"trend\":");
  write_trend(row.trend, out);
}

void write_service(const OverviewService& service, Writer& out) {
  out.raw("{{");
  write_row("service", service.row, out);
  out.raw(",\"baseline_version\":");
  if (service.baseline_version) {
    out.raw("{}", *service.baseline_version);
  } else {
    out.raw("null");
  }
  out.raw(",\"alarm\":");
  if (service.alarm) {
    out.raw(R"({{"state":"{}","firing":{}}})", alarm::state_name(service.alarm->state),
            service.alarm->firing);
  } else {
    out.raw("null");
  }
  out.raw(",\"endpoint_count\":{},\"endpoints\":", service.endpoint_count);
  out.list(service.endpoints, [&](const OverviewRow& row) {
    out.raw("{{");
    write_row("endpoint", row, out);
    out.raw("}}");
  });
  out.raw("}}");
}

}  // namespace

std::string to_json(const Overview& overview, const OverviewQuery& query) {
  std::vector<const OverviewService*> wanted;
  for (const auto& service : overview.services) {
    if (is_wanted(*service, query)) wanted.push_back(service.get());
  }
  const std::size_t matched = wanted.size();
  const auto first = wanted.begin() + static_cast<std::ptrdiff_t>(std::min(query.offset, matched));
  wanted.erase(wanted.begin(), first);
  if (wanted.size() > query.limit) wanted.resize(query.limit);
  const OverviewTotals& totals = overview.totals;
  Writer out;
  out.raw(R"({{"generated_at":"{}","window_minutes":{},)", format_rfc3339(overview.generated_at),
          overview.window_minutes);
  out.raw(R"("trend":{{"from":"{}","step_seconds":{},"steps":{}}},)",
          format_rfc3339(overview.grid.from), overview.grid.step.count(), overview.grid.steps);
  out.raw(R"("totals":{{"services":{},"endpoints":{},"ok":{},"fail":{},"insufficient":{},)",
          totals.services, totals.endpoints, totals.ok, totals.fail, totals.insufficient);
  out.raw(R"("firing":{}}},)", totals.firing);
  out.raw("\"matched\":{},\"services\":", matched);
  out.list(wanted, [&](const OverviewService* service) { write_service(*service, out); });
  out.raw("}}");
  return out.take();
}

}  // namespace driftguard::report
