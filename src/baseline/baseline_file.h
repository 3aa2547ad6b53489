// SPDX-License-Identifier: Apache-2.0
// The baseline as a JSON file that a person may read, edit and keep under version control;
// docs/BASELINE-FILE.md describes it. The seed's own files (format-less, with a plain `sample`)
// are read too.
#pragma once

#include <string>
#include <string_view>

#include "baseline/baseline.h"
#include "core/result.h"

namespace driftguard::baseline {

inline constexpr int kFileFormat = 1;

// Lossless: from_json(to_json(b)) equals b up to `source` and rounding of std and mean.
std::string to_json(const Baseline& baseline);

// kInvalidArgument names the place and what is wrong there.
Result<Baseline> from_json(std::string_view text);

}  // namespace driftguard::baseline
