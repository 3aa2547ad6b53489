// SPDX-License-Identifier: Apache-2.0
#include "baseline/activations.h"

#include <future>

#include "baseline/testing_store.h"

namespace driftguard::baseline {
namespace {

using std::chrono::hours;

class ActivationsTest : public StoreTest {
 protected:
  Activations activations_{*store_, clock_};
};

TEST_F(ActivationsTest, RollingBackWalksBackThroughWhatWasActive) {
  for (const int version : {1, 2, 5}) ASSERT_TRUE(activations_.activate("pay", version));
  EXPECT_EQ(*activations_.roll_back("pay"), 2);
  EXPECT_EQ(*activations_.active("pay"), 2);
  EXPECT_EQ(*activations_.roll_back("pay"), 1);
  const auto none = activations_.roll_back("pay");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(*activations_.active("pay"), 1);
}

TEST_F(ActivationsTest, AfterRollingBackANewChoiceIsAboveIt) {
  for (const int version : {1, 2}) ASSERT_TRUE(activations_.activate("pay", version));
  ASSERT_TRUE(activations_.roll_back("pay"));
  ASSERT_TRUE(activations_.activate("pay", 3));
  EXPECT_EQ(*activations_.roll_back("pay"), 1);
}

TEST_F(ActivationsTest, EveryChangeIsLoggedWithItsTime) {
  ASSERT_TRUE(activations_.activate("pay", 1));
  clock_.advance(hours(1));
  ASSERT_TRUE(activations_.activate("pay", 2));
  ASSERT_TRUE(activations_.activate("pay", 2));  // Is active already.
  clock_.advance(hours(1));
  ASSERT_TRUE(activations_.roll_back("pay"));
  const auto log = activations_.log("pay");
  ASSERT_EQ(log->size(), 3u);
  EXPECT_EQ((*log)[0].at, start_);
  EXPECT_EQ((*log)[2].version, 1);
  EXPECT_TRUE((*log)[2].rolled_back);
  EXPECT_EQ((*log)[2].at, start_ + hours(2));
  EXPECT_TRUE(activations_.log("other")->empty());
}

// A store of an earlier version has an active baseline and no log.
TEST_F(ActivationsTest, WhatWasActiveBeforeTheLogBeganIsRemembered) {
  const std::string key = std::string("baseline_active") + '\0' + "pay" + '\0';
  ASSERT_TRUE(store_->put_document(key, "7"));
  EXPECT_EQ(*activations_.active("pay"), 7);
  ASSERT_TRUE(activations_.activate("pay", 8));
  EXPECT_FALSE(activations_.log("pay")->front().at);
  EXPECT_EQ(*activations_.roll_back("pay"), 7);
}

TEST_F(ActivationsTest, TheLogIsBounded) {
  for (int i = 0; i < 250; ++i) ASSERT_TRUE(activations_.activate("pay", 1 + i % 3));
  EXPECT_EQ(activations_.log("pay")->size(), Activations::kLoggedMax);
  EXPECT_EQ(*activations_.roll_back("pay"), 3);
}

TEST_F(ActivationsTest, ThoseWhoChooseAtOnceAreAllLogged) {
  std::vector<std::future<Result<void>>> chosen;
  for (int i = 1; i <= 4; ++i) {
    chosen.push_back(
        std::async(std::launch::async, [&, i] { return activations_.activate("pay", i); }));
  }
  for (auto& one : chosen) EXPECT_TRUE(one.get());
  const auto log = activations_.log("pay");
  EXPECT_EQ(log->size(), 4u);
  EXPECT_EQ(log->back().version, *activations_.active("pay"));
}

}  // namespace
}  // namespace driftguard::baseline
