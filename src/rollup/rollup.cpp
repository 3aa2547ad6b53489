// SPDX-License-Identifier: Apache-2.0
#include "rollup/rollup.h"

#include <numeric>
#include <utility>

#include "core/hash.h"

namespace driftguard::rollup {
namespace {

constexpr std::uint8_t kVersion = 2;
constexpr std::uint8_t kVersionWithoutRows = 1;  // Still read.
constexpr std::size_t kChecksumBytes = 8;

void encode_feature(const FeatureRollup& feature, ByteWriter& out) {
  feature.numbers.encode(out);
  feature.texts.encode(out);
  out.varint(feature.nulls);
  out.varint(feature.others);
}

FeatureRollup decode_feature(ByteReader& in) {
  FeatureRollup feature;
  feature.numbers = sketch::NumericSummary::decode(in);
  feature.texts = sketch::CategoryCounts::decode(in);
  feature.nulls = in.varint();
  feature.others = in.varint();
  return feature;
}

Error corrupt(std::string_view why) {
  return {ErrorCode::kCorrupt, "a stored rollup does not read back: " + std::string(why)};
}

}  // namespace

std::uint64_t Rollup::with_status() const {
  return std::accumulate(statuses.begin(), statuses.end(), std::uint64_t{0});
}

std::vector<std::string_view> sampled_features(const Rollup& rollup) {
  std::vector<std::string_view> pointers;
  for (const auto& [pointer, feature] : rollup.features) {
    if (pointers.size() == sketch::RowSample::kColumnsMax) break;
    if (feature.numbers.count() + feature.texts.count() > 0) pointers.push_back(pointer);
  }
  return pointers;
}

std::string encode(const Rollup& rollup) {
  std::string bytes;
  ByteWriter out(bytes);
  out.u8(kVersion);
  out.varint(rollup.events);
  for (const std::uint64_t n : rollup.statuses) out.varint(n);
  rollup.latency_ms.encode(out);
  out.varint(rollup.features_dropped);
  out.varint(rollup.features.size());
  for (const auto& [pointer, feature] : rollup.features) {
    out.text(pointer);
    encode_feature(feature, out);
  }
  rollup.rows.encode(out);
  out.fixed64(hash64(bytes));
  return bytes;
}

Result<Rollup> decode(std::string_view bytes) {
  if (bytes.size() <= kChecksumBytes) return corrupt("it is too short");
  const std::string_view body = bytes.substr(0, bytes.size() - kChecksumBytes);
  ByteReader trailer(bytes.substr(body.size()));
  if (trailer.fixed64() != hash64(body)) return corrupt("its checksum is wrong");
  ByteReader in(body);
  const int version = in.u8();
  if (version != kVersion && version != kVersionWithoutRows) {
    return corrupt("its format version is " + std::to_string(version));
  }
  Rollup rollup;
  rollup.events = in.varint();
  for (std::uint64_t& n : rollup.statuses) n = in.varint();
  rollup.latency_ms = sketch::NumericSummary::decode(in);
  rollup.features_dropped = in.varint();
  const std::uint64_t size = in.varint();
  for (std::uint64_t i = 0; i < size && in.ok(); ++i) {
    std::string pointer(in.text());
    rollup.features.emplace_hint(rollup.features.end(), std::move(pointer), decode_feature(in));
  }
  if (version == kVersion && in.ok()) {
    rollup.rows = sketch::RowSample::decode(in, sampled_features(rollup).size());
  }
  if (!in.done()) return corrupt("it is malformed");
  return rollup;
}

void RollupSum::add(const Rollup& rollup) {
  total_.events += rollup.events;
  for (std::size_t i = 0; i < rollup.statuses.size(); ++i) {
    total_.statuses[i] += rollup.statuses[i];
  }
  total_.features_dropped += rollup.features_dropped;
  latency_ms_.add(rollup.latency_ms);
  rows_.saw(rollup.events);
  if (rollup.rows.rows() > 0) rows_.add(sampled_features(rollup), rollup.rows);
  for (const auto& [pointer, feature] : rollup.features) {
    auto at = features_.find(pointer);
    if (at == features_.end()) {
      if (features_.size() >= Rollup::kFeaturesMax) {
        total_.features_dropped += feature.present() + feature.nulls;
        continue;
      }
      at = features_.emplace(pointer, FeatureSum{}).first;
    }
    FeatureSum& sum = at->second;
    sum.numbers.add(feature.numbers);
    sum.rest.texts.merge(feature.texts);
    sum.rest.nulls += feature.nulls;
    sum.rest.others += feature.others;
  }
}

Rollup RollupSum::take() {
  Rollup rollup = std::exchange(total_, {});
  rollup.latency_ms = latency_ms_.take();
  for (auto& [pointer, sum] : features_) {
    FeatureRollup feature = std::move(sum.rest);
    feature.numbers = sum.numbers.take();
    rollup.features.emplace_hint(rollup.features.end(), pointer, std::move(feature));
  }
  features_.clear();
  rollup.rows = rows_.take(sampled_features(rollup));
  return rollup;
}

Result<std::string> merge_encoded(std::span<const std::string_view> parts) {
  RollupSum sum;
  for (const std::string_view part : parts) {
    Result<Rollup> rollup = decode(part);
    if (!rollup) return rollup.error();
    sum.add(*rollup);
  }
  return encode(sum.take());
}

}  // namespace driftguard::rollup
