// SPDX-License-Identifier: Apache-2.0
// What an answer looks like: codings, media types, HEAD, OPTIONS, CORS, security headers, and what
// the observer is told of it.
#include <zstd.h>

#include <chrono>
#include <mutex>
#include <string>
#include <vector>

#include "http/compression.h"
#include "http/test_client.h"

namespace driftguard::http {
namespace {

constexpr std::size_t kBodyMax = 64 << 10;

ServerOptions small_bodies() {
  ServerOptions options;
  options.limits.body_bytes_max = kBodyMax;
  options.limits.linger_timeout = std::chrono::milliseconds(50);
  return options;
}

std::string gzip_post(std::string_view body) {
  return post("/echo", gzip(body), "Content-Encoding: gzip\r\n");
}

std::string zstd(std::string_view body) {
  std::string out(ZSTD_compressBound(body.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), body.data(), body.size(), 1));
  return out;
}

TEST(Coding, GzipAndZstdBodiesArriveDecoded) {
  TestServer server(echo_router(), small_bodies());
  const std::string body(60'000, 'x');
  EXPECT_EQ(server.ask(gzip_post(body)).body, body);
  EXPECT_EQ(server.ask(gzip_post("short")).body, "short");
  EXPECT_EQ(server.ask(post("/echo", zstd(body), "Content-Encoding: zstd\r\n")).body, body);
  EXPECT_EQ(server.ask(post("/echo", "abc", "Content-Encoding: identity\r\n")).body, "abc");
}

TEST(Coding, LargeCompressedBodiesAreDecodedOnAWorker) {
  TestServer server(echo_router());
  std::string body;
  for (int i = 0; i < 30'000; ++i) body += std::to_string(i * 7919 % 100'003) + ",";
  EXPECT_EQ(server.ask(gzip_post(body)).body, body);
}

TEST(Coding, BombIsRefusedAtTheLimit) {
  TestServer server(echo_router(), small_bodies());
  const std::string zeros(50 << 20, '\0');
  EXPECT_EQ(server.ask(gzip_post(zeros)).status, 413);
  EXPECT_EQ(server.ask(post("/echo", zstd(zeros), "Content-Encoding: zstd\r\n")).status, 413);
  EXPECT_EQ(server.server().figures().body_bytes_inflight, 0);
}

TEST(Coding, CorruptBodyIsA400AndUnknownCodingA415) {
  TestServer server(echo_router());
  EXPECT_EQ(server.ask(post("/echo", "not gzip", "Content-Encoding: gzip\r\n")).status, 400);
  const Answer unknown = server.ask(post("/echo", "x", "Content-Encoding: br\r\n"));
  EXPECT_EQ(unknown.status, 415);
  EXPECT_EQ(unknown.header("Accept-Encoding"), "gzip, zstd");
  EXPECT_EQ(server.ask(post("/echo", "x", "Content-Encoding: gzip, gzip\r\n")).status, 415);
}

TEST(Coding, LargeTextIsCompressedForWhoAcceptsIt) {
  TestServer server(echo_router());
  const std::string body(5000, 'x');
  const Answer packed = server.ask(post("/echo", body, "Accept-Encoding: br, gzip\r\n"));
  EXPECT_EQ(packed.header("Content-Encoding"), "gzip");
  EXPECT_LT(packed.body.size(), 200U);
  EXPECT_EQ(*decompress("gzip", packed.body, 5000), body);
  EXPECT_EQ(server.ask(post("/echo", body)).body, body);
  EXPECT_EQ(server.ask(post("/echo", "tiny", "Accept-Encoding: gzip\r\n")).body, "tiny");
}

TEST(Media, OtherTypesThanTheRoutesAreA415) {
  Router router;
  router.add(Method::kPost, "/json", [](Request&&, const Respond& respond) { respond(text("ok")); },
             {.media_types = {"application/json"}});
  TestServer server(std::move(router));
  EXPECT_EQ(server.ask(post("/json", "{}", "Content-Type: Application/JSON; a=b\r\n")).status, 200);
  EXPECT_EQ(server.ask(post("/json", "{}", "Content-Type: text/plain\r\n")).status, 415);
  EXPECT_EQ(server.ask(post("/json", "{}")).status, 415);
}

TEST(Head, IsAnsweredAsGetWithoutTheBody) {
  TestServer server(echo_router());
  TestClient client = server.connect();
  client.send("HEAD /hello HTTP/1.1\r\nHost: h\r\n\r\n" + get("/hello"));
  const Answer answer = client.receive(true);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("Content-Length"), "5");
  EXPECT_EQ(client.receive().body, "hello");
}

TEST(Options, NameTheMethods) {
  const Answer answer = TestServer(echo_router()).ask("OPTIONS /hello HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.header("Allow"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(answer.header("Content-Length"), "");
}

class CorsAnswers : public testing::Test {
 protected:
  static ServerOptions options() {
    ServerOptions options;
    options.cors_origins = {"http://localhost:5173"};
    return options;
  }
  static constexpr const char* kAllow = "Access-Control-Allow-Origin";
  TestServer server_{echo_router(), options()};
};

TEST_F(CorsAnswers, AllowTheListedOriginAndOurOwn) {
  const Answer listed = server_.ask(get("/hello", "Origin: http://localhost:5173\r\n"));
  EXPECT_EQ(listed.header(kAllow), "http://localhost:5173");
  EXPECT_EQ(listed.header("Vary"), "Origin");
  EXPECT_EQ(listed.header("Access-Control-Allow-Credentials"), "");
  EXPECT_EQ(server_.ask(get("/hello", "Origin: http://h\r\n")).header(kAllow), "http://h");
}

TEST_F(CorsAnswers, SayNothingToOthers) {
  for (const char* origin : {"http://evil", "null", "http://localhost:5174", "http://h.evil"}) {
    const Answer answer = server_.ask(get("/hello", "Origin: " + std::string(origin) + "\r\n"));
    EXPECT_EQ(answer.header(kAllow), "") << origin;
    EXPECT_EQ(answer.header("Vary"), "Origin");
  }
}

TEST_F(CorsAnswers, ErrorsToo) {
  const Answer answer = server_.ask(get("/none", "Origin: http://localhost:5173\r\n"));
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.header(kAllow), "http://localhost:5173");
}

TEST_F(CorsAnswers, PreflightNamesMethodsAndHeaders) {
  const std::string ask =
      "OPTIONS /echo HTTP/1.1\r\nHost: h\r\nAccess-Control-Request-Method: POST\r\n";
  const Answer answer = server_.ask(ask + "Origin: http://localhost:5173\r\n\r\n");
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.header("Access-Control-Allow-Methods"), "POST, OPTIONS");
  EXPECT_NE(answer.header("Access-Control-Allow-Headers").find("Content-Type"), std::string::npos);
  const Answer refused = server_.ask(ask + "Origin: http://evil\r\n\r\n");
  EXPECT_EQ(refused.header("Access-Control-Allow-Methods"), "");
}

