// SPDX-License-Identifier: Apache-2.0
#include "load/address.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace driftguard::load {

Result<Address> parse_url(std::string_view url) {
  constexpr std::string_view kScheme = "http://";
  const Error wrong{ErrorCode::kInvalidArgument, fmt::format("\"{}\": no http:// URL", url)};
  if (!url.starts_with(kScheme)) return wrong;
  std::string_view rest = url.substr(kScheme.size());
  Address address;
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  address.target = rest.substr(slash);
  rest = rest.substr(0, slash);
  const std::size_t bracket = rest.rfind(']');
  const std::size_t colon = rest.rfind(':');
  const bool has_port =
      colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  address.port = has_port ? rest.substr(colon + 1) : "80";
  if (has_port) rest = rest.substr(0, colon);
  if (rest.starts_with('[') && rest.ends_with(']')) rest = rest.substr(1, rest.size() - 2);
  address.host = rest;
  if (address.host.empty() || address.port.empty()) return wrong;
  return address;
}

Result<int> dial(const Address& address) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failed = ::getaddrinfo(address.host.c_str(), address.port.c_str(), &hints, &found);
  const std::string where = fmt::format("{}:{}", address.host, address.port);
  if (failed != 0) {
    return Error{ErrorCode::kUnavailable, fmt::format("{}: {}", where, ::gai_strerror(failed))};
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, ::freeaddrinfo);
  int problem = 0;
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    const int fd = ::socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol);
    if (fd >= 0 && ::connect(fd, at->ai_addr, at->ai_addrlen) == 0) {
      const int one = 1;
      ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
      ::fcntl(fd, F_SETFL, O_NONBLOCK);
      return fd;
    }
    problem = errno;
    if (fd >= 0) ::close(fd);
  }
  return Error{ErrorCode::kUnavailable, fmt::format("{}: {}", where, std::strerror(problem))};
}

}  // namespace driftguard::load
