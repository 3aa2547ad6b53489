// SPDX-License-Identifier: Apache-2.0
// The command line: one verb a file, each giving an exit code. Data goes to standard output,
// messages to standard error.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/config.h"

namespace CLI {
class App;
}

namespace driftguard::cli {

// What the program's exit says.
enum ExitCode {
  kDone = 0,
  kNo = 1,         // The answer is no: drift.
  kFailed = 2,     // Usage, configuration or failure.
  kTooLittle = 3,  // Not enough data to answer.
};

// What every verb's --config, --store, --log-level and --set said.
class Settings final {
 public:
  // Adds the flags to a verb.
  void add_flags(CLI::App& verb);
  // File, environment and flags together.
  Result<Config> load() const;
  // A flag of the verb's own that sets a key.
  void set(std::string key, std::string value) {
    flags_.emplace_back(std::move(key), std::move(value));
  }

 private:
  std::string file_;
  std::vector<std::string> assignments_;
  std::vector<std::pair<std::string, std::string>> flags_;
};

// Adds a verb to the program; `run` gets what to call when it was chosen.
using Chosen = std::function<int()>;
void add_serve(CLI::App& program, Chosen& chosen);
void add_baseline(CLI::App& program, Chosen& chosen);
void add_report(CLI::App& program, Chosen& chosen);
void add_check(CLI::App& program, Chosen& chosen);
void add_compare(CLI::App& program, Chosen& chosen);
void add_guard(CLI::App& program, Chosen& chosen);
void add_send(CLI::App& program, Chosen& chosen);
void add_import(CLI::App& program, Chosen& chosen);
void add_export(CLI::App& program, Chosen& chosen);
void add_doctor(CLI::App& program, Chosen& chosen);
void add_alert(CLI::App& program, Chosen& chosen);

// Says on standard error what went wrong; gives kFailed.
int fail(const Error& error);

// The whole program.
int run(int argc, char** argv);

}  // namespace driftguard::cli
