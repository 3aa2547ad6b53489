// SPDX-License-Identifier: Apache-2.0
// How far a long work has come, on standard error: one line that is written over where that is a
// terminal, else a line every few seconds.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace driftguard::cli {

struct Progress {
  std::uint64_t bytes = 0;
  std::uint64_t bytes_total = 0;  // 0: not known.
  std::uint64_t events = 0;
  std::chrono::duration<double> elapsed{};
};

// "[=======>      ]  52 %  87,000 events, 120,000/s, 1 s left", at most `width` wide; without the
// bar when `width` is 0, without share and time left when the total is not known.
std::string progress_text(const Progress& progress, std::size_t width);

struct ProgressStyle {
  bool terminal = false;
  bool colour = false;
  std::size_t width = 80;
};

// By standard error, NO_COLOR and TERM.
ProgressStyle progress_style();

// Not thread-safe.
class ProgressBar final {
 public:
  ProgressBar(std::string label, const ProgressStyle& style);
  ~ProgressBar();  // Takes the line away.
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // Cheap to call often: draws a few times a second.
  void update(Progress progress);
  // Writes a line of its own above the bar.
  void say(std::string_view line);

 private:
  using Clock = std::chrono::steady_clock;

  void clear();

  const std::string label_;
  const ProgressStyle style_;
  const Clock::time_point begin_ = Clock::now();
  Clock::time_point drawn_ = Clock::now();
  bool shown_ = false;
};

}  // namespace driftguard::cli
