// SPDX-License-Identifier: Apache-2.0
#include "ingest/event_slices.h"

#include <simdjson.h>

#include <cassert>

namespace driftguard::ingest {

void slice_events(const simdjson::dom::parser& parser, std::string_view body,
                  std::vector<std::string_view>& slices) {
  const auto& implementation = *parser.implementation;
  const std::uint32_t* index = implementation.structural_indexes.get();
  const std::uint32_t size = implementation.n_structural_indexes;
  slices.clear();
  int depth = 0;
  std::size_t begin = 0;
  for (std::uint32_t i = 0; i < size; ++i) {
    const char c = body[index[i]];
    if (c == '{' || c == '[') {
      if (depth == 1 && c == '{') begin = index[i];
      ++depth;
    } else if (c == '}' || c == ']') {
      --depth;
      if (depth == 1 && c == '}') slices.push_back(body.substr(begin, index[i] + 1 - begin));
    }
  }
  assert(depth == 0);
}

}  // namespace driftguard::ingest
