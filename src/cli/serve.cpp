// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <pthread.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <random>

#include "api/routes.h"
#include "cli/cli.h"
#include "cli/engine.h"
#include "cli/listen_address.h"
#include "cli/logging.h"
#include "cli/web_page.h"
#include "http/server.h"
#include "notify/couriers.h"
#include "notify/targets.h"
#include "store/chore.h"
#include "store/disk_watch.h"
#include "store/housekeeper.h"

namespace driftguard::cli {
namespace {

http::ServerOptions server_options(const Config& config, const ListenAddress& address,
                                   http::ServerFigures* figures, const Clock* clock) {
  http::ServerOptions options;
  options.host = address.host;
  options.port = address.port;
  options.threads = static_cast<std::size_t>(config.threads);
  options.limits.body_bytes_max = static_cast<std::size_t>(config.body_bytes_max);
  options.limits.inflight_body_bytes_max = static_cast<std::size_t>(config.inflight_bytes_max);
  options.limits.connections_max = static_cast<std::size_t>(config.connections_max);
  options.limits.header_timeout = std::chrono::milliseconds(config.header_timeout_ms);
  options.limits.body_timeout = std::chrono::milliseconds(config.body_timeout_ms);
  options.limits.idle_timeout = std::chrono::milliseconds(config.idle_timeout_ms);
  options.clock = clock;
  options.figures = figures;
  for (std::string_view left = config.cors_origins; !left.empty();) {
    const std::size_t comma = std::min(left.find(','), left.size());
    if (comma > 0) options.cors_origins.emplace_back(left.substr(0, comma));
    left.remove_prefix(std::min(comma + 1, left.size()));
  }
  return options;
}

// Null where the store's disk is not this machine's business.
std::unique_ptr<store::DiskWatch> make_disk_watch(const Config& config, const Clock& clock,
                                                  const std::shared_ptr<spdlog::logger>& log) {
  const std::string directory = data_directory(config);
  if (directory.empty()) return nullptr;
  const auto notify = [log, directory](const store::DiskFigures& figures) {
    if (!figures.warning) return log->info("the disk of {} has room again", directory);
    log->warn(
        "the disk of {} is filling: {:.1f} GiB ({:.0f} %) free{}; a full disk stops ingestion",
        directory, static_cast<double>(figures.space.free_bytes) / (1u << 30),
        figures.space.free_share() * 100,
        figures.full_in ? fmt::format(", full in {:.1f} hours if it goes on like this",
                                      static_cast<double>(figures.full_in->count()) / 3600)
                        : "");
  };
  return std::make_unique<store::DiskWatch>(
      clock, store::DiskWatchOptions{.free_percent_min = config.disk_free_percent_min},
      [directory] { return store::disk_space(directory); }, notify);
}

notify::CourierOptions courier_options(const Config& config, const std::string& listens,
                                       const std::shared_ptr<spdlog::logger>& log) {
  notify::CourierOptions options;
  options.page = config.public_url.empty() ? listens : config.public_url;
  while (options.page.ends_with('/')) options.page.pop_back();
  options.retry_max = std::chrono::seconds(config.alert_retry_seconds_max);
  options.age_max = std::chrono::hours(config.alert_age_max_hours);
  options.seed = std::random_device()();
  options.say = [log](bool warning, const std::string& text) {
    log->log(warning ? spdlog::level::warn : spdlog::level::info, "alerts: {}", text);
  };
  return options;
}

// SIGTERM and SIGINT, waited for by one thread; must be made before any other thread.
class StopSignals {
 public:
  StopSignals() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGTERM);
    sigaddset(&set_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    std::signal(SIGPIPE, SIG_IGN);  // NOLINT(cert-err33-c): a closed pipe is an error, no death.
  }
  int wait() const {
    int signal = 0;
    sigwait(&set_, &signal);
    return signal;
  }
  // From here on a second signal ends the process at once.
  void release() const { pthread_sigmask(SIG_UNBLOCK, &set_, nullptr); }

 private:
  sigset_t set_{};
};

// Keeps the guard's decisions up to date: a look at memory never waits for the store.
class GuardChores {
 public:
  GuardChores(Engine& parts, const std::shared_ptr<spdlog::logger>& log)
      : reads_(kEvery,
               [&parts, log, said = std::string()](std::atomic<bool>&) mutable {
                 const Result<void> done = parts.guard.read_store();
                 if (!done && done.error().detail != said) {
                   log->warn("guard: {}", done.error().detail);
                 }
                 said = done ? "" : done.error().detail;
               }),
        looks_(kEvery, [&parts](std::atomic<bool>&) { parts.guard.look(); }) {}

