// SPDX-License-Identifier: Apache-2.0
#include "ingest/json_error.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace driftguard::ingest {
namespace {

constexpr std::size_t kSearchedBytesMax = 1 << 20;

// Remembers where the parser stopped, and nothing else.
class ErrorPlace final : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return true; }
  bool key(string_t&) override { return true; }
  bool end_object() override { return true; }
  bool start_array(std::size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    position_ = position;
    return false;
  }
  std::size_t position() const { return position_; }

 private:
  std::size_t position_ = 0;
};

std::string_view reason(simdjson::error_code error) {
  switch (static_cast<int>(error)) {
    case simdjson::DEPTH_ERROR:
      return "nested deeper than 1024 levels";
    case simdjson::NUMBER_ERROR:
      return "a number that is malformed or out of range (64-bit integers and finite doubles)";
    case simdjson::STRING_ERROR:
      return "a malformed string (a bad escape or a lone surrogate)";
    case simdjson::UTF8_ERROR:
      return "text that is not UTF-8";
    case simdjson::UNESCAPED_CHARS:
      return "a control character inside a string";
    case simdjson::UNCLOSED_STRING:
      return "a string that does not end";
    case simdjson::EMPTY:
      return "nothing there";
    case simdjson::CAPACITY:
    case simdjson::MEMALLOC:
      return "too large to parse";
    default:
      return "a syntax error";
  }
}

}  // namespace

std::string describe_json_error(std::string_view body, simdjson::error_code error) {
  std::string text = fmt::format("not JSON: {}", reason(error));
  if (body.size() > kSearchedBytesMax) return text;
  ErrorPlace place;
  nlohmann::json::sax_parse(body.begin(), body.end(), &place);
  if (place.position() > 0) text += fmt::format(", near byte {}", place.position());
  return text;
}

}  // namespace driftguard::ingest
