// SPDX-License-Identifier: Apache-2.0
#include "alert/reference_book.h"

#include <algorithm>

#include "alert/bucket_reader.h"
#include "alert/documents.h"
#include "core/hash.h"

namespace driftguard::alert {
namespace {

using alarm::References;

// Of a baseline's events: so many may have come or gone since it was built before its buckets are
// no longer taken for what it was built from.
constexpr double kChangedMax = 0.01;

// Whatever is promised, the rate's null must leave room on both sides.
constexpr double kRateMin = 1e-6;
constexpr double kRateMax = 0.999;

// Identity and references, as they lie in the store.
std::string pack(const std::string& identity, const References& references) {
  std::string bytes;
  ByteWriter(bytes).text(identity);
  return bytes + alarm::encode(references);
}

// Empty: of something else, or not to be read by this version; both are learnt anew.
std::optional<References> unpack(std::string_view bytes, const std::string& identity) {
  ByteReader in(bytes);
  if (in.text() != identity) return std::nullopt;
  Result<References> references = alarm::decode_references(bytes.substr(bytes.size() - in.left()));
  if (!references) return std::nullopt;
  return std::move(*references);
}

// One a version: whichever is active, what was learnt when it was built is there. A file's are the
// last one's.
std::string references_key(const baseline::Baseline& baseline, const std::string& service) {
  std::string key = document_key(kReferencesKind, service);
  const bool file = baseline.source == baseline::Source::kFile;
  ByteWriter(key).big_endian64(file ? 0 : static_cast<std::uint64_t>(baseline.version));
  return key;
}

std::vector<alarm::EndpointRollup> sums_of(const baseline::Baseline& baseline) {
  std::vector<alarm::EndpointRollup> sums;
  for (const auto& [endpoint, rollup] : baseline.endpoints)
    sums.push_back({endpoint, rollup.get()});
  return sums;
}

bool about_equal(std::uint64_t events, std::uint64_t samples) {
  const auto a = static_cast<double>(events);
  const auto b = static_cast<double>(samples);
  return std::abs(a - b) <= kChangedMax * b;
}

}  // namespace

alarm::Rules rules_of(const baseline::SloTargets& slo) {
  alarm::Rules rules;
  rules.failures_max = std::clamp(1.0 - slo.success_rate_min, kRateMin, kRateMax);
  rules.slow_ms = slo.latency_p95_max;
  return rules;
}

std::string identity_of(const baseline::Baseline* baseline, const baseline::SloTargets& slo) {
  std::string bytes;
  ByteWriter out(bytes);
  out.real(slo.success_rate_min);
  out.real(slo.latency_p95_max);
  if (baseline == nullptr) return fingerprint128(bytes);
  out.varint(static_cast<std::uint64_t>(baseline->version));
  out.zigzag(us_since_epoch(baseline->created_at));
  out.zigzag(us_since_epoch(baseline->range.from));
  out.zigzag(us_since_epoch(baseline->range.to));
  out.varint(baseline->samples());
  out.text(rollup::encode(*baseline->total));  // A pinned file may have been edited.
  return fingerprint128(bytes);
}

Result<LearntReferences> ReferenceBook::of(const std::string& service,
                                           const baseline::Baseline* baseline,
                                           const baseline::SloTargets& slo) {
  LearntReferences learnt{identity_of(baseline, slo), rules_of(slo), {}};
  if (baseline == nullptr) {
    learnt.references = std::make_shared<const References>(alarm::promises_only(learnt.rules));
    return learnt;
  }
  const std::string key = references_key(*baseline, service);
  Result<std::optional<std::string>> stored = store_.get_document(key);
  if (!stored) return stored.error();
  if (std::optional<References> kept; *stored && (kept = unpack(**stored, learnt.identity))) {
    learnt.references = std::make_shared<const References>(std::move(*kept));
    return learnt;
  }
  Result<References> references = learn(service, *baseline, learnt.rules);
  if (!references) return references.error();
  if (auto put = store_.put_document(key, pack(learnt.identity, *references)); !put) {
    return put.error();
  }
  learnt.references = std::make_shared<const References>(std::move(*references));
  return learnt;
}

Result<References> ReferenceBook::learn(const std::string& service,
                                        const baseline::Baseline& baseline,
                                        const alarm::Rules& rules) {
  alarm::Learner by_bucket(baseline.range, rules, baseline.names);
  std::uint64_t events = 0;
  const auto learn_bucket = [&](Time bucket, std::span<const alarm::EndpointRollup> endpoints) {
    for (const alarm::EndpointRollup& endpoint : endpoints) events += endpoint.rollup->events;
    by_bucket.add(bucket, endpoints);
  };
  for (const TimeRange& part : baseline.parts()) {
    if (auto read = read_buckets(store_, service, part, learn_bucket); !read) return read.error();
  }
  if (about_equal(events, baseline.samples())) return by_bucket.finish();
  alarm::Learner by_sums(baseline.range, rules, baseline.names);
  by_sums.add(baseline.range.from, sums_of(baseline));
  return by_sums.finish();
}

}  // namespace driftguard::alert
