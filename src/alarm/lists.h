// SPDX-License-Identifier: Apache-2.0
// Lists within stored bytes. Malformed ones turn the reader not ok.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/bytes.h"

namespace driftguard::alarm {

inline void encode_reals(std::span<const double> values, ByteWriter& out) {
  out.varint(values.size());
  for (const double value : values) out.real(value);
}
inline std::vector<double> decode_reals(ByteReader& in) {
  std::vector<double> values;
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) values.push_back(in.real());
  return values;
}

inline void encode_texts(std::span<const std::string> texts, ByteWriter& out) {
  out.varint(texts.size());
  for (const std::string& text : texts) out.text(text);
}
inline std::vector<std::string> decode_texts(ByteReader& in) {
  std::vector<std::string> texts;
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) texts.emplace_back(in.text());
  return texts;
}

}  // namespace driftguard::alarm
