// SPDX-License-Identifier: Apache-2.0
#include "cli/report_flags.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

namespace driftguard::cli {
namespace {

constexpr int kWindowMinutesMax = 43'200;

Result<Time> time_flag(const char* flag, const std::string& text) {
  Result<Time> time = parse_rfc3339(text);
  if (!time) {
    return Error{ErrorCode::kInvalidArgument, fmt::format("{}: {}", flag, time.error().detail)};
  }
  return time;
}

}  // namespace

Result<std::optional<TimeRange>> range_of(const std::string& from_text,
                                          const std::string& to_text) {
  if (from_text.empty() && to_text.empty()) return std::optional<TimeRange>();
  Result<Time> from = time_flag("--from", from_text);
  if (!from) return from.error();
  Result<Time> to = time_flag("--to", to_text);
  if (!to) return to.error();
  if (*from >= *to) {
    return Error{ErrorCode::kInvalidArgument, "--from must lie before --to"};
  }
  return std::optional<TimeRange>({*from, *to});
}

void ReportFlags::add_flags(CLI::App& verb) {
  verb.add_option("--service", query_.service, "the service (default: the only one)");
  verb.add_option("--endpoint", endpoint_, "only this endpoint");
  verb.add_option("--host", host_, "only this host");
  auto* minutes = verb.add_option("--window-minutes", query_.window_minutes,
                                  "how far back to look (default: DRIFT_WINDOW_MINUTES, 30)")
                      ->check(CLI::Range(1, kWindowMinutesMax))
                      ->type_name("N");
  auto* at =
      verb.add_option("--at", at_, "the window ends then, not now (RFC 3339)")->type_name("TIME");
  auto* from = verb.add_option("--from", from_, "the window, from ...")
                   ->type_name("TIME")
                   ->excludes(minutes)
                   ->excludes(at);
  auto* to = verb.add_option("--to", to_, "... to")->type_name("TIME")->needs(from);
  from->needs(to);
  verb.add_option("--baseline", baseline_,
                  "compare with this one: fixed (the active version), trailing, seasonal, or a "
                  "version's number")
      ->type_name("WHICH");
  verb.add_flag("--json", json_, "the report as JSON, as GET /reports/latest gives it");
  access_.add_flags(verb);
}

Result<report::ReportQuery> ReportFlags::query() const {
  report::ReportQuery query = query_;
  if (!endpoint_.empty()) query.endpoint = endpoint_;
  if (!host_.empty()) query.host = host_;
  if (!at_.empty()) {
    Result<Time> at = time_flag("--at", at_);
    if (!at) return at.error();
    query.at = *at;
  }
  Result<std::optional<TimeRange>> range = range_of(from_, to_);
  if (!range) return range.error();
  query.range = *range;
  if (!baseline_.empty()) {
    Result<baseline::BaselineChoice> choice = baseline::parse_choice(baseline_);
    if (!choice) return Error{choice.error().code, "--" + choice.error().detail};
    query.baseline = *choice;
  }
  return query;
}

Result<std::string> ReportFlags::ask() const {
  Result<report::ReportQuery> asked = query();
  if (!asked) return asked.error();
  Result<Config> config = access_.load();
  if (!config) return config.error();
  Result<std::unique_ptr<Access>> access = access_.open(*config);
  if (!access) return access.error();
  return (*access)->report(*asked);
}

Thresholds ReportFlags::thresholds() const {
  const Result<Config> config = access_.load();
  if (!access_.url().empty() || !config) return {};
  return {config->ks_p_min, config->psi_max};
}

}  // namespace driftguard::cli
