// SPDX-License-Identifier: Apache-2.0
// One call of a handler for all equal requests that wait for it.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "http/message.h"

namespace driftguard::http {

// Groups of requests with one question. A group takes requests until its call begins, so an answer
// is never older than any request that it answers. As many groups and members as there are
// connections, at most. Thread-safe.
class SharedCalls final {
 public:
  // What makes two requests equal: path and query, and what the client has already. Their answers
  // must depend on nothing else.
  static std::string question(const Request& request);

  // True: the first of its group, for whose call the caller has to see.
  [[nodiscard]] bool join(const std::string& question, Respond respond);

  // Ends the group: its call begins, or will never be. An answer for every member.
  Respond close(const std::string& question);

 private:
  std::mutex mutex_;
  std::map<std::string, std::vector<Respond>> groups_;  // Protected by mutex_.
};

}  // namespace driftguard::http
