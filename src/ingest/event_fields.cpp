// SPDX-License-Identifier: Apache-2.0
#include "ingest/event_fields.h"

#include <fmt/format.h>

#include <algorithm>

namespace driftguard::ingest {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;
using simdjson::dom::object;

constexpr std::size_t kNameBytesMax = 200;
constexpr int kStatusMin = 100;
constexpr int kStatusMax = 599;

std::string_view type_name(const element& value) {
  switch (value.type()) {
    case element_type::ARRAY:
      return "an array";
    case element_type::OBJECT:
      return "an object";
    case element_type::STRING:
      return "a string";
    case element_type::BOOL:
      return "a boolean";
    case element_type::NULL_VALUE:
      return "null";
    case element_type::INT64:
    case element_type::UINT64:
    case element_type::DOUBLE:
      return "a number";
  }
  return "something else";
}

bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
}

// Reads one event's fields as they come; what is required and did not come is missed at the end.
class FieldReader {
 public:
  FieldReader(Time latest, EventFields* fields, const FieldProblem& problem)
      : latest_(latest), fields_(fields), problem_(problem) {}

  bool read(const object& event) {
    for (const auto field : event) read_field(field.key, field.value);
    if (!has_ts_) report("/ts", "missing: an RFC 3339 time with offset is required");
    if (!has_service_) report("/service", "missing: a non-empty string is required");
    if (!has_endpoint_) report("/endpoint", "missing: a non-empty string is required");
    return good_;
  }

 private:
  void read_field(std::string_view key, const element& value) {
    if (key == "ts") {
      has_ts_ = true;
      read_ts(value);
    } else if (key == "service") {
      has_service_ = true;
      read_name("/service", value, &fields_->service);
    } else if (key == "endpoint") {
      has_endpoint_ = true;
      read_name("/endpoint", value, &fields_->endpoint);
    } else if (key == "host") {
      read_host(value);
    } else if (key == "request") {
      if (!value.is_object() && !value.is_null()) wrong_type("/request", "an object", value);
    } else if (key == "response") {
      read_response(value);
    }
  }

  void read_ts(const element& value) {
    if (!value.is_string()) return wrong_type("/ts", "a string", value);
    auto ts = parse_rfc3339(std::string_view(value));
    if (!ts) return report("/ts", ts.error().detail);
    fields_->ts = *ts;
    if (*ts > latest_) {
      report("/ts", fmt::format("{} is in the future; the latest time taken now is {}",
                                format_rfc3339(*ts), format_rfc3339(latest_)));
    }
  }

  void read_name(std::string_view pointer, const element& value, std::string_view* name) {
    if (!value.is_string()) return wrong_type(pointer, "a string", value);
    *name = std::string_view(value);
    if (name->empty()) return report(pointer, "empty: a non-empty string is required");
    if (name->size() > kNameBytesMax) {
      return report(pointer, fmt::format("{} bytes long; at most {} are allowed", name->size(),
                                         kNameBytesMax));
    }
    if (has_control_character(*name)) report(pointer, "holds a control character");
  }

  // A null in an optional field is as good as its absence.
  void read_host(const element& value) {
    if (value.is_null()) return;
    if (!value.is_string()) return wrong_type("/host", "a string", value);
    fields_->host = std::string_view(value);
  }

  void read_response(const element& value) {
    if (value.is_null()) return;
    if (!value.is_object()) return wrong_type("/response", "an object", value);
    for (const auto field : object(value)) {
      if (field.key == "status") read_status(field.value);
      if (field.key == "duration_ms") read_duration(field.value);
    }
  }

  void read_status(const element& value) {
    if (value.is_null()) return;
    std::int64_t status = 0;
    if (value.get(status) != simdjson::SUCCESS || status < kStatusMin || status > kStatusMax) {
      return report("/response/status",
                    fmt::format("not an integer from {} to {}", kStatusMin, kStatusMax));
    }
    fields_->status = static_cast<int>(status);
  }

  void read_duration(const element& value) {
    if (value.is_null()) return;
    double duration = 0;
    if (value.get(duration) != simdjson::SUCCESS || !(duration >= 0)) {
      return report("/response/duration_ms", "not a finite number of at least 0");
    }
    fields_->duration_ms = duration;
  }

  void wrong_type(std::string_view pointer, std::string_view wanted, const element& value) {
    report(pointer, fmt::format("{} where {} is required", type_name(value), wanted));
  }
  void report(std::string_view pointer, std::string detail) {
    good_ = false;
    problem_(pointer, std::move(detail));
  }

  Time latest_;
  EventFields* fields_;
  const FieldProblem& problem_;
  bool has_ts_ = false;
  bool has_service_ = false;
  bool has_endpoint_ = false;
  bool good_ = true;
};

}  // namespace

bool read_event_fields(const object& event, Time latest, EventFields* fields,
                       const FieldProblem& problem) {
  return FieldReader(latest, fields, problem).read(event);
}

}  // namespace driftguard::ingest
