// SPDX-License-Identifier: Apache-2.0
// One connection's life: read a head, admit it, read the body, call the handler, answer; again.
//
// run() is one coroutine on the connection's strand. expire_if_overdue(), drain() and cut() may be
// called from any thread. Written in session.cpp and session_body.cpp. Heavy header (Asio): only
// for .cpp files of this room.
#pragma once

#include <boost/beast/core/flat_buffer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "core/clock.h"
#include "http/budget.h"
#include "http/connection.h"
#include "http/cors.h"
#include "http/figures.h"
#include "http/head.h"
#include "http/limits.h"
#include "http/reply.h"
#include "http/router.h"
#include "http/shared_calls.h"
#include "http/worker_pool.h"

namespace driftguard::http {

// What all sessions of a server share. Outlives them.
struct SessionContext {
  const ServerLimits& limits;
  const Router& router;
  const Cors& cors;
  const Clock* clock;
  ServerFigures& figures;
  BodyBudget& budget;
  WorkerPool& workers;
  SharedCalls& shared_calls;
};

class Session final : public std::enable_shared_from_this<Session> {
 public:
  Session(Socket socket, SessionContext context);

  Strand executor() { return connection_.executor(); }

  // Serves requests until the connection ends. Keep the session alive until it has returned.
  Task<void> run();

  void expire_if_overdue(SteadyTime now);
  // Ends the session if it is between requests; a request that has begun is the last one.
  void drain();
  // Ends the session now; an answer still owed is dropped.
  void cut();

 private:
  struct Exchange;  // One request and its answer.

  using ReadHead = std::variant<Head, Refusal>;
  using Refused = std::optional<Response>;

  Task<bool> serve_one();
  Task<std::optional<ReadHead>> read_head();
  Task<Response> respond(Exchange& x);
  Refused admit(Exchange& x);
  Refused admit_body(const Exchange& x) const;
  Response answer_options(const Exchange& x) const;

  Task<Refused> read_body(Exchange& x);
  Task<Refused> read_sized_body(Exchange& x);
  Task<Refused> read_chunked_body(Exchange& x);
  Task<Refused> undo_encoding(Exchange& x);
  Response body_broken_off();
  Response overloaded(std::string_view detail);

  Task<Response> call_handler(Exchange& x);
  void call_on_worker(Exchange& x, Respond respond, std::shared_ptr<Reply> reply);
  void call_for_all(Exchange& x, Respond respond);
  Task<std::optional<Response>> answer_of(std::shared_ptr<Reply> reply);

  Task<bool> send(Exchange& x, Response response);
  void decorate(const Exchange& x, Response& response) const;
  std::string_view date();

  Connection connection_;
  const SessionContext context_;
  boost::beast::flat_buffer in_;  // Bytes read and not yet used: the next requests of a pipeline.
  std::string out_;               // The head of the answer being written.
  std::shared_ptr<Reply> owed_;   // The handler's answer that is waited for.
  bool between_requests_ = true;
  std::size_t served_ = 0;
  Time date_second_{};  // The second that date_ names.
  std::string date_;
};

}  // namespace driftguard::http
