// SPDX-License-Identifier: Apache-2.0
#include "window/window_reader.h"

#include <cassert>

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
  if (segment.host) return read_host(segment, covered);
  return tree_ != nullptr ? tree_->read(segment, covered) : add_up(segment, covered, false);
}

Result<Window> WindowReader::read_outcomes(const Segment& segment, TimeRange range) {
  assert(!segment.host);
  return add_up(segment, rollup::whole_buckets(range), true);
}

std::optional<std::uint64_t> WindowReader::changes(TimeRange range) const {
  if (tree_ == nullptr) return std::nullopt;
  return tree_->changes(rollup::whole_buckets(range));
}

Result<Window> WindowReader::add_up(const Segment& segment, TimeRange range, bool outcomes_only) {
  Window window{range, {}};
  EndpointSums sums(&window);
  std::optional<Error> failure;
  auto read = store_.read_sums(
      {segment.service, segment.endpoint}, range,
      [&](std::string_view endpoint, auto, auto, std::string_view summary) {
        Result<rollup::Rollup> rollup =
            outcomes_only ? rollup::decode_outcomes(summary) : rollup::decode(summary);
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