 private:
  static constexpr std::chrono::seconds kEvery{1};
  const store::Chore reads_;
  const store::Chore looks_;
};

int serve(const Config& config) {
  const StopSignals signals;
  const auto log = make_logger(config);
  Result<ListenAddress> address = parse_listen_address(config.listen);
  if (!address) return fail(address.error());
  Result<std::unique_ptr<Engine>> engine = make_engine(config);
  if (!engine) return fail(engine.error());
  Engine& parts = **engine;
  store::Housekeeper housekeeper(*parts.store, parts.clock, {},
                                 [log](const Error& error) { log->warn(error.detail); });
  const std::unique_ptr<store::DiskWatch> disk = make_disk_watch(config, parts.clock, log);
  const store::Chore disk_looks(std::chrono::seconds(10), [&disk](std::atomic<bool>&) {
    if (disk) disk->look();
  });
  const store::Chore retention_passes(
      std::chrono::seconds(parts.store->exclusive() ? 1 : 10),
      [&parts, log, said = std::string()](std::atomic<bool>& stop) mutable {
        const Result<void> done = parts.retention.pass(stop);
        if (!done && done.error().detail != said) log->warn("retention: {}", done.error().detail);
        said = done ? "" : done.error().detail;
      });

  auto evaluations = std::make_unique<store::Chore>(
      std::chrono::seconds(1), [&parts, log, said = std::string()](std::atomic<bool>&) mutable {
        const Result<void> done = parts.alarms.evaluate();
        if (!done && done.error().detail != said) log->warn("alarms: {}", done.error().detail);
        said = done ? "" : done.error().detail;
      });

  Result<std::vector<std::unique_ptr<notify::Target>>> targets =
      notify::make_targets(config, parts.clock);
  if (!targets) return fail(targets.error());
  notify::Couriers couriers({*parts.store, parts.outbox, parts.silences, parts.clock},
                            std::move(*targets));

  const GuardChores guard_chores(parts, log);

  http::ServerFigures figures;
  http::Router router;
  api::add_routes(router, {*parts.store,
                           parts.pipeline,
                           parts.baselines,
                           parts.exclusions,
                           parts.alarms,
                           parts.guard,
                           parts.desk,
                           parts.comparisons,
                           parts.views,
                           parts.overviews,
                           parts.slo,
                           parts.where,
                           parts.clock,
                           parts.tree.get(),
                           figures,
                           static_cast<std::size_t>(config.queue_bytes_max),
                           parts.retention,
                           disk.get(),
                           config.drift_window_minutes,
                           parts.outbox,
                           parts.silences,
                           couriers});
  if (auto served = serve_page(config, router); !served) return fail(served.error());
  http::Server server(server_options(config, *address, &figures, &parts.clock), std::move(router));
  Result<std::uint16_t> port = server.start();
  if (!port) return fail(port.error());
  const bool v6 = address->host.find(':') != std::string::npos;
  const std::string url =
      fmt::format("http://{}{}{}:{}", v6 ? "[" : "", address->host, v6 ? "]" : "", *port);
  couriers.start(courier_options(config, url, log));
  fmt::print("driftguard {} listens on {} (store: {})\n", DRIFTGUARD_VERSION, url,
             without_password(config.database_url));
  std::fflush(stdout);

  const int signal = signals.wait();
  log->info("{}: finishing what was accepted", signal == SIGTERM ? "SIGTERM" : "interrupted");
  signals.release();
  const bool clean = server.stop(std::chrono::milliseconds(config.shutdown_timeout_ms));
  parts.pipeline.stop();
  evaluations.reset();
  if (auto saved = parts.alarms.save(); !saved) log->warn("alarms: {}", saved.error().detail);
  if (!clean) log->warn("some requests were cut off at the deadline");
  log->info("stopped");
  return kDone;
}

}  // namespace

void add_serve(CLI::App& program, Chosen& chosen) {
  auto settings = std::make_shared<Settings>();
  CLI::App* verb = program.add_subcommand("serve", "Run the server");
  verb->footer("Example: driftguard serve --listen 127.0.0.1:8000 --store rocksdb:data");
  settings->add_flags(*verb);
  verb->add_option_function<std::string>(
          "--listen", [settings](const std::string& text) { settings->set("listen", text); },
          "HOST:PORT; port 0 picks a free one (DRIFTGUARD_LISTEN)")
      ->type_name("HOST:PORT");
  verb->add_option_function<std::string>(
          "--web-dir",
          [settings](const std::string& text) { settings->set("web_directory", text); },
          "the dashboard's files (DRIFTGUARD_WEB_DIRECTORY)")
      ->type_name("DIR");
  verb->callback([settings, &chosen] {
    chosen = [settings] {
      Result<Config> config = settings->load();
      return config ? serve(*config) : fail(config.error());
    };
  });
}

}  // namespace driftguard::cli
