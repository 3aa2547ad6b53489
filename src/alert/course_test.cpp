// SPDX-License-Identifier: Apache-2.0
#include "alert/course.h"

#include <gtest/gtest.h>

#include <cmath>

namespace driftguard::alert {
namespace {

TEST(Course, GivesBackWhatItGotToWithinEightPercent) {
  Course course;
  for (int i = 0; i < 100; ++i) course.add(1000 + i, std::pow(10.0, -5 + i * 0.1));
  const auto values = course.until(1099);
  ASSERT_EQ(values.size(), 360u);
  EXPECT_FALSE(values[259]) << "before the first";
  for (int i = 0; i < 100; ++i) {
    const double want = std::pow(10.0, -5 + i * 0.1);
    EXPECT_NEAR(*values[static_cast<std::size_t>(260 + i)] / want, 1.0, 0.08);
  }
}

TEST(Course, MinutesLeftOutAreEmptyAndOldOnesForgotten) {
  Course course;
  course.add(10, 1.0);
  course.add(13, 1.0);
  auto values = course.until(13);
  EXPECT_TRUE(values[356] && values[359]);
  EXPECT_FALSE(values[357] || values[358]);
  course.add(13 + 359, 1.0);
  values = course.until(13 + 359);
  EXPECT_TRUE(values[0] && values[359]);
  for (std::size_t i = 1; i < 359; ++i) EXPECT_FALSE(values[i]);
  course.add(5000, 1.0);
  EXPECT_FALSE(course.until(5000)[358]);
}

TEST(Course, ReadsBackFromItsBytes) {
  Course course;
  for (int i = 0; i < 500; i += 3) course.add(i, i * 0.01);
  std::string bytes;
  ByteWriter out(bytes);
  course.encode(out);
  ByteReader in(bytes);
  EXPECT_EQ(Course::decode(in).until(499), course.until(499));
  EXPECT_TRUE(in.done());
  ByteReader cut(std::string_view(bytes).substr(0, 100));
  Course::decode(cut);
  EXPECT_FALSE(cut.ok());
}

}  // namespace
}  // namespace driftguard::alert
