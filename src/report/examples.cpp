// SPDX-License-Identifier: Apache-2.0
#include "report/examples.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <deque>

#include "ingest/redact.h"
#include "report/event_value.h"
#include "report/report_json.h"

namespace driftguard::report {
namespace {

using simdjson::dom::element;

// A tail this heavy tells more than what lies beyond the gap.
constexpr double kNotableTail = 0.03;

// Where live numbers are more frequent: a tail, or one side of the largest gap.
std::optional<Region> region_of_numbers(const Gap& gap, const NumericPair& numbers) {
  const auto notable = [](const std::optional<Tail>& tail) {
    return tail && tail->live.value_or(0) >= kNotableTail && *tail->live > tail->baseline;
  };
  Region region;
  if (gap.live < gap.baseline) {
    region.above = notable(numbers.above_p99) ? numbers.above_p99->threshold : gap.x;
  } else {
    region.at_most = notable(numbers.below_p1) ? numbers.below_p1->threshold : gap.x;
  }
  return region;
}

std::optional<Region> region_of_categories(const std::vector<CategoryPair>& categories) {
  std::vector<const CategoryPair*> grown;
  for (const CategoryPair& category : categories) {
    if (category.name == kOtherCategory || !category.live || !category.baseline) continue;
    if (*category.live > *category.baseline) grown.push_back(&category);
  }
  std::stable_sort(grown.begin(), grown.end(), [](const auto* a, const auto* b) {
    return (a->change == CategoryPair::Change::kNew) > (b->change == CategoryPair::Change::kNew);
  });
  if (grown.empty()) return std::nullopt;
  grown.resize(std::min(grown.size(), kRegionCategoriesMax));
  Region region;
  for (const CategoryPair* category : grown) region.categories.push_back(category->name);
  return region;
}

std::optional<Region> region_of_detail(const KsDetail& detail) {
  if (!detail.gap) return std::nullopt;
  return region_of_numbers(*detail.gap, detail.numbers);
}

std::optional<Region> region_of_detail(const PsiDetail& detail) {
  // Bins of numbers are no values of an event.
  if (detail.gap) return region_of_numbers(*detail.gap, {});
  return detail.check.edges.empty() ? region_of_categories(detail.categories) : std::nullopt;
}

std::optional<Region> region_of_detail(const MeasureDetail& detail) {
  if (!detail.check.numeric) return region_of_categories(detail.categories);
  if (!detail.gap) return std::nullopt;
  return region_of_numbers(*detail.gap, *detail.numbers);
}

std::optional<Region> region_of_detail(const SuccessRateDetail& detail) {
  if (detail.check.success_rate.value_or(1) == 1) return std::nullopt;
  Region region;
  region.not_2xx = true;
  return region;
}

std::optional<Region> region_of_detail(const LatencyDetail& detail) {
  if (!detail.check.p95) return std::nullopt;
  Region region;
  region.above = detail.live_above_max.value_or(0) > 0 ? detail.check.max : *detail.check.p95;
  return region;
}

// Events that lack a value are no examples of one.
std::optional<Region> region_of_detail(const QualityDetail&) { return std::nullopt; }
std::optional<Region> region_of_detail(const SchemaDetail&) { return std::nullopt; }

std::string subject_of(const Detail& detail) {
  struct Subject {
    std::string operator()(const KsDetail& ks) const { return ks.feature; }
    std::string operator()(const PsiDetail& psi) const { return psi.feature; }
    std::string operator()(const MeasureDetail& measure) const { return measure.feature; }
    std::string operator()(const SuccessRateDetail&) const { return "status"; }
    std::string operator()(const LatencyDetail&) const { return "duration_ms"; }
    std::string operator()(const QualityDetail& quality) const { return quality.feature; }
    std::string operator()(const SchemaDetail&) const { return "schema"; }
  };
  return std::visit(Subject(), detail);
}

bool lies_in(const element& value, const Region& region) {
  if (!region.categories.empty()) {
    const std::optional<std::string> name = category_of(value);
    return name && std::find(region.categories.begin(), region.categories.end(), *name) !=
                       region.categories.end();
  }
  double number = 0;
  if (value.get(number) != simdjson::SUCCESS) return false;
  if (region.not_2xx) return number < 200 || number >= 300;
  return region.above ? number > *region.above : number <= *region.at_most;
}

// Looks at rows as they come and keeps the latest that lie in the region.
class Finder final {
 public:
  Finder(const ingest::FeatureRules& rules, const ExamplesQuery& query, const Region& region,
         const std::string& pointer)
      : rules_(rules), query_(query), region_(region), pointer_(pointer) {}

  // Whether there are not enough yet.
  bool look_at(const RecentRowsPage& page) {
    if (page.new_chunk) take_chunk();
    for (const store::StoredRow& row : page.rows) look_at(row);
    return found_.size() + chunk_.size() < query_.limit && bytes_ + chunk_bytes_ < query_.bytes_max;
  }

  std::vector<Example> take() {
    take_chunk();
    return std::move(found_);
  }

