// SPDX-License-Identifier: Apache-2.0
// The files of a built page, read into memory once and served from there: a request never touches
// the disk, so no path leads outside.
//
// Immutable once loaded; safe from any thread.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "http/message.h"

namespace driftguard::http {

struct StaticFilesOptions {
  std::size_t files_max = 2000;
  std::size_t bytes_max = 64u << 20;  // All together, compressed ones included.
  // First segments of paths that are never the page's ("v1"): unknown ones stay a 404.
  std::vector<std::string> reserved = {};
};

class StaticFiles final {
 public:
  // Reads every regular file below `directory`; what begins with a dot, and symbolic links, are
  // passed over. "x.js.gz", "x.js.br" and "x.js.zst" are "x.js" compressed. Text without a ".gz" is
  // compressed here. kNotFound: there is no index.html. kTooLarge: over a limit. kUnavailable: a
  // file cannot be read.
  static Result<StaticFiles> load(const std::filesystem::path& directory,
                                  const StaticFilesOptions& options);

  // The file at the request's path; "/" is index.html. Where there is none, index.html again for a
  // browser that goes somewhere (it accepts text/html): the page has routes of its own. Else 404.
  //
  // Files below assets/ carry a hash in their names and may be kept for ever; the others are asked
  // for again each time, by ETag. Every answer has a strict Content-Security-Policy.
  Response answer(const Request& request) const;

  std::size_t size() const { return files_.size(); }

 private:
  struct File {
    std::string content_type;
    std::string tag;
    bool immutable = false;
    std::map<std::string, std::string> codings;  // The bytes by coding; as they are under "".
  };

  explicit StaticFiles(StaticFilesOptions options) : options_(std::move(options)) {}
  const File* find(const Request& request) const;
  static Response answer_with(const File& file, const Request& request);

  StaticFilesOptions options_;
  std::map<std::string, File, std::less<>> files_;  // By path, without the leading slash.
};

}  // namespace driftguard::http
