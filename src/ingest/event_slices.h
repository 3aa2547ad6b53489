// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

namespace simdjson::dom {
class parser;
}

namespace driftguard::ingest {

// The source texts of the objects that are elements of the top-level array `body`, in order.
// `parser` must just have parsed `body` successfully. Uses simdjson's structural index, so it
// costs a few nanoseconds an event; event_slices_test.cpp guards this against other versions.
void slice_events(const simdjson::dom::parser& parser, std::string_view body,
                  std::vector<std::string_view>& slices);

}  // namespace driftguard::ingest
