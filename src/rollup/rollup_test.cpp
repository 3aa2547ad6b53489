// SPDX-License-Identifier: Apache-2.0
#include "rollup/rollup.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "core/hash.h"
#include "rollup/bucket.h"
#include "rollup/fold.h"

namespace driftguard::rollup {
namespace {

const std::vector<std::string> kPointers = {"/request/body/amount", "/request/body/currency"};

Rollup sample(int seed) {
  BucketFold fold;
  for (int i = 0; i < 100; ++i) {
    fold.begin_event(Time(Microseconds(1000 * seed + i)));
    fold.count_status(i % 10 == 0 ? 500 : 200);
    fold.latency(seed + i);
    fold.host(i % 2 == 0 ? "client-0" : "client-1");
    fold.number(0, seed * 0.5 + i);
    fold.text(1, i % 3 == 0 ? "EUR" : "USD");
    fold.end_event();
  }
  fold.null(0);
  fold.other(1);
  return fold.take(kPointers);
}

Rollup added(const Rollup& a, const Rollup& b) {
  RollupSum sum;
  sum.add(a);
  sum.add(b);
  return sum.take();
}

TEST(Rollup, CountsWhatWasFolded) {
  const Rollup rollup = sample(1);
  EXPECT_EQ(rollup.events, 100u);
  EXPECT_EQ(rollup.with_status(), 100u);
  EXPECT_EQ(rollup.successes(), 90u);
  EXPECT_EQ(rollup.latency_ms.max(), 100);
  EXPECT_EQ(rollup.features.at(kPointers[0]).nulls, 1u);
  EXPECT_EQ(rollup.features.at(kPointers[1]).present(), 101u);
}

TEST(Rollup, AFoldIsEmptyAfterwards) {
  BucketFold fold;
  fold.begin_event({});
  fold.number(0, 1);
  fold.text(1, "EUR");
  fold.end_event();
  fold.take(kPointers);
  EXPECT_EQ(fold.take(kPointers), Rollup{});
}

TEST(Rollup, AddsUpInAnyOrder) {
  const Rollup a = sample(1), b = sample(2), c = sample(3);
  EXPECT_EQ(encode(added(added(a, b), c)), encode(added(c, added(b, a))));
}

TEST(Rollup, ComesBackAsItWasEncoded) {
  const Rollup rollup = added(sample(1), sample(9));
  EXPECT_EQ(*decode(encode(rollup)), rollup);
  EXPECT_EQ(*decode(encode(Rollup{})), Rollup{});
}

// As version 2 wrote rows.
void encode_ascending(const sketch::RowSample& rows, ByteWriter& out) {
  out.varint(rows.rows());
  std::uint32_t before = 0;
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    out.varint(rows.hash(row) - std::exchange(before, rows.hash(row)));
    out.varint(rows.count(row) - 1);
  }
  for (std::size_t column = 0; column < rows.columns(); ++column) {
    std::set<std::uint32_t> known;
    for (std::size_t row = 0; row < rows.rows(); ++row) known.insert(rows.codes(row)[column]);
    out.varint(known.size());
    before = 0;
    for (const std::uint32_t code : known) out.varint(code - std::exchange(before, code));
    if (known.size() < 2) continue;
    for (std::size_t row = 0; row < rows.rows(); ++row) {
      const auto at = known.find(rows.codes(row)[column]);
      out.varint(static_cast<std::uint64_t>(std::distance(known.begin(), at)));
    }
  }
}

// As versions 1 and 2 wrote it.
std::string encoded_before(const Rollup& rollup, std::uint8_t version) {
  std::string bytes;
  ByteWriter out(bytes);
  out.u8(version);
  out.varint(rollup.events);
  for (const std::uint64_t n : rollup.statuses) out.varint(n);
  rollup.latency_ms.encode(out);
  out.varint(rollup.features_dropped);
  out.varint(rollup.features.size());
  std::vector<sketch::Column> columns;
  for (const auto& [pointer, feature] : rollup.features) {
    out.text(pointer);
    feature.numbers.encode(out);
    feature.texts.encode(out);
    out.varint(feature.nulls);
    out.varint(feature.others);
    columns.push_back(column_of(ColumnRank::kFeature, pointer));
  }
  if (version == 2) {
    sketch::RowSum rows;
    rows.add(sampled_columns(rollup), rollup.rows);
    encode_ascending(rows.take(columns), out);
  }
  out.fixed64(hash64(bytes));
  return bytes;
}

TEST(Rollup, OutcomesAreReadWithoutTheRest) {
  Rollup rollup = sample(3);
  const std::string bytes = encode(rollup);
  rollup.features.clear();
  rollup.hosts = {};
  rollup.rows = {};
  EXPECT_EQ(*decode_outcomes(bytes), rollup);
  EXPECT_FALSE(decode_outcomes(bytes.substr(1)));
  EXPECT_FALSE(decode_outcomes("short"));
}

TEST(Rollup, WhatWasStoredBeforeThereWereRowsReadsBack) {
  Rollup rollup = sample(3);
  const std::string bytes = encoded_before(rollup, 1);
  rollup.rows = {};
  rollup.hosts = {};
  EXPECT_EQ(*decode(bytes), rollup);
}

TEST(Rollup, RowsStoredBeforeTheyHadHostsReadBack) {
  const Rollup rollup = sample(3);
  const sketch::RowSample& rows = rollup.rows;
  ASSERT_GT(rows.rows(), 10u);
  const sketch::RowSample read = decode(encoded_before(rollup, 2))->rows;
  ASSERT_EQ(read.rows(), rows.rows());
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    EXPECT_EQ(read.hash(row), rows.hash(row));
    const std::vector<std::uint32_t> expected = {sketch::kNoCode, sketch::kNoCode, sketch::kNoCode,
                                                 rows.codes(row)[3], rows.codes(row)[4]};
    EXPECT_TRUE(std::equal(expected.begin(), expected.end(), read.codes(row).begin())) << row;
  }
  const Rollup sum = added(rollup, *decode(encoded_before(rollup, 2)));
  EXPECT_EQ(sum.events, 2 * rollup.events);
}

