// SPDX-License-Identifier: Apache-2.0
#include "store/commit_check.h"

#include <algorithm>

namespace driftguard::store {
namespace {

bool has_nul(std::string_view name) { return name.find('\0') != std::string_view::npos; }

Error nul_in_name() {
  return {ErrorCode::kInvalidArgument, "A service or an endpoint holds a NUL character."};
}

bool keys_are_distinct(std::span<const StoredAnswer> answers) {
  if (answers.size() < 2) return true;
  std::vector<std::string_view> keys;
  keys.reserve(answers.size());
  for (const StoredAnswer& answer : answers) keys.push_back(answer.key);
  std::sort(keys.begin(), keys.end());
  return std::adjacent_find(keys.begin(), keys.end()) == keys.end();
}

}  // namespace

Result<void> check_commit(const Commit& commit) {
  for (const RawRow& row : commit.rows) {
    if (has_nul(row.service) || has_nul(row.endpoint)) return nul_in_name();
  }
  for (const RollupDelta& delta : commit.rollups) {
    if (has_nul(delta.key.service) || has_nul(delta.key.endpoint)) return nul_in_name();
  }
  if (!keys_are_distinct(commit.answers)) {
    return Error{ErrorCode::kConflict, "Two answers of one commit have the same key."};
  }
  return {};
}

}  // namespace driftguard::store
