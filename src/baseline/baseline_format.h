// SPDX-License-Identifier: Apache-2.0
// Baselines as the store keeps them: binary, versioned, with a checksum.
#pragma once

#include <string>
#include <string_view>

#include "baseline/baseline_book.h"
#include "core/bytes.h"
#include "core/result.h"

namespace driftguard::baseline {

std::string encode(const Baseline& baseline);
Result<Baseline> decode(std::string_view bytes);  // kCorrupt

std::string encode_info(const BaselineInfo& info);
Result<BaselineInfo> decode_info(std::string_view bytes);  // kCorrupt; `active` is not kept.

}  // namespace driftguard::baseline