TEST(Rollup, RowsHoldWhatEventsSayOfThemselves) {
  const Rollup rollup = sample(3);
  for (std::size_t row = 0; row < rollup.rows.rows(); ++row) {
    const auto codes = rollup.rows.codes(row);
    const double i = sketch::number_of(codes[3]) - 1.5;  // The amount is seed / 2 + i.
    EXPECT_EQ(codes[0], sketch::code_of(std::fmod(i, 2) == 0 ? "client-0" : "client-1"));
    EXPECT_EQ(sketch::number_of(codes[1]), 3 + i);
    EXPECT_EQ(sketch::number_of(codes[2]), std::fmod(i, 10) == 0 ? 500 : 200);
  }
}

TEST(Rollup, HostsAreCountedAndBounded) {
  BucketFold fold;
  std::vector<std::string> names;
  for (int i = 0; i < 3000; ++i) names.push_back("client-" + std::to_string(i));
  for (int i = 0; i < 6000; ++i) {
    fold.begin_event(Time(Microseconds(i)));
    fold.host(names[static_cast<std::size_t>(i) % names.size()]);
    fold.end_event();
  }
  const Rollup many = fold.take({});
  EXPECT_EQ(many.hosts.count(), 6000u);
  EXPECT_LE(many.hosts.categories().size(), Rollup::kHostsMax);
  EXPECT_EQ(many.hosts.categories()[0].count, 2u);
  const sketch::CategoryCounts few = sample(1).hosts;
  ASSERT_EQ(few.categories().size(), 2u);
  EXPECT_EQ(few.categories()[1], (sketch::Category{"client-1", 50}));
  const Rollup sum = added(many, sample(1));
  EXPECT_LE(sum.hosts.categories().size(), Rollup::kHostsMax);
  EXPECT_EQ(sum.hosts.count(), 6100u);
}

