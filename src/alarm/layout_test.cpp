// SPDX-License-Identifier: Apache-2.0
#include "alarm/layout.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <numeric>
#include <string>

#include "rollup/fold.h"

namespace driftguard::alarm {
namespace {

using Counts = std::vector<std::uint32_t>;

rollup::FeatureRollup numbers(std::vector<double> values) {
  rollup::FeatureRollup feature;
  feature.numbers = sketch::NumericSummary::of(values);
  return feature;
}

rollup::FeatureRollup texts(std::vector<sketch::Category> categories) {
  rollup::FeatureRollup feature;
  feature.texts = sketch::CategoryCounts::of(std::move(categories));
  return feature;
}

Counts counted(const Layout& layout, const rollup::Rollup& rollup,
               std::string_view endpoint = "GET /") {
  Counts counts(layout.cells());
  const std::array<EndpointRollup, 1> bucket = {{{endpoint, &rollup}}};
  count_cells(layout, bucket, counts);
  return counts;
}

rollup::Rollup with(rollup::FeatureRollup feature, std::uint64_t events = 0) {
  rollup::Rollup rollup;
  rollup.events = events;
  rollup.features["/x"] = std::move(feature);
  return rollup;
}

Layout layout_of(Subject subject) {
  Layout layout;
  layout.subject = subject;
  layout.pointer = "/x";
  return layout;
}

TEST(Layout, EdgesAreQuantilesAndWhatLiesBeyond) {
  std::vector<double> values(10'000);
  std::iota(values.begin(), values.end(), 1.0);
  const std::vector<double> edges = edges_of(sketch::NumericSummary::of(values));
  ASSERT_EQ(edges.size(), Layout::kEdgesMax);
  EXPECT_LT(edges.front(), 1.0);
  EXPECT_EQ(edges[1], 10.0);
  EXPECT_EQ(edges[14], 5000.0);
  EXPECT_EQ(edges.back(), 10'000.0);
}

TEST(Layout, AConstantHasACellOfItsOwn) {
  Layout layout = layout_of(Subject::kNumbers);
  layout.edges = edges_of(numbers({5, 5, 5}).numbers);
  EXPECT_EQ(counted(layout, with(numbers({4, 5, 5, 6}))), (Counts{1, 2, 1}));
}

TEST(Layout, AValueOnAnEdgeCountsBelowIt) {
  Layout layout = layout_of(Subject::kNumbers);
  layout.edges = {10, 20};
  EXPECT_EQ(counted(layout, with(numbers({10, 10.5, 20, 21, -3}))), (Counts{2, 2, 1}));
}

TEST(Layout, KnownNamesWithoutACellAndUnseenOnesAreToldApart) {
  Layout layout = layout_of(Subject::kCategories);
  std::vector<sketch::Category> known;
  for (std::size_t i = 0; i < Layout::kNamesMax + 2; ++i) {
    known.push_back({"k" + std::to_string(i), 100 - i});
  }
  take_names(sketch::CategoryCounts::of(known), &layout);
  const Counts counts =
      counted(layout, with(texts({{"k0", 7}, {"k24", 3}, {"k25", 2}, {"stranger", 4}})));
  EXPECT_EQ(counts[layout.other_cell()], 5u);
  EXPECT_EQ(counts[layout.unseen_cell()], 4u);
  EXPECT_EQ(std::accumulate(counts.begin(), counts.end(), 0u), 16u);
}

TEST(Layout, MissingCountsEventsOfItsEndpointsAlone) {
  Layout layout = layout_of(Subject::kMissing);
  layout.endpoints = {"GET /"};
  const rollup::Rollup rollup = with(numbers({1, 2, 3}), 5);
  EXPECT_EQ(counted(layout, rollup), (Counts{2, 3}));
  EXPECT_EQ(counted(layout, rollup, "GET /other"), (Counts{0, 0}));
}

TEST(Layout, AVanishedFeatureIsMissingFromAllEvents) {
  rollup::Rollup rollup;
  rollup.events = 9;
  EXPECT_EQ(counted(layout_of(Subject::kMissing), rollup), (Counts{9, 0}));
}

TEST(Layout, TypesOtherThanItsKindAreMistyped) {
  rollup::FeatureRollup feature = numbers({1, 2, 3});
  feature.texts = texts({{"n/a", 2}}).texts;
  feature.others = 1;
  EXPECT_EQ(counted(layout_of(Subject::kMistyped), with(feature, 6)), (Counts{3, 3}));
}

TEST(Layout, FailuresAndSlowEventsAreRates) {
  rollup::BucketFold fold;
  for (const int status : {200, 201, 404, 500}) fold.count_status(status);
  for (const double ms : {100.0, 2000.0, 2001.0}) fold.latency(ms);
  const rollup::Rollup rollup = fold.take({});
  EXPECT_EQ(counted(layout_of(Subject::kFailures), rollup), (Counts{2, 2}));
  Layout slow = layout_of(Subject::kSlow);
  slow.limit = 2000;
  EXPECT_EQ(counted(slow, rollup), (Counts{1, 2}));
}

}  // namespace
}  // namespace driftguard::alarm
