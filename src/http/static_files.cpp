// SPDX-License-Identifier: Apache-2.0
#include "http/static_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <optional>

#include "http/compression.h"
#include "http/conditional.h"
#include "http/problem.h"

namespace driftguard::http {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kCompressBytesMin = 1 << 10;

constexpr std::string_view kIndex = "index.html";
constexpr std::string_view kHashed = "assets/";

// What the page may do: load from here and talk to here, and nothing written into the page itself
// runs. Nobody may put it into a frame.
constexpr std::string_view kPolicy =
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "object-src 'none'";

struct Suffix {
  std::string_view suffix;
  std::string_view means;
};

// The best first.
constexpr auto kCodings = std::to_array<Suffix>({{".br", "br"}, {".zst", "zstd"}, {".gz", "gzip"}});

constexpr auto kTypes = std::to_array<Suffix>({{".html", "text/html; charset=utf-8"},
                                               {".js", "text/javascript; charset=utf-8"},
                                               {".mjs", "text/javascript; charset=utf-8"},
                                               {".css", "text/css; charset=utf-8"},
                                               {".json", "application/json"},
                                               {".map", "application/json"},
                                               {".webmanifest", "application/manifest+json"},
                                               {".txt", "text/plain; charset=utf-8"},
                                               {".svg", "image/svg+xml"},
                                               {".png", "image/png"},
                                               {".jpg", "image/jpeg"},
                                               {".webp", "image/webp"},
                                               {".ico", "image/x-icon"},
                                               {".woff2", "font/woff2"},
                                               {".wasm", "application/wasm"}});

std::string_view type_of(std::string_view path) {
  for (const auto& [suffix, type] : kTypes) {
    if (path.ends_with(suffix)) return type;
  }
  return "application/octet-stream";
}

bool is_text(std::string_view type) {
  return type.starts_with("text/") || type.find("json") != std::string_view::npos ||
         type == "image/svg+xml";
}

// "x.js.gz" -> "x.js" and "gzip"; others are themselves, as they are ("").
std::pair<std::string, std::string> part_coding(std::string_view path) {
  for (const auto& [suffix, coding] : kCodings) {
    if (path.ends_with(suffix)) {
      return {std::string(path.substr(0, path.size() - suffix.size())), std::string(coding)};
    }
  }
  return {std::string(path), ""};
}

Result<std::string> read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(in), {}};
  if (!in && !in.eof()) {
    return Error{ErrorCode::kUnavailable, fmt::format("{} cannot be read", path.string())};
  }
  return bytes;
}

// Paths of the regular files below `directory`, from there.
Result<std::vector<fs::path>> files_below(const fs::path& directory, std::size_t most) {
  std::vector<fs::path> found;
  std::error_code ec;
  fs::recursive_directory_iterator entry(directory, ec);
  const fs::recursive_directory_iterator end;
  for (; !ec && entry != end; entry.increment(ec)) {
    const bool hidden = entry->path().filename().string().starts_with('.');
    const fs::file_status status = entry->symlink_status(ec);
    if (ec) break;
    if (hidden && fs::is_directory(status)) entry.disable_recursion_pending();
    if (hidden || !fs::is_regular_file(status)) continue;
    if (found.size() == most) {
      return Error{ErrorCode::kTooLarge,
                   fmt::format("{} holds more than {} files", directory.string(), most)};
    }
    found.push_back(entry->path().lexically_relative(directory));
  }
  if (ec) {
    return Error{ErrorCode::kUnavailable,
                 fmt::format("{} cannot be read: {}", directory.string(), ec.message())};
  }
  return found;
}

// Whether a browser goes there, and does not load a part of the page.
bool navigates(const Request& request) {
  const std::string_view accept = request.header("accept").value_or("");
  return accept.find("text/html") != std::string_view::npos;
}

// "v1" of "/v1/checks".
std::string_view first_segment(std::string_view path) {
  path.remove_prefix(std::min<std::size_t>(path.find_first_not_of('/'), path.size()));
  return path.substr(0, path.find('/'));
}

