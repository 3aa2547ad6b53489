// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace driftguard::cli {

// Text without what would move a terminal's cursor or colour it: control characters become '?'.
std::string printable(std::string_view text);

// Columns of text as wide as their widest cell; numbers stand to the right. Not thread-safe.
class TextTable final {
 public:
  enum class Align { kLeft, kRight };
  struct Column {
    std::string title;
    Align align = Align::kLeft;
  };

  explicit TextTable(std::vector<Column> columns);

  // As many cells as there are columns; they are made printable().
  void add_row(const std::vector<std::string>& cells);

  // Titles and rows, one a line, columns two blanks apart.
  std::string text() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace driftguard::cli
