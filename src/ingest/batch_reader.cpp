// SPDX-License-Identifier: Apache-2.0
#include "ingest/batch_reader.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <map>
#include <set>
#include <utility>

#include "ingest/event_fields.h"
#include "ingest/event_slices.h"
#include "ingest/json_error.h"
#include "ingest/observer.h"
#include "ingest/redact.h"
#include "rollup/bucket.h"

namespace driftguard::ingest {
namespace {

// A batch of at least this many events brings its deltas encoded.
constexpr std::size_t kEncodedEventsMin = 64;

// Turns lines into an array in place of the line ends; gives how many lines held something.
std::size_t lines_to_array(std::string& body) {
  std::size_t lines = 0;
  std::size_t last_end = std::string::npos;
  body.insert(body.begin(), '[');
  for (std::size_t begin = 1; begin < body.size();) {
    const std::size_t end = std::min(body.find('\n', begin), body.size());
    const bool blank = body.find_first_not_of(" \t\r", begin) >= end;
    if (end < body.size()) body[end] = ' ';
    if (!blank) {
      if (last_end != std::string::npos) body[last_end] = ',';
      ++lines;
      last_end = end;
    }
    begin = end + 1;
  }
  body.push_back(']');
  return lines;
}

std::string_view keep(std::pmr::memory_resource& arena, std::string_view text) {
  if (text.empty()) return {};
  auto* copy = static_cast<char*>(arena.allocate(text.size(), 1));
  std::memcpy(copy, text.data(), text.size());
  return {copy, text.size()};
}

}  // namespace

// The folds of one batch: one per bucket that it touches.
class BucketFolds final {
 public:
  struct Entry {
    std::string_view service;
    std::string_view endpoint;
    Time bucket;
    Observer* observer;
    rollup::BucketFold fold;
  };

  Entry& entry(Observer* observer, const EventFields& fields) {
    const Time bucket = rollup::bucket_of(fields.ts);
    if (last_ < used_ && matches(entries_[last_], fields, bucket)) return entries_[last_];
    const auto [at, is_new] =
        index_.try_emplace(std::tuple(fields.service, fields.endpoint, bucket), used_);
    last_ = at->second;
    if (is_new) {
      if (used_ == entries_.size()) entries_.emplace_back();
      Entry& entry = entries_[used_++];
      entry.service = fields.service;
      entry.endpoint = fields.endpoint;
      entry.bucket = bucket;
      entry.observer = observer;
    }
    return entries_[last_];
  }

  std::vector<BucketDelta> take() {
    std::vector<BucketDelta> deltas;
    deltas.reserve(used_);
    for (std::size_t i = 0; i < used_; ++i) {
      Entry& entry = entries_[i];
      deltas.push_back(
          {{std::string(entry.service), std::string(entry.endpoint), entry.bucket},
           std::make_shared<const rollup::Rollup>(entry.fold.take(entry.observer->pointers())),
           {}});
    }
    clear();
    return deltas;
  }

  // Forgets what was folded; keeps a few entries for their buffers.
  void clear() {
    constexpr std::size_t kKept = 4;
    index_.clear();
    if (used_ > 0 && entries_.size() > kKept) entries_.resize(kKept);
    used_ = last_ = 0;
  }
  void discard() {
    entries_.clear();
    clear();
  }

 private:
  static bool matches(const Entry& entry, const EventFields& fields, Time bucket) {
    return entry.bucket == bucket && entry.endpoint == fields.endpoint &&
           entry.service == fields.service;
  }

  std::vector<Entry> entries_;
  std::size_t used_ = 0;
  std::size_t last_ = 0;
  std::map<std::tuple<std::string_view, std::string_view, Time>, std::size_t> index_;
};

struct BatchReader::Buffers {
  explicit Buffers(const FeatureRules& feature_rules)
      : rules(feature_rules), redacts(feature_rules.redacts()) {}

