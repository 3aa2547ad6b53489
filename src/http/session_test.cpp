// SPDX-License-Identifier: Apache-2.0
// What one connection sees: body limits, timeouts, endings, handlers and workers.
#include <atomic>
#include <chrono>
#include <future>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "http/test_client.h"

namespace driftguard::http {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kBodyMax = 64 << 10;

// Short enough to wait for, long enough for a sanitizer on a busy machine to pass in time.
ServerOptions short_times() {
  ServerOptions options;
  options.limits.body_bytes_max = kBodyMax;
  options.limits.header_timeout = milliseconds(200);
  options.limits.body_timeout = milliseconds(200);
  options.limits.idle_timeout = milliseconds(200);
  options.limits.linger_timeout = milliseconds(50);
  return options;
}

ServerOptions small_bodies() {
  ServerOptions options;
  options.limits.body_bytes_max = kBodyMax;
  options.limits.linger_timeout = milliseconds(50);
  return options;
}

TEST(Body, LargestAllowedBodyArrivesWhole) {
  TestServer server(echo_router(), small_bodies());
  std::string body(kBodyMax, '\0');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>(i * 31 >> 3);
  EXPECT_EQ(server.ask(post("/echo", body)).body, body);
}

TEST(Body, OneByteMoreIsRefusedBeforeItIsRead) {
  TestServer server(echo_router(), small_bodies());
  const Answer answer =
      server.ask("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 65537\r\n\r\n");
  EXPECT_EQ(answer.status, 413);
  EXPECT_NE(answer.body.find("\"type\":\"/problems/body-too-large\""), std::string::npos);
}

TEST(Body, ChunkedBodyOverTheLimitIsRefusedAsItGrows) {
  TestServer server(echo_router(), small_bodies());
  std::string request = "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 17; ++i) request += "1000\r\n" + std::string(4096, 'x') + "\r\n";
  EXPECT_EQ(server.ask(request).status, 413);
}

TEST(Body, RoutesOwnLimitHolds) {
  Router router = echo_router();
  router.add(Method::kPost, "/small",
             [](Request&&, const Respond& respond) { respond(text("ok")); },
             {.body_bytes_max = 10});
  TestServer server(std::move(router));
  EXPECT_EQ(server.ask(post("/small", "0123456789")).status, 200);
  EXPECT_EQ(server.ask(post("/small", "0123456789a")).status, 413);
}

TEST(Body, BytesOfAllConnectionsTogetherAreBounded) {
  std::promise<Respond> held;
  Router router = echo_router();
  router.add(Method::kPost, "/hold",
             [&held](Request&&, Respond respond) { held.set_value(std::move(respond)); });
  ServerOptions options = small_bodies();
  options.limits.inflight_body_bytes_max = kBodyMax;
  TestServer server(std::move(router), options);
  TestClient holder = server.connect();
  holder.send(post("/hold", std::string(kBodyMax - 10, 'x')));
  const Respond respond = held.get_future().get();
  const Answer refused = server.ask(post("/echo", std::string(100, 'x')));
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.header("Retry-After"), "1");
  respond(text("done"));
  EXPECT_EQ(holder.receive().body, "done");
  EXPECT_EQ(server.ask(post("/echo", "x")).status, 200);
}

TEST(Body, RefusedBytesGoBackToTheBudget) {
  TestServer server(echo_router(), small_bodies());
  for (int i = 0; i < 3; ++i) {
    TestClient client = server.connect();
    client.send(post("/echo", std::string(1000, 'x')).substr(0, 500));
    client.end_sending();
    EXPECT_EQ(client.receive().status, 400);
  }
  EXPECT_EQ(server.server().figures().body_bytes_inflight, 0);
}

