// SPDX-License-Identifier: Apache-2.0
// Names of features. A feature is known inside by its JSON Pointer; people see a name: what stands
// behind request.body or response.body ("amount", "card.brand"), or the full dotted path where
// that name belongs to another feature of the service already. A name once given stays, also
// across restarts and nodes: it is claimed in the store.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "core/result.h"
#include "ingest/feature_rules.h"
#include "store/store.h"

namespace driftguard::baseline {

// Thread-safe; store and rules must outlive it. The names in memory are a cache.
class FeatureNames final {
 public:
  FeatureNames(store::Store& store, const ingest::FeatureRules& rules)
      : store_(store), rules_(rules) {}

  // The feature's name, claimed now if it has none yet.
  Result<std::string> name_of(const std::string& service, const std::string& pointer);

 private:
  Result<bool> claim(const std::string& service, const std::string& name,
                     const std::string& pointer);

  store::Store& store_;
  const ingest::FeatureRules& rules_;
  std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, std::string> known_;  // Guarded by mutex_.
};

// "/request/body/card/brand" -> "card.brand"; a pointer elsewhere -> its full dotted path.
std::string short_name(std::string_view pointer);
// "/request/body/card/brand" -> "request.body.card.brand".
std::string full_name(std::string_view pointer);

}  // namespace driftguard::baseline
