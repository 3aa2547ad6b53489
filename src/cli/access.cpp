// SPDX-License-Identifier: Apache-2.0
#include "cli/access.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>

namespace driftguard::cli {
namespace {

bool store_is_missing(const Config& config) {
  constexpr std::string_view kRocks = "rocksdb:";
  if (!config.database_url.starts_with(kRocks)) return false;
  std::error_code ignored;
  const std::filesystem::path directory = config.database_url.substr(kRocks.size());
  return !std::filesystem::exists(directory / "CURRENT", ignored);
}

}  // namespace

std::string url_of(const Config& config) {
  std::string address = config.listen;
  for (const std::string_view any : {"0.0.0.0:", "[::]:"}) {
    if (address.starts_with(any)) address = "127.0.0.1:" + address.substr(any.size());
  }
  return "http://" + address;
}

Result<std::unique_ptr<Engine>> open_engine(const Config& config, bool make_missing) {
  if (!make_missing && store_is_missing(config)) {
    return Error{ErrorCode::kNotFound,
                 fmt::format("there is no store in {} yet; 'driftguard serve' or 'driftguard "
                             "import' makes one, --url asks a server",
                             config.database_url)};
  }
  Result<std::unique_ptr<Engine>> engine = make_engine(config);
  if (!engine && engine.error().code == ErrorCode::kConflict) {
    std::string detail = engine.error().detail;
    while (detail.ends_with('.')) detail.pop_back();
    return Error{ErrorCode::kConflict, fmt::format("{} (--url {})", detail, url_of(config))};
  }
  return engine;
}

void AccessFlags::add_flags(CLI::App& verb) {
  verb.add_option("--url", url_, "ask this server (default: open the store itself)")
      ->type_name("URL");
  settings_.add_flags(verb);
}

Result<std::unique_ptr<Access>> AccessFlags::open(const Config& config) const {
  if (!url_.empty()) return open_server(url_);
  Result<std::unique_ptr<Engine>> engine = open_engine(config, false);
  if (!engine) return engine.error();
  return access_to(std::move(*engine));
}

}  // namespace driftguard::cli
