// SPDX-License-Identifier: Apache-2.0
#include "baseline/baseline_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <nlohmann/json.hpp>

#include "baseline/feature_names.h"

namespace driftguard::baseline {
namespace {

using Json = nlohmann::ordered_json;
using rollup::FeatureRollup;
using rollup::Rollup;
using sketch::Cell;
using sketch::NumericSummary;

// Up to so many values are written out one by one; more, as distinct values with counts.
constexpr std::uint64_t kSampleMax = 20'000;
constexpr std::array<const char*, 5> kStatusNames = {"1xx", "2xx", "3xx", "4xx", "5xx"};

Json finite(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

// ---- writing

void write_numbers(const NumericSummary& numbers, Json& json) {
  json["n"] = numbers.count();
  if (numbers.count() == 0) return;
  json["mean"] = finite(numbers.mean());
  json["std"] = finite(numbers.standard_deviation());
  json["min"] = numbers.min();
  json["max"] = numbers.max();
  // Of a cell the edge nearer to zero is written: it has the cell's own key.
  const auto edge = [&](const Cell& cell) {
    const sketch::CellBounds bounds = sketch::cell_bounds(cell.key, numbers.shift());
    return cell.key == 0 ? 0.0 : cell.key < 0 ? bounds.high : bounds.low;
  };
  if (numbers.lossless() && numbers.count() <= kSampleMax) {
    Json& sample = json["sample"] = Json::array();
    for (const Cell& cell : numbers.cells()) {
      for (std::uint64_t i = 0; i < cell.count; ++i) sample.push_back(edge(cell));
    }
    return;
  }
  Json& cells = json["cells"];
  cells["dropped_bits"] = numbers.shift();
  for (const Cell& cell : numbers.cells()) {
    cells["values"].push_back(edge(cell));
    cells["counts"].push_back(cell.count);
  }
}

void write_texts(const sketch::CategoryCounts& texts, Json& json) {
  json["n"] = texts.count();
  Json& counts = json["counts"] = Json::object();
  for (const sketch::Category& category : texts.categories()) {
    counts[category.name] = category.count;
  }
  if (texts.lossless()) return;
  json["sampled"] = {{"level", texts.level()}, {"other", texts.other()}};
}

// `population`: the events among which the feature could have been present.
void write_feature(const std::string& name, const std::string& pointer,
                   const FeatureRollup& feature, std::uint64_t population, Json& json) {
  Json head;
  head["pointer"] = pointer;
  head["missing"] = population - std::min(population, feature.present());
  if (feature.others > 0) head["others"] = feature.others;
  if (feature.numbers.count() > 0) {
    Json& numeric = json["numeric"][name] = head;
    write_numbers(feature.numbers, numeric);
  }
  if (feature.texts.count() > 0) {
    Json& categorical = json["categorical"][name] = head;
    write_texts(feature.texts, categorical);
  }
}

void write_rollup(const Rollup& rollup, const std::map<std::string, std::string>& names,
                  const std::map<std::string, std::uint64_t>& populations, Json& json) {
  json["samples"] = rollup.events;
  json["numeric"] = Json::object();
  json["categorical"] = Json::object();
  for (const auto& [pointer, feature] : rollup.features) {
    const auto name = names.find(pointer);
    const auto population = populations.find(pointer);
    write_feature(name == names.end() ? short_name(pointer) : name->second, pointer, feature,
                  population == populations.end() ? rollup.events : population->second, json);
  }
  for (std::size_t i = 0; i < kStatusNames.size(); ++i) {
    json["statuses"][kStatusNames[i]] = rollup.statuses[i];
  }
  write_numbers(rollup.latency_ms, json["latency_ms"] = Json::object());
}

std::string compact(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// A member a line, and in the groups a feature or endpoint a line: short enough to read, and a
// change of one feature is a change of one line.
std::string pretty(const Json& json) {
  std::string text = "{";
  for (const auto& [key, value] : json.items()) {
    text += fmt::format("{}\n \"{}\": ", text.size() > 1 ? "," : "", key);
    const bool is_group = key == "numeric" || key == "categorical" || key == "endpoints";
    if (!is_group || value.empty()) {
      text += compact(value);
      continue;
    }
    std::string lines;
    for (const auto& [name, member] : value.items()) {
      lines +=
          fmt::format("{}\n  {}: {}", lines.empty() ? "" : ",", compact(name), compact(member));
    }
    text += "{" + lines + "\n }";
  }
  return text + "\n}\n";
}

// ---- reading: any misfit throws, and from_json() turns it into an Error.

// The object under `key`, or an empty one.
const Json& members(const Json& json, const char* key) {
  static const Json empty = Json::object();
  return json.contains(key) ? json.at(key) : empty;
}

[[noreturn]] void misfit(std::string_view where, std::string_view why) {
  throw std::runtime_error(fmt::format("{}: {}", where, why));
}

NumericSummary read_numbers(const std::string& where, const Json& json) {
  std::vector<Cell> cells;
  int shift = 0;
  if (json.contains("sample")) {
    auto values = json.at("sample").get<std::vector<double>>();
    for (const double v : values) {
      if (!std::isfinite(v)) misfit(where, "the sample holds a number that is not finite");
    }
    return NumericSummary::of(values);
  }
  if (!json.contains("cells")) return {};
  const Json& stored = json.at("cells");
  shift = stored.at("dropped_bits").get<int>();
  const auto values = stored.value("values", std::vector<double>());
  const auto counts = stored.value("counts", std::vector<std::uint64_t>());
  if (shift < 0 || shift > NumericSummary::kShiftMax) misfit(where, "dropped_bits: not in 0..52");
  if (values.size() != counts.size()) misfit(where, "cells: values and counts differ in length");
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) misfit(where, "cells: a value is not finite");
    cells.push_back({sketch::coarser(sketch::cell_key(values[i]), shift), counts[i]});
  }
  const bool ascending = std::is_sorted(
      cells.begin(), cells.end(), [](const Cell& a, const Cell& b) { return a.key <= b.key; });
  if (!ascending) misfit(where, "cells: values are not ascending");
  if (cells.empty()) return {};
  return NumericSummary::of_cells(std::move(cells), shift, json.at("min").get<double>(),
                                  json.at("max").get<double>());
}

sketch::CategoryCounts read_texts(const std::string& where, const Json& json) {
  std::vector<sketch::Category> categories;
  for (const auto& [name, count] : json.at("counts").items()) {
    if (!count.is_number_unsigned()) misfit(where, "counts: not a whole number of at least 0");
    categories.push_back({name, count.get<std::uint64_t>()});
  }
  sketch::CategoryCounts counts = sketch::CategoryCounts::of(std::move(categories));
  if (!json.contains("sampled")) return counts;
  return counts.with_other(json.at("sampled").at("level").get<int>(),
                           json.at("sampled").at("other").get<std::uint64_t>());
}

std::string pointer_of(const std::string& name, const Json& feature) {
  if (feature.contains("pointer")) return feature.at("pointer").get<std::string>();
  std::string pointer = "/request/body/" + name;  // The seed's files name features only.
  std::replace(pointer.begin() + 14, pointer.end(), '.', '/');
  return pointer;
}

Rollup read_rollup(const std::string& where, const Json& json,
                   std::map<std::string, std::string>& names) {
  Rollup rollup;
  const auto feature_of = [&](const std::string& name, const Json& stored) -> FeatureRollup& {
    const std::string pointer = pointer_of(name, stored);
    names[pointer] = name;
    FeatureRollup& feature = rollup.features[pointer];
    feature.nulls = stored.value("missing", std::uint64_t{0});
    feature.others = stored.value("others", std::uint64_t{0});
    return feature;
  };
  for (const auto& [name, stored] : members(json, "numeric").items()) {
    feature_of(name, stored).numbers = read_numbers(where + "/numeric/" + name, stored);
  }
  for (const auto& [name, stored] : members(json, "categorical").items()) {
    feature_of(name, stored).texts = read_texts(where + "/categorical/" + name, stored);
  }
  for (std::size_t i = 0; i < kStatusNames.size() && json.contains("statuses"); ++i) {
    rollup.statuses[i] = json.at("statuses").value(kStatusNames[i], std::uint64_t{0});
  }
  if (json.contains("latency_ms")) {
    rollup.latency_ms = read_numbers(where + "/latency_ms", json.at("latency_ms"));
  }
  rollup.events = json.value("samples", std::uint64_t{0});
  for (const auto& [pointer, feature] : rollup.features) {
    rollup.events = std::max(rollup.events, feature.present());
  }
  return rollup;
}

Time read_time(const Json& json, const char* key) {
  if (!json.contains(key)) return {};
  Result<Time> time = parse_rfc3339(json.at(key).get<std::string>());
  if (!time) misfit(key, time.error().detail);
  return *time;
}

double read_target(const Json& slo, const char* key, double fallback, double high) {
  const double value = slo.value(key, fallback);
  if (!(value >= 0 && value <= high)) misfit(key, fmt::format("not a number from 0 to {}", high));
  return value;
}

Baseline read_baseline(const Json& json) {
  if (json.value("format", kFileFormat) != kFileFormat) {
    misfit("format", fmt::format("this program reads format {}", kFileFormat));
  }
  Baseline baseline;
  baseline.source = Source::kFile;
  baseline.version = json.value("version", 0);
  baseline.service = json.value("service", std::string());
  baseline.created_at =
      read_time(json, json.contains("created_at") ? "created_at" : "generated_at");
  baseline.range = {read_time(json, "from"), read_time(json, "to")};
  const Json& slo = members(json, "slo");
  baseline.slo.success_rate_min =
      read_target(slo, "success_rate_min", baseline.slo.success_rate_min, 1);
  baseline.slo.latency_p95_max =
      read_target(slo, "latency_p95_max", baseline.slo.latency_p95_max, 1e12);
  auto total = std::make_shared<Rollup>(read_rollup("", json, baseline.names));
  for (const auto& [endpoint, stored] : members(json, "endpoints").items()) {
    baseline.endpoints[endpoint] = std::make_shared<const Rollup>(
        read_rollup("/endpoints/" + endpoint, stored, baseline.names));
  }
  baseline.total = std::move(total);
  if (json.contains("endpoint")) {
    baseline.endpoints[json.at("endpoint").get<std::string>()] = baseline.total;
  }
  return baseline;
}

}  // namespace

std::string to_json(const Baseline& baseline) {
  Json json;
  json["format"] = kFileFormat;
  json["service"] = baseline.service;
  json["version"] = baseline.version;
  json["created_at"] = format_rfc3339(baseline.created_at);
  json["from"] = format_rfc3339(baseline.range.from);
  json["to"] = format_rfc3339(baseline.range.to);
  json["slo"]["success_rate_min"] = baseline.slo.success_rate_min;
  json["slo"]["latency_p95_max"] = baseline.slo.latency_p95_max;
  write_rollup(*baseline.total, baseline.names, populations(baseline.endpoints), json);
  if (baseline.endpoints.size() == 1) {  // Then the whole is the part.
    json["endpoint"] = baseline.endpoints.begin()->first;
  } else {
    for (const auto& [endpoint, rollup] : baseline.endpoints) {
      write_rollup(*rollup, baseline.names, {}, json["endpoints"][endpoint]);
    }
  }
  return pretty(json);
}

Result<Baseline> from_json(std::string_view text) {
  try {
    return read_baseline(Json::parse(text));
  } catch (const std::exception& error) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("the baseline file does not read: {}", error.what())};
  }
}

}  // namespace driftguard::baseline