  Observer& observer(std::string_view service) {
    if (last != nullptr && last_service == service) return *last;
    auto at = observers.find(service);
    if (at == observers.end()) {
      at = observers.emplace(std::string(service), Observer(std::string(service), rules)).first;
    }
    last_service = at->first;
    last = &at->second;
    return *last;
  }

  void begin_batch() {
    constexpr std::size_t kObserversMax = 2000;
    last = nullptr;
    if (observers.size() > kObserversMax) observers.clear();
    for (auto& [service, observer] : observers) observer.begin_batch();
  }

  const FeatureRules& rules;
  const bool redacts;
  simdjson::dom::parser parser;
  std::vector<std::string_view> slices;
  std::map<std::string, Observer, std::less<>> observers;
  std::string_view last_service;
  Observer* last = nullptr;
  BucketFolds folds;
};

// One call of read().
class BatchReader::Reading final {
 public:
  Reading(Buffers& buffers, const ReadOptions& options) : buffers_(buffers), options_(options) {}

  Result<Batch> read(std::string body) {
    batch_.body = std::move(body);
    buffers_.begin_batch();
    Result<simdjson::dom::array> events = parse();
    if (!events) return events.error();
    slice_events(buffers_.parser, batch_.body, buffers_.slices);
    batch_.rows.reserve(buffers_.slices.size());
    std::size_t index = 0;
    std::size_t slice = 0;
    for (const simdjson::dom::element event : *events) {
      const bool is_object = event.is_object();
      Result<void> taken =
          is_object ? take(event, index, buffers_.slices[slice++]) : refuse(event, index);
      if (!taken) {
        buffers_.folds.discard();
        return taken.error();
      }
      ++index;
    }
    finish();
    return std::move(batch_);
  }

 private:
  Result<simdjson::dom::array> parse() {
    std::size_t lines = 0;
    if (options_.format == BodyFormat::kLines) lines = lines_to_array(batch_.body);
    batch_.body.reserve(batch_.body.size() + simdjson::SIMDJSON_PADDING);
    simdjson::dom::element root;
    const auto error =
        buffers_.parser.parse(batch_.body.data(), batch_.body.size(), false).get(root);
    if (error != simdjson::SUCCESS) {
      return Error{ErrorCode::kInvalidArgument, describe_json_error(batch_.body, error)};
    }
    simdjson::dom::array events;
    if (root.get(events) != simdjson::SUCCESS) {
      return Error{ErrorCode::kInvalidArgument, "the body is JSON, but not an array of events"};
    }
    std::size_t size = 0;  // Not array.size(), which stops counting at 2^24.
    for ([[maybe_unused]] const simdjson::dom::element event : events) ++size;
    if (options_.format == BodyFormat::kLines && size != lines) {
      return Error{
          ErrorCode::kInvalidArgument,
          fmt::format("{} lines hold {} JSON values; each line must hold one event", lines, size)};
    }
    if (size > options_.events_max) {
      return Error{ErrorCode::kTooLarge, fmt::format("{} events in one batch; at most {} are taken",
                                                     size, options_.events_max)};
    }
    return events;
  }

  Result<void> refuse(const simdjson::dom::element& event, std::size_t index) {
    if (const auto key = find_duplicate_key(event); !key.empty()) return duplicate(key, index);
    report(index, "", "not an object: an event is a JSON object");
    ++batch_.rejected;
    return {};
  }

  Result<void> take(const simdjson::dom::object& event, std::size_t index, std::string_view text) {
    EventFields fields;
    const bool whole = read_event_fields(event, options_.latest, &fields,
                                         [&](std::string_view pointer, std::string detail) {
                                           report(index, pointer, std::move(detail));
                                         });
    const bool good = whole && admitted(fields, index);
    const bool stored = good && (batch_.rejected == 0 || options_.skip_invalid) &&
                        (!options_.host || fields.host == *options_.host);
    Observer& observer = buffers_.observer(good ? fields.service : std::string_view());
    rollup::BucketFold* fold = stored ? fold_of(observer, fields) : nullptr;
    if (const auto key = observer.observe(event, fold); !key.empty()) return duplicate(key, index);
    if (!good) ++batch_.rejected;
    if (!stored) return {};
    if (buffers_.redacts && holds_redacted(event, fields.service, buffers_.rules)) {
      text = redacted(&fields, text);
    }
    add_row(fields, text);
    return {};
  }

