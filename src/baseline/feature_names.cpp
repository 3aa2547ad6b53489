// SPDX-License-Identifier: Apache-2.0
#include "baseline/feature_names.h"

namespace driftguard::baseline {

std::string full_name(std::string_view pointer) {
  std::string name;
  for (std::size_t i = pointer.starts_with('/') ? 1 : 0; i < pointer.size(); ++i) {
    const bool escaped = pointer[i] == '~' && i + 1 < pointer.size();
    if (escaped) {
      name += pointer[++i] == '1' ? '/' : '~';
    } else {
      name += pointer[i] == '/' ? '.' : pointer[i];
    }
  }
  return name;
}

std::string short_name(std::string_view pointer) {
  for (const std::string_view body : {"/request/body/", "/response/body/"}) {
    if (pointer.starts_with(body)) return full_name(pointer.substr(body.size()));
  }
  return full_name(pointer);
}

Result<std::string> FeatureNames::name_of(const std::string& service, const std::string& pointer) {
  if (const FeatureRule* rule = rules_.find(service, pointer); rule != nullptr && rule->name) {
    return *rule->name;
  }
  const std::pair key(service, pointer);
  {
    const std::lock_guard lock(mutex_);
    if (const auto at = known_.find(key); at != known_.end()) return at->second;
  }
  // The pointer itself is nobody else's: a name is found in any case.
  for (const std::string& name : {short_name(pointer), full_name(pointer), pointer}) {
    Result<bool> claimed = claim(service, name, pointer);
    if (!claimed) return claimed.error();
    if (!*claimed) continue;
    const std::lock_guard lock(mutex_);
    return known_[key] = name;
  }
  return pointer;
}

Result<bool> FeatureNames::claim(const std::string& service, const std::string& name,
                                 const std::string& pointer) {
  const std::string key = std::string("feature\0", 8) + service + '\0' + name;
  Result<std::optional<std::string>> owner = store_.get_document(key);
  if (!owner) return owner.error();
  if (*owner) return **owner == pointer;
  Result<bool> created = store_.create_document(key, pointer);
  if (!created || *created) return created;
  owner = store_.get_document(key);  // Another node was first.
  if (!owner) return owner.error();
  return *owner && **owner == pointer;
}

}  // namespace driftguard::baseline
