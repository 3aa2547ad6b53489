// SPDX-License-Identifier: Apache-2.0
#include "baseline/baseline_format.h"

#include <fmt/format.h>

namespace driftguard::baseline {
namespace {

constexpr std::uint8_t kVersion = 2;
constexpr std::uint8_t kVersionWithoutStretches = 1;  // Still read.

Error corrupt(std::string_view what) {
  return {ErrorCode::kCorrupt, fmt::format("a stored baseline does not read back: {}", what)};
}

void write_head(const BaselineInfo& info, ByteWriter& out) {
  out.u8(kVersion);
  out.varint(static_cast<std::uint64_t>(info.version));
  out.text(info.service);
  out.zigzag(us_since_epoch(info.created_at));
  out.zigzag(us_since_epoch(info.range.from));
  out.zigzag(us_since_epoch(info.range.to));
  out.varint(info.samples);
}

Result<BaselineInfo> read_head(ByteReader& in, int* version) {
  *version = in.u8();
  if (*version != kVersion && *version != kVersionWithoutStretches) {
    return corrupt(fmt::format("its format version is {}", *version));
  }
  BaselineInfo info;
  info.version = static_cast<int>(in.varint());
  info.service = std::string(in.text());
  info.created_at = time_from_us(in.zigzag());
  info.range.from = time_from_us(in.zigzag());
  info.range.to = time_from_us(in.zigzag());
  info.samples = in.varint();
  return info;
}

}  // namespace

std::string encode_info(const BaselineInfo& info) {
  std::string bytes;
  ByteWriter out(bytes);
  write_head(info, out);
  return bytes;
}

Result<BaselineInfo> decode_info(std::string_view bytes) {
  ByteReader in(bytes);
  int version = 0;
  Result<BaselineInfo> info = read_head(in, &version);
  if (info && !in.done()) return corrupt("its head is malformed");
  return info;
}

// The rollups inside carry checksums of their own.
std::string encode(const Baseline& baseline) {
  std::string bytes;
  ByteWriter out(bytes);
  write_head({baseline.version, baseline.service, baseline.created_at, baseline.range,
              baseline.samples(), false},
             out);
  out.real(baseline.slo.success_rate_min);
  out.real(baseline.slo.latency_p95_max);
  out.varint(baseline.stretches.size());
  for (const TimeRange& stretch : baseline.stretches) {
    out.zigzag(us_since_epoch(stretch.from));
    out.zigzag(us_since_epoch(stretch.to));
  }
  out.varint(baseline.names.size());
  for (const auto& [pointer, name] : baseline.names) {
    out.text(pointer);
    out.text(name);
  }
  out.varint(baseline.endpoints.size());
  for (const auto& [endpoint, rollup] : baseline.endpoints) {
    out.text(endpoint);
    out.text(rollup::encode(*rollup));
  }
  return bytes;
}

Result<Baseline> decode(std::string_view bytes) {
  ByteReader in(bytes);
  int version = 0;
  Result<BaselineInfo> info = read_head(in, &version);
  if (!info) return info.error();
  Baseline baseline;
  baseline.version = info->version;
  baseline.service = info->service;
  baseline.created_at = info->created_at;
  baseline.range = info->range;
  baseline.slo.success_rate_min = in.real();
  baseline.slo.latency_p95_max = in.real();
  for (std::uint64_t left = version == kVersion ? in.varint() : 0; left > 0 && in.ok(); --left) {
    const Time from = time_from_us(in.zigzag());
    baseline.stretches.push_back({from, time_from_us(in.zigzag())});
  }
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    std::string pointer(in.text());
    baseline.names[std::move(pointer)] = std::string(in.text());
  }
  rollup::RollupSum sum;
  std::vector<std::pair<std::string, rollup::Rollup>> endpoints;
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    std::string endpoint(in.text());
    Result<rollup::Rollup> rollup = rollup::decode(in.text());
    if (!rollup) return rollup.error();
    sum.add(*rollup);
    endpoints.emplace_back(std::move(endpoint), std::move(*rollup));
  }
  if (!in.done()) return corrupt("it is malformed");
  baseline.endpoints = endpoints_of(std::move(endpoints));
  baseline.total = total_of(sum.take());
  return baseline;
}

}  // namespace driftguard::baseline