 private:
  void look_at(const store::StoredRow& row) {
    std::optional<std::string> value = value_in(row.payload);
    if (!value) return;
    Example example{row.ts, row.endpoint, std::move(*value), row.payload};
    if (simdjson::dom::object event; rules_.redacts() &&
                                     parser_.parse(row.payload).get(event) == simdjson::SUCCESS &&
                                     ingest::holds_redacted(event, row.service, rules_)) {
      example.event = ingest::redact(row.payload, row.service, rules_);
      // What is watched may itself be redacted by now.
      value = value_in(example.event);
      if (!value) return;
      example.value = std::move(*value);
    }
    chunk_bytes_ += example.event.size();
    chunk_.push_back(std::move(example));
    while (chunk_.size() > query_.limit || (chunk_.size() > 1 && chunk_bytes_ > query_.bytes_max)) {
      chunk_bytes_ -= chunk_.front().event.size();
      chunk_.pop_front();
    }
  }

  // The watched value as JSON, if the event is of the host asked for and of the region.
  std::optional<std::string> value_in(const std::string& payload) {
    element event;
    if (parser_.parse(payload).get(event) != simdjson::SUCCESS) return std::nullopt;
    if (query_.host) {
      std::string_view host;
      if (event.at_key("host").get(host) != simdjson::SUCCESS || host != *query_.host) {
        return std::nullopt;
      }
    }
    element value;
    if (event.at_pointer(pointer_).get(value) != simdjson::SUCCESS) return std::nullopt;
    if (!lies_in(value, region_)) return std::nullopt;
    return simdjson::minify(value);
  }

  void take_chunk() {
    for (; !chunk_.empty() && found_.size() < query_.limit; chunk_.pop_back()) {
      if (!found_.empty() && bytes_ + chunk_.back().event.size() > query_.bytes_max) break;
      bytes_ += chunk_.back().event.size();
      found_.push_back(std::move(chunk_.back()));
    }
    chunk_.clear();
    chunk_bytes_ = 0;
  }

  const ingest::FeatureRules& rules_;
  const ExamplesQuery& query_;
  const Region& region_;
  const std::string& pointer_;
  simdjson::dom::parser parser_;
  std::vector<Example> found_;  // The latest first.
  std::size_t bytes_ = 0;
  std::deque<Example> chunk_;  // Of the chunk being read, in the order of time.
  std::size_t chunk_bytes_ = 0;
};

}  // namespace

std::optional<Region> region_of(const Detail& detail) {
  return std::visit([](const auto& one) { return region_of_detail(one); }, detail);
}

std::string text_of(const Region& region, const Detail& detail) {
  const std::string subject = subject_of(detail);
  if (region.not_2xx) return "a status outside 2xx";
  if (region.above) return fmt::format("{} above {:.6g}", subject, *region.above);
  if (region.at_most) return fmt::format("{} up to {:.6g}", subject, *region.at_most);
  return fmt::format("{} one of: {}", subject, fmt::join(region.categories, ", "));
}

std::string pointer_of(const Detail& detail) {
  struct Pointer {
    std::string operator()(const KsDetail& ks) const { return ks.pointer; }
    std::string operator()(const PsiDetail& psi) const { return psi.pointer; }
    std::string operator()(const MeasureDetail& measure) const { return measure.pointer; }
    std::string operator()(const SuccessRateDetail&) const { return "/response/status"; }
    std::string operator()(const LatencyDetail&) const { return "/response/duration_ms"; }
    std::string operator()(const QualityDetail& quality) const { return quality.pointer; }
    std::string operator()(const SchemaDetail&) const { return ""; }
  };
  return std::visit(Pointer(), detail);
}

Result<FoundExamples> find_examples(store::Store& store, const ingest::FeatureRules& rules,
                                    const ExamplesQuery& query, const Region& region,
                                    const std::string& pointer) {
  Finder finder(rules, query, region, pointer);
  Result<RecentRowsEnd> end = read_recent_rows(
      store, query.rows, [&](const RecentRowsPage& page) { return finder.look_at(page); });
  if (!end) return end.error();
  return FoundExamples{*end, finder.take()};
}

std::string to_json(const Examples& examples) {
  Json json;
  json["service"] = examples.segment.service;
  if (examples.segment.endpoint) json["endpoint"] = *examples.segment.endpoint;
  if (examples.segment.host) json["host"] = *examples.segment.host;
  json["check"] = examples.check;
  json["from"] = format_rfc3339(examples.range.from);
  json["to"] = format_rfc3339(examples.range.to);
  Json& region = json["region"] = nullptr;
  if (examples.region) {
    region = Json::object();
    region["text"] = examples.region_text;
    if (examples.region->above) region["above"] = quantity(examples.region->above);
    if (examples.region->at_most) region["at_most"] = quantity(examples.region->at_most);
    if (examples.region->not_2xx) region["status"] = "not_2xx";
    if (!examples.region->categories.empty()) region["categories"] = examples.region->categories;
  }
  json["scanned"] = examples.found.end.scanned;
  json["complete"] = examples.found.end.complete;
  Json& list = json["examples"] = Json::array();
  for (const Example& example : examples.found.examples) {
    Json one;
    one["ts"] = format_rfc3339(example.ts);
    one["endpoint"] = example.endpoint;
    one["value"] = Json::parse(example.value, nullptr, false);
    one["event"] = Json::parse(example.event, nullptr, false);
    list.push_back(std::move(one));
  }
  return text_of(json);
}

}  // namespace driftguard::report