TEST(Expect, ContinueIsSentBeforeTheBody) {
  TestServer server(echo_router());
  TestClient client = server.connect();
  client.send(
      "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.receive().status, 100);
  client.send("abc");
  EXPECT_EQ(client.receive().body, "abc");
}

TEST(Expect, ContinueIsNotSentForWhatWillBeRefused) {
  TestServer server(echo_router(), small_bodies());
  const std::string ask = "Expect: 100-continue\r\nContent-Length: ";
  const std::string host = " HTTP/1.1\r\nHost: h\r\n";
  EXPECT_EQ(server.ask("POST /echo" + host + ask + "65537\r\n\r\n").status, 413);
  EXPECT_EQ(server.ask("POST /none" + host + ask + "3\r\n\r\n").status, 404);
  EXPECT_EQ(server.ask("PUT /echo" + host + ask + "3\r\n\r\n").status, 405);
  EXPECT_EQ(server.ask("POST /echo" + host + "Content-Encoding: br\r\n" + ask + "3\r\n\r\n").status,
            415);
}

TEST(Expect, OldClientsAreNotSentContinue) {
  TestServer server(echo_router());
  const Answer answer =
      server.ask("POST /echo HTTP/1.0\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabc");
  EXPECT_EQ(answer.body, "abc");
}

TEST(Timeouts, SlowHeadIsCutOff) {
  TestServer server(echo_router(), short_times());
  TestClient client = server.connect();
  client.send("GET /hello HTTP/1.1\r\nHost: ");
  EXPECT_EQ(client.receive().status, 408);
  EXPECT_TRUE(client.ended());
  EXPECT_EQ(server.server().figures().timeouts_total, 1);
}

TEST(Timeouts, SlowBodyIsCutOff) {
  TestServer server(echo_router(), short_times());
  TestClient client = server.connect();
  client.send(post("/echo", "abc").substr(0, post("/echo", "abc").size() - 1));
  const Answer answer = client.receive();
  EXPECT_EQ(answer.status, 408);
  EXPECT_EQ(answer.header("Connection"), "close");
  EXPECT_TRUE(client.ended());
}

TEST(Timeouts, SlowChunkedBodyIsCutOff) {
  TestServer server(echo_router(), short_times());
  TestClient client = server.connect();
  client.send("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab");
  EXPECT_EQ(client.receive().status, 408);
}

// Each byte comes in time, the whole does not: a trickle must not move the deadline.
TEST(Timeouts, TricklingHeadIsCutOffAsAWhole) {
  TestServer server(echo_router(), short_times());
  TestClient client = server.connect();
  client.send("GET /hello HTTP/1.1\r\nHost: h\r\nX: ");
  std::atomic<bool> over = false;
  std::jthread trickle([&] {
    while (!over && client.send("x")) std::this_thread::yield();
  });
  const int status = client.receive().status;
  over = true;
  // So many bytes may come that the head gets too long first.
  EXPECT_TRUE(status == 408 || status == 431) << status;
}

TEST(Timeouts, IdleConnectionsAreClosedWithoutAWord) {
  TestServer server(echo_router(), short_times());
  TestClient fresh = server.connect();
  TestClient used = server.connect();
  used.send(get("/hello"));
  EXPECT_EQ(used.receive().status, 200);
  EXPECT_TRUE(used.ended());
  EXPECT_TRUE(fresh.ended());
  EXPECT_EQ(server.server().figures().timeouts_total, 0);
}

TEST(Timeouts, ReaderThatDoesNotReadIsCutOff) {
  Router router;
  router.add(Method::kGet, "/big", [](Request&&, const Respond& respond) {
    respond({.status = 200, .content_type = "image/png", .body = std::string(32 << 20, 'x')});
  });
  ServerOptions options = short_times();
  options.limits.write_timeout = milliseconds(100);
  TestServer server(std::move(router), options);
  TestClient client = server.connect();
  client.send(get("/big"));
  while (server.server().figures().timeouts_total == 0) std::this_thread::yield();
  EXPECT_EQ(client.receive().status, 0);
}

TEST(Timeouts, SlowHandlerIsNoSlowClient) {
  std::promise<Respond> held;
  Router router = echo_router();
  router.add(Method::kGet, "/hold",
             [&held](Request&&, Respond respond) { held.set_value(std::move(respond)); });
  TestServer server(std::move(router), short_times());
  TestClient client = server.connect();
  client.send(get("/hold"));
  const Respond respond = held.get_future().get();
  TestClient idle = server.connect();
  EXPECT_TRUE(idle.ended());  // Longer than every timeout has passed.
  respond(text("late"));
  EXPECT_EQ(client.receive().body, "late");
}

TEST(Connection, HalfClosedClientIsStillAnswered) {
  TestServer server(echo_router());
  TestClient client = server.connect();
  client.send(post("/echo", "abc") + get("/hello"));
  client.end_sending();
  EXPECT_EQ(client.receive().body, "abc");
  EXPECT_EQ(client.receive().body, "hello");
  EXPECT_TRUE(client.ended());
}

TEST(Connection, BodyThatEndsEarlyIsToldSo) {
  TestServer server(echo_router());
  TestClient client = server.connect();
  client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc");
  client.end_sending();
  EXPECT_EQ(client.receive().status, 400);
}

TEST(Connection, OldClientIsClosedUnlessItAsksToStay) {
  TestServer server(echo_router());
  TestClient leaves = server.connect();
  leaves.send("GET /hello HTTP/1.0\r\n\r\n");
  EXPECT_EQ(leaves.receive().header("Connection"), "close");
  EXPECT_TRUE(leaves.ended());
  TestClient stays = server.connect();
  for (int i = 0; i < 2; ++i) {
    stays.send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(stays.receive().header("Connection"), "keep-alive");
  }
}

TEST(Connection, CloseIsDoneWhenAskedFor) {
  TestServer server(echo_router());
  TestClient client = server.connect();
  client.send(get("/hello", "Connection: close\r\n") + get("/hello"));
  EXPECT_EQ(client.receive().status, 200);
  EXPECT_TRUE(client.ended());
}

TEST(Connection, KeepAliveSurvives404And405) {
  TestServer server(echo_router());
  TestClient client = server.connect();
  client.send(get("/none") + get("/echo") + get("/hello"));
  EXPECT_EQ(client.receive().status, 404);
  const Answer answer = client.receive();
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.header("Allow"), "POST, OPTIONS");
  EXPECT_EQ(client.receive().status, 200);
}

