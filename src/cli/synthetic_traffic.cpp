// SPDX-License-Identifier: Apache-2.0
#include "cli/synthetic_traffic.h"

#include <fmt/format.h>

#include <cassert>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string_view>
#include <utility>

namespace driftguard::cli {
namespace {

constexpr double kAmountMu = 4.0;
constexpr double kAmountSigma = 0.8;
constexpr double kDurationMu = 6.6;
constexpr double kDurationSigma = 0.35;
constexpr int kHosts = 50;

// How many of a hundred are in USD, EUR and CAD.
struct CurrencyShares {
  int usd;
  int eur;
};
constexpr CurrencyShares kUsualShares{70, 12};
constexpr CurrencyShares kDriftedShares{5, 25};

double horner(std::initializer_list<double> coefficients, double x) {
  return std::accumulate(coefficients.begin(), coefficients.end(), 0.0,
                         [x](double sum, double c) { return sum * x + c; });
}

// Left of 0.02425.
double tail_quantile(double p) {
  const double q = std::sqrt(-2 * std::log(p));
  return horner({-7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e+00,
                 -2.549732539343734e+00, 4.374664141464968e+00, 2.938163982698783e+00},
                q) /
         horner({7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00,
                 3.754408661907416e+00, 1.0},
                q);
}

}  // namespace

double normal_quantile(double p) {
  assert(p > 0 && p < 1);
  constexpr double kTail = 0.02425;
  if (p < kTail) return tail_quantile(p);
  if (p > 1 - kTail) return -tail_quantile(1 - p);
  const double q = p - 0.5;
  const double r = q * q;
  return q *
         horner({-3.969683028665376e+01, 2.209460984245205e+02, -2.759285104469687e+02,
                 1.383577518672690e+02, -3.066479806614716e+01, 2.506628277459239e+00},
                r) /
         horner({-5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02,
                 6.680131188771972e+01, -1.328068155288572e+01, 1.0},
                r);
}

SyntheticTraffic::SyntheticTraffic(const TrafficOptions& options)
    : options_(options),
      service_json_(nlohmann::json(options.service)
                        .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)),
      random_(options.seed * 8 + static_cast<std::uint64_t>(options.kind)) {
  for (Order* order : {&amounts_, &durations_, &currencies_, &hosts_}) {
    std::iota(order->begin(), order->end(), std::uint8_t{0});
  }
}

// Not std's distributions: they differ from one library to the next.
double SyntheticTraffic::uniform() { return static_cast<double>(random_() >> 11) * 0x1p-53; }

void SyntheticTraffic::shuffle(Order& order) {
  for (std::size_t i = order.size() - 1; i > 0; --i) {
    std::swap(order[i], order[static_cast<std::size_t>(uniform() * static_cast<double>(i + 1))]);
  }
}

double SyntheticTraffic::stratified_normal(const Order& order) {
  constexpr double kInside = 1e-9;  // Away from both ends of the stratum.
  const double within = kInside + (1 - 2 * kInside) * uniform();
  return normal_quantile((order[index_ % kStrata] + within) / static_cast<double>(kStrata));
}

// Failures are evenly spaced, and none is so near the end that a window which holds only the last
// events could fall below a success rate of 0.995 by it.
bool SyntheticTraffic::fails() const {
  if (options_.kind == TrafficKind::kErrors) return index_ % 20 == 10;
  constexpr std::uint64_t kSpacing = 500;
  constexpr std::uint64_t kTail = 250;
  return index_ % kSpacing == kSpacing / 2 && options_.events >= index_ + kTail;
}

std::string SyntheticTraffic::next(Time ts) {
  if (index_ % kStrata == 0) {
    for (Order* order : {&amounts_, &durations_, &currencies_, &hosts_}) shuffle(*order);
  }
  const double larger = options_.kind == TrafficKind::kDriftAmount ? 1.6 : 1.0;
  const double longer = options_.kind == TrafficKind::kSlow ? 2.5 : 1.0;
  const double amount = larger * std::exp(kAmountMu + kAmountSigma * stratified_normal(amounts_));
  const double duration =
      longer * std::exp(kDurationMu + kDurationSigma * stratified_normal(durations_));
  const CurrencyShares shares =
      options_.kind == TrafficKind::kDriftCurrency ? kDriftedShares : kUsualShares;
  const int draw = currencies_[index_ % kStrata];
  const std::string_view currency =
      draw < shares.usd ? "USD" : (draw < shares.usd + shares.eur ? "EUR" : "CAD");
  std::string event =
      fmt::format(R"({{"ts":"{}","service":{},"endpoint":"POST /v2/payments","host":"client-{}",)"
                  R"("request":{{"body":{{"amount":{:.2f},"currency":"{}"}}}},)"
                  R"("response":{{"status":{},"duration_ms":{}}}}})",
                  format_rfc3339(std::chrono::floor<std::chrono::milliseconds>(ts)), service_json_,
                  1 + hosts_[index_ % kStrata] % kHosts, amount, currency, fails() ? 500 : 200,
                  static_cast<int>(duration));
  ++index_;
  return event;
}

}  // namespace driftguard::cli
