// SPDX-License-Identifier: Apache-2.0
#include "alarm/detector.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

namespace driftguard::alarm {
namespace {

// Far above any threshold, far below overflow.
constexpr double kEvidenceMax = 1e250;
// Below this a log e-value is zero for our purposes; spares an exp().
constexpr double kNothing = -40.0;

}  // namespace

void Mixture::add(const Component& component, std::span<const double> log_e) {
  assert(log_e.size() == cells_);
  assert(component.eta > 0.0 && component.eta <= 1.0);
  assert(components_.size() < Detector::kComponentsMax);
  components_.push_back(component);
  added_.emplace_back(log_e.begin(), log_e.end());
  for (double& value : added_.back()) value *= component.eta;
}

void Mixture::seal() {
  double sum = 0.0;
  for (const Component& component : components_) sum += component.weight;
  for (Component& component : components_) component.weight /= sum;
  by_cell_.resize(cells_ * components_.size());
  for (std::size_t c = 0; c < components_.size(); ++c) {
    for (std::size_t j = 0; j < cells_; ++j) by_cell_[j * components_.size() + c] = added_[c][j];
  }
  added_.clear();
}

void Mixture::score(std::span<const std::uint32_t> counts, std::span<double> out) const {
  assert(counts.size() == cells_ && out.size() == components_.size());
  std::fill(out.begin(), out.end(), 0.0);
  if (out.empty()) return;
  for (std::size_t j = 0; j < cells_; ++j) {
    if (counts[j] == 0) continue;
    const double n = counts[j];
    const double* row = &by_cell_[j * components_.size()];
    for (std::size_t c = 0; c < out.size(); ++c) out[c] += n * row[c];
  }
}

void Detector::fold(const Mixture& mixture, std::span<const std::uint32_t> counts,
                    std::int64_t bucket) {
  assert(lanes_.size() == mixture.components().size());
  std::array<double, kComponentsMax> buffer;
  const std::span<double> log_e = std::span(buffer).first(lanes_.size());
  mixture.score(counts, log_e);
  for (std::size_t c = 0; c < lanes_.size(); ++c) {
    Lane& lane = lanes_[c];
    const double e = log_e[c] < kNothing ? 0.0 : std::exp(std::min(log_e[c], 500.0));
    lane.m = std::min((lane.m + 1.0) * e, kEvidenceMax);
    if (lane.cusum <= 0.0) lane.started = bucket;
    lane.cusum = std::max(0.0, lane.cusum + log_e[c]);
  }
}

double Detector::evidence(const Mixture& mixture) const {
  double sum = 0.0;
  for (std::size_t c = 0; c < lanes_.size(); ++c) {
    sum += mixture.components()[c].weight * lanes_[c].m;
  }
  return sum;
}

std::size_t Detector::leading(const Mixture& mixture) const {
  assert(!lanes_.empty());
  std::size_t best = 0;
  double most = -1.0;
  for (std::size_t c = 0; c < lanes_.size(); ++c) {
    const double share = mixture.components()[c].weight * lanes_[c].m;
    if (share > most) most = share, best = c;
  }
  return best;
}

void Detector::cap(const Mixture& mixture, double most) {
  for (std::size_t c = 0; c < lanes_.size(); ++c) {
    lanes_[c].m = std::min(lanes_[c].m, most / mixture.components()[c].weight);
  }
}

void Detector::encode(ByteWriter& out) const {
  out.varint(lanes_.size());
  for (const Lane& lane : lanes_) {
    out.real(lane.m);
    out.real(lane.cusum);
    out.zigzag(lane.started);
  }
}

Detector Detector::decode(ByteReader& in) {
  Detector detector;
  const std::uint64_t size = in.varint();
  for (std::uint64_t c = 0; c < size && in.ok(); ++c) {
    const double m = in.real();
    const double cusum = in.real();
    detector.lanes_.push_back({m, cusum, in.zigzag()});
    if (!(m >= 0.0 && m <= kEvidenceMax && cusum >= 0.0 && std::isfinite(cusum)) ||
        size > kComponentsMax) {
      in = ByteReader({});
      in.u8();
    }
  }
  return detector;
}

}  // namespace driftguard::alarm