  bool admitted(const EventFields& fields, std::size_t index) {
    const std::pair segment(fields.service, fields.endpoint);
    if (!options_.admit || segment == last_admitted_ || admitted_.contains(segment)) return true;
    if (!options_.admit(fields.service, fields.endpoint)) {
      report(index, "/endpoint",
             "one (service, endpoint) too many: segments_max are known already");
      return false;
    }
    last_admitted_ = *admitted_.insert(segment).first;
    return true;
  }

  rollup::BucketFold* fold_of(Observer& observer, const EventFields& fields) {
    rollup::BucketFold& fold = buffers_.folds.entry(&observer, fields).fold;
    fold.begin_event(fields.ts, std::bit_cast<std::uint64_t>(fields.duration_ms.value_or(0)));
    if (fields.status) fold.count_status(*fields.status);
    if (fields.duration_ms) fold.latency(*fields.duration_ms);
    if (fields.host && observer.watches_host()) fold.host(*fields.host);
    return &fold;
  }

  void add_row(const EventFields& fields, std::string_view payload) {
    store::RawRow row{fields.ts,
                      intern(fields.service, &service_),
                      intern(fields.endpoint, &endpoint_),
                      {},
                      payload};
    if (fields.host) row.host = intern(*fields.host, &host_);
    batch_.rows.push_back(row);
  }

  // Copies `text` out of the parser's buffer, unless it is the same as the last time.
  std::string_view intern(std::string_view text, std::string_view* last) {
    if (*last != text || last->data() == nullptr) *last = keep(*batch_.arena, text);
    return *last;
  }

  // The text to store instead; a redacted host is left out of `fields` too.
  std::string_view redacted(EventFields* fields, std::string_view text) {
    const FeatureRule* rule = buffers_.rules.find(fields->service, "/host");
    if (rule != nullptr && rule->redact) fields->host.reset();
    return keep(*batch_.arena, redact(text, fields->service, buffers_.rules));
  }

  static Error duplicate(std::string_view key, std::size_t index) {
    return {ErrorCode::kInvalidArgument,
            fmt::format("duplicate key \"{}\" in event {} (counted from 0)", key, index)};
  }

  void report(std::size_t index, std::string_view pointer, std::string detail) {
    ++batch_.error_count;
    if (batch_.errors.size() < Batch::kErrorsMax) {
      batch_.errors.push_back({index, fmt::format("/{}{}", index, pointer), std::move(detail)});
    }
  }

  void finish() {
    if (batch_.rejected > 0 && !options_.skip_invalid) {
      buffers_.folds.discard();
      batch_.rows.clear();
      return;
    }
    batch_.deltas = buffers_.folds.take();
    if (batch_.rows.size() < kEncodedEventsMin) return;
    for (BucketDelta& delta : batch_.deltas) delta.encoded = rollup::encode(*delta.rollup);
  }

  Buffers& buffers_;
  const ReadOptions& options_;
  Batch batch_;
  std::set<std::pair<std::string_view, std::string_view>> admitted_;
  std::pair<std::string_view, std::string_view> last_admitted_;
  std::string_view service_;
  std::string_view endpoint_;
  std::string_view host_;
};

BatchReader::BatchReader(const FeatureRules& rules) : buffers_(std::make_unique<Buffers>(rules)) {}
BatchReader::~BatchReader() = default;

Result<Batch> BatchReader::read(std::string body, const ReadOptions& options) {
  return Reading(*buffers_, options).read(std::move(body));
}

}  // namespace driftguard::ingest
