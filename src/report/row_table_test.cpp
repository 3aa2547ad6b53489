// SPDX-License-Identifier: Apache-2.0
#include "report/row_table.h"

#include <gtest/gtest.h>

#include <random>

#include "report/where_samples.h"
#include "rollup/fold.h"

namespace driftguard::report {
namespace {

using Kind = WhereDimension::Kind;
using What = DriftPlace::What;

const std::vector<std::string> kPointers = {"/request/body/amount", "/request/body/currency"};

DriftPlace large_amounts() {
  DriftPlace place;
  place.what = What::kNumbers;
  place.subject = "amount";
  place.pointer = kPointers[0];
  place.numeric = true;
  place.ranges = {{500, std::nullopt}};
  return place;
}

RowTable table_of(DriftPlace place) {
  return {std::move(place),
          {{Kind::kHost, "", "/host"},
           {Kind::kEndpoint, "", ""},
           {Kind::kFeature, "currency", kPointers[1]}}};
}

TEST(PlaceCodes, AValueStandsInOutOrNowhere) {
  const PlaceCodes large(large_amounts());
  EXPECT_EQ(large.of(sketch::code_of(500)), Standing::kIn);
  EXPECT_EQ(large.of(sketch::code_of(499.9)), Standing::kOut);
  EXPECT_EQ(large.of(sketch::code_of("500")), Standing::kNone);
  EXPECT_EQ(large.of(sketch::kNoCode), Standing::kNone);
  DriftPlace place = large_amounts();
  place.what = What::kType;
  EXPECT_EQ(PlaceCodes(place).of(sketch::code_of("500")), Standing::kIn);
  EXPECT_EQ(PlaceCodes(place).of(sketch::kOtherCode), Standing::kIn);
  EXPECT_EQ(PlaceCodes(place).of(sketch::code_of(1)), Standing::kOut);
  place.what = What::kMissing;
  EXPECT_EQ(PlaceCodes(place).of(sketch::kNoCode), Standing::kIn);
  place.outside = true;
  EXPECT_EQ(PlaceCodes(place).of(sketch::kNoCode), Standing::kOut);
  place.what = What::kStatus;
  place.outside = false;
  EXPECT_EQ(PlaceCodes(place).of(sketch::code_of(503)), Standing::kIn);
  EXPECT_EQ(PlaceCodes(place).of(sketch::code_of(204)), Standing::kOut);
}

TEST(RowTable, CalibratedRowsAddUpToWhatIsKnown) {
  RowTable table = table_of(large_amounts());
  const std::uint16_t a = table.part(0, "a"), b = table.part(0, "b");
  const std::uint16_t pay = table.part(1, "/pay"), eur = table.part(2, "EUR");
  for (int i = 0; i < 10; ++i) {
    const std::uint16_t host = i < 4 ? a : b;
    table.add(true, i == 0 || i == 9 ? Standing::kIn : Standing::kOut, 0, 1,
              std::array{host, pay, eur});
    table.add(false, i == 5 ? Standing::kIn : Standing::kOut, 0, 1, std::array{host, pay, eur});
  }
  // In truth "a" has 600 of 1,000 live events, and 300 values are in the place.
  table.calibrate(true, {1000, {300, 1000}, {{{"a", 600}, {"b", 400}}, {}, {}}});
  table.calibrate(false, {1000, {100, 1000}, {{{"a", 400}, {"b", 600}}, {}, {}}});
  const auto dimensions = table.dimensions();
  ASSERT_FALSE(dimensions.empty());
  ASSERT_EQ(dimensions[0].kind, Kind::kHost);
  for (const WhereSegment& segment : dimensions[0].segments) {
    EXPECT_NEAR(segment.live, segment.name == "a" ? 0.6 : 0.4, 1e-3) << segment.name;
  }
}

// Host h0..h7 in turn, currencies at random; in live traffic `carrier` pays over 500 in euros, and
// everybody does once in a hundred times.
rollup::Rollup traffic(int events, int carrier, std::uint64_t seed, std::array<int, 2>* large) {
  std::mt19937_64 random(seed);
  rollup::BucketFold fold;
  static const std::array<std::string, 8> kHosts = {"h0", "h1", "h2", "h3", "h4", "h5", "h6", "h7"};
  static const std::array<std::string, 3> kCurrencies = {"EUR", "USD", "CAD"};
  for (int i = 0; i < events; ++i) {
    const int host = i % 8;
    const std::string& currency = kCurrencies[random() % 3];
    const bool carried = host == carrier && currency == "EUR";
    const bool is_large = carried || (carrier >= 0 && random() % 100 == 0);
    if (is_large) ++(*large)[carried ? 0 : 1];
    fold.begin_event(Time(Microseconds(i)), seed);
    fold.count_status(200);
    fold.host(kHosts[static_cast<std::size_t>(host)]);
    fold.number(0, is_large ? 600 : static_cast<double>(random() % 400));
    fold.text(1, currency);
    fold.end_event();
  }
  return fold.take(kPointers);
}

WhereSide side_of(const rollup::Rollup& rollup) {
  return {{{"/pay", std::make_shared<const rollup::Rollup>(rollup)}}, &rollup};
}

TEST(WhereSamples, TellWhatAHostsPaymentsInEurosDid) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::array<int, 2> large{}, none{};
  const rollup::Rollup live = traffic(20'000, 7, seed, &large);
  const rollup::Rollup baseline = traffic(30'000, -1, seed + 1, &none);
  RowTable table = table_of(large_amounts());
  for (const bool is_live : {true, false}) {
    const WhereSide side = side_of(is_live ? live : baseline);
    ASSERT_TRUE(rows_tell(side, table.place()));
    add_sampled_rows(side, is_live, {}, &table);
    table.calibrate(is_live, counts_of(side, {}, table));
  }
  EXPECT_NEAR(static_cast<double>(table.rows(true)), 2500, 250);
  const double expected = static_cast<double>(large[0]) / (large[0] + large[1]);  // About 0.8.
  const RowTable::Common common = table.common(std::nullopt);
  ASSERT_EQ(common.conditions.size(), 2u);
  EXPECT_NEAR(common.share, expected, 0.15);  // Some 100 sampled rows: five deviations.
  for (const WhereDimension& dimension : table.dimensions()) {
    if (dimension.kind != Kind::kHost) continue;
    EXPECT_EQ(dimension.segments[0].name, "h7");
    EXPECT_NEAR(dimension.segments[0].live, 0.125, 1e-3) << "hosts are counted";
  }
}

TEST(WhereSamples, AFeatureWithoutAColumnIsNotTold) {
  std::vector<std::string> pointers;
  for (int i = 0; i < 60; ++i) pointers.push_back("/request/body/f" + std::to_string(10 + i));
  rollup::BucketFold fold;
  for (int n = 0; n < 100; ++n) {
    fold.begin_event(Time(Microseconds(n)));
    for (std::size_t i = 0; i < pointers.size(); ++i) fold.number(i, n);
    fold.end_event();
  }
  const rollup::Rollup rollup = fold.take(pointers);
  const WhereSide side = side_of(rollup);
  DriftPlace place = large_amounts();
  place.pointer = pointers[3];
  EXPECT_TRUE(rows_tell(side, place));
  place.pointer = pointers[50];
  EXPECT_FALSE(rows_tell(side, place));
  place.pointer = "/request/body/nowhere";
  EXPECT_TRUE(rows_tell(side, place)) << "every row lacks it";
  rollup::Rollup before = rollup;  // As version 1 has it.
  before.rows = {};
  EXPECT_FALSE(rows_tell(side_of(before), place));
}

}  // namespace
}  // namespace driftguard::report
