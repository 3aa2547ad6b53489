// SPDX-License-Identifier: Apache-2.0
// What verbs ask of a driftguard, wherever it is: behind an URL, or a store that no server holds.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/cli.h"
#include "cli/engine.h"
#include "core/config.h"
#include "core/result.h"
#include "core/time.h"
#include "report/report_desk.h"

namespace driftguard::cli {

// What a baseline is to be built from.
struct BuildOrder {
  std::string service;
  int window_minutes = 120;
  std::optional<TimeRange> range;  // Instead of the minutes before now.
  std::vector<TimeRange> exclude;  // Left out of it.
};

struct EventQuery {
  std::string service;   // Empty: all.
  std::string endpoint;  // Empty: all; needs a service.
  TimeRange range{kEarliest, kLatest};
  std::string cursor;  // Empty: from the beginning.
  std::size_t events_max = 1000;
};

struct EventPage {
  std::string lines;   // One event a line, in order of time.
  std::string cursor;  // Of the next page; empty: there is none.
};

// Answers are the JSON of the HTTP API, whoever gives them. No service means the only one there is.
// Errors say what a person can do. Not thread-safe.
class Access {
 public:
  virtual ~Access() = default;

  virtual Result<std::string> report(const report::ReportQuery& query) = 0;
  // GET /v1/compare with these parameters.
  virtual Result<std::string> compare(const std::map<std::string, std::string>& parameters) = 0;

  // The new baseline's file. kNotFound: no events in the window.
  virtual Result<std::string> build_baseline(const BuildOrder& order) = 0;
  virtual Result<std::string> list_baselines(const std::string& service) = 0;
  // The file of a version, or of the active one.
  virtual Result<std::string> show_baseline(const std::string& service,
                                            std::optional<int> version) = 0;
  virtual Result<std::string> activate_baseline(const std::string& service, int version) = 0;
  // Makes what the choice names the active version; kNotFound: there is too little to it yet.
  virtual Result<std::string> promote_baseline(const std::string& service,
                                               const baseline::BaselineChoice& choice) = 0;
  virtual Result<std::string> roll_back_baseline(const std::string& service) = 0;
  // A report of `to` against `from`.
  virtual Result<std::string> diff_baselines(const std::string& service, int from, int to) = 0;

  virtual Result<EventPage> events(const EventQuery& query) = 0;
};

Result<std::unique_ptr<Access>> open_server(const std::string& url);
std::unique_ptr<Access> access_to(Engine& engine);  // `engine` must outlive it.
std::unique_ptr<Access> access_to(std::unique_ptr<Engine> engine);

// Where the server of this configuration is asked.
std::string url_of(const Config& config);

// Opens the configured store for one verb. kConflict: a server holds it (the error says how to ask
// that server). kNotFound: there is none yet, unless `make_missing`.
Result<std::unique_ptr<Engine>> open_engine(const Config& config, bool make_missing);

// --url and the flags of Settings: how a verb is told where to work.
class AccessFlags final {
 public:
  void add_flags(CLI::App& verb);

  const std::string& url() const { return url_; }  // Empty: the store.
  Result<Config> load() const { return settings_.load(); }
  // The server, or the configured store, which must exist.
  Result<std::unique_ptr<Access>> open(const Config& config) const;

 private:
  Settings settings_;
  std::string url_;
};

}  // namespace driftguard::cli
