// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <string>
#include <vector>

#include "notify/target.h"

namespace driftguard::notify {

struct CommandOptions {
  std::vector<std::string> words;  // The program and its arguments; no shell is between.
  std::chrono::milliseconds timeout{10'000};
};

// Runs the command with `input` on its standard input and almost no environment (PATH, LANG). Exit
// code 0: delivered; all else: later again, with the code and the first line of what it wrote. Once
// it ends, or its time is over, every process of its group is killed. Safe from any thread.
Outcome run_command(const CommandOptions& options, const std::string& input,
                    const std::atomic<bool>& stop);

class CommandTarget final : public Target {
 public:
  CommandTarget(CommandOptions options, Habits habits)
      : options_(std::move(options)), habits_(habits) {}

  const std::string& name() const override { return name_; }
  const Habits& habits() const override { return habits_; }
  Outcome send(const Message& message, const std::atomic<bool>& stop) override;

 private:
  const std::string name_ = "command";
  const CommandOptions options_;
  const Habits habits_;
};

}  // namespace driftguard::notify
