// SPDX-License-Identifier: Apache-2.0
// The e-detector: evidence that may be looked at any time.
//
// A Shiryaev-Roberts mixture (Shin, Ramdas and Rinaldo 2024, "E-detectors"): for each component c,
// with E_c the e-value of a bucket under the null set (alarm/null_set.h),
//   M_c <- (M_c + 1) E_c,   M = sum_c w_c M_c,   sum_c w_c <= 1.
// M - (buckets so far) is a supermartingale from 0 under the null, so for the first time that
// M >= A: mean time to a false alarm >= A buckets, and P(false alarm within T buckets) <= T / A,
// under any polling. The mean of several detectors' M is such a process again, whatever the
// dependence between them; hence one budget for a whole service.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/bytes.h"

namespace driftguard::alarm {

// What a component is alert to; the report says it in words.
enum class Alternative : std::uint8_t { kLocation, kScale, kEdge, kCell };

struct Component {
  Alternative alternative = Alternative::kEdge;
  std::uint16_t place = 0;  // The edge or cell, where it is about one.
  double weight = 0;        // Weights of a mixture add up to at most 1.
  double eta = 1;           // Its e-value is raised to this power, in (0, 1]: still an e-value.
};

// Components side by side. Immutable in use; safe to read from many threads.
class Mixture final {
 public:
  Mixture() = default;
  explicit Mixture(std::size_t cells) : cells_(cells) {}

  // `log_e` has one number a cell, from log_e_values(); multiplied by eta here.
  void add(const Component& component, std::span<const double> log_e);
  // To be called once after the last add(); lays the numbers out for speed and makes the weights'
  // sum 1.
  void seal();

  std::size_t cells() const { return cells_; }
  std::span<const Component> components() const { return components_; }
  // The components' log e-values of a bucket with these counts; `out` has one entry a component.
  void score(std::span<const std::uint32_t> counts, std::span<double> out) const;

 private:
  std::size_t cells_ = 0;
  std::vector<Component> components_;
  std::vector<std::vector<double>> added_;  // Until sealed.
  std::vector<double> by_cell_;             // cells_ rows of one number a component.
};

// The evolving half: three numbers a component. Not thread-safe.
class Detector final {
 public:
  // Components at most; bounds what is stored of a detector.
  static constexpr std::size_t kComponentsMax = 1'000;

  Detector() = default;
  explicit Detector(const Mixture& mixture) : lanes_(mixture.components().size()) {}

  // Multiplies a bucket in; `bucket` is its number. Buckets without events are left out by the
  // caller: they carry no evidence, and do not count as time.
  void fold(const Mixture& mixture, std::span<const std::uint32_t> counts, std::int64_t bucket);

  // M: by chance this large once in M buckets at most.
  double evidence(const Mixture& mixture) const;
  // The component that carries most of it. Needs at least one component.
  std::size_t leading(const Mixture& mixture) const;
  // The bucket where a component's evidence last began to grow (Page's CUSUM last left zero): the
  // maximum-likelihood estimate of the change.
  std::int64_t started(std::size_t component) const { return lanes_[component].started; }
  std::size_t components() const { return lanes_.size(); }
  // Keeps each component's share of M at `most` at most, so that it can come down again.
  void cap(const Mixture& mixture, double most);

  void encode(ByteWriter& out) const;
  static Detector decode(ByteReader& in);  // Malformed bytes turn `in` not ok.

  friend bool operator==(const Detector&, const Detector&) = default;

 private:
  struct Lane {
    double m = 0;      // Shiryaev-Roberts.
    double cusum = 0;  // max(0, cusum + log E).
    std::int64_t started = 0;
    friend bool operator==(const Lane&, const Lane&) = default;
  };
  std::vector<Lane> lanes_;
};

}  // namespace driftguard::alarm
