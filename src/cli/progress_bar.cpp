// SPDX-License-Identifier: Apache-2.0
#include "cli/progress_bar.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "core/config.h"

namespace driftguard::cli {
namespace {

std::string thousands(double value) {
  std::string digits = fmt::format("{:.0f}", value);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, 1, ',');
  return digits;
}

std::string time_left(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::ceil(seconds));
  if (whole < 60) return fmt::format("{} s left", whole);
  if (whole < 3600) return fmt::format("{}:{:02} min left", whole / 60, whole % 60);
  return fmt::format("{}:{:02} h left", whole / 3600, whole / 60 % 60);
}

std::string bar(double share, std::size_t width) {
  const auto full = static_cast<std::size_t>(share * static_cast<double>(width));
  std::string text(width, ' ');
  std::fill_n(text.begin(), full, '=');
  if (full < width) text[full] = '>';
  return fmt::format("[{}] ", text);
}

}  // namespace

std::string progress_text(const Progress& progress, std::size_t width) {
  const double seconds = progress.elapsed.count();
  const double rate = seconds > 0 ? static_cast<double>(progress.events) / seconds : 0;
  std::string text = fmt::format("{} events, {}/s", thousands(static_cast<double>(progress.events)),
                                 thousands(rate));
  if (progress.bytes_total == 0) return text.substr(0, width == 0 ? text.size() : width);
  const double share = std::min(
      1.0, static_cast<double>(progress.bytes) / static_cast<double>(progress.bytes_total));
  text = fmt::format("{:3.0f} %  {}", std::floor(share * 100), text);
  if (share > 0 && share < 1) text += ", " + time_left(seconds / share * (1 - share));
  constexpr std::size_t kBarMin = 10;
  constexpr std::size_t kBarMax = 30;
  constexpr std::size_t kFrame = 3;
  if (width > text.size() + kBarMin + kFrame) {
    text = bar(share, std::min(kBarMax, width - text.size() - kFrame)) + text;
  }
  return text.substr(0, width == 0 ? text.size() : width);
}

ProgressStyle progress_style() {
  ProgressStyle style;
  style.terminal = ::isatty(STDERR_FILENO) == 1;
  style.colour = style.terminal;
  for (const auto& [name, value] : process_environment()) {
    if (name == "TERM" && value == "dumb") style.terminal = style.colour = false;
    if (name == "NO_COLOR" && !value.empty()) style.colour = false;
  }
  winsize size{};
  if (style.terminal && ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    style.width = size.ws_col;
  }
  return style;
}

ProgressBar::ProgressBar(std::string label, const ProgressStyle& style)
    : label_(std::move(label)), style_(style) {}

ProgressBar::~ProgressBar() { clear(); }

void ProgressBar::update(Progress progress) {
  const auto now = Clock::now();
  const auto pause =
      style_.terminal ? std::chrono::milliseconds(100) : std::chrono::milliseconds(5'000);
  if (now - drawn_ < pause) return;
  drawn_ = now;
  progress.elapsed = now - begin_;
  if (!style_.terminal) {
    fmt::print(stderr, "{}: {}\n", label_, progress_text(progress, 0));
    return;
  }
  clear();
  const std::string line = progress_text(progress, style_.width - 1);
  fmt::print(stderr, "{}{}{}", style_.colour ? "\x1b[36m" : "", line,
             style_.colour ? "\x1b[0m" : "");
  std::fflush(stderr);
  shown_ = true;
}

void ProgressBar::say(std::string_view line) {
  clear();
  fmt::print(stderr, "{}\n", line);
}

void ProgressBar::clear() {
  if (!shown_) return;
  fmt::print(stderr, "\r\x1b[K");
  shown_ = false;
}

}  // namespace driftguard::cli
