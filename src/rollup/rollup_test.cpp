// SPDX-License-Identifier: Apache-2.0
#include "rollup/rollup.h"

#include <gtest/gtest.h>

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

TEST(Rollup, WhatWasStoredBeforeThereWereRowsReadsBack) {
  Rollup rollup = sample(3);
  EXPECT_GT(rollup.rows.rows(), 0u);
  rollup.rows = {};
  std::string bytes = encode(rollup);
  bytes.resize(bytes.size() - 9);  // The checksum, and the number of rows.
  bytes[0] = 1;
  ByteWriter(bytes).fixed64(hash64(bytes));
  EXPECT_EQ(*decode(bytes), rollup);
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
