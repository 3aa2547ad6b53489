// SPDX-License-Identifier: Apache-2.0
#include "cli/web_page.h"

#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "http/problem.h"
#include "http/static_files.h"

namespace driftguard::cli {
namespace {

namespace fs = std::filesystem;

http::StaticFilesOptions options() {
  http::StaticFilesOptions options;
  options.reserved = {"v1", "reports"};
  return options;
}

Result<http::StaticFiles> load(const Config& config) {
  if (!config.web_directory.empty()) {
    Result<http::StaticFiles> files = http::StaticFiles::load(config.web_directory, options());
    if (files) return files;
    return Error{ErrorCode::kInvalidArgument, "web_directory: " + files.error().detail};
  }
  std::error_code ec;
  const fs::path program = fs::read_symlink("/proc/self/exe", ec).parent_path();
  for (const fs::path& place : {program / "web", program / "../share/driftguard/web"}) {
    Result<http::StaticFiles> files = http::StaticFiles::load(place, options());
    if (files || files.error().code != ErrorCode::kNotFound) return files;
  }
  return Error{ErrorCode::kNotFound, {}};
}

http::Response no_page(const http::Request& request) {
  if (request.path != "/") return http::problem(404, "There is nothing at this path.");
  http::Response response;
  response.content_type = "text/plain; charset=utf-8";
  response.body = fmt::format(
      "driftguard {} is running; its dashboard is not built.\n\n"
      "script/build-web puts it into the directory `web` beside the program; then start the "
      "server\n"
      "again. DRIFTGUARD_WEB_DIRECTORY names another place. The API works without it: see\n"
      "/openapi.json, /health, /reports/latest.\n",
      DRIFTGUARD_VERSION);
  return response;
}

}  // namespace

Result<void> serve_page(const Config& config, http::Router& router) {
  Result<http::StaticFiles> files = load(config);
  if (files) {
    const auto shared = std::make_shared<const http::StaticFiles>(std::move(*files));
    router.fall_back([shared](http::Request&& request, const http::Respond& respond) {
      respond(shared->answer(request));
    });
    return {};
  }
  if (files.error().code != ErrorCode::kNotFound) return files.error();
  router.fall_back(
      [](http::Request&& request, const http::Respond& respond) { respond(no_page(request)); });
  return {};
}

}  // namespace driftguard::cli
