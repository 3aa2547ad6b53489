// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <pthread.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>

#include "api/routes.h"
#include "cli/cli.h"
#include "cli/engine.h"
#include "cli/listen_address.h"
#include "cli/logging.h"
#include "cli/web_page.h"
#include "http/server.h"
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

  http::ServerFigures figures;
  http::Router router;
  api::add_routes(router,
                  {*parts.store, parts.pipeline, parts.baselines, parts.exclusions, parts.alarms,
                   parts.desk, parts.views, parts.overviews, parts.slo, parts.where, parts.clock,
                   parts.tree.get(), figures, static_cast<std::size_t>(config.queue_bytes_max),
                   parts.retention, disk.get(), config.drift_window_minutes});
  if (auto served = serve_page(config, router); !served) return fail(served.error());
  http::Server server(server_options(config, *address, &figures, &parts.clock), std::move(router));
  Result<std::uint16_t> port = server.start();
  if (!port) return fail(port.error());
  const bool v6 = address->host.find(':') != std::string::npos;
  fmt::print("driftguard {} listens on http://{}{}{}:{} (store: {})\n", DRIFTGUARD_VERSION,
             v6 ? "[" : "", address->host, v6 ? "]" : "", *port,
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
