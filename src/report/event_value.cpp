// SPDX-License-Identifier: Apache-2.0
#include "report/event_value.h"

#include <fmt/format.h>

#include "sketch/category_counts.h"

namespace driftguard::report {

std::optional<std::string> category_of(const simdjson::dom::element& value) {
  using simdjson::dom::element_type;
  switch (value.type()) {
    case element_type::STRING:
      return sketch::category_name(std::string_view(value));
    case element_type::BOOL:
      return bool(value) ? "true" : "false";
    case element_type::INT64:
      return fmt::format("{}", std::int64_t(value));
    case element_type::UINT64:
      return fmt::format("{}", std::uint64_t(value));
    case element_type::DOUBLE:
      return fmt::format("{}", double(value));
    case element_type::ARRAY:
    case element_type::OBJECT:
    case element_type::NULL_VALUE:
      break;
  }
  return std::nullopt;
}

}  // namespace driftguard::report
