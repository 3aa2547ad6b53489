// SPDX-License-Identifier: Apache-2.0
#include "cli/server_client.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace driftguard::cli {
namespace {

ErrorCode code_of(int status) {
  switch (status) {
    case 400:
    case 415:
    case 422:
      return ErrorCode::kInvalidArgument;
    case 404:
      return ErrorCode::kNotFound;
    case 409:
      return ErrorCode::kConflict;
    case 413:
      return ErrorCode::kTooLarge;
    case 429:
      return ErrorCode::kOverloaded;
    case 502:
    case 503:
    case 504:
      return ErrorCode::kUnavailable;
    default:
      return ErrorCode::kInternal;
  }
}

}  // namespace

Result<HttpClient> make_client(const std::string& url) {
  client::HttpOptions options;
  options.advice = "; 'driftguard serve' starts one";
  Result<HttpClient> client = HttpClient::make(url, options);
  if (client) return client;
  return Error{client.error().code, "--url: " + client.error().detail};
}

Result<std::string> body_of(HttpClient& server, const HttpCall& call) {
  Result<HttpAnswer> answer = server.call(call);
  if (!answer) return answer.error();
  if (answer->status < 200 || answer->status > 299) return error_of(*answer, server.url());
  return std::move(answer->body);
}

Error error_of(const HttpAnswer& answer, const std::string& url) {
  const auto json = nlohmann::json::parse(answer.body, nullptr, false);
  const bool problem = json.is_object() && json.contains("title") && json["title"].is_string();
  if (!problem) {
    return {code_of(answer.status),
            fmt::format("{} answers {}; is it a driftguard server?", url, answer.status)};
  }
  std::string detail = json["title"].get<std::string>();
  if (json.contains("detail") && json["detail"].is_string() && json["detail"] != "") {
    detail = json["detail"].get<std::string>();
  }
  if (answer.status >= 500) detail = fmt::format("{}: {} ({})", url, detail, answer.status);
  const auto errors = json.find("errors");
  if (errors != json.end() && errors->is_array() && !errors->empty() && (*errors)[0].is_object()) {
    detail += fmt::format(": {}: {}", (*errors)[0].value("pointer", ""),
                          (*errors)[0].value("detail", ""));
  }
  return {code_of(answer.status), detail};
}

}  // namespace driftguard::cli
