// SPDX-License-Identifier: Apache-2.0
// Session's half that reads bodies: within their limits, in time, out of their codings.
#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

#include "http/chunked.h"
#include "http/compression.h"
#include "http/problem.h"
#include "http/session_exchange.h"

namespace driftguard::http {
namespace {

constexpr std::size_t kChunkedReadBytes = 64 << 10;
constexpr std::size_t kBodyStepBytes = 128 << 10;  // A body grows as it comes, not as announced.
constexpr std::size_t kBodyReserveMax = 1 << 20;   // Address space, not yet memory.
constexpr std::size_t kInlineDecompressMax = 4 << 10;  // More goes to a worker: it takes too long.

Response body_too_large(std::size_t bytes_max) {
  return problem(413, "The body is larger than " + std::to_string(bytes_max) + " bytes.",
                 {.type = "/problems/body-too-large"});
}

// "application/json; charset=utf-8" -> "application/json", in lower case.
std::string media_type(std::string_view content_type) {
  std::string type(content_type.substr(0, content_type.find(';')));
  type.erase(std::find_if(type.begin(), type.end(), [](char c) { return c == ' ' || c == '\t'; }),
             type.end());
  std::transform(type.begin(), type.end(), type.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  return type;
}

}  // namespace

Session::Refused Session::admit_body(const Exchange& x) const {
  const Request& request = x.head.request;
  const auto& known = x.match.route->options.media_types;
  const std::string type = media_type(request.header("content-type").value_or(""));
  if (!known.empty() && std::find(known.begin(), known.end(), type) == known.end()) {
    std::string detail = "This path reads";
    for (const std::string& name : known) detail += " " + name;
    return problem(415, detail + ".");
  }
  if (!encoding_known(request.header("content-encoding").value_or(""))) {
    Response response = problem(415, "The only content codings understood are gzip and zstd.",
                                {.type = "/problems/unsupported-content-encoding"});
    response.headers.emplace_back("Accept-Encoding", "gzip, zstd");
    return response;
  }
  if (x.head.body_bytes > x.body_bytes_max) return body_too_large(x.body_bytes_max);
  return std::nullopt;
}

Task<Session::Refused> Session::read_body(Exchange& x) {
  connection_.arm(context_.limits.body_timeout);
  x.encoding = x.head.request.header("content-encoding").value_or("");
  if (x.head.expect_continue && in_.size() == 0) {
    constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    const std::array<asio::const_buffer, 2> buffers = {asio::buffer(kContinue),
                                                       asio::const_buffer()};
    const bool written = co_await connection_.write(buffers);
    if (!written) co_return body_broken_off();
  }
  Refused refused;
  if (x.head.chunked) {
    refused = co_await read_chunked_body(x);
  } else {
    refused = co_await read_sized_body(x);
  }
  if (!refused) {
    connection_.disarm();
    context_.figures.body_bytes_total.fetch_add(x.head.request.body.size(),
                                                std::memory_order_relaxed);
    if (!x.encoding.empty()) {
      refused = co_await undo_encoding(x);
    }
  } else {
    x.close = true;
  }
  co_return refused;
}

// Straight from the socket into the body. Memory follows what has come, so that announcing much
// and sending little costs the sender, not us.
Task<Session::Refused> Session::read_sized_body(Exchange& x) {
  std::string& body = x.head.request.body;
  const std::size_t size = x.head.body_bytes;
  std::size_t have = std::min(size, in_.size());
  if (!x.charge.raise_to(have)) co_return overloaded("Too many body bytes are under way.");
  body.reserve(std::min(size, kBodyReserveMax));
  body.assign(view(in_).substr(0, have));
  in_.consume(have);
  while (have < size) {
    if (body.size() == have) {
      const std::size_t next = std::min(size, have + kBodyStepBytes);
      if (!x.charge.raise_to(next)) co_return overloaded("Too many body bytes are under way.");
      body.resize(next);
    }
    const auto space = asio::buffer(body.data() + have, body.size() - have);
    const std::size_t bytes = co_await connection_.read_some(space);
    if (bytes == 0) co_return body_broken_off();
    have += bytes;
  }
  assert(body.size() == size);
  co_return std::nullopt;
}

Task<Session::Refused> Session::read_chunked_body(Exchange& x) {
  using State = ChunkDecoder::State;
  std::string& body = x.head.request.body;
  ChunkDecoder decoder(x.body_bytes_max);
  for (;;) {
    std::string_view rest = view(in_);
    // Before the bytes are taken: what is decoded is never more than what is in the buffer.
    if (!x.charge.raise_to(body.size() + rest.size())) {
      co_return overloaded("Too many body bytes are under way.");
    }
    const State state = decoder.feed(rest, body);
    in_.consume(in_.size() - rest.size());
    if (state == State::kDone) co_return std::nullopt;
    if (state == State::kTooLarge) co_return body_too_large(x.body_bytes_max);
    if (state == State::kBroken) {
      co_return problem(400, "The chunked coding of the body is broken.",
                        {.type = "/problems/ambiguous-framing"});
    }
    const auto space = in_.prepare(kChunkedReadBytes);
    const std::size_t bytes = co_await connection_.read_some(space);
    if (bytes == 0) co_return body_broken_off();
    in_.commit(bytes);
  }
}

Task<Session::Refused> Session::undo_encoding(Exchange& x) {
  std::string& body = x.head.request.body;
  std::optional<Result<std::string>> plain;
  const auto work = [&] { plain = decompress(x.encoding, body, x.body_bytes_max); };
  if (body.size() <= kInlineDecompressMax) {
    work();
  } else {
    // Not owed_: the worker writes to this frame, so nothing may end the waiting before it is done.
    auto done = std::make_shared<Reply>();
    const bool queued = context_.workers.try_run([&work, done] {
      work();
      done->answer({});
    });
    if (!queued) co_return overloaded("Too many requests wait for a worker.");
    co_await answer_of(done);
  }
  assert(plain.has_value());
  if (!plain->has_value()) {
    if (plain->error().code == ErrorCode::kTooLarge) {
      co_return problem(413, plain->error().detail, {.type = "/problems/body-too-large"});
    }
    co_return problem(400, plain->error().detail, {.type = "/problems/corrupt-encoding"});
  }
  body = **std::move(plain);
  if (!x.charge.raise_to(body.size())) co_return overloaded("Too many body bytes are under way.");
  co_return std::nullopt;
}

Response Session::body_broken_off() {
  if (!connection_.timed_out()) {
    return problem(400, "The body ended before its announced end.",
                   {.type = "/problems/incomplete-body"});
  }
  context_.figures.timeouts_total.fetch_add(1, std::memory_order_relaxed);
  return problem(408, "The body came too slowly.", {.type = "/problems/request-timeout"});
}

Response Session::overloaded(std::string_view detail) {
  context_.figures.overload_total.fetch_add(1, std::memory_order_relaxed);
  Response response = problem(503, detail, {.type = "/problems/overloaded"});
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

}  // namespace driftguard::http
