// SPDX-License-Identifier: Apache-2.0
#include "report/report_json.h"
#include "report/where.h"

namespace driftguard::report {
namespace {

Json segment_json(const WhereSegment& segment) {
  Json json;
  json["name"] = segment.name;
  json["share"] = segment.share;
  json["live"] = segment.live;
  json["baseline"] = segment.baseline;
  if (segment.range) {
    json["from"] = quantity(segment.range->from);
    json["to"] = quantity(segment.range->to);
  }
  return json;
}

Json dimension_json(const WhereDimension& dimension) {
  Json json;
  json["dimension"] =
      dimension.kind == WhereDimension::Kind::kFeature ? "feature" : dimension.name();
  if (!dimension.feature.empty()) json["feature"] = dimension.feature;
  json["source"] = source_name(dimension.source);
  Json& segments = json["segments"] = Json::array();
  for (const WhereSegment& segment : dimension.segments) segments.push_back(segment_json(segment));
  json["omitted"] = dimension.omitted;
  return json;
}

Json rows_json(const WhereRead& read) {
  Json json;
  json["source"] = source_name(read.source);
  json["scanned"] = read.end.scanned;
  json["complete"] = read.end.complete;
  return json;
}

}  // namespace

std::string to_json(const Where& where) {
  const Outline outline = outline_of(where.of.name, check_of(where.of.detail));
  Json json = head_json(where.of);
  json["name"] = where.of.name;
  json["kind"] = kind_name(outline.kind);
  json["state"] = state_name(outline.state);
  json["sentence"] = where.sentence;
  json["share"] = real(where.share);
  Json& conditions = json["conditions"] = Json::array();
  for (const WhereCondition& condition : where.conditions) {
    Json one;
    one["dimension"] = condition.dimension;
    one["value"] = condition.value;
    conditions.push_back(std::move(one));
  }
  json["place"] = where.place ? Json(where.place->text()) : Json(nullptr);
  json["moved"] = where.moved;
  Json& dimensions = json["dimensions"] = Json::array();
  for (const WhereDimension& dimension : where.dimensions) {
    dimensions.push_back(dimension_json(dimension));
  }
  Json& events = json["events"] = nullptr;
  if (where.rows) {
    events = Json::object();
    events["live"] = rows_json(where.rows->live);
    events["baseline"] = rows_json(where.rows->baseline);
  }
  return text_of(json);
}

}  // namespace driftguard::report
