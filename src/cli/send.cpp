// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "cli/cli.h"
#include "cli/patience.h"
#include "cli/send_load.h"
#include "cli/server_client.h"
#include "cli/synthetic_traffic.h"
#include "core/clock.h"

namespace driftguard::cli {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::duration;

// Half of a baseline's events lie in the last half hour, a report's live window: the report that
// follows compares them with all of them.
constexpr double kBaselineSpanMinutes = 60;
constexpr double kDriftSpanMinutes = 15;
constexpr std::uint64_t kBaselineEvents = 1200;
constexpr std::uint64_t kDriftEvents = 700;
constexpr std::uint64_t kEventsMax = 1'000'000'000;
constexpr std::size_t kBatch = 100;
constexpr std::size_t kBenchBatch = 1000;

const std::map<std::string, TrafficKind>& kinds() {
  static const std::map<std::string, TrafficKind> names = {
      {"baseline", TrafficKind::kBaseline},
      {"drift-amount", TrafficKind::kDriftAmount},
      {"drift-currency", TrafficKind::kDriftCurrency},
      {"slow", TrafficKind::kSlow},
      {"errors", TrafficKind::kErrors},
  };
  return names;
}

struct SendFlags {
  std::string kind;
  std::string url = "http://127.0.0.1:8000";
  std::uint64_t events = 0;  // 0: as the kind has it.
  double rate = 0;           // 0: as fast as it goes.
  double span_minutes = -1;  // Negative: as the kind has it.
  std::size_t batch = 0;     // 0: kBatch, or kBenchBatch.
  TrafficOptions traffic;
  bool json = false;
  bool bench = false;
  int connections = 4;
  double seconds = 10;
  double warmup_seconds = 1;
};

struct Sent {
  std::uint64_t events = 0;
  std::uint64_t batches = 0;
  std::uint64_t retries = 0;
  Time first;
  Time last;
  double seconds = 0;
};

Time minutes_before(Time t, double minutes) {
  return t - std::chrono::floor<Microseconds>(duration<double, std::ratio<60>>(minutes));
}

// When events happen: spread evenly, with jitter, over the minutes before the sending begins; or,
// with a rate, as they are sent.
class Timetable final {
 public:
  Timetable(const SendFlags& flags, Time begin) : begin_(begin), events_(flags.traffic.events) {
    const bool live = flags.rate > 0 && flags.span_minutes < 0;
    const bool baseline = flags.traffic.kind == TrafficKind::kBaseline;
    const double usual = baseline ? kBaselineSpanMinutes : kDriftSpanMinutes;
    const double minutes = flags.span_minutes < 0 ? usual : flags.span_minutes;
    from_ = live ? begin : minutes_before(begin, minutes);
    to_ = live ? begin + std::chrono::floor<Microseconds>(
                             duration<double>(static_cast<double>(events_) / flags.rate))
               : begin;
  }

  Time at(std::uint64_t index, double jitter) const {
    const double share = (static_cast<double>(index) + jitter) / static_cast<double>(events_);
    const auto length = duration<double, std::micro>(to_ - from_);
    return from_ + std::chrono::floor<Microseconds>(length * share);
  }

