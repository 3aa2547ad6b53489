// SPDX-License-Identifier: Apache-2.0
#include "alarm/detector.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <random>

#include "alarm/null_set.h"

namespace driftguard::alarm {
namespace {

using Counts = std::array<std::uint32_t, 2>;

// Half of the events lie below the one edge, give or take 5 points; drift is 70 % below, or above.
Mixture coin() {
  const NullSet null{Order::kOrdered, {0.45}, {0.55}};
  Mixture mixture(2);
  mixture.add({Alternative::kEdge, 0, 1.0, 1.0}, log_e_values(null, std::vector{0.7, 0.3}));
  mixture.add({Alternative::kEdge, 0, 3.0, 1.0}, log_e_values(null, std::vector{0.3, 0.7}));
  mixture.seal();
  return mixture;
}

TEST(Detector, FollowsShiryaevAndRoberts) {
  const Mixture mixture = coin();
  Detector detector(mixture);
  const double up = std::pow(0.7 / 0.55, 6) * std::pow(0.3 / 0.45, 4);
  const double down = std::pow(0.3 / 0.45, 6) * std::pow(0.7 / 0.55, 4);
  detector.fold(mixture, Counts{6, 4}, 1);
  EXPECT_NEAR(detector.evidence(mixture), 0.25 * up + 0.75 * down, 1e-12);
  detector.fold(mixture, Counts{6, 4}, 2);
  EXPECT_NEAR(detector.evidence(mixture), 0.25 * (up + 1) * up + 0.75 * (down + 1) * down, 1e-12);
}

TEST(Detector, NamesTheComponentAndTheStart) {
  const Mixture mixture = coin();
  Detector detector(mixture);
  for (int bucket = 0; bucket < 20; ++bucket) detector.fold(mixture, Counts{5, 5}, bucket);
  for (int bucket = 20; bucket < 40; ++bucket) detector.fold(mixture, Counts{1, 9}, bucket);
  EXPECT_EQ(detector.leading(mixture), 1u);
  EXPECT_EQ(detector.started(1), 20);
}

// The promise itself, at the worst member of the null set and a threshold that can be reached:
// mean time to a false alarm at least A, P(one within T) at most T / A.
TEST(Detector, KeepsItsPromiseAtTheWorstOfTheNull) {
  constexpr double kThreshold = 200;
  constexpr int kRuns = 2000;
  constexpr int kHorizon = 20;
  const Mixture mixture = coin();
  std::mt19937_64 random(1);
  std::binomial_distribution<std::uint32_t> below(10, 0.55);
  double total = 0;
  int early = 0;
  for (int run = 0; run < kRuns; ++run) {
    Detector detector(mixture);
    int t = 0;
    while (detector.evidence(mixture) < kThreshold) {
      const std::uint32_t x = below(random);
      detector.fold(mixture, Counts{x, 10 - x}, t++);
    }
    total += t;
    early += t <= kHorizon;
  }
  EXPECT_GE(total / kRuns, kThreshold);
  // T / A = 0.1; four standard errors of slack.
  EXPECT_LE(static_cast<double>(early) / kRuns, kHorizon / kThreshold + 4 * 0.0067);
}

TEST(Detector, FindsADriftWithinAFewBuckets) {
  const Mixture mixture = coin();
  Detector detector(mixture);
  int t = 0;
  while (detector.evidence(mixture) < 1e8 && t < 100) detector.fold(mixture, Counts{70, 30}, t++);
  EXPECT_LE(t, 10);
}

TEST(Detector, AnExponentTempersEvidence) {
  const NullSet null{Order::kOrdered, {0.45}, {0.55}};
  Mixture tempered(2);
  tempered.add({Alternative::kEdge, 0, 1.0, 0.5}, log_e_values(null, std::vector{0.7, 0.3}));
  tempered.seal();
  Detector detector(tempered);
  detector.fold(tempered, Counts{2, 0}, 1);
  EXPECT_NEAR(detector.evidence(tempered), 0.7 / 0.55, 1e-12);
}

TEST(Detector, WithoutAnAlternativeThereIsNoEvidence) {
  Mixture mixture(2);
  mixture.seal();
  Detector detector(mixture);
  detector.fold(mixture, Counts{7, 0}, 1);
  EXPECT_EQ(detector.evidence(mixture), 0.0);
}

TEST(Detector, CappedEvidenceCanComeDownAgain) {
  const Mixture mixture = coin();
  Detector detector(mixture);
  for (int t = 0; t < 5000; ++t) detector.fold(mixture, Counts{90, 10}, t);
  EXPECT_TRUE(std::isfinite(detector.evidence(mixture)));
  detector.cap(mixture, 1000);
  EXPECT_LE(detector.evidence(mixture), 2000);
  for (int t = 0; t < 20; ++t) detector.fold(mixture, Counts{50, 50}, 5000 + t);
  EXPECT_LT(detector.evidence(mixture), 1);
}

TEST(Detector, ComesBackAsItWasEncoded) {
  const Mixture mixture = coin();
  Detector detector(mixture);
  for (int t = 0; t < 50; ++t) detector.fold(mixture, Counts{6, 4}, t);
  std::string bytes;
  ByteWriter out(bytes);
  detector.encode(out);
  ByteReader in(bytes);
  EXPECT_EQ(Detector::decode(in), detector);
  EXPECT_TRUE(in.done());
}

TEST(Detector, EvidenceThatIsNoNumberIsRefused) {
  std::string bytes;
  ByteWriter out(bytes);
  out.varint(1);
  out.real(std::nan(""));
  out.real(0);
  out.zigzag(0);
  ByteReader in(bytes);
  Detector::decode(in);
  EXPECT_FALSE(in.ok());
}

}  // namespace
}  // namespace driftguard::alarm