TEST(Handlers, MayAnswerLaterFromAnotherThread) {
  Router router;
  std::vector<std::jthread> threads;
  router.add(Method::kGet, "/later", [&threads](Request&&, const Respond& respond) {
    threads.emplace_back([respond] { respond(text("later")); });
  });
  TestServer server(std::move(router));
  TestClient client = server.connect();
  for (int i = 0; i < 50; ++i) {
    client.send(get("/later"));
    ASSERT_EQ(client.receive().body, "later");
  }
}

TEST(Handlers, AnswerAfterTheClientIsGoneIsDropped) {
  std::promise<Respond> held;
  Router router = echo_router();
  router.add(Method::kPost, "/hold",
             [&held](Request&&, Respond respond) { held.set_value(std::move(respond)); });
  TestServer server(std::move(router));
  TestClient client = server.connect();
  client.send(post("/hold", "x"));
  const Respond respond = held.get_future().get();
  client.reset();
  respond(text(std::string(1 << 20, 'x')));
  EXPECT_EQ(server.ask(get("/hello")).status, 200);
  while (server.server().figures().requests_open > 0) std::this_thread::yield();
}

TEST(Handlers, ExceptionBecomesA500AndTheConnectionGoesOn) {
  Router router = echo_router();
  router.add(Method::kGet, "/throws",
             [](Request&&, const Respond&) -> void { throw std::runtime_error("secret"); });
  TestServer server(std::move(router));
  TestClient client = server.connect();
  client.send(get("/throws") + get("/hello"));
  const Answer answer = client.receive();
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.body.find("secret"), std::string::npos);
  EXPECT_EQ(client.receive().status, 200);
}

TEST(Handlers, ForgottenAnswerIsA500) {
  Router router;
  router.add(Method::kGet, "/forgets", [](Request&&, const Respond&) {});
  EXPECT_EQ(TestServer(std::move(router)).ask(get("/forgets")).status, 500);
}

TEST(Handlers, OnlyTheFirstAnswerCounts) {
  Router router;
  router.add(Method::kGet, "/twice", [](Request&&, const Respond& respond) {
    respond(text("first"));
    respond(text("second"));
  });
  TestServer server(std::move(router));
  TestClient client = server.connect();
  client.send(get("/twice") + get("/none"));
  EXPECT_EQ(client.receive().body, "first");
  EXPECT_EQ(client.receive().status, 404);
}

TEST(Handlers, HeaderInjectionIsA500) {
  Router router;
  router.add(Method::kGet, "/split", [](Request&&, const Respond& respond) {
    respond({.status = 200, .body = "{}", .headers = {{"X", "a\r\nSet-Cookie: b"}}});
  });
  EXPECT_EQ(TestServer(std::move(router)).ask(get("/split")).status, 500);
}

TEST(Handlers, RequestArrivesDecoded) {
  Request seen;
  Router router;
  router.add(Method::kGet, "/a/{name}", [&seen](Request&& request, const Respond& respond) {
    seen = std::move(request);
    respond(text("ok"));
  });
  TestServer server(std::move(router));
  EXPECT_EQ(server.ask(get("/a/x%2Fy%20z?q=1%202+3&e&q=4", "X-Y: v \r\n")).status, 200);
  EXPECT_EQ(seen.path, "/a/x/y z");
  EXPECT_EQ(seen.path_parameters.at("name"), "x/y z");
  EXPECT_EQ(seen.parameter("q"), "4");
  EXPECT_EQ(seen.parameter("e"), "");
  EXPECT_EQ(seen.header("x-y"), "v");
  EXPECT_EQ(seen.peer, "127.0.0.1");
}

TEST(Workers, FullQueueIsA503) {
  std::promise<void> gate;
  const std::shared_future<void> open = gate.get_future().share();
  std::promise<void> running;
  Router router = echo_router();
  router.add(
      Method::kGet, "/work",
      [&, first = std::make_shared<std::atomic<bool>>(true)](Request&&, const Respond& respond) {
        if (first->exchange(false)) running.set_value();
        open.wait();
        respond(text("worked"));
      },
      {.run = Run::kWorker});
  ServerOptions options;
  options.workers = 1;
  options.limits.worker_queue_max = 1;
  TestServer server(std::move(router), options);
  TestClient a = server.connect();
  a.send(get("/work"));
  running.get_future().wait();
  // One of these two waits in the queue, the other finds it full; I/O threads stay free.
  TestClient b = server.connect();
  TestClient c = server.connect();
  b.send(get("/work"));
  c.send(get("/work"));
  while (server.server().figures().overload_total == 0) std::this_thread::yield();
  EXPECT_EQ(server.ask(get("/hello")).status, 200);
  gate.set_value();
  EXPECT_EQ(a.receive().status, 200);
  EXPECT_EQ(b.receive().status + c.receive().status, 200 + 503);
}

}  // namespace
}  // namespace driftguard::http
