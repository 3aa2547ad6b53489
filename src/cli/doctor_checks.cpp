// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor_checks.h"

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>

#include "baseline/baseline_file.h"
#include "cli/access.h"
#include "cli/listen_address.h"
#include "cli/server_client.h"
#include "store/disk_watch.h"

namespace driftguard::cli {
namespace {

namespace fs = std::filesystem;

constexpr double kGiB = 1u << 30;

// The directory, or the nearest above it that exists.
fs::path existing(const fs::path& directory) {
  std::error_code ignored;
  fs::path path = fs::absolute(directory, ignored);
  while (!fs::exists(path, ignored) && path.has_relative_path()) path = path.parent_path();
  return path;
}

constexpr double kFullInHoursMin = 24;

std::optional<double> gauge(const std::string& page, std::string_view name) {
  const std::string start = fmt::format("\n{} ", name);
  const std::size_t at = page.find(start);
  if (at == std::string::npos) return std::nullopt;
  double value = 0;
  std::istringstream(page.substr(at + start.size(), 32)) >> value;
  return value;
}

// What a server has seen of this disk; empty when it cannot tell, or is on another one.
std::optional<double> hours_until_full(const std::string& url, const store::DiskSpace& space) {
  Result<HttpClient> client = make_client(url);
  if (!client) return std::nullopt;
  const Result<HttpAnswer> answer = client->call({"GET", "/metrics"});
  if (!answer || answer->status != 200) return std::nullopt;
  const auto total = gauge(answer->body, "driftguard_disk_total_bytes");
  const auto seconds = gauge(answer->body, "driftguard_disk_full_in_seconds");
  if (!seconds || total != static_cast<double>(space.total_bytes)) return std::nullopt;
  return *seconds / 3600;
}

struct AddressList {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

// Why nobody could listen there; 0 when one could.
int listen_error(const addrinfo& address) {
  const int fd = ::socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return errno;
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const int error = ::bind(fd, address.ai_addr, address.ai_addrlen) == 0 ? 0 : errno;
  ::close(fd);
  return error;
}

Finding taken_address(const Config& config, const SystemClock& clock) {
  const ServerSight server = check_server(url_of(config), clock);
  if (server.finding.health == Health::kOk) {
    return {"listen", Health::kOk, config.listen + ": a driftguard server answers there", ""};
  }
  return {"listen", Health::kWarn, config.listen + " is in use by another program",
          "choose another address: --listen or DRIFTGUARD_LISTEN"};
}

}  // namespace

ServerSight check_server(const std::string& url, const Clock& clock) {
  Result<HttpClient> client = make_client(url);
  if (!client) return {{"server", Health::kFail, client.error().detail, "correct --url"}, {}};
  Result<HttpAnswer> answer = client->call({"GET", "/health"});
  if (!answer) {
    return {{"server", Health::kFail, answer.error().detail, "start it, or correct --url"}, {}};
  }
  ServerSight sight;
  if (const auto date = client::date_of(*answer)) sight.clock_ahead = *date - clock.now();
  const auto json = nlohmann::json::parse(answer->body, nullptr, false);
  const bool ours = json.is_object() && json.contains("store") && json.contains("version");
  if (ours && answer->status == 200) {
    sight.finding = {"server", Health::kOk,
                     fmt::format("{} answers: version {}, store {}", url, json.value("version", ""),
                                 json.value("store", "")),
                     ""};
  } else if (ours) {
    sight.finding = {"server", Health::kFail,
                     fmt::format("{}: its store is away: {}", url, json.value("detail", "")),
                     "see the server's log, and its store"};
  } else {
    sight.finding = {"server", Health::kFail,
                     fmt::format("{} answers {}, but not as driftguard", url, answer->status),
                     "correct --url"};
  }
  return sight;
}

Finding check_store(const Config& config, const std::string& url, const Clock& clock) {
  const std::string shown = without_password(config.database_url);
  Result<std::unique_ptr<Engine>> engine = open_engine(config, false);
  if (engine) {
    const Result<void> there = (*engine)->store->ping();
    if (!there) return {"store", Health::kFail, there.error().detail, "see the store's own log"};
    return {
        "store", Health::kOk,
        fmt::format("{} opens, in this version's format ({})", shown, (*engine)->store->engine()),
        ""};
  }
  const std::string& detail = engine.error().detail;
  switch (engine.error().code) {
    case ErrorCode::kNotFound:
      return {"store", Health::kWarn, shown + " does not exist yet",
              "'driftguard serve' makes it; elsewhere: --store or DATABASE_URL"};
    case ErrorCode::kConflict: {
      const std::string server = url.empty() ? url_of(config) : url;
      const Finding told = check_server(server, clock).finding;
      if (told.health == Health::kOk) {
        return {"store", Health::kOk, fmt::format("{} is in use; {}", shown, told.detail), ""};
      }
      return {"store", Health::kWarn,
              fmt::format("{} is in use by another process, and {}", shown, told.detail),
              "if that is a server on another address, name it with --url"};
    }
    case ErrorCode::kInvalidArgument:
      return {"store", Health::kFail, detail, "correct DATABASE_URL, or use a newer driftguard"};
    case ErrorCode::kCorrupt:
      return {"store", Health::kFail, detail, "restore the store from a backup"};
    case ErrorCode::kTooLarge:
    case ErrorCode::kOverloaded:
    case ErrorCode::kUnavailable:
    case ErrorCode::kInternal:
      break;
  }
  return {"store", Health::kFail, detail, "is the database running, the directory writable?"};
}

Finding check_clock(const Clock& clock, std::optional<Microseconds> server_ahead,
                    const Config& config) {
  using std::chrono::seconds;
  constexpr Time kReleased{seconds(1'735'689'600)};  // 2025: no driftguard is older.
  constexpr Time kFarAway{seconds(4'102'444'800)};   // 2100
  constexpr Microseconds kPrecision = seconds(2);    // Of a Date header, and its way here.
  const Time now = clock.now();
  const std::string shown = format_rfc3339(now);
  if (now < kReleased || now > kFarAway) {
    return {"clock", Health::kFail, shown + " cannot be right", "set the clock (NTP)"};
  }
  if (!server_ahead) return {"clock", Health::kOk, shown, ""};
  const bool ahead = *server_ahead > Microseconds{0};
  const auto apart = ahead ? *server_ahead : -*server_ahead;
  if (apart <= kPrecision) return {"clock", Health::kOk, shown + ", as the server's", ""};
  const auto whole = std::chrono::round<seconds>(apart).count();
  const std::string detail =
      fmt::format("{}; the server's clock is {} s {}", shown, whole, ahead ? "ahead" : "behind");
  const bool refuses = !ahead && apart > seconds(config.max_clock_skew_seconds);
  return {"clock", refuses ? Health::kFail : Health::kWarn, detail,
          refuses ? "set the clocks (NTP): the server refuses events of now as future ones"
                  : "set the clocks (NTP)"};
}

Finding check_disk(const Config& config, const std::string& url) {
  const std::string directory = data_directory(config);
  if (directory.empty()) {
    return {"disk", Health::kOk, "the database's own business", ""};
  }
  const fs::path path = existing(directory);
  const Result<store::DiskSpace> space = store::disk_space(path.string());
  if (!space) return {"disk", Health::kWarn, space.error().detail, ""};
  const double share = space->free_share();
  std::string detail =
      fmt::format("{:.1f} GiB free of {:.1f} GiB ({:.0f} %) in {}",
                  static_cast<double>(space->free_bytes) / kGiB,
                  static_cast<double>(space->total_bytes) / kGiB, share * 100, path.string());
  const auto hours = hours_until_full(url.empty() ? url_of(config) : url, *space);
  if (hours) detail += fmt::format("; full in {:.1f} hours if it goes on as in the last", *hours);
  const bool soon = hours && *hours < kFullInHoursMin;
  if (share * 100 >= config.disk_free_percent_min && !soon) {
    return {"disk", Health::kOk, detail, ""};
  }
  return {"disk", Health::kWarn, detail,
          "make room, or bound the store (docs/RETENTION.md): a full disk stops ingestion"};
}

Finding check_retention(const Config& config) {
  const store::RetentionRules rules = retention_rules(config);
  if (!rules.any()) {
    return {"retention", Health::kOk, "none is configured: nothing is ever dropped", ""};
  }
  const auto kept = [](std::chrono::days age) {
    return age.count() == 0 ? "without end" : fmt::format("for {} days", age.count());
  };
  std::string detail =
      fmt::format("events are kept {}, rollups {}", kept(rules.rows), kept(rules.rollups));
  if (rules.bytes_max > 0) {
    detail += fmt::format("; the store holds at most {:.2f} GiB",
                          static_cast<double>(rules.bytes_max) / kGiB);
  }
  return {"retention", Health::kOk, detail, ""};
}

Finding check_baseline_file(const Config& config) {
  const std::string& path = config.baseline_path;
  if (path.empty()) {
    return {"baseline file", Health::kOk, "none is pinned; the store's active version counts", ""};
  }
  std::error_code ignored;
  if (!fs::exists(path, ignored)) {
    return {"baseline file", Health::kWarn, path + " is pinned, but not there",
            "'driftguard baseline build' writes it"};
  }
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) {
    return {"baseline file", Health::kFail, path + " cannot be read", "check its permissions"};
  }
  Result<baseline::Baseline> baseline = baseline::from_json(text.str());
  if (!baseline) {
    return {"baseline file", Health::kFail, fmt::format("{}: {}", path, baseline.error().detail),
            "correct it, or build it anew"};
  }
  return {"baseline file", Health::kOk,
          fmt::format("{} is pinned: {}, {} events", path,
                      baseline->service.empty() ? "any service" : baseline->service,
                      baseline->samples()),
          ""};
}

Finding check_listen(const Config& config) {
  const Result<ListenAddress> address = parse_listen_address(config.listen);
  if (!address) return {"listen", Health::kFail, address.error().detail, "correct it"};
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* list = nullptr;
  const int failed = ::getaddrinfo(address->host.empty() ? nullptr : address->host.c_str(),
                                   fmt::to_string(address->port).c_str(), &hints, &list);
  const std::unique_ptr<addrinfo, AddressList> addresses(list);
  if (failed != 0) {
    return {"listen", Health::kFail, fmt::format("{}: {}", config.listen, ::gai_strerror(failed)),
            "correct DRIFTGUARD_LISTEN"};
  }
  const int error = listen_error(*addresses);
  if (error == 0) return {"listen", Health::kOk, config.listen + " is free", ""};
  if (error == EADDRINUSE) return taken_address(config, {});
  return {"listen", Health::kFail,
          fmt::format("{}: {}", config.listen,
                      std::error_code(error, std::generic_category()).message()),
          "choose another address: --listen or DRIFTGUARD_LISTEN"};
}

}  // namespace driftguard::cli
