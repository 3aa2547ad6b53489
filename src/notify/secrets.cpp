// SPDX-License-Identifier: Apache-2.0
#include "notify/secrets.h"

#include <algorithm>

namespace driftguard::notify {
namespace {

// What is shorter is no secret, and would hide words.
constexpr std::size_t kSecretBytesMin = 6;

}  // namespace

void Secrets::add(std::string_view secret) {
  if (secret.size() < kSecretBytesMin) return;
  secrets_.emplace_back(secret);
  std::stable_sort(secrets_.begin(), secrets_.end(),
                   [](const auto& a, const auto& b) { return a.size() > b.size(); });
}

void Secrets::add_url(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return add(url);
  std::string_view rest = url.substr(scheme + 3);
  const std::size_t path = std::min(rest.find_first_of("/?#"), rest.size());
  const std::size_t user = rest.substr(0, path).rfind('@');
  if (user != std::string_view::npos) {
    add(rest.substr(0, user));
    add(rest.substr(0, std::min(rest.find(':'), user)));
    if (const std::size_t colon = rest.find(':'); colon < user) {
      add(rest.substr(colon + 1, user - colon - 1));
    }
  }
  rest.remove_prefix(path);
  add(rest);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find_first_of("/?&=#"), rest.size());
    add(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

std::string Secrets::masked(std::string_view text) const {
  std::string shown(text);
  for (const std::string& secret : secrets_) {
    for (std::size_t at = 0; (at = shown.find(secret, at)) != std::string::npos;) {
      shown.replace(at, secret.size(), "***");
      at += 3;
    }
  }
  std::replace_if(
      shown.begin(), shown.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return shown;
}

}  // namespace driftguard::notify