 private:
  Time begin_;
  Time from_;
  Time to_;
  std::uint64_t events_;
};

// Nobody else's keys: two runs with one seed are two deliveries.
std::string run_id() {
  std::random_device device;
  return fmt::format("{:08x}{:08x}", device(), device());
}

// What of a slow stream is sent at once: a second's worth, at most a batch.
std::size_t batch_events(const SendFlags& flags) {
  if (flags.rate <= 0) return flags.batch;
  const double second = std::clamp(std::round(flags.rate), 1.0, 1e6);
  return std::min(flags.batch, static_cast<std::size_t>(second));
}

std::string next_batch(SyntheticTraffic& traffic, const Timetable& times, std::uint64_t first,
                       std::size_t size, Sent& sent) {
  std::string body = "[";
  for (std::size_t i = 0; i < size; ++i) {
    const Time ts = times.at(first + i, traffic.uniform());
    if (first + i == 0) sent.first = ts;
    sent.last = ts;
    body += (i == 0 ? "" : ",\n") + traffic.next(ts);
  }
  return body += "]";
}

Result<void> post(PatientPost& server, const HttpClient& client, std::string body,
                  const std::string& key) {
  HttpCall call{"POST", "/v1/ingest", std::move(body)};
  call.headers.emplace_back("Idempotency-Key", key);
  Result<HttpAnswer> answer = server.send(call);
  if (!answer) return answer.error();
  if (answer->status != 200) return error_of(*answer, client.url());
  return {};
}

Result<Sent> send_all(HttpClient& client, const SendFlags& flags) {
  PatientPost server(client, {}, {});
  SyntheticTraffic traffic(flags.traffic);
  const Timetable times(flags, SystemClock().now());
  const std::string run = run_id();
  const std::size_t batch = batch_events(flags);
  const auto begin = Clock::now();
  Sent sent;
  while (sent.events < flags.traffic.events) {
    const auto size = static_cast<std::size_t>(
        std::min<std::uint64_t>(batch, flags.traffic.events - sent.events));
    std::string body = next_batch(traffic, times, sent.events, size, sent);
    if (flags.rate > 0) {  // A batch leaves when its last event has happened.
      std::this_thread::sleep_until(
          begin + std::chrono::duration_cast<Clock::duration>(
                      duration<double>(static_cast<double>(sent.events + size) / flags.rate)));
    }
    auto posted =
        post(server, client, std::move(body), fmt::format("send-{}-{}", run, sent.batches));
    if (!posted) {
      std::string detail = posted.error().detail;
      if (sent.events > 0) detail = fmt::format("after {} events: {}", sent.events, detail);
      return Error{posted.error().code, detail};
    }
    sent.events += size;
    ++sent.batches;
  }
  sent.retries = server.retries();
  sent.seconds = duration<double>(Clock::now() - begin).count();
  return sent;
}

void print_summary(const SendFlags& flags, const Sent& sent, const std::string& url) {
  if (!flags.json) {
    fmt::print("sent {} {} events of {} to {} in {:.1f} s{}\n", sent.events, flags.kind,
               flags.traffic.service, url, sent.seconds,
               sent.retries > 0 ? fmt::format(", {} batches again", sent.retries) : "");
    return;
  }
  nlohmann::ordered_json json{{"kind", flags.kind},
                              {"service", flags.traffic.service},
                              {"events", sent.events},
                              {"batches", sent.batches},
                              {"retries", sent.retries},
                              {"seed", flags.traffic.seed},
                              {"from", format_rfc3339(sent.first)},
                              {"to", format_rfc3339(sent.last)},
                              {"seconds", sent.seconds}};
  fmt::print("{}\n", json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

int bench(const SendFlags& flags) {
  load::LoadOptions options;
  options.url = flags.url;
  options.connections = flags.connections;
  options.batch = static_cast<int>(flags.batch > 0 ? flags.batch : kBenchBatch);
  options.seconds = flags.seconds;
  options.warmup_seconds = flags.warmup_seconds;
  options.rate = flags.rate;
  options.traffic.seed = flags.traffic.seed;
  return send_load(options, flags.json);
}

int send(SendFlags& flags) {
  if (flags.bench) return bench(flags);
  if (flags.batch == 0) flags.batch = kBatch;
  flags.traffic.kind = kinds().at(flags.kind);
  const bool baseline = flags.traffic.kind == TrafficKind::kBaseline;
  flags.traffic.events = flags.events > 0 ? flags.events
                         : baseline       ? kBaselineEvents
                                          : kDriftEvents;
  Result<HttpClient> client = make_client(flags.url);
  if (!client) return fail(client.error());
  Result<Sent> sent = send_all(*client, flags);
  if (!sent) return fail(sent.error());
  print_summary(flags, *sent, client->url());
  return kDone;
}

// Flags of both kinds of sending.
void add_common_flags(CLI::App& verb, SendFlags& flags) {
  verb.add_option("--url", flags.url, "the server (default: http://127.0.0.1:8000)")
      ->type_name("URL");
  verb.add_option("--rate", flags.rate,
                  "events a second, each at its time (default: all at once, in the past;\n"
                  "with --bench, as fast as the server answers)")
      ->check(CLI::Range(0.001, 1e6))
      ->type_name("R");
  verb.add_option("--seed", flags.traffic.seed, "of the random numbers (default: 1)")
      ->type_name("K");
  verb.add_option("--batch", flags.batch, "events a request (default: 100; with --bench 1000)")
      ->check(CLI::Range(1, 50'000))
      ->type_name("N");
  verb.add_flag("--json", flags.json, "the summary as JSON");
}

// What to send, if not for a benchmark.
std::vector<CLI::Option*> add_traffic_flags(CLI::App& verb, SendFlags& flags) {
  std::vector<std::string> names;
  for (const auto& [name, kind] : kinds()) names.push_back(name);
  return {
      verb.add_option("kind", flags.kind, "what to send")->check(CLI::IsMember(names)),
      verb.add_option("--events", flags.events, "how many (default: baseline 1200, others 700)")
          ->check(CLI::Range(std::uint64_t{1}, kEventsMax))
          ->type_name("N"),
      verb.add_option("--span-minutes", flags.span_minutes,
                      "spread the events over so many minutes before now (default: baseline 60,\n"
                      "others 15; with --rate, the time of sending)")
          ->check(CLI::Range(0.0, 5'000'000.0))
          ->type_name("M"),
      verb.add_option("--service", flags.traffic.service, "default: payments_api"),
  };
}

void add_bench_flags(CLI::App& verb, SendFlags& flags,
                     const std::vector<CLI::Option*>& traffic_flags) {
  CLI::Option* bench =
      verb.add_flag("--bench", flags.bench,
                    "measure how fast the server makes events durable, in place of a kind");
  for (CLI::Option* other : traffic_flags) bench->excludes(other);
  const std::vector<CLI::Option*> own = {
      verb.add_option("--connections", flags.connections, "with --bench: kept open (default: 4)")
          ->check(CLI::Range(1, 10'000))
          ->type_name("N"),
      verb.add_option("--seconds", flags.seconds, "with --bench: to measure (default: 10)")
          ->check(CLI::Range(0.01, 86'400.0))
          ->type_name("S"),
      verb.add_option("--warmup", flags.warmup_seconds, "with --bench: before that (default: 1)")
          ->check(CLI::Range(0.0, 3'600.0))
          ->type_name("S"),
  };
  for (CLI::Option* option : own) option->needs(bench);
}

}  // namespace

void add_send(CLI::App& program, Chosen& chosen) {
  auto flags = std::make_shared<SendFlags>();
  CLI::App* verb = program.add_subcommand("send", "Send synthetic payments to a server");
  const std::vector<CLI::Option*> traffic_flags = add_traffic_flags(*verb, *flags);
  add_common_flags(*verb, *flags);
  add_bench_flags(*verb, *flags, traffic_flags);
  verb->footer(
      "Busy or restarting servers are tried again for a minute; nothing is stored twice.\n"
      "--bench tries nothing again, and what it sends stays in the store.\n"
      "Example: driftguard send drift-amount --url http://127.0.0.1:8000 --events 700");
  verb->callback([flags, &chosen] {
    if (!flags->bench && flags->kind.empty()) throw CLI::RequiredError("kind, or --bench,");
    chosen = [flags] { return send(*flags); };
  });
}

}  // namespace driftguard::cli
