// SPDX-License-Identifier: Apache-2.0
#include "alarm/reference.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>

#include "alarm/alternatives.h"
#include "alarm/excursions.h"
#include "alarm/lists.h"
#include "core/hash.h"
#include "core/sealed.h"
#include "stats/proportion.h"

namespace driftguard::alarm {
namespace {

// A component whose evidence grows by less an event, even under its own alternative, is left out:
// its alternative lies (almost) inside the null set.
constexpr double kGrowthMin = 1e-6;
constexpr std::uint8_t kVersion = 2;
constexpr std::string_view kWhat = "a stored alarm reference";
// Added to every cell before shares are taken (Jeffreys), so that none is zero.
constexpr double kPrior = 0.5;
// An edge with fewer baseline values beyond it says too little of its own overdispersion.
constexpr double kTailValuesMin = 1000;

double unit(double share) { return 2.0 * std::sqrt(std::max(share * (1.0 - share), 0.0)); }

// Which cells a limit is about: all up to an edge, or one.
struct Limited {
  std::vector<Indicator> indicators;
  bool overdispersed = false;             // Significantly, at one of them at least.
  std::vector<stats::Interval> sampling;  // Of the true shares, before any tolerance.
  std::vector<double> tolerances;         // In units of 2 sqrt(F (1 - F)).
};

std::vector<double> shares_of(std::span<const std::uint64_t> totals) {
  double sum = 0.0;
  for (const std::uint64_t n : totals) sum += static_cast<double>(n) + kPrior;
  std::vector<double> shares;
  for (const std::uint64_t n : totals) {
    shares.push_back((static_cast<double>(n) + kPrior) / sum);
  }
  return shares;
}

std::size_t limits_of(const Layout& layout) {
  const bool ordered = layout.subject == Subject::kNumbers || layout.subject == Subject::kLatency;
  return ordered ? layout.cells() - 1 : layout.cells();
}

// Clusters in a tail are rarely seen and yet come: an edge with few values beyond it is taken to be
// as overdispersed as the next one towards the middle.
void borrow_dispersion(double n, std::vector<Indicator>* edges) {
  const auto is_sparse = [&](const Indicator& edge) {
    return std::min(edge.share, 1.0 - edge.share) * n < kTailValuesMin;
  };
  const std::size_t middle = edges->size() / 2;
  for (std::size_t k = middle; k-- > 0;) {
    Indicator& edge = (*edges)[k];
    if (is_sparse(edge)) edge.dispersion = std::max(edge.dispersion, (*edges)[k + 1].dispersion);
  }
  for (std::size_t k = middle + 1; k < edges->size(); ++k) {
    Indicator& edge = (*edges)[k];
    if (is_sparse(edge)) edge.dispersion = std::max(edge.dispersion, (*edges)[k - 1].dispersion);
  }
}

Limited limit(const Reference& reference, const History& history, double missed_max) {
  const bool ordered = reference.null.order == Order::kOrdered;
  const std::vector<std::uint64_t> totals = history.totals();
  const auto n = static_cast<double>(std::accumulate(totals.begin(), totals.end(), 0ull));
  const std::size_t count = limits_of(reference.layout);
  const double tail = missed_max / (2.0 * static_cast<double>(count));
  Limited limited;
  std::uint64_t cumulative = 0;
  for (std::size_t k = 0; k < count; ++k) {
    cumulative = ordered ? cumulative + totals[k] : totals[k];
    std::vector<double> score(history.cells(), 0.0);
    const std::size_t first = ordered ? 0 : k;
    std::fill(score.begin() + static_cast<std::ptrdiff_t>(first),
              score.begin() + static_cast<std::ptrdiff_t>(k) + 1, 1.0);
    const Dispersion found = dispersion(history, score, reference.shares);
    limited.overdispersed = limited.overdispersed || found.significant;
    limited.indicators.push_back({first, k, static_cast<double>(cumulative) / n, found.ratio});
  }
  if (ordered) borrow_dispersion(n, &limited.indicators);
  for (Indicator& indicator : limited.indicators) {
    if (!limited.overdispersed) indicator.dispersion = 1.0;  // None of it was significant.
    const double worth = n / indicator.dispersion;
    limited.sampling.push_back(
        stats::clopper_pearson_interval(indicator.share * worth, worth, tail));
  }
  return limited;
}

double tolerance_floor(Subject subject, const Rules& rules) {
  switch (subject) {
    case Subject::kNumbers:
    case Subject::kLatency:
      return rules.tail_tolerance_min;
    case Subject::kCategories:
      return rules.category_tolerance_min;
    case Subject::kMissing:
      return rules.missing_tolerance_min;
    case Subject::kMistyped:
      return rules.mistyped_tolerance_min;
    case Subject::kJoint:
      return rules.joint_tolerance_min;
    case Subject::kFailures:
    case Subject::kSlow:
      return 0.0;
  }
  return 0.0;
}

void learn_tolerances(const History& history, const Rules& rules, Limited* limited,
                      Reference* reference) {
  reference->tolerance_learnt = blocks(history, rules.block_buckets) >= rules.blocks_min;
  // A rate's tolerance has its own floor: sqrt(F) of a rare fault is large beside it.
  double least = is_rate(reference->layout.subject) ? 0.0 : rules.tolerance_min;
  if (!reference->tolerance_learnt) least = std::max(least, rules.tolerance_unlearnt);
  if (is_rate(reference->layout.subject) && !reference->tolerance_learnt) least = 0.0;
  std::vector<double> learnt;
  for (const Indicator& indicator : limited->indicators) {
    const double wobble = wobble_limit(history, indicator, rules.block_buckets);
    learnt.push_back(wobble > 0.0
                         ? std::max(least, rules.wobble_factor * wobble / unit(indicator.share))
                         : least);
  }
  const bool ordered = reference->null.order == Order::kOrdered;
  for (std::size_t k = 0; k < learnt.size(); ++k) {
    // Neighbouring edges wobble together: an estimate that is too low is helped by theirs.
    const std::size_t first = ordered && k > 0 ? k - 1 : k;
    const std::size_t last = ordered && k + 1 < learnt.size() ? k + 1 : k;
    limited->tolerances.push_back(
        *std::max_element(learnt.begin() + static_cast<std::ptrdiff_t>(first),
                          learnt.begin() + static_cast<std::ptrdiff_t>(last) + 1));
  }
  reference->tolerance = *std::max_element(learnt.begin(), learnt.end());
}

void widen(const Limited& limited, double floor, Reference* reference) {
  NullSet& null = reference->null;
  for (std::size_t k = 0; k < limited.sampling.size(); ++k) {
    const auto [low, high] = limited.sampling[k];
    const double tolerated =
        std::max(floor, limited.tolerances[k] * unit(limited.indicators[k].share));
    null.low.push_back(std::max(0.0, low - tolerated));
    null.high.push_back(std::min(1.0, high + tolerated));
  }
  if (is_rate(reference->layout.subject)) {  // Fewer bad events are welcome.
    null.low[0] = 0.0;
    null.high[1] = 1.0;
    null.low[1] = 1.0 - null.high[0];
  }
  if (null.order == Order::kOrdered) make_ascending(&null);
}

std::vector<Drift> drifts_of(const Reference& reference) {
  if (is_rate(reference.layout.subject)) return rate_drifts(reference.null);
  return reference.null.order == Order::kOrdered
             ? ordered_drifts(reference.shares, reference.null)
             : unordered_drifts(reference.shares, reference.null);
}

// The growth of evidence an event brings, under the drift itself.
double growth(std::span<const double> p, std::span<const double> log_e) {
  return std::inner_product(p.begin(), p.end(), log_e.begin(), 0.0);
}

struct Candidate {
  Component component;
  std::vector<double> log_e;
};

// The components worth having, untempered.
std::vector<Candidate> candidates_of(const Reference& reference) {
  std::vector<Candidate> candidates;
  for (const Drift& drift : drifts_of(reference)) {
    std::vector<double> log_e = log_e_values(reference.null, drift.shares);
    if (growth(drift.shares, log_e) < kGrowthMin) continue;
    candidates.push_back({drift.component, std::move(log_e)});
  }
  return candidates;
}

Mixture mixture_of(std::span<const Candidate> candidates, std::size_t cells) {
  Mixture mixture(cells);
  for (const Candidate& candidate : candidates) mixture.add(candidate.component, candidate.log_e);
  mixture.seal();
  return mixture;
}

// A component about one edge or cell is as overdispersed as that indicator; others are measured.
Dispersion overdispersion(const Candidate& candidate, const Limited& limited,
                          const History& history, std::span<const double> shares) {
  const Component& component = candidate.component;
  const bool is_indicator =
      component.alternative == Alternative::kEdge || component.alternative == Alternative::kCell;
  if (is_indicator && !limited.indicators.empty()) {
    return {limited.indicators[component.place].dispersion, limited.overdispersed};
  }
  if (history.size() == 0) return {};
  Dispersion found = dispersion(history, candidate.log_e, shares);
  if (!limited.overdispersed) return found;
  // Nor is a mixture of edges less so than the least of them.
  const auto least = std::min_element(
      limited.indicators.begin(), limited.indicators.end(),
      [](const Indicator& a, const Indicator& b) { return a.dispersion < b.dispersion; });
  return {std::max(found.ratio, least->dispersion), true};
}

// How the evidence of each component runs over the baseline: the factors, at most 1, by which to
// temper them so that large excursions become rarer as fast as those of an e-value do.
std::vector<double> tempering(const Mixture& mixture, const History& history) {
  std::vector<Excursions> excursions(mixture.components().size());
  std::vector<double> log_e(mixture.components().size());
  for (std::size_t i = 0; i < history.size(); ++i) {
    mixture.score(history.counts(i), log_e);
    for (std::size_t c = 0; c < log_e.size(); ++c) excursions[c].add(log_e[c]);
  }
  std::vector<double> factors;
  for (Excursions& excursion : excursions) factors.push_back(excursion.rate());
  return factors;
}

void temper(const Mixture& untempered, const History& history, std::span<Candidate> candidates) {
  const std::vector<double> factors = tempering(untempered, history);
  for (std::size_t c = 0; c < candidates.size(); ++c) candidates[c].component.eta *= factors[c];
}

void make_mixture(const Limited& limited, const History& history, Reference* reference) {
  std::vector<Candidate> candidates = candidates_of(*reference);
  bool overdispersed = limited.overdispersed;
  for (Candidate& candidate : candidates) {
    const Dispersion found = overdispersion(candidate, limited, history, reference->shares);
    overdispersed = overdispersed || found.significant;
    if (found.significant || limited.overdispersed) candidate.component.eta = 1.0 / found.ratio;
  }
  const std::size_t cells = reference->layout.cells();
  // Independent events need no tempering, and estimates of it would only cost speed.
  if (overdispersed) temper(mixture_of(candidates, cells), history, candidates);
  for (const Candidate& candidate : candidates) {
    reference->overdispersion = std::max(reference->overdispersion, 1.0 / candidate.component.eta);
  }
  reference->mixture = mixture_of(candidates, cells);
}

bool alarms_on_itself(const Reference& reference, const History& history, const Rules& rules) {
  Detector detector(reference.mixture);
  for (std::size_t i = 0; i < history.size(); ++i) {
    detector.fold(reference.mixture, history.counts(i), history.bucket(i));
    if (detector.evidence(reference.mixture) >= reference.threshold(rules)) return true;
  }
  return false;
}

Admission admit(const Reference& reference, const History& history, const Rules& rules) {
  if (reference.values < rules.baseline_values_min) return Admission::kTooFewValues;
  if (reference.tolerance > rules.tolerance_max) return Admission::kUnsteady;
  if (alarms_on_itself(reference, history, rules)) return Admission::kDrifts;
  return Admission::kAdmitted;
}

void encode_one(const Reference& reference, ByteWriter& out) {
  out.text(reference.name);
  reference.layout.encode(out);
  out.real(reference.budget);
  out.varint(reference.values);
  encode_reals(reference.shares, out);
  out.u8(reference.null.order == Order::kOrdered ? 1 : 0);
  encode_reals(reference.null.low, out);
  encode_reals(reference.null.high, out);
  out.real(reference.tolerance);
  out.u8(reference.tolerance_learnt ? 1 : 0);
  out.real(reference.overdispersion);
  out.u8(static_cast<std::uint8_t>(reference.admission));
  std::vector<double> etas;
  for (const Component& component : reference.mixture.components()) etas.push_back(component.eta);
  encode_reals(etas, out);
}

// Whether its lists are as long as the layout's cells want them; then components can be made.
bool is_sound(const Reference& reference) {
  if (reference.null.low.empty()) return true;  // Too few values: nothing was learnt.
  const std::size_t cells = reference.layout.cells();
  const bool shares = reference.shares.empty() ? is_rate(reference.layout.subject)
                                               : reference.shares.size() == cells;
  return shares && reference.null.cells() == cells &&
         reference.null.low.size() == reference.null.high.size();
}

Reference decode_one(ByteReader& in) {
  Reference reference;
  reference.name = in.text();
  reference.layout = Layout::decode(in);
  reference.budget = in.real();
  reference.values = in.varint();
  reference.shares = decode_reals(in);
  reference.null.order = in.u8() == 1 ? Order::kOrdered : Order::kUnordered;
  reference.null.low = decode_reals(in);
  reference.null.high = decode_reals(in);
  reference.tolerance = in.real();
  reference.tolerance_learnt = in.u8() == 1;
  reference.overdispersion = in.real();
  const std::uint8_t admission = in.u8();
  reference.admission = static_cast<Admission>(admission);
  const std::vector<double> etas = decode_reals(in);
  if (!in.ok() || admission > static_cast<std::uint8_t>(Admission::kDrifts) ||
      !is_sound(reference)) {
    return in.fail(), Reference();
  }
  if (reference.null.low.empty()) return reference;
  std::vector<Candidate> candidates = candidates_of(reference);
  if (candidates.size() != etas.size()) return in.fail(), Reference();
  for (std::size_t c = 0; c < etas.size(); ++c) candidates[c].component.eta = etas[c];
  reference.mixture = mixture_of(candidates, reference.layout.cells());
  return reference;
}

}  // namespace

std::uint64_t Reference::fingerprint() const {
  std::string bytes;
  ByteWriter out(bytes);
  out.text(name);
  out.u8(static_cast<std::uint8_t>(layout.subject));
  out.text(layout.pointer);
  for (const double edge : layout.edges) out.real(edge);
  for (const std::string& category : layout.names) out.text(category);
  for (const Halves& halves : layout.pair) encode_halves(halves, out);
  for (const double limit : null.low) out.real(limit);
  for (const double limit : null.high) out.real(limit);
  out.varint(mixture.components().size());
  return hash64(bytes);
}

Reference learn(WatchSpec spec, const History& history, const Rules& rules) {
  Reference reference;
  reference.name = std::move(spec.name);
  reference.layout = std::move(spec.layout);
  reference.budget = spec.budget;
  const std::vector<std::uint64_t> totals = history.totals();
  reference.values = std::accumulate(totals.begin(), totals.end(), std::uint64_t{0});
  if (reference.values < rules.baseline_values_min) return reference;
  reference.shares = shares_of(totals);
  const bool ordered = limits_of(reference.layout) < reference.layout.cells();
  reference.null.order = ordered ? Order::kOrdered : Order::kUnordered;
  Limited limited = limit(reference, history, rules.limits_missed_max * spec.budget);
  learn_tolerances(history, rules, &limited, &reference);
  widen(limited, tolerance_floor(reference.layout.subject, rules), &reference);
  make_mixture(limited, history, &reference);
  reference.admission = admit(reference, history, rules);
  return reference;
}

Reference promise(WatchSpec spec, double bad_share_max, const History& history,
                  const Rules& /*rules*/) {
  assert(bad_share_max > 0.0 && bad_share_max < 1.0);
  Reference reference;
  reference.name = std::move(spec.name);
  reference.layout = std::move(spec.layout);
  reference.budget = spec.budget;
  reference.null = {Order::kUnordered, {0.0, 1.0 - bad_share_max}, {bad_share_max, 1.0}};
  const std::vector<std::uint64_t> totals = history.totals();
  reference.values = std::accumulate(totals.begin(), totals.end(), std::uint64_t{0});
  if (reference.values > 0) reference.shares = shares_of(totals);
  reference.admission = Admission::kAdmitted;
  make_mixture({}, history, &reference);
  return reference;
}

std::string encode(std::span<const Reference> references) {
  std::string bytes;
  ByteWriter out(bytes);
  out.u8(kVersion);
  out.varint(references.size());
  for (const Reference& reference : references) encode_one(reference, out);
  return seal(std::move(bytes));
}

Result<std::vector<Reference>> decode_references(std::string_view bytes) {
  const Result<std::string_view> body = unseal(bytes, kVersion, kWhat);
  if (!body) return body.error();
  ByteReader in(*body);
  std::vector<Reference> references;
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    references.push_back(decode_one(in));
  }
  if (!in.done()) {
    return Error{ErrorCode::kCorrupt, fmt::format("{} does not read back: it is malformed", kWhat)};
  }
  return references;
}

}  // namespace driftguard::alarm
