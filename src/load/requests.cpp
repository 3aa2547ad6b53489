// SPDX-License-Identifier: Apache-2.0
#include "load/requests.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

namespace driftguard::load {
namespace {

constexpr std::size_t kPreparedBytes = 64 << 20;
constexpr std::size_t kEventBytes = 225;
constexpr std::uint64_t kSlices = 1000;  // Of the span, where nothing says how many requests come.

Microseconds seconds_to_us(double seconds) {
  return std::chrono::floor<Microseconds>(std::chrono::duration<double>(seconds));
}

}  // namespace

Requests::Requests(const LoadOptions& options, const Address& address, Time start)
    : options_(options), host_(address.host + ":" + address.port), start_(start) {
  if (options.get) {
    const std::string target = address.target.empty() ? "/" : address.target;
    prepared_.push_back({fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\n\r\n", target, host_), {}});
    return;
  }
  const std::size_t body_bytes = static_cast<std::size_t>(options.batch) * kEventBytes;
  const std::size_t count = std::clamp<std::size_t>(kPreparedBytes / body_bytes, 4, 10'000);
  Traffic traffic(options.traffic);
  for (std::size_t i = 0; i < count; ++i) {
    prepare(traffic, address.target.empty() ? "/v1/ingest" : address.target);
  }
}

void Requests::prepare(Traffic& traffic, const std::string& target) {
  std::string body;
  std::vector<std::size_t> times;
  for (int i = 0; i < options_.batch; ++i) {
    body += i == 0 ? "[" : ", ";
    times.push_back(body.size() + kTimeOffset);
    append_json(body, traffic.next(), start_);
  }
  body += "]";
  const std::string head = fmt::format(
      "POST {} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n"
      "Content-Length: {}\r\n\r\n",
      target, host_, body.size());
  for (std::size_t& at : times) at += head.size();
  prepared_.push_back({head + body, std::move(times)});
}

TimeRange Requests::slice_of_span(std::uint64_t number) const {
  const std::uint64_t slices = options_.requests > 0 ? options_.requests : kSlices;
  const double slice = options_.span_seconds / static_cast<double>(slices);
  const Time from = start_ - seconds_to_us(options_.span_seconds) +
                    seconds_to_us(slice * static_cast<double>(number % slices));
  return {from, from + seconds_to_us(slice)};
}

void Requests::write(std::string& out, std::uint64_t number, TimeRange latest) {
  assert(!prepared_.empty());
  const Prepared& prepared = prepared_[number % prepared_.size()];
  out = prepared.text;
  const TimeRange range = options_.span_seconds > 0 ? slice_of_span(number) : latest;
  const auto count = static_cast<std::int64_t>(prepared.times.size());
  std::int64_t i = 0;
  for (const std::size_t at : prepared.times) {
    time_writer_.write(out.data() + at, range.from + (range.to - range.from) * i++ / count);
  }
}

double Requests::bytes_mean() const {
  double sum = 0;
  for (const Prepared& prepared : prepared_) sum += static_cast<double>(prepared.text.size());
  return sum / static_cast<double>(prepared_.size());
}

}  // namespace driftguard::load
