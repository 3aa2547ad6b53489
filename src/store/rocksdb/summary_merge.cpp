// SPDX-License-Identifier: Apache-2.0
#include "store/rocksdb/summary_merge.h"

#include "core/bytes.h"

namespace driftguard::store {
namespace {

// Adds the summaries in `value` to `parts`; an unknown tag is kept as a part that merges with
// nothing, so that it stays where it is.
bool split(std::string_view value, std::vector<std::string_view>& parts) {
  if (!value.empty() && value.front() == kWhole) {
    parts.push_back(value.substr(1));
    return true;
  }
  if (value.empty() || value.front() != kParts) return parts.push_back(value), false;
  ByteReader reader(value.substr(1));
  while (reader.left() > 0) parts.push_back(reader.text());
  return reader.ok();
}

}  // namespace

std::string SummaryMerge::join(std::span<const std::string_view> values) const {
  std::vector<std::string_view> parts;
  parts.reserve(values.size());
  bool well_formed = true;
  for (const std::string_view value : values) well_formed = split(value, parts) && well_formed;
  if (well_formed) {
    if (auto merged = merge_(parts)) return std::string(1, kWhole).append(*merged);
  }
  std::string out(1, kParts);
  ByteWriter writer(out);
  for (const std::string_view part : parts) writer.text(part);
  return out;
}

bool SummaryMerge::FullMergeV2(const MergeOperationInput& in, MergeOperationOutput* out) const {
  if (!in.existing_value && in.operand_list.size() == 1) {
    out->existing_operand = in.operand_list.front();
    return true;
  }
  std::vector<std::string_view> values;
  values.reserve(in.operand_list.size() + 1);
  if (in.existing_value) values.push_back(in.existing_value->ToStringView());
  for (const rocksdb::Slice& operand : in.operand_list) values.push_back(operand.ToStringView());
  out->new_value = join(values);
  return true;
}

bool SummaryMerge::PartialMergeMulti(const rocksdb::Slice&,
                                     const std::deque<rocksdb::Slice>& operands,
                                     std::string* merged, rocksdb::Logger*) const {
  std::vector<std::string_view> values;
  values.reserve(operands.size());
  for (const rocksdb::Slice& operand : operands) values.push_back(operand.ToStringView());
  *merged = join(values);
  return true;
}

Result<std::string_view> SummaryMerge::read(std::string_view value, std::string& scratch) const {
  if (!value.empty() && value.front() == kWhole) return value.substr(1);
  std::vector<std::string_view> parts;
  if (!split(value, parts)) {
    return Error{ErrorCode::kCorrupt, "A stored summary has an unknown form."};
  }
  auto merged = merge_(parts);
  if (!merged) return Error{ErrorCode::kCorrupt, merged.error().detail};
  scratch = *std::move(merged);
  return std::string_view(scratch);
}

}  // namespace driftguard::store