TEST(Rollup, SegmentsAreSampledBeforeOtherFeatures) {
  std::vector<std::string> pointers;
  for (int i = 0; i < 60; ++i) pointers.push_back("/request/body/f" + std::to_string(10 + i));
  const auto folded = [&](std::size_t from, std::size_t to) {
    BucketFold fold;
    for (int n = 0; n < 5; ++n) {
      fold.begin_event(Time(Microseconds(n)));
      for (std::size_t i = from; i < to; ++i) fold.number(i, n);
      if (to == 60) fold.declare_segment(59);
      fold.end_event();
    }
    return fold.take(pointers);
  };
  const Rollup rollup = folded(0, 60);
  const std::vector<sketch::Column> columns = sampled_columns(rollup);
  ASSERT_EQ(columns.size(), sketch::RowSample::kColumnsMax);
  EXPECT_EQ(columns[0], column_of(ColumnRank::kContext, kHostPointer));
  EXPECT_EQ(columns[3], column_of(ColumnRank::kSegment, pointers[59]));
  EXPECT_EQ(columns[4], column_of(ColumnRank::kFeature, pointers[0]));
  EXPECT_EQ(find_feature(columns, pointers[59]), 3u);
  EXPECT_EQ(find_feature(columns, pointers[40]), std::nullopt);
  EXPECT_EQ(rollup.rows.codes(0)[3], rollup.rows.codes(0)[4]);
  EXPECT_EQ(*decode(encode(rollup)), rollup);
  const Rollup ab = added(folded(0, 30), folded(30, 60));
  EXPECT_EQ(encode(ab), encode(added(folded(30, 60), folded(0, 30))));
  EXPECT_EQ(sampled_columns(ab), columns);
}

TEST(Rollup, EveryFlippedByteIsNoticed) {
  const std::string bytes = encode(sample(4));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    const auto rollup = decode(damaged);
    ASSERT_FALSE(rollup) << "byte " << i;
    EXPECT_EQ(rollup.error().code, ErrorCode::kCorrupt);
  }
  EXPECT_FALSE(decode(""));
  EXPECT_FALSE(decode(bytes.substr(0, bytes.size() / 2)));
}

TEST(Rollup, EncodedPartsMergeToTheEncodedSum) {
  const std::string a = encode(sample(5)), b = encode(sample(6));
  EXPECT_EQ(*merge_encoded(std::vector<std::string_view>{a, b}),
            encode(added(sample(6), sample(5))));
  EXPECT_FALSE(merge_encoded(std::vector<std::string_view>{a, "junk"}));
}

TEST(Rollup, FeaturesBeyondTheBoundAreCountedNotKept) {
  Rollup wide;
  for (std::size_t i = 0; i < Rollup::kFeaturesMax + 5; ++i) {
    wide.features["/request/body/f" + std::to_string(i)].others = 2;
  }
  RollupSum sum;
  sum.add(wide);
  const Rollup rollup = sum.take();
  EXPECT_EQ(rollup.features.size(), Rollup::kFeaturesMax);
  EXPECT_EQ(rollup.features_dropped, 10u);
}

TEST(Bucket, HoldsItsFirstMomentAndNotItsLast) {
  const Time start = *parse_rfc3339("2025-01-01T00:00:10Z");
  EXPECT_EQ(bucket_of(start), start);
  EXPECT_EQ(bucket_of(start + std::chrono::microseconds(9'999'999)), start);
  EXPECT_EQ(bucket_of(start - std::chrono::microseconds(1)), start - kBucketWidth);
  const Time old = *parse_rfc3339("1961-04-12T06:07:03Z");
  EXPECT_EQ(bucket_of(old), *parse_rfc3339("1961-04-12T06:07:00Z"));
}

TEST(Bucket, WholeBucketsCoverARangeAndNoMore) {
  const Time from = *parse_rfc3339("2025-01-01T00:00:05Z");
  const Time to = *parse_rfc3339("2025-01-01T00:00:20Z");
  EXPECT_EQ(whole_buckets({from, to}).from, from - std::chrono::seconds(5));
  EXPECT_EQ(whole_buckets({from, to}).to, to);
  EXPECT_EQ(whole_buckets({from, to + std::chrono::seconds(1)}).to, to + kBucketWidth);
}

}  // namespace
}  // namespace driftguard::rollup