// Whether a segment is "." or ".." or hidden: nothing of ours.
bool has_dotted_segment(std::string_view path) { return path.find("/.") != std::string_view::npos; }

Response not_found() { return problem(404, "There is nothing at this path."); }

}  // namespace

Result<StaticFiles> StaticFiles::load(const fs::path& directory,
                                      const StaticFilesOptions& options) {
  std::error_code ec;
  if (!fs::is_regular_file(directory / kIndex, ec)) {
    return Error{ErrorCode::kNotFound,
                 fmt::format("there is no {} in {}", kIndex, directory.string())};
  }
  Result<std::vector<fs::path>> paths = files_below(directory, options.files_max);
  if (!paths) return paths.error();
  StaticFiles loaded(options);
  std::size_t bytes = 0;
  for (const fs::path& path : *paths) {
    Result<std::string> read = read_file(directory / path);
    if (!read) return read.error();
    bytes += read->size();
    auto [name, coding] = part_coding(path.generic_string());
    const std::string_view type = type_of(name);
    File& file = loaded.files_[name];
    file.content_type = type;
    file.immutable = name.starts_with(kHashed);
    if (coding.empty()) {
      file.tag = entity_tag(*read);
      if (is_text(type) && read->size() > kCompressBytesMin) {
        // A file that comes compressed takes its place, in whichever order they are read.
        const auto made = file.codings.try_emplace("gzip", "");
        if (made.second) made.first->second = gzip(*read, Effort::kSmall);
        bytes += made.first->second.size();
      }
    }
    file.codings.insert_or_assign(std::move(coding), std::move(*read));
    if (bytes > options.bytes_max) {
      return Error{ErrorCode::kTooLarge, fmt::format("{} holds more than {} bytes",
                                                     directory.string(), options.bytes_max)};
    }
  }
  // Compressed copies of nothing are no files.
  std::erase_if(loaded.files_, [](const auto& file) { return !file.second.codings.contains(""); });
  return loaded;
}

const StaticFiles::File* StaticFiles::find(const Request& request) const {
  const std::string_view path = request.path;
  if (!path.starts_with('/') || has_dotted_segment(path)) return nullptr;
  const std::string_view name = path == "/" ? kIndex : path.substr(1);
  if (const auto at = files_.find(name); at != files_.end()) return &at->second;
  const std::string_view first = first_segment(path);
  const bool reserved = std::find(options_.reserved.begin(), options_.reserved.end(), first) !=
                        options_.reserved.end();
  if (reserved || name.starts_with(kHashed) || !navigates(request)) return nullptr;
  return &files_.find(kIndex)->second;
}

Response StaticFiles::answer_with(const File& file, const Request& request) {
  Response response;
  response.content_type = file.content_type;
  response.headers = {
      {"ETag", file.tag},
      {"Cache-Control", file.immutable ? "public, max-age=31536000, immutable" : "no-cache"},
      {"Content-Security-Policy", std::string(kPolicy)},
      {"Referrer-Policy", "no-referrer"},
      {"Cross-Origin-Opener-Policy", "same-origin"}};
  if (file.codings.size() > 1) response.headers.emplace_back("Vary", "Accept-Encoding");
  if (has_already(request, file.tag)) return not_modified(std::move(response.headers));
  const std::string_view accepted = request.header("accept-encoding").value_or("");
  const std::string* body = &file.codings.at("");
  for (const auto& [suffix, coding] : kCodings) {
    const auto at = file.codings.find(std::string(coding));
    if (at == file.codings.end() || !accepts_coding(accepted, coding)) continue;
    body = &at->second;
    response.headers.emplace_back("Content-Encoding", coding);
    break;
  }
  response.body = *body;
  return response;
}

Response StaticFiles::answer(const Request& request) const {
  const File* file = find(request);
  return file == nullptr ? not_found() : answer_with(*file, request);
}

}  // namespace driftguard::http
