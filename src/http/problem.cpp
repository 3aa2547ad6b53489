// SPDX-License-Identifier: Apache-2.0
#include "http/problem.h"

#include <cassert>
#include <nlohmann/json.hpp>

namespace driftguard::http {
namespace {

std::string quoted(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// "/problems/not-found" of "Not Found".
std::string type_of(std::string_view reason) {
  std::string type = "/problems/";
  for (const char c : reason) {
    if (c == ' ') {
      type += '-';
    } else if (c != '\'') {
      type += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  return type;
}

}  // namespace

Response problem(int status, std::string_view detail, const ProblemOptions& options) {
  assert(status >= 400 && status <= 599);
  const std::string_view reason = reason_phrase(status);
  Response response;
  response.status = status;
  response.content_type = "application/problem+json";
  response.body = "{\"type\":" + quoted(options.type.empty() ? type_of(reason) : options.type) +
                  ",\"title\":" + quoted(options.title.empty() ? reason : options.title) +
                  ",\"status\":" + std::to_string(status) + ",\"detail\":" + quoted(detail);
  if (!options.members.empty()) response.body.append(",").append(options.members);
  response.body += "}";
  return response;
}

Response problem(const Error& error) {
  switch (error.code) {
    case ErrorCode::kInvalidArgument:
      return problem(400, error.detail);
    case ErrorCode::kNotFound:
      return problem(404, error.detail);
    case ErrorCode::kConflict:
      return problem(409, error.detail);
    case ErrorCode::kTooLarge:
      return problem(413, error.detail);
    case ErrorCode::kOverloaded:
    case ErrorCode::kUnavailable: {
      Response response = problem(503, error.detail);
      response.headers.emplace_back("Retry-After", "1");
      return response;
    }
    case ErrorCode::kCorrupt:
    case ErrorCode::kInternal:
      break;
  }
  return problem(500, "The server failed; its log says why.");
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Range Not Satisfiable";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 428:
      return "Precondition Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    case 507:
      return "Insufficient Storage";
    default:
      return "Unknown";
  }
}

}  // namespace driftguard::http
