// SPDX-License-Identifier: Apache-2.0
#include "sketch/category_counts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace driftguard::sketch {
namespace {

std::vector<Category> many(std::size_t distinct) {
  std::vector<Category> categories;
  for (std::size_t i = 0; i < distinct; ++i) {
    categories.push_back({"category " + std::to_string(i), 1 + i % 5});
  }
  return categories;
}

std::uint64_t total(const std::vector<Category>& categories) {
  std::uint64_t n = 0;
  for (const Category& category : categories) n += category.count;
  return n;
}

TEST(CategoryCounts, AreExactUpToCapacity) {
  const auto categories = many(CategoryCounts::kCapacity);
  const CategoryCounts counts = CategoryCounts::of(categories);
  EXPECT_TRUE(counts.lossless());
  EXPECT_EQ(counts.count(), total(categories));
  EXPECT_EQ(counts.categories().size(), categories.size());
  EXPECT_EQ(counts.other(), 0u);
}

TEST(CategoryCounts, BeyondCapacityKeptCountsAreExactAndNothingIsLost) {
  const auto categories = many(50'000);
  const CategoryCounts counts = CategoryCounts::of(categories);
  EXPECT_GT(counts.level(), 0);
  std::uint64_t kept = 0;
  for (const Category& category : counts.categories()) {
    const auto number = std::stoul(category.name.substr(9));
    EXPECT_EQ(category.count, 1 + number % 5);
    kept += category.count;
  }
  EXPECT_EQ(kept + counts.other(), total(categories));
  EXPECT_NEAR(static_cast<double>(counts.distinct_estimate()), 50'000, 5'000);
}

TEST(CategoryCounts, DependOnTheMultisetAlone) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  auto categories = many(20'000);
  const CategoryCounts once = CategoryCounts::of(categories);
  std::shuffle(categories.begin(), categories.end(), random);
  CategoryCounts sum;
  for (std::size_t i = 0; i < categories.size();) {
    const std::size_t end = std::min(categories.size(), i + 1 + random() % 3000);
    sum.merge(CategoryCounts::of({categories.begin() + static_cast<std::ptrdiff_t>(i),
                                  categories.begin() + static_cast<std::ptrdiff_t>(end)}));
    i = end;
  }
  EXPECT_EQ(sum, once);
}

TEST(CategoryCounts, ComeBackAsTheyWereEncoded) {
  for (const std::size_t n : {0u, 3u, 9000u}) {
    const CategoryCounts counts = CategoryCounts::of(many(n));
    std::string bytes;
    ByteWriter out(bytes);
    counts.encode(out);
    ByteReader in(bytes);
    EXPECT_EQ(CategoryCounts::decode(in), counts);
    EXPECT_TRUE(in.done());
  }
}

TEST(CategoryName, KeepsLongTextsApartAndWholeCharacters) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "日本";
  const std::string a = category_name(text + "a");
  const std::string b = category_name(text + "b");
  EXPECT_NE(a, b);
  EXPECT_LE(a.size(), kCategoryBytesMax);
  EXPECT_EQ(a.substr(0, 177), text.substr(0, 177));
  EXPECT_EQ(category_name("short"), "short");
}

}  // namespace
}  // namespace driftguard::sketch
