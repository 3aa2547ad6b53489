// SPDX-License-Identifier: Apache-2.0
#include "report/compare_desk.h"

#include <fmt/format.h>

#include "report/report_json.h"
#include "rollup/bucket.h"

namespace driftguard::report {
namespace {

std::shared_ptr<const rollup::Rollup> total_of(const window::Window& window) {
  return std::make_shared<const rollup::Rollup>(window.total());
}

// Sides of different endpoints have none in common to be compared by: each counts as one.
bool are_apart(const ComparedSide& a, const ComparedSide& b) {
  return a.segment.endpoint != b.segment.endpoint || a.segment.service != b.segment.service;
}

bool same(const ComparedSide& a, const ComparedSide& b) {
  return !are_apart(a, b) && a.segment.host == b.segment.host && a.label == b.label &&
         a.covers == b.covers;
}

Json side_json(const ComparedSide& side) {
  Json json;
  json["service"] = side.segment.service;
  json["endpoint"] = side.segment.endpoint ? Json(*side.segment.endpoint) : Json();
  json["host"] = side.segment.host ? Json(*side.segment.host) : Json();
  json["label"] = side.label ? Json(side.label->pointer + "=" + side.label->value) : Json();
  json["from"] = format_rfc3339(side.covers.from);
  json["to"] = format_rfc3339(side.covers.to);
  json["samples"] = side.samples;
  return json;
}

Json figure(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

Json contrast_json(const Contrast& one) {
  Json json;
  json["name"] = one.name;
  json["kind"] = contrast_kind_name(one.kind);
  json["verdict"] = outcome_name(one.outcome);
  json["difference"] = figure(one.difference);
  json["interval"] = one.low ? Json{*one.low, *one.high} : Json();
  json["tolerance"] = one.tolerance;
  json["p_value"] = figure(one.p_value);
  json["p_adjusted"] = figure(one.p_adjusted);
  json["control"] = figure(one.control);
  json["candidate"] = figure(one.candidate);
  json["control_n"] = one.control_n;
  json["candidate_n"] = one.candidate_n;
  if (one.moved) json["moved"] = *one.moved;
  if (one.psi) json["psi"] = *one.psi;
  json["where"] = one.where.empty() ? Json() : Json(one.where);
  if (one.critical) json["critical"] = true;
  if (one.muted) json["muted"] = true;
  return json;
}

// 1, 0.5 or 0, for rollouts that want a number.
Json score_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::kPass:
      return 1.0;
    case Outcome::kMarginal:
      return 0.5;
    case Outcome::kFail:
      return 0.0;
    case Outcome::kNotEnoughData:
      return nullptr;
  }
  return nullptr;
}

}  // namespace

Result<window::Window> CompareDesk::read(const CompareSide& side, ComparedSide* found) {
  Result<Scope> scope = desk_.scope_of(side.query);
  if (!scope) return scope.error();
  found->segment = scope->segment;
  found->label = side.label;
  Result<window::Window> window =
      side.label ? window::read_raw_window(
                       store_, rules_,
                       {scope->segment, side.label, rollup::whole_buckets(scope->range),
                        static_cast<std::size_t>(config_.host_rows_max)})
                 : windows_.read(scope->segment, scope->range);
  if (!window) return window;
  found->covers = window->range;
  for (const auto& [endpoint, rollup] : window->endpoints) found->samples += rollup->events;
  return window;
}

Result<Compared> CompareDesk::make(const CompareQuery& query) {
  Compared made;
  Result<window::Window> control = read(query.control, &made.control);
  if (!control) return control.error();
  Result<window::Window> candidate = read(query.candidate, &made.candidate);
  if (!candidate) return candidate.error();
  if (same(made.control, made.candidate)) {
    return Error{ErrorCode::kInvalidArgument,
                 "control and candidate are the same; tell them apart by host, label, endpoint or "
                 "time (control_host and candidate_host, ...)"};
  }
  auto baseline = std::make_shared<baseline::Baseline>();
  baseline->service = made.control.segment.service;
  baseline->range = control->range;
  baseline->total = total_of(*control);
  baseline->endpoints = std::move(control->endpoints);
  window::Window live = std::move(*candidate);
  if (are_apart(made.control, made.candidate)) {
    live.endpoints = {{"", total_of(live)}};
    baseline->endpoints = {{"", baseline->total}};
  }
  Result<Comparison> comparison =
      desk_.compare_sides(live, baseline, {made.candidate.segment.service, {}, {}});
  if (!comparison) return comparison.error();
  ContrastRules rules = query.rules;
  rules.psi_floor = config_.psi_floor;
  rules.samples_min = static_cast<std::uint64_t>(config_.ks_samples_min);
  rules.categories_max = static_cast<std::size_t>(config_.psi_categories_max);
  made.contrasts = contrast(*comparison, rules);
  return made;
}

std::string to_json(const Compared& compared) {
  const Contrasts& all = compared.contrasts;
  const Outcome outcome = all.outcome();
  Json json;
  json["verdict"] = outcome_name(outcome);
  json["ok"] = outcome == Outcome::kPass || outcome == Outcome::kMarginal;
  json["score"] = score_of(outcome);
  json["summary"] = summary_of(compared);
  json["control"] = side_json(compared.control);
  json["candidate"] = side_json(compared.candidate);
  json["confidence"] = all.rules.confidence;
  json["looks"] = all.rules.looks;
  json["correction"] = "holm";
  json["tests"] = all.tests;
  Json& counts = json["counts"] = Json::object();
  for (const Outcome one :
       {Outcome::kPass, Outcome::kMarginal, Outcome::kFail, Outcome::kNotEnoughData}) {
    counts[std::string(outcome_name(one))] = 0;
  }
  Json& failed = json["failed"] = Json::array();
  Json& list = json["contrasts"] = Json::array();
  for (const Contrast& one : all.list) {
    list.push_back(contrast_json(one));
    if (one.muted) continue;
    Json& count = counts[std::string(outcome_name(one.outcome))];
    count = count.get<int>() + 1;
    if (one.outcome == Outcome::kFail) failed.push_back(one.name);
  }
  return text_of(json);
}

std::string summary_of(const Compared& compared) {
  constexpr std::size_t kNamesMax = 5;
  const Outcome outcome = compared.contrasts.outcome();
  std::string names;
  std::size_t count = 0;
  for (const Contrast& one : compared.contrasts.list) {
    if (one.muted || one.outcome != outcome || !one.difference) continue;
    if (++count > kNamesMax) continue;
    names += fmt::format("{}{} differs by {:.3g} ({:.3g} to {:.3g})", count > 1 ? ", " : "",
                         one.name, *one.difference, *one.low, *one.high);
  }
  if (count > kNamesMax) names += fmt::format(" and {} more", count - kNamesMax);
  const std::string& service = compared.candidate.segment.service;
  switch (outcome) {
    case Outcome::kPass:
      return fmt::format("pass: {}: no difference is shown", service);
    case Outcome::kMarginal:
      return fmt::format("marginal: {}: within the tolerance, {}", service, names);
    case Outcome::kFail:
      return fmt::format("fail: {}: {}", service, names);
    case Outcome::kNotEnoughData:
      return fmt::format("not_enough_data: {}: {} events of the control, {} of the candidate",
                         service, compared.control.samples, compared.candidate.samples);
  }
  return "";
}

}  // namespace driftguard::report
