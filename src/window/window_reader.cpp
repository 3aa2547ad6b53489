// SPDX-License-Identifier: Apache-2.0
#include "window/window_reader.h"

#include "rollup/bucket.h"
#include "window/raw_window.h"

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
  return read_raw_window(store_, rules_, {segment, std::nullopt, range, options_.host_rows_max});
}

}  // namespace driftguard::window
