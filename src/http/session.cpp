// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <cassert>
#include <exception>
#include <utility>

#include "http/compression.h"
#include "http/problem.h"
#include "http/response_head.h"
#include "http/session_exchange.h"
#include "http/target.h"

namespace driftguard::http {
namespace {

constexpr std::size_t kHeadReadBytes = 4 << 10;   // What an idle connection holds.
constexpr std::size_t kKeptBufferMax = 16 << 10;  // A larger one is given back after a request.
constexpr std::size_t kLingerBytesMax = 1 << 20;  // Taken from a refused client before closing.
constexpr std::size_t kJoinBytesMax = 4 << 10;    // A body so small is copied behind its head.
constexpr std::size_t kServedBeforeYield = 16;    // A pipeline lets others have their turn.

constexpr Refusal kBrokenHead{400, "/problems/malformed-request",
                              "This is not an HTTP/1.1 request."};
constexpr Refusal kLongHead{431, "/problems/headers-too-large", "The request's head is too long."};
constexpr Refusal kSlowHead{408, "/problems/request-timeout",
                            "The request's head came too slowly."};

Response refuse(const Refusal& refusal) {
  return problem(refusal.status, refusal.detail, {.type = refusal.type});
}

// Of a connection that was cut: for the observer, as nobody reads it.
Response shutting_down() { return problem(503, "The server is shutting down."); }

void call(const Handler& handler, Request&& request, const Respond& respond) {
  try {
    handler(std::move(request), respond);
  } catch (const std::exception&) {
    respond(problem(500, "The server failed to handle the request."));
  }
}

}  // namespace

Session::Session(Socket socket, SessionContext context)
    : connection_(std::move(socket)), context_(context), in_(SIZE_MAX) {}

Task<void> Session::run() {
  try {
    connection_.arm(context_.limits.header_timeout);
    for (;;) {
      const bool go_on = co_await serve_one();
      if (!go_on) break;
      if (++served_ % kServedBeforeYield == 0) {
        co_await asio::post(executor(), kAwait);
      }
      if (in_.size() == 0) connection_.arm(context_.limits.idle_timeout);
    }
  } catch (const std::exception&) {
    // Out of memory: this connection ends, the others go on.
  }
  connection_.cut();
}

void Session::expire_if_overdue(SteadyTime now) {
  if (!connection_.overdue(now)) return;
  asio::post(executor(), [self = shared_from_this()] { self->connection_.time_out_if_overdue(); });
}

void Session::drain() {
  asio::post(executor(), [self = shared_from_this()] {
    if (self->between_requests_) self->connection_.wake_up();
  });
}

void Session::cut() {
  asio::post(executor(), [self = shared_from_this()] {
    self->connection_.cut();
    if (self->owed_) self->owed_->abandon();
  });
}

Task<bool> Session::serve_one() {
  between_requests_ = in_.size() == 0;
  std::optional<ReadHead> read = co_await read_head();
  if (!read) co_return false;
  Exchange x(context_);
  Response response;
  if (const Refusal* refusal = std::get_if<Refusal>(&*read)) {
    x.head.request.method = Method::kOther;
    x.close = true;
    response = refuse(*refusal);
  } else {
    x.head = std::get<Head>(std::move(*read));
    response = co_await respond(x);
    // The body has been used; a slow reader of the answer must not hold its share.
    x.head.request.body = {};
    x.charge.release();
  }
  co_return co_await send(x, std::move(response));
}

// Nothing: the peer went, or sent nothing in time.
Task<std::optional<Session::ReadHead>> Session::read_head() {
  using State = HeadScan::State;
  bool blank_skipped = false;
  bool draining_seen = false;
  std::size_t scanned = 0;
  if (in_.size() > 0) connection_.arm(context_.limits.header_timeout);
  for (;;) {
    if (!blank_skipped && view(in_).starts_with("\r\n")) {
      // Some old clients end a body with an empty line that nothing announced.
      in_.consume(2);
      blank_skipped = true;
    }
    const bool lone_return = !blank_skipped && view(in_) == "\r";
    const HeadScan scan = lone_return ? HeadScan{} : scan_head(view(in_), scanned);
    if (scan.state == State::kBroken) co_return kBrokenHead;
    const std::size_t head_bytes = scan.state == State::kComplete ? scan.end : in_.size();
    if (head_bytes > context_.limits.header_bytes_max) co_return kLongHead;
    if (scan.state == State::kComplete) {
      between_requests_ = false;
      ReadHead head = parse_head(view(in_).substr(0, scan.end), context_.limits);
      in_.consume(scan.end);
      co_return head;
    }
    scanned = scan.scanned;
    const bool nothing_yet = in_.size() == 0;
    if (nothing_yet && context_.figures.draining && !draining_seen) {
      // A request that is already here is still served; nobody waits for another one.
      draining_seen = true;
      connection_.wake_up();
    }
    const auto space = in_.prepare(kHeadReadBytes);
    const std::size_t bytes = co_await connection_.read_some(space);
    in_.commit(bytes);
    if (bytes == 0) {
      if (!connection_.timed_out() || nothing_yet) co_return std::nullopt;
      context_.figures.timeouts_total.fetch_add(1, std::memory_order_relaxed);
      co_return kSlowHead;
    }
    if (nothing_yet) {
      between_requests_ = false;
      connection_.arm(context_.limits.header_timeout);
    }
  }
}

Task<Response> Session::respond(Exchange& x) {
  if (Refused refused = admit(x)) {
    // What follows is a body nobody reads, so nothing after it can be understood.
    x.close = x.head.has_body();
    co_return *std::move(refused);
  }
  if (x.head.has_body()) {
    Refused refused = co_await read_body(x);
    if (refused) co_return *std::move(refused);
  }
  Response response = co_await call_handler(x);
  co_return response;
}

Session::Refused Session::admit(Exchange& x) {
  Request& request = x.head.request;
  request.peer = connection_.peer();
  x.accept_encoding = request.header("accept-encoding").value_or("");
  if (const auto origin = request.header("origin")) x.origin = *origin;
  if (request.method == Method::kOptions && x.head.raw_path == "*") return answer_options(x);
  auto path = percent_decode(x.head.raw_path);
  auto query = parse_query(x.head.raw_query);
  if (!path || !query || !path_segments(x.head.raw_path)) {
    return problem(400, "The path or the query is not properly percent-encoded.",
                   {.type = "/problems/malformed-request"});
  }
  request.path = *std::move(path);
  request.query = *std::move(query);
  x.match = context_.router.find(request.method, x.head.raw_path);
  request.path_parameters = std::move(x.match.parameters);
  if (!x.match.path_known) return problem(404, "There is nothing at this path.");
  if (x.match.route == nullptr) {
    if (request.method == Method::kOptions) return answer_options(x);
    Response response = problem(405, "This path does not know the method; see Allow.");
    response.headers.emplace_back("Allow", x.match.allow);
    return response;
  }
  const std::size_t own = x.match.route->options.body_bytes_max;
  x.body_bytes_max = std::min(own > 0 ? own : SIZE_MAX, context_.limits.body_bytes_max);
  return x.head.has_body() ? admit_body(x) : std::nullopt;
}

Response Session::answer_options(const Exchange& x) const {
  Response response;
  response.status = 204;
  std::string_view allow = "GET, HEAD, POST, OPTIONS";  // Of `OPTIONS *`.
  if (x.match.path_known) allow = x.match.allow;
  response.headers.emplace_back("Allow", allow);
  if (x.origin && x.head.request.header("access-control-request-method")) {
    context_.cors.decorate_preflight(*x.origin, x.head.host, allow, response.headers);
  }
  return response;
}

Task<Response> Session::call_handler(Exchange& x) {
  connection_.disarm();
  if (connection_.is_cut()) co_return shutting_down();
  const auto reply = std::make_shared<Reply>();
  owed_ = reply;
  {
    Respond respond = Reply::respond_to(reply);
    const RouteOptions& options = x.match.route->options;
    if (options.run == Run::kInline) {
      call(x.match.route->handler, std::move(x.head.request), respond);
    } else if (options.shared) {
      call_for_all(x, std::move(respond));
    } else {
      call_on_worker(x, std::move(respond), reply);
    }
  }
  std::optional<Response> response = co_await answer_of(reply);
  owed_ = nullptr;
  if (!response) co_return shutting_down();
  co_return *std::move(response);
}

void Session::call_on_worker(Exchange& x, Respond respond, std::shared_ptr<Reply> reply) {
  auto request = std::make_shared<Request>(std::move(x.head.request));
  const bool queued = context_.workers.try_run(
      [&handler = x.match.route->handler, request, respond, reply = std::move(reply)] {
        if (!reply->abandoned()) call(handler, std::move(*request), respond);
      });
  if (!queued) respond(overloaded("Too many requests wait for a worker."));
}

void Session::call_for_all(Exchange& x, Respond respond) {
  SharedCalls& calls = context_.shared_calls;
  const std::string question = SharedCalls::question(x.head.request);
  if (!calls.join(question, std::move(respond))) {
    context_.figures.shared_total.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  auto request = std::make_shared<Request>(std::move(x.head.request));
  const bool queued =
      context_.workers.try_run([&handler = x.match.route->handler, &calls, question, request] {
        const Respond respond_to_all = calls.close(question);
        call(handler, std::move(*request), respond_to_all);
      });
  if (!queued) calls.close(question)(overloaded("Too many requests wait for a worker."));
}

Task<std::optional<Response>> Session::answer_of(std::shared_ptr<Reply> reply) {
  if (std::optional<Response> response = reply->take()) co_return response;
  const auto start = [this, &reply](auto resume) {
    const auto shared = std::make_shared<decltype(resume)>(std::move(resume));
    reply->when_ready([strand = executor(), shared] { asio::post(strand, std::move(*shared)); });
  };
  co_await asio::async_initiate<decltype(kAwait), void()>(start, kAwait);
  co_return reply->take();
}

void Session::decorate(const Exchange& x, Response& response) const {
  if (!well_formed(response)) response = problem(500, "The server made a malformed answer.");
  context_.cors.decorate(x.origin, x.head.host, response.headers);
  compress_if_worth_it(response, x.accept_encoding);
}

std::string_view Session::date() {
  if (context_.clock == nullptr) return {};
  const Time now = std::chrono::floor<std::chrono::seconds>(context_.clock->now());
  if (date_.empty() || now != date_second_) {
    date_second_ = now;
    date_ = http_date(now);
  }
  return date_;
}

Task<bool> Session::send(Exchange& x, Response response) {
  decorate(x, response);
  x.close = x.close || !x.head.keep_alive || context_.figures.draining;
  out_.clear();
  append_head(out_, response, {x.close, x.head.http10 && !x.close, date()});
  const bool bodiless = x.head.request.method == Method::kHead || !has_body(response.status);
  const std::string_view body = bodiless ? std::string_view() : response.body;
  const bool joined = body.size() <= kJoinBytesMax;
  if (joined) out_.append(body);
  connection_.arm(context_.limits.write_timeout);
  const std::array<asio::const_buffer, 2> buffers = {
      asio::buffer(out_), joined ? asio::const_buffer() : asio::buffer(body)};
  auto& figures = context_.figures;
  // Before the bytes go: whoever has an answer finds it counted.
  figures.responses_total.at(static_cast<std::size_t>(response.status / 100))
      .fetch_add(1, std::memory_order_relaxed);
  const bool written = co_await connection_.write(buffers);
  if (!written && connection_.timed_out()) figures.timeouts_total.fetch_add(1);
  if (const Observer& observe = context_.router.observer()) {
    const std::string_view pattern =
        x.match.route != nullptr ? std::string_view(x.match.route->pattern) : "";
    observe(pattern, x.head.request.method, response.status,
            std::chrono::steady_clock::now() - x.begun);
  }
  if (written && x.close) {
    co_await connection_.linger(context_.limits.linger_timeout, kLingerBytesMax);
  }
  if (in_.size() == 0 && in_.capacity() > kKeptBufferMax) in_.shrink_to_fit();
  co_return written && !x.close;
}

}  // namespace driftguard::http
