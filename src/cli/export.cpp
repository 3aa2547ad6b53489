// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <system_error>

#include "cli/access.h"
#include "cli/event_csv.h"

namespace driftguard::cli {
namespace {

constexpr std::size_t kPageEvents = 10'000;  // The most a server gives.

struct ExportFlags {
  AccessFlags access;
  EventQuery query;
  std::string from;
  std::string to;
  std::string format = "jsonl";
};

// False when nobody reads any more; an error when the bytes cannot be written.
Result<bool> print(std::string_view text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (written && std::fflush(stdout) == 0) return true;
  if (errno == EPIPE) return false;
  return Error{ErrorCode::kInternal,
               fmt::format("standard output: {}",
                           std::error_code(errno, std::generic_category()).message())};
}

std::string csv_of(std::string_view lines) {
  std::string csv;
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    if (end > 0) append_event_csv(lines.substr(0, end), csv);
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  return csv;
}

Result<void> export_all(Access& access, EventQuery query, bool csv) {
  Result<bool> wanted = csv ? print(kEventCsvHead) : true;
  while (wanted && *wanted) {
    Result<EventPage> page = access.events(query);
    if (!page) return page.error();
    wanted = print(csv ? csv_of(page->lines) : page->lines);
    if (page->cursor.empty()) break;
    query.cursor = page->cursor;
  }
  if (!wanted) return wanted.error();
  return {};
}

Result<Time> time_or(const char* flag, const std::string& text, Time otherwise) {
  if (text.empty()) return otherwise;
  Result<Time> time = parse_rfc3339(text);
  if (time) return time;
  return Error{ErrorCode::kInvalidArgument, fmt::format("{}: {}", flag, time.error().detail)};
}

int run_export(const ExportFlags& flags) {
  std::signal(SIGPIPE, SIG_IGN);  // NOLINT(cert-err33-c): a closed pipe is an end, no death.
  EventQuery query = flags.query;
  query.events_max = kPageEvents;
  Result<Time> from = time_or("--from", flags.from, kEarliest);
  if (!from) return fail(from.error());
  Result<Time> to = time_or("--to", flags.to, kLatest);
  if (!to) return fail(to.error());
  query.range = {*from, *to};
  Result<Config> config = flags.access.load();
  if (!config) return fail(config.error());
  Result<std::unique_ptr<Access>> access = flags.access.open(*config);
  if (!access) return fail(access.error());
  const auto done = export_all(**access, query, flags.format == "csv");
  return done ? kDone : fail(done.error());
}

}  // namespace

void add_export(CLI::App& program, Chosen& chosen) {
  auto flags = std::make_shared<ExportFlags>();
  CLI::App* verb = program.add_subcommand("export", "Give out raw events in order of time");
  auto* service = verb->add_option("--service", flags->query.service, "only this service");
  verb->add_option("--endpoint", flags->query.endpoint, "only this endpoint")->needs(service);
  verb->add_option("--from", flags->from, "events from this time on (RFC 3339)")->type_name("TIME");
  verb->add_option("--to", flags->to, "events before this time")->type_name("TIME");
  verb->add_option("--format", flags->format, "jsonl: one event a line, as it came (default); csv")
      ->check(CLI::IsMember({"jsonl", "csv"}));
  flags->access.add_flags(*verb);
  verb->footer(
      "CSV has the columns ts,service,endpoint,host,status,duration_ms,payload.\n"
      "Example: driftguard export --service payments_api --from 2025-01-01T00:00:00Z | gzip > "
      "e.gz");
  verb->callback([flags, &chosen] { chosen = [flags] { return run_export(*flags); }; });
}

}  // namespace driftguard::cli
