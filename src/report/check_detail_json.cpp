// SPDX-License-Identifier: Apache-2.0
#include "report/check_detail.h"
#include "report/report_json.h"

namespace driftguard::report {
namespace {

Json shares(const std::vector<double>& shares) {
  return shares.empty() ? Json(nullptr) : Json(shares);
}

Json presence_json(const Presence& presence) {
  Json json;
  json["n"] = presence.n;
  json["missing"] = presence.missing;
  json["type_mismatches"] = presence.mismatched;
  return json;
}

Json side_json(const NumericSide& side) {
  Json json = presence_json(side.presence);
  json["mean"] = real(side.mean);
  json["std"] = real(side.standard_deviation);
  json["min"] = quantity(side.min);
  json["max"] = quantity(side.max);
  return json;
}

Json side_json(const Presence& presence, std::uint64_t distinct) {
  Json json = presence_json(presence);
  json["distinct"] = distinct;
  return json;
}

Json histogram_json(const std::optional<Histogram>& histogram) {
  if (!histogram) return nullptr;
  const auto beyond = [&](double Histogram::Side::*which) {
    Json json;
    const auto one = [&](const Histogram::Side& side) {
      return side.shares.empty() ? Json(nullptr) : Json(side.*which);
    };
    json["live"] = one(histogram->live);
    json["baseline"] = one(histogram->baseline);
    return json;
  };
  Json json;
  json["edges"] = quantities(histogram->edges);
  json["live"] = shares(histogram->live.shares);
  json["baseline"] = shares(histogram->baseline.shares);
  json["below"] = beyond(&Histogram::Side::below);
  json["above"] = beyond(&Histogram::Side::above);
  return json;
}

Json tail_json(const std::optional<Tail>& tail) {
  if (!tail) return nullptr;
  Json json;
  json["threshold"] = quantity(tail->threshold);
  json["live"] = real(tail->live);
  json["baseline"] = tail->baseline;
  return json;
}

void add_numbers(const NumericPair& pair, Json* json) {
  Json& sides = (*json)["sides"];
  sides["live"] = side_json(pair.live);
  sides["baseline"] = pair.baseline ? side_json(*pair.baseline) : Json(nullptr);
  Json& ecdf = (*json)["ecdf"];
  ecdf["x"] = quantities(pair.ecdf.x);
  ecdf["live"] = shares(pair.ecdf.live);
  ecdf["baseline"] = shares(pair.ecdf.baseline);
  (*json)["histogram"] = histogram_json(pair.histogram);
  Json& quantiles = (*json)["quantiles"] = Json::array();
  for (const QuantilePair& quantile : pair.quantiles) {
    Json one;
    one["p"] = quantile.p.value();
    one["live"] = quantity(quantile.live);
    one["baseline"] = quantity(quantile.baseline);
    quantiles.push_back(std::move(one));
  }
  (*json)["above_p99"] = tail_json(pair.above_p99);
  (*json)["below_p1"] = tail_json(pair.below_p1);
}

Json category_json(const CategoryPair& category) {
  Json json;
  json["name"] = category.name;
  json["live_n"] = category.live_n;
  json["baseline_n"] = category.baseline_n;
  json["live"] = real(category.live);
  json["baseline"] = real(category.baseline);
  json["contribution"] = real(category.contribution);
  switch (category.change) {
    case CategoryPair::Change::kNone:
      json["change"] = nullptr;
      break;
    case CategoryPair::Change::kNew:
      json["change"] = "new";
      break;
    case CategoryPair::Change::kVanished:
      json["change"] = "vanished";
      break;
  }
  return json;
}

Json statuses_json(const Statuses& statuses) {
  Json json;
  for (std::size_t i = 0; i < statuses.size(); ++i) {
    json[std::to_string(i + 1) + "xx"] = statuses[i];
  }
  return json;
}

Json gap_json(const std::optional<Gap>& found) {
  if (!found) return nullptr;
  Json gap = Json::object();
  gap["x"] = quantity(found->x);
  gap["live"] = found->live;
  gap["baseline"] = found->baseline;
  gap["live_tends"] = found->live < found->baseline ? "larger" : "smaller";
  return gap;
}

void add_detail(const KsDetail& detail, Json* json) {
  (*json)["feature"] = detail.feature;
  (*json)["pointer"] = detail.pointer;
  (*json)["gap"] = gap_json(detail.gap);
  add_numbers(detail.numbers, json);
}

void add_categories(const std::vector<CategoryPair>& pairs, Json* json) {
  Json& categories = (*json)["categories"] = Json::array();
  const std::size_t shown = std::min(pairs.size(), kCategoriesShownMax);
  for (std::size_t i = 0; i < shown; ++i) categories.push_back(category_json(pairs[i]));
  (*json)["categories_omitted"] = pairs.size() - shown;
}

// The sides of a feature with categories (or bins).
template <typename SharesDetail>
void add_sides(const SharesDetail& detail, Json* json) {
  Json& sides = (*json)["sides"];
  sides["live"] = side_json(detail.check.live, detail.live_distinct);
  sides["baseline"] = detail.has_baseline
                          ? side_json(detail.check.baseline, detail.baseline_distinct)
                          : Json(nullptr);
}

void add_detail(const PsiDetail& detail, Json* json) {
  (*json)["feature"] = detail.feature;
  (*json)["pointer"] = detail.pointer;
  add_sides(detail, json);
  add_categories(detail.categories, json);
}

void add_detail(const MeasureDetail& detail, Json* json) {
  (*json)["feature"] = detail.feature;
  (*json)["pointer"] = detail.pointer;
  if (detail.check.table) add_categories(detail.categories, json);
  if (!detail.numbers) return add_sides(detail, json);
  (*json)["gap"] = gap_json(detail.gap);
  add_numbers(*detail.numbers, json);
}

void add_detail(const SuccessRateDetail& detail, Json* json) {
  (*json)["baseline_success_rate"] = real(detail.baseline_rate);
  Json& statuses = (*json)["statuses"];
  statuses["live"] = statuses_json(detail.live);
  statuses["baseline"] = detail.baseline ? statuses_json(*detail.baseline) : Json(nullptr);
}

void add_detail(const LatencyDetail& detail, Json* json) {
  Json& above = (*json)["above_max"];
  above["live"] = real(detail.live_above_max);
  above["baseline"] = real(detail.baseline_above_max);
  add_numbers(detail.numbers, json);
}

void add_detail(const QualityDetail& detail, Json* json) {
  (*json)["feature"] = detail.feature;
  (*json)["pointer"] = detail.pointer;
}

void add_detail(const SchemaDetail&, Json*) {}  // The check has it all.

}  // namespace

std::string to_json(const CheckDetail& detail) {
  const Check check = check_of(detail.detail);
  const Outline outline = outline_of(detail.name, check);
  Json json = head_json(detail);
  json["name"] = detail.name;
  json["kind"] = kind_name(outline.kind);
  json["state"] = state_name(outline.state);
  json["severity"] = real(outline.severity);
  json["summary"] = summary_of(detail.detail);
  json["check"] = check_json(check);
  std::visit([&](const auto& one) { add_detail(one, &json); }, detail.detail);
  return text_of(json);
}

}  // namespace driftguard::report
