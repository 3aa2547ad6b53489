// SPDX-License-Identifier: Apache-2.0
// A value of an event as its feature counts it. Pure; safe from any thread.
#pragma once

#include <simdjson.h>

#include <optional>
#include <string>

namespace driftguard::report {

// A scalar under the name that its category has; nothing for null and for what is no scalar.
std::optional<std::string> category_of(const simdjson::dom::element& value);

}  // namespace driftguard::report
