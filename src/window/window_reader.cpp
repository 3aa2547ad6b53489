// SPDX-License-Identifier: Apache-2.0
#include "window/window_reader.h"

#include <fmt/format.h>

#include "ingest/batch_reader.h"
#include "rollup/bucket.h"

namespace driftguard::window {
namespace {

// Sums what a store gives by endpoint, as it comes: ordered by endpoint.
class EndpointSums {
 public:
  explicit EndpointSums(Window* window) : window_(window) {}

  void add(std::string_view endpoint, const rollup::Rollup& rollup) {
    if (endpoint != endpoint_) {
      finish();
      endpoint_ = std::string(endpoint);
    }
    sum_.add(rollup);
  }
  void finish() {
    if (sum_.empty()) return;
    window_->endpoints[endpoint_] = std::make_shared<const rollup::Rollup>(sum_.take());
  }

 private:
  Window* window_;
  std::string endpoint_;
  rollup::RollupSum sum_;
};

// An array of events from raw rows, those of one host if one is named.
std::string as_array(const std::vector<store::StoredRow>& rows) {
  std::string array = "[";
  for (const store::StoredRow& row : rows) {
    if (array.size() > 1) array += ',';
    array += row.payload;
  }
  return array += ']';
}

}  // namespace

Result<Window> WindowReader::read(const Segment& segment, TimeRange range) {
  const TimeRange covered = rollup::whole_buckets(range);
  return segment.host ? read_host(segment, covered) : read_rollups(segment, covered);
}

Result<Window> WindowReader::read_rollups(const Segment& segment, TimeRange range) {
  if (tree_ != nullptr) return tree_->read(segment, range);
  Window window{range, {}};
  EndpointSums sums(&window);
  std::optional<Error> failure;
  auto read =
      store_.read_sums({segment.service, segment.endpoint}, range,
                       [&](std::string_view endpoint, auto, auto, std::string_view summary) {
                         Result<rollup::Rollup> rollup = rollup::decode(summary);
                         if (!rollup) {
                           failure = rollup.error();
                           return false;
                         }
                         sums.add(endpoint, *rollup);
                         return true;
                       });
  if (!read) return read.error();
  if (failure) return *failure;
  sums.finish();
  return window;
}

Result<Window> WindowReader::read_host(const Segment& segment, TimeRange range) {
  Window window{range, {}};
  std::map<std::string, rollup::RollupSum> sums;
  ingest::BatchReader reader(rules_);
  ingest::ReadOptions options;
  options.skip_invalid = true;  // What was stored was valid under the rules of its day.
  options.latest = Time::max();
  options.host = segment.host;
  store::RowQuery query{segment.service, segment.endpoint, range, std::nullopt};
  std::size_t rows_read = 0;
  do {
    Result<store::RowPage> page = store_.read_rows(query);
    if (!page) return page.error();
    rows_read += page->rows.size();
    if (rows_read > options_.host_rows_max) {
      return Error{ErrorCode::kTooLarge,
                   fmt::format("a report by host reads raw events, and this window holds more than "
                               "{} of them; name an endpoint or a shorter window",
                               options_.host_rows_max)};
    }
    Result<ingest::Batch> batch = reader.read(as_array(page->rows), options);
    if (!batch) return batch.error();
    for (const ingest::BucketDelta& delta : batch->deltas) {
      sums[delta.key.endpoint].add(*delta.rollup);
    }
    query.after = page->next;
  } while (query.after);
  for (auto& [endpoint, sum] : sums) {
    window.endpoints[endpoint] = std::make_shared<const rollup::Rollup>(sum.take());
  }
  return window;
}

}  // namespace driftguard::window
