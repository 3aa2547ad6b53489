// SPDX-License-Identifier: Apache-2.0
#include "rollup/rollup.h"

#include <numeric>
#include <utility>

#include "core/hash.h"

namespace driftguard::rollup {
namespace {

constexpr std::uint8_t kVersion = 3;
// Still read:
constexpr std::uint8_t kVersionOfFeatureRows = 2;  // Rows of the first 16 features alone, no hosts.
constexpr std::uint8_t kVersionWithoutRows = 1;
constexpr std::size_t kChecksumBytes = 8;

void encode_feature(const FeatureRollup& feature, ByteWriter& out) {
  feature.numbers.encode(out);
  feature.texts.encode(out);
  out.varint(feature.nulls);
  out.varint(feature.others);
  out.u8(feature.segment ? 1 : 0);
}

FeatureRollup decode_feature(ByteReader& in, int version) {
  FeatureRollup feature;
  feature.numbers = sketch::NumericSummary::decode(in);
  feature.texts = sketch::CategoryCounts::decode(in);
  feature.nulls = in.varint();
  feature.others = in.varint();
  feature.segment = version == kVersion && in.u8() != 0;
  return feature;
}

bool has_values(const FeatureRollup& feature) {
  return feature.numbers.count() + feature.texts.count() > 0;
}

// Rows as version 2 has them, under the columns of today.
sketch::RowSample decode_feature_rows(const Rollup& rollup, ByteReader& in) {
  constexpr std::size_t kFeatures = 16;
  std::vector<sketch::Column> columns;
  for (const auto& [pointer, feature] : rollup.features) {
    if (columns.size() == kFeatures) break;
    if (has_values(feature)) columns.push_back(column_of(ColumnRank::kFeature, pointer));
  }
  const sketch::RowSample rows =
      sketch::RowSample::decode(in, columns.size(), sketch::RowCoding::kAscending);
  sketch::RowSum sum;
  sum.add(columns, rows);
  return sum.take(sampled_columns(rollup));
}

Error corrupt(std::string_view why) {
  return {ErrorCode::kCorrupt, "a stored rollup does not read back: " + std::string(why)};
}

// Bytes whose checksum and version are right, read up to the version.
struct Opened {
  ByteReader in;
  int version = 0;
  std::optional<Error> failure = {};
};

Opened open(std::string_view bytes) {
  if (bytes.size() <= kChecksumBytes) return {ByteReader({}), 0, corrupt("it is too short")};
  const std::string_view body = bytes.substr(0, bytes.size() - kChecksumBytes);
  ByteReader trailer(bytes.substr(body.size()));
  Opened opened{ByteReader(body)};
  opened.version = opened.in.u8();
  if (trailer.fixed64() != hash64(body)) {
    opened.failure = corrupt("its checksum is wrong");
  } else if (opened.version < kVersionWithoutRows || opened.version > kVersion) {
    opened.failure = corrupt("its format version is " + std::to_string(opened.version));
  }
  return opened;
}

// What comes before the features.
Rollup decode_head(ByteReader& in) {
  Rollup rollup;
  rollup.events = in.varint();
  for (std::uint64_t& n : rollup.statuses) n = in.varint();
  rollup.latency_ms = sketch::NumericSummary::decode(in);
  rollup.features_dropped = in.varint();
  return rollup;
}

}  // namespace

std::uint64_t Rollup::with_status() const {
  return std::accumulate(statuses.begin(), statuses.end(), std::uint64_t{0});
}

std::vector<sketch::Column> sampled_columns(const Rollup& rollup) {
  std::vector<sketch::Column> columns;
  for (const auto pointer : {kHostPointer, kDurationPointer, kStatusPointer}) {
    columns.push_back(column_of(ColumnRank::kContext, pointer));
  }
  const auto add = [&](ColumnRank rank, std::size_t columns_max) {
    for (const auto& [pointer, feature] : rollup.features) {
      if (columns.size() == columns_max) return;
      const bool wanted = feature.segment == (rank == ColumnRank::kSegment);
      if (wanted && has_values(feature)) columns.push_back(column_of(rank, pointer));
    }
  };
  add(ColumnRank::kSegment, columns.size() + kSegmentsMax);
  add(ColumnRank::kFeature, sketch::RowSample::kColumnsMax);
  return columns;
}

std::optional<std::size_t> find_feature(sketch::Columns columns, std::string_view pointer) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const bool is_context = columns[i].rank == static_cast<std::uint8_t>(ColumnRank::kContext);
    if (!is_context && columns[i].name == pointer) return i;
  }
  return std::nullopt;
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
  rollup.hosts.encode(out);
  rollup.rows.encode(out);
  out.fixed64(hash64(bytes));
  return bytes;
}

Result<Rollup> decode(std::string_view bytes) {
  Opened opened = open(bytes);
  if (opened.failure) return *opened.failure;
  ByteReader& in = opened.in;
  Rollup rollup = decode_head(in);
  const std::uint64_t size = in.varint();
  for (std::uint64_t i = 0; i < size && in.ok(); ++i) {
    std::string pointer(in.text());
    rollup.features.emplace_hint(rollup.features.end(), std::move(pointer),
                                 decode_feature(in, opened.version));
  }
  if (opened.version == kVersion && in.ok()) {
    rollup.hosts = sketch::CategoryCounts::decode(in);
    rollup.rows = sketch::RowSample::decode(in, sampled_columns(rollup).size());
  } else if (opened.version == kVersionOfFeatureRows && in.ok()) {
    rollup.rows = decode_feature_rows(rollup, in);
  }
  if (!in.done()) return corrupt("it is malformed");
  return rollup;
}

Result<Rollup> decode_outcomes(std::string_view bytes) {
  Opened opened = open(bytes);
  if (opened.failure) return *opened.failure;
  Rollup rollup = decode_head(opened.in);
  if (!opened.in.ok()) return corrupt("it is malformed");
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
  if (rollup.rows.rows() > 0) rows_.add(sampled_columns(rollup), rollup.rows);
  total_.hosts.merge(rollup.hosts);
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
    sum.rest.segment = sum.rest.segment || feature.segment;
  }
}

Rollup RollupSum::take() {
  Rollup rollup = std::exchange(total_, {});
  rollup.latency_ms = latency_ms_.take();
  rollup.hosts.bound(Rollup::kHostsMax);
  for (auto& [pointer, sum] : features_) {
    FeatureRollup feature = std::move(sum.rest);
    feature.numbers = sum.numbers.take();
    rollup.features.emplace_hint(rollup.features.end(), pointer, std::move(feature));
  }
  features_.clear();
  rollup.rows = rows_.take(sampled_columns(rollup));
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
