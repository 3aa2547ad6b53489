// SPDX-License-Identifier: Apache-2.0
#include "load/traffic.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>
#include <iterator>
#include <numbers>

namespace driftguard::load {
namespace {

std::vector<std::string> numbered(std::string_view stem, int count) {
  std::vector<std::string> names;
  for (int i = 0; count > 1 && i < count; ++i) names.push_back(fmt::format("{}{}", stem, i));
  return names;
}

// "f5" and every second one after it is a number, the others are texts.
void append_others(std::string& out, const std::vector<std::int64_t>& others) {
  for (std::size_t i = 0; i < others.size(); ++i) {
    const std::size_t number = kFeaturesMin + 1 + i;
    if (i % 2 == 0) {
      fmt::format_to(std::back_inserter(out), R"(, "f{}": {}.{:02})", number, others[i] / 100,
                     others[i] % 100);
    } else {
      fmt::format_to(std::back_inserter(out), R"(, "f{}": "v{}")", number, others[i]);
    }
  }
}

}  // namespace

Traffic::Traffic(const TrafficOptions& options)
    : state_(options.seed),
      others_(options.features - kFeaturesMin),
      services_(numbered("service-", options.services)),
      endpoints_(numbered("POST /v2/payments/", options.endpoints)) {
  assert(options.services >= 1 && options.endpoints >= 1 && others_ >= 0);
}

// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
std::uint64_t Traffic::bits() {
  state_ += 0x9E3779B97F4A7C15;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

double Traffic::uniform() { return static_cast<double>(bits() >> 11) * 0x1p-53; }

double Traffic::normal() {  // Box and Muller.
  const double radius = std::sqrt(-2 * std::log(1 - uniform()));
  return radius * std::cos(2 * std::numbers::pi * uniform());
}

std::int64_t Traffic::next_amount_cents() {
  return std::llround(std::exp(4.0 + 0.8 * normal()) * 100);
}

Payment Traffic::next() {
  Payment payment;
  payment.host = fmt::format("client-{}", 1 + bits() % 50);
  payment.amount_cents = next_amount_cents();
  const double currency = uniform();
  payment.currency = currency < 0.70 ? "USD" : currency < 0.82 ? "EUR" : "CAD";
  payment.status = uniform() < 0.002 ? 500 : 200;
  payment.duration_ms = static_cast<int>(std::exp(6.6 + 0.35 * normal()));
  // Service by service, and every endpoint of each after as many payments as there are pairs.
  const std::uint64_t services = std::max<std::uint64_t>(services_.size(), 1);
  if (!services_.empty()) payment.service = services_[number_ % services];
  if (!endpoints_.empty()) {
    payment.endpoint = endpoints_[number_ / services % endpoints_.size()];
  }
  for (int i = 0; i < others_; ++i) {
    payment.others.push_back(i % 2 == 0 ? next_amount_cents()
                                        : static_cast<std::int64_t>(bits() % 20));
  }
  ++number_;
  return payment;
}

void append_json(std::string& out, const Payment& payment, Time ts) {
  constexpr std::string_view kBeforeTime = R"({"ts": ")";
  static_assert(kBeforeTime.size() == kTimeOffset);
  out += kBeforeTime;
  char time[kTimeLength];
  TimeWriter().write(time, ts);
  out.append(time, kTimeLength);
  fmt::format_to(std::back_inserter(out),
                 R"(", "service": "{}", "endpoint": "{}", "host": "{}", "request": {{"body": )"
                 R"({{"amount": {}.{:02}, "currency": "{}")",
                 payment.service, payment.endpoint, payment.host, payment.amount_cents / 100,
                 payment.amount_cents % 100, payment.currency);
  append_others(out, payment.others);
  fmt::format_to(std::back_inserter(out),
                 R"(}}}}, "response": {{"status": {}, "duration_ms": {}}}}})", payment.status,
                 payment.duration_ms);
}

void TimeWriter::write(char* out, Time ts) {
  const auto second = std::chrono::floor<std::chrono::seconds>(ts);
  if (second.time_since_epoch().count() != second_) {
    second_ = second.time_since_epoch().count();
    const std::string text = format_rfc3339(Time(second));
    assert(text.size() == kTimeLength);
    std::memcpy(text_, text.data(), kTimeLength);
  }
  const auto ms = static_cast<unsigned>((ts - second) / std::chrono::milliseconds(1));
  std::memcpy(out, text_, kTimeLength);
  out[20] = static_cast<char>('0' + ms / 100);
  out[21] = static_cast<char>('0' + ms / 10 % 10);
  out[22] = static_cast<char>('0' + ms % 10);
}

}  // namespace driftguard::load
