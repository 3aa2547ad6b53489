// SPDX-License-Identifier: Apache-2.0
// Receivers that are told by HTTP: a POST of JSON, its answer, and what that means.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "client/http_client.h"
#include "core/clock.h"
#include "core/result.h"
#include "notify/secrets.h"
#include "notify/target.h"

namespace driftguard::notify {

struct HttpTargetOptions {
  std::string name;
  std::string url;     // A secret.
  std::string secret;  // Signs each request, unless it is empty.
  std::string ca_file;
  std::chrono::seconds timeout{10};
  Habits habits;
};

// What an answer means: 2xx delivered; 408, 425, 429 and 5xx later again; all others, redirects
// among them, refused.
Outcome outcome_of(const client::HttpAnswer& answer, const Secrets& secrets, Time now);

class HttpTarget final : public Target {
 public:
  // The body for a message.
  using Body = std::function<std::string(const Message& message)>;

  // kInvalidArgument: the URL is none. The clock must outlive it.
  static Result<std::unique_ptr<Target>> make(const HttpTargetOptions& options, Body body,
                                              const Clock& clock);

  const std::string& name() const override { return options_.name; }
  const Habits& habits() const override { return options_.habits; }
  Outcome send(const Message& message, const std::atomic<bool>& stop) override;

 private:
  HttpTarget(HttpTargetOptions options, client::HttpClient client, Body body, const Clock& clock);

  const HttpTargetOptions options_;
  client::HttpClient client_;
  const Body body_;
  const Clock& clock_;
  Secrets secrets_;
};

}  // namespace driftguard::notify
