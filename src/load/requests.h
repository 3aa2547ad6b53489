// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/time.h"
#include "load/address.h"
#include "load/load.h"
#include "load/traffic.h"

namespace driftguard::load {

// The requests of a run: prepared once, some tens of megabytes, and used in turn, each time with
// times of its own. Not thread-safe.
class Requests final {
 public:
  Requests(const LoadOptions& options, const Address& address, Time start);

  // Makes `out` the request of this number. Its events have happened in `latest`, one after the
  // other, unless the options spread them over a span.
  void write(std::string& out, std::uint64_t number, TimeRange latest);

  double bytes_mean() const;

 private:
  struct Prepared {
    std::string text;
    std::vector<std::size_t> times;  // Where in the text the events' times stand.
  };

  void prepare(Traffic& traffic, const std::string& target);
  TimeRange slice_of_span(std::uint64_t number) const;

  const LoadOptions& options_;  // Outlives this object.
  const std::string host_;
  const Time start_;
  std::vector<Prepared> prepared_;
  TimeWriter time_writer_;
};

}  // namespace driftguard::load
