// SPDX-License-Identifier: Apache-2.0
// The server's life: start, many connections, the cap, the graceful stop and the cut.
#include "http/server.h"

#include <atomic>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "http/test_client.h"

namespace driftguard::http {
namespace {

using std::chrono::milliseconds;

// "/hold" keeps its requests until the test lets them go.
class Holding : public testing::Test {
 protected:
  static Router router(std::promise<Respond>& held) {
    Router router = echo_router();
    router.add(Method::kPost, "/hold",
               [&held](Request&&, Respond respond) { held.set_value(std::move(respond)); });
    return router;
  }
  static ServerOptions options() {
    ServerOptions options;
    options.limits.linger_timeout = milliseconds(50);
    return options;
  }
  // A client whose request the handler has, and the way to answer it.
  Respond hold(TestClient& client) {
    client.send(post("/hold", "x"));
    return held_.get_future().get();
  }
  void wait_until_draining() {
    while (!server_.server().draining()) std::this_thread::yield();
  }

  std::promise<Respond> held_;
  TestServer server_{router(held_), options()};
};

TEST(Start, TakenPortIsAConflict) {
  TestServer first(echo_router());
  Server second({.port = first.port()}, Router());
  const auto port = second.start();
  ASSERT_FALSE(port);
  EXPECT_EQ(port.error().code, ErrorCode::kConflict);
}

TEST(Start, StrangeHostIsRefused) {
  for (const char* host : {"not an address", "203.0.113.7"}) {
    Server server({.host = host, .port = 0}, Router());
    const auto port = server.start();
    ASSERT_FALSE(port);
    EXPECT_EQ(port.error().code, ErrorCode::kInvalidArgument) << port.error().detail;
  }
}

TEST(Start, SamePortIsFreeAgainAfterStop) {
  std::uint16_t port = 0;
  {
    TestServer first(echo_router());
    EXPECT_EQ(first.ask(get("/hello")).status, 200);
    port = first.port();
  }
  Server second({.port = port}, Router());
  EXPECT_TRUE(second.start().has_value());
}

TEST(Connections, BeyondTheCapAreToldSo) {
  ServerOptions options;
  options.limits.connections_max = 2;
  TestServer server(echo_router(), options);
  TestClient a = server.connect();
  TestClient b = server.connect();
  for (TestClient* client : {&a, &b}) {
    client->send(get("/hello"));
    EXPECT_EQ(client->receive().status, 200);
  }
  TestClient c = server.connect();
  const Answer answer = c.receive();
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.header("Retry-After"), "1");
  EXPECT_TRUE(c.ended());
  a.close();
  while (server.server().figures().connections_open > 1) std::this_thread::yield();
  EXPECT_EQ(server.ask(get("/hello")).status, 200);
}

TEST(Connections, SixtyFourTimesTwoHundredRequestsAreAllAnswered) {
  constexpr int kConnections = 64;
  constexpr int kRequests = 200;
  TestServer server(echo_router());
  std::atomic<int> right = 0;
  {
    std::vector<std::jthread> clients;
    for (int c = 0; c < kConnections; ++c) {
      clients.emplace_back([&server, &right, c] {
        TestClient client = server.connect();
        for (int i = 0; i < kRequests; ++i) {
          const std::string body(static_cast<std::size_t>(i * 37), static_cast<char>('a' + c % 26));
          if (!client.send(post("/echo", body))) return;
          right += client.receive().body == body ? 1 : 0;
        }
      });
    }
  }
  EXPECT_EQ(right, kConnections * kRequests);
  const auto& figures = server.server().figures();
  EXPECT_EQ(figures.responses_total[2], kConnections * kRequests);
  EXPECT_EQ(figures.body_bytes_inflight, 0);
}

TEST_F(Holding, StopAnswersWhatWasReadAndThenReturns) {
  TestClient client = server_.connect();
  const Respond respond = hold(client);
  auto stopped = std::async(std::launch::async,
                            [this] { return server_.server().stop(milliseconds(20'000)); });
  wait_until_draining();
  respond(text("done"));
  const Answer answer = client.receive();
  EXPECT_EQ(answer.body, "done");
  EXPECT_EQ(answer.header("Connection"), "close");
  client.close();
  EXPECT_TRUE(stopped.get());
}

TEST_F(Holding, StopClosesIdleConnectionsAtOnce) {
  TestClient idle = server_.connect();
  idle.send(get("/hello"));
  EXPECT_EQ(idle.receive().status, 200);
  EXPECT_TRUE(server_.server().stop(milliseconds(20'000)));
  EXPECT_TRUE(idle.ended());
}

TEST_F(Holding, StopLetsARequestThatHasBegunComeToItsEnd) {
  TestClient holder = server_.connect();
  const Respond respond = hold(holder);
  TestClient slow = server_.connect();
  const std::string request = post("/echo", "abc");
  slow.send(request.substr(0, request.size() - 1));
  while (server_.server().figures().requests_open < 2) std::this_thread::yield();
  auto stopped = std::async(std::launch::async,
                            [this] { return server_.server().stop(milliseconds(20'000)); });
  wait_until_draining();
  slow.send("c");
  EXPECT_EQ(slow.receive().body, "abc");
  respond(text("done"));
  EXPECT_EQ(holder.receive().body, "done");
  slow.close();
  holder.close();
  EXPECT_TRUE(stopped.get());
}

TEST_F(Holding, StopCutsWhatIsNotDoneByTheDeadline) {
  TestClient client = server_.connect();
  const Respond respond = hold(client);
  EXPECT_FALSE(server_.server().stop(milliseconds(50)));
  EXPECT_TRUE(client.ended());
  respond(text("too late"));  // Does nothing, also after the server is gone.
}

TEST_F(Holding, StoppedServerTakesNoConnections) {
  EXPECT_TRUE(server_.server().stop(milliseconds(1000)));
  TestServer other(echo_router());
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(server_.port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_NE(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ::close(fd);
}

TEST(Stop, UnderLoadEveryAcceptedRequestIsAnswered) {
  std::atomic<int> handled = 0;
  std::atomic<int> answered = 0;
  Router router;
  router.add(Method::kPost, "/count",
             [&handled](Request&&, const Respond& respond) {
               ++handled;
               respond(text("ok"));
             },
             {.run = Run::kWorker});
  TestServer server(std::move(router));
  std::vector<std::jthread> clients;
  for (int i = 0; i < 16; ++i) {
    clients.emplace_back([&server, &answered] {
      TestClient client = server.connect();
      while (client.send(post("/count", "x"))) {
        if (client.receive().status != 200) break;
        ++answered;
      }
    });
  }
  while (answered < 500) std::this_thread::yield();
  EXPECT_TRUE(server.server().stop(milliseconds(20'000)));
  clients.clear();
  EXPECT_EQ(handled, answered);
}

TEST(Stop, BeforeStartAndTwiceDoesNothing) {
  Server server({.port = 0}, Router());
  EXPECT_TRUE(server.stop(milliseconds(0)));
  TestServer started(echo_router());
  EXPECT_TRUE(started.server().stop(milliseconds(1000)));
  EXPECT_TRUE(started.server().stop(milliseconds(1000)));
}

}  // namespace
}  // namespace driftguard::http
