// SPDX-License-Identifier: Apache-2.0
#include "http/shared_calls.h"

#include <atomic>
#include <future>
#include <thread>
#include <vector>

#include "http/test_client.h"

namespace driftguard::http {
namespace {

// "/slow" answers with the number of its call; the first call waits until it is let go.
class Sharing : public testing::Test {
 protected:
  Router router() {
    Router router = echo_router();
    RouteOptions options;
    options.run = Run::kWorker;
    options.shared = true;
    router.add(
        Method::kGet, "/slow",
        [this](Request&&, const Respond& respond) {
          const int call = ++calls_;
          if (call == 1) {
            begun_.set_value();
            let_go_.get_future().wait();
          }
          respond(text(std::to_string(call)));
        },
        options);
    return router;
  }
  ServerOptions options() {
    ServerOptions options;
    options.workers = 1;
    options.figures = &figures_;
    return options;
  }
  void wait_until_shared(std::uint64_t count) {
    while (figures_.shared_total < count) std::this_thread::yield();
  }

  std::atomic<int> calls_ = 0;
  std::promise<void> begun_;
  std::promise<void> let_go_;
  ServerFigures figures_;
  TestServer server_{router(), options()};
};

TEST_F(Sharing, EqualRequestsThatWaitGetOneAnswerMadeAfterTheyCame) {
  TestClient first = server_.connect();
  first.send(get("/slow?a=1&b=2"));
  begun_.get_future().wait();
  std::vector<std::unique_ptr<TestClient>> later;
  for (const char* path : {"/slow?a=1&b=2", "/slow?b=2&a=1", "/slow?a=1&b=%32"}) {
    later.push_back(std::make_unique<TestClient>(server_.port()));
    later.back()->send(get(path));
  }
  wait_until_shared(2);
  let_go_.set_value();
  EXPECT_EQ(first.receive().body, "1");
  for (auto& client : later) EXPECT_EQ(client->receive().body, "2");
  EXPECT_EQ(calls_, 2);
}

TEST_F(Sharing, OtherQuestionsAreAskedApart) {
  TestClient first = server_.connect();
  first.send(get("/slow"));
  begun_.get_future().wait();
  TestClient a = server_.connect(), b = server_.connect(), c = server_.connect();
  a.send(get("/slow?a=1"));
  b.send(get("/slow?a=2"));
  c.send(get("/slow?a=2", "If-None-Match: \"x\"\r\n"));
  let_go_.set_value();
  for (TestClient* client : {&first, &a, &b, &c}) EXPECT_EQ(client->receive().status, 200);
  EXPECT_EQ(calls_, 4);
}

TEST_F(Sharing, ALostClientDoesNotTakeTheOthersWithIt) {
  TestClient first = server_.connect();
  first.send(get("/slow"));
  begun_.get_future().wait();
  TestClient other = server_.connect();
  {
    TestClient lost = server_.connect();
    lost.send(get("/slow"));
    other.send(get("/slow"));
    wait_until_shared(1);
  }
  let_go_.set_value();
  EXPECT_EQ(other.receive().body, "2");
}

}  // namespace
}  // namespace driftguard::http
