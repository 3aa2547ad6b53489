// SPDX-License-Identifier: Apache-2.0
#include "http/shared_calls.h"

#include <memory>
#include <utility>

namespace driftguard::http {

std::string SharedCalls::question(const Request& request) {
  std::string question = request.path;
  for (const auto& [name, value] : request.query) {
    question.append(1, '\0').append(name).append(1, '\0').append(value);
  }
  if (const auto known = request.header("if-none-match")) {
    question.append(2, '\0').append(*known);
  }
  return question;
}

bool SharedCalls::join(const std::string& question, Respond respond) {
  const std::lock_guard lock(mutex_);
  std::vector<Respond>& group = groups_[question];
  group.push_back(std::move(respond));
  return group.size() == 1;
}

Respond SharedCalls::close(const std::string& question) {
  const auto members = std::make_shared<std::vector<Respond>>();
  {
    const std::lock_guard lock(mutex_);
    const auto group = groups_.extract(question);
    if (!group.empty()) *members = std::move(group.mapped());
  }
  return [members](const Response& response) {
    for (const Respond& respond : *members) respond(response);
  };
}

}  // namespace driftguard::http
