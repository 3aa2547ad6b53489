// SPDX-License-Identifier: Apache-2.0
#include "load/load_summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace driftguard::load {
namespace {

double ms(std::int64_t us) { return static_cast<double>(us) / 1000; }

double per_second(std::uint64_t count, const LoadFigures& figures) {
  return static_cast<double>(count) / std::max(figures.seconds, 1e-9);
}

// "1,234,567": no locale is asked.
std::string grouped(double value) {
  std::string digits = fmt::format("{:.0f}", value);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<std::size_t>(at), ",");
  }
  return digits;
}

}  // namespace

std::string to_json(const LoadOptions& options, const LoadFigures& figures) {
  const Latencies& latencies = figures.latencies;
  const nlohmann::ordered_json json{{"connections", options.connections},
                                    {"batch", options.batch},
                                    {"rate", options.rate},
                                    {"seconds", figures.seconds},
                                    {"requests", figures.requests},
                                    {"errors", figures.errors},
                                    {"first_error", figures.first_error},
                                    {"requests_per_s", per_second(figures.requests, figures)},
                                    {"events_per_s", per_second(figures.events, figures)},
                                    {"events_taken", figures.events_taken},
                                    {"request_bytes", figures.request_bytes},
                                    {"p50_ms", ms(latencies.quantile_us(0.50))},
                                    {"p90_ms", ms(latencies.quantile_us(0.90))},
                                    {"p99_ms", ms(latencies.quantile_us(0.99))},
                                    {"max_ms", ms(latencies.max_us())},
                                    {"client_cpus", figures.client_cpus}};
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string to_table(const LoadOptions& options, const LoadFigures& figures) {
  const Latencies& latencies = figures.latencies;
  const std::string pace = options.rate > 0
                               ? fmt::format("{} events/s asked for", grouped(options.rate))
                               : "as fast as it goes";
  std::string text = fmt::format("{} connections x batches of {}, {}, {:.1f} s\n",
                                 options.connections, options.batch, pace, figures.seconds);
  text += fmt::format("events     {}/s, {} in all\n", grouped(per_second(figures.events, figures)),
                      grouped(static_cast<double>(figures.events_taken)));
  text +=
      fmt::format("requests   {}/s of {} bytes\n", grouped(per_second(figures.requests, figures)),
                  grouped(figures.request_bytes));
  text += fmt::format("latency    p50 {:.2f} ms, p90 {:.2f} ms, p99 {:.2f} ms, max {:.2f} ms\n",
                      ms(latencies.quantile_us(0.50)), ms(latencies.quantile_us(0.90)),
                      ms(latencies.quantile_us(0.99)), ms(latencies.max_us()));
  text += fmt::format("client     {:.2f} processors\n", figures.client_cpus);
  return text;
}

}  // namespace driftguard::load
