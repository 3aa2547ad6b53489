// SPDX-License-Identifier: Apache-2.0
#include "http/router.h"

#include <algorithm>
#include <array>
#include <optional>
#include <stdexcept>
#include <utility>

#include "http/target.h"

namespace driftguard::http {
namespace {

constexpr std::size_t kMethods = static_cast<std::size_t>(Method::kOther);

enum class Kind { kLiteral, kParameter, kTail };  // In the order of precedence.

struct Segment {
  Kind kind;
  std::string text;  // The literal, or the parameter's name.
};

Segment read_segment(std::string_view text) {
  if (text.size() < 2 || text.front() != '{' || text.back() != '}') {
    return {Kind::kLiteral, std::string(text)};
  }
  text = text.substr(1, text.size() - 2);
  if (!text.ends_with("...")) return {Kind::kParameter, std::string(text)};
  return {Kind::kTail, std::string(text.substr(0, text.size() - 3))};
}

std::vector<Segment> read_pattern(std::string_view pattern) {
  if (!pattern.starts_with('/')) throw std::invalid_argument("a route's pattern begins with '/'");
  std::vector<Segment> segments;
  for (std::size_t begin = 1; begin <= pattern.size();) {
    const std::size_t end = std::min(pattern.find('/', begin), pattern.size());
    if (!segments.empty() && segments.back().kind == Kind::kTail) {
      throw std::invalid_argument("{name...} must end the pattern " + std::string(pattern));
    }
    segments.push_back(read_segment(pattern.substr(begin, end - begin)));
    begin = end + 1;
  }
  return segments;
}

bool more_literal(const std::vector<Segment>& a, const std::vector<Segment>& b) {
  return std::lexicographical_compare(
      a.begin(), a.end(), b.begin(), b.end(),
      [](const Segment& x, const Segment& y) { return x.kind < y.kind; });
}

}  // namespace

struct Router::Path {
  std::string pattern;
  std::vector<Segment> segments;
  std::array<std::optional<Route>, kMethods> routes;
  std::string allow;

  const Route* route(Method method) const {
    const auto index = static_cast<std::size_t>(method);
    if (index >= kMethods) return nullptr;
    if (routes[index]) return &*routes[index];
    return method == Method::kHead ? route(Method::kGet) : nullptr;
  }

  void name_methods() {
    allow.clear();
    for (std::size_t i = 0; i < kMethods; ++i) {
      const auto method = static_cast<Method>(i);
      if (method != Method::kOptions && route(method) == nullptr) continue;
      if (!allow.empty()) allow += ", ";
      allow += method_name(method);
    }
  }

  bool matches(const std::vector<std::string>& path,
               std::map<std::string, std::string>& parameters) const;
};

bool Router::Path::matches(const std::vector<std::string>& path,
                           std::map<std::string, std::string>& parameters) const {
  parameters.clear();
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const Segment& wanted = segments[i];
    if (wanted.kind == Kind::kTail) {
      std::string tail;
      for (std::size_t j = i; j < path.size(); ++j) tail += (j > i ? "/" : "") + path[j];
      parameters[wanted.text] = std::move(tail);
      return true;
    }
    if (i >= path.size()) return false;
    if (wanted.kind == Kind::kLiteral && wanted.text != path[i]) return false;
    if (wanted.kind == Kind::kParameter) {
      if (path[i].empty()) return false;
      parameters[wanted.text] = path[i];
    }
  }
  return segments.size() == path.size();
}

Router::Router() = default;
Router::~Router() = default;
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;

void Router::add(Method method, std::string_view pattern, Handler handler, RouteOptions options) {
  const auto index = static_cast<std::size_t>(method);
  if (index >= kMethods) throw std::invalid_argument("no route can have this method");
  auto found = std::find_if(paths_.begin(), paths_.end(),
                            [&](const auto& path) { return path->pattern == pattern; });
  if (found == paths_.end()) {
    auto path = std::make_unique<Path>();
    path->pattern = pattern;
    path->segments = read_pattern(pattern);
    found = std::upper_bound(paths_.begin(), paths_.end(), path, [](const auto& a, const auto& b) {
      return more_literal(a->segments, b->segments);
    });
    found = paths_.insert(found, std::move(path));
  }
  Path& path = **found;
  if (path.routes[index]) throw std::invalid_argument("a second route for " + path.pattern);
  path.routes[index] = Route{method, path.pattern, std::move(handler), std::move(options)};
  path.name_methods();
  const bool literal = std::all_of(path.segments.begin(), path.segments.end(),
                                   [](const Segment& s) { return s.kind == Kind::kLiteral; });
  if (literal) literal_[path.pattern] = &path;
}

void Router::fall_back(Handler handler, RouteOptions options) {
  if (fallback_) throw std::invalid_argument("a second fallback");
  fallback_ =
      std::make_unique<Route>(Route{Method::kGet, "*", std::move(handler), std::move(options)});
}

const Router::Path* Router::find_path(const std::vector<std::string>& segments,
                                      Match& match) const {
  for (const auto& path : paths_) {
    if (path->matches(segments, match.parameters)) return path.get();
  }
  match.parameters.clear();
  return nullptr;
}

Match Router::find(Method method, std::string_view raw_path) const {
  Match match;
  const Path* path = nullptr;
  if (const auto found = literal_.find(std::string(raw_path)); found != literal_.end()) {
    path = found->second;
  } else if (const auto segments = path_segments(raw_path)) {
    path = find_path(*segments, match);
  }
  if (path == nullptr) {
    const bool reads = method == Method::kGet || method == Method::kHead;
    if (!fallback_ || !reads) return match;
    return {fallback_.get(), true, "GET, HEAD", {}};
  }
  match.path_known = true;
  match.route = path->route(method);
  match.allow = path->allow;
  return match;
}

}  // namespace driftguard::http
