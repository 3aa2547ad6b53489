// SPDX-License-Identifier: Apache-2.0
#include "http/cors.h"

#include <algorithm>

namespace driftguard::http {

bool Cors::allows(std::string_view origin, std::string_view host) const {
  if (std::find(origins_.begin(), origins_.end(), origin) != origins_.end()) return true;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!host.empty() && origin.starts_with(scheme) && origin.substr(scheme.size()) == host) {
      return true;
    }
  }
  return false;
}

void Cors::decorate(std::optional<std::string_view> origin, std::string_view host,
                    Headers& headers) const {
  headers.emplace_back("Vary", "Origin");
  if (!origin || !allows(*origin, host)) return;
  headers.emplace_back("Access-Control-Allow-Origin", *origin);
  headers.emplace_back("Access-Control-Expose-Headers", "ETag, Retry-After, Location");
}

void Cors::decorate_preflight(std::string_view origin, std::string_view host,
                              std::string_view allow, Headers& headers) const {
  if (!allows(origin, host)) return;
  headers.emplace_back("Access-Control-Allow-Methods", allow);
  headers.emplace_back("Access-Control-Allow-Headers",
                       "Authorization, Content-Type, Content-Encoding, Idempotency-Key, "
                       "If-None-Match, If-Match, X-API-Key");
  headers.emplace_back("Access-Control-Max-Age", "600");
}

}  // namespace driftguard::http