TEST(Security, EveryAnswerForbidsSniffingAndHidesTheServer) {
  TestServer server(echo_router());
  for (const std::string& request : {get("/hello"), get("/none"), std::string("nonsense\n")}) {
    const Answer answer = server.ask(request);
    EXPECT_EQ(answer.header("X-Content-Type-Options"), "nosniff") << request;
    EXPECT_EQ(answer.header("Server"), "");
  }
}

TEST(Security, DateIsTheClocks) {
  ManualClock clock(time_from_us(784'111'777'000'000));
  ServerOptions options;
  options.clock = &clock;
  const Answer answer = TestServer(echo_router(), options).ask(get("/hello"));
  EXPECT_EQ(answer.header("Date"), "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(Observing, EveryAnswerIsSeenWithABoundedLabel) {
  std::mutex mutex;
  std::vector<std::string> seen;
  Router router = echo_router();
  router.add(Method::kGet, "/a/{id}",
             [](Request&&, const Respond& respond) { respond(text("a")); });
  router.observe([&](std::string_view pattern, Method method, int status, auto duration) {
    const std::lock_guard lock(mutex);
    EXPECT_GE(duration.count(), 0);
    seen.push_back(std::string(method_name(method)) + " " + std::string(pattern) + " " +
                   std::to_string(status));
  });
  TestServer server(std::move(router));
  TestClient client = server.connect();
  client.send(get("/a/7") + get("/zzz") + "PUT /a/7 HTTP/1.1\r\nHost: h\r\n\r\n" + "bad\n\n");
  for (int i = 0; i < 4; ++i) EXPECT_NE(client.receive().status, 0);
  EXPECT_TRUE(client.ended());
  const std::lock_guard lock(mutex);
  EXPECT_EQ(seen,
            (std::vector<std::string>{"GET /a/{id} 200", "GET  404", "PUT  405", "OTHER  400"}));
}

}  // namespace
}  // namespace driftguard::http
