// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cctype>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <ostream>
#include <stdexcept>
#include <string>
#include <vector>

namespace driftguard::stats {

// Reading of the case files in tests/data, for this room's tests only.

using Json = nlohmann::json;

// The parsed file; throws, so that a missing file fails the test rather than skipping it.
inline Json read_cases(const std::string& name) {
  const std::string path = std::string(DRIFTGUARD_ROOT) + "/tests/data/" + name;
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot open " + path);
  return Json::parse(file);
}

// One case, printed by its id.
struct Case {
  std::string id;
  Json json;

  friend void PrintTo(const Case& printed, std::ostream* out) { *out << printed.id; }
};

inline std::vector<Case> read_case_list(const Json& list) {
  std::vector<Case> cases;
  for (const Json& json : list) cases.push_back({json.at("id").get<std::string>(), json});
  return cases;
}

// The name of a case as GoogleTest wants it: letters and digits, and its number for uniqueness.
template <typename Info>
std::string case_name(const Info& info) {
  std::string name = info.param.id;
  for (char& letter : name) {
    if (std::isalnum(static_cast<unsigned char>(letter)) == 0) letter = '_';
  }
  return name + "_" + std::to_string(info.index);
}

// A number, or one written as text: "0.04", "NaN", "-Infinity", "inf".
inline double to_double(const Json& value) {
  return value.is_string() ? std::strtod(value.get<std::string>().c_str(), nullptr)
                           : value.get<double>();
}

// v_k = scale * floor(((a k + b) mod M) / q) + offset, as the truth files' meta.generator says.
inline std::vector<double> lcg_perm(const Json& spec) {
  const auto number = [&](const char* key) { return spec.at(key).get<std::int64_t>(); };
  std::vector<double> values;
  for (std::int64_t k = 0; k < number("n"); ++k) {
    const std::int64_t state = (number("a") * k + number("b")) % number("M");
    values.push_back(
        static_cast<double>(number("scale") * (state / number("q")) + number("offset")));
  }
  return values;
}

// A plain list, {"kind": "explicit" | "lcg_perm", ...}, or {"array": name} of a peer file.
inline std::vector<double> read_values(const Json& spec, const Json& arrays = {}) {
  if (spec.is_object() && spec.contains("array")) return read_values(arrays.at(spec.at("array")));
  if (spec.is_object() && spec.at("kind") == "lcg_perm") return lcg_perm(spec);
  std::vector<double> values;
  for (const Json& value : spec.is_object() ? spec.at("values") : spec) {
    values.push_back(to_double(value));
  }
  return values;
}

// got equals want to `relative`, or both lie below `absolute`.
inline bool is_near(double got, double want, double relative, double absolute = 0.0) {
  return std::abs(got - want) <= absolute + relative * std::abs(want);
}

}  // namespace driftguard::stats
