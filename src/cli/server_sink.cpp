// SPDX-License-Identifier: Apache-2.0
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "cli/batch_answer.h"
#include "cli/batch_sink.h"
#include "cli/patience.h"
#include "cli/room.h"

namespace driftguard::cli {
namespace {

using Outcome = BatchAnswer::Outcome;

Outcome outcome_of(const HttpAnswer& answer) {
  if (answer.status == 200) return Outcome::kStored;
  if (answer.status == 400) return Outcome::kNotJson;
  const bool invalid = answer.body.find("invalid-events") != std::string::npos;
  return answer.status == 422 && invalid ? Outcome::kInvalidEvents : Outcome::kFailed;
}

BatchAnswer answer_of(const Result<HttpAnswer>& result, const std::string& url) {
  BatchAnswer answer;
  if (!result) {
    answer.detail = result.error().detail;
    return answer;
  }
  if (result->status == 200) return stored_answer(result->body);
  answer.outcome = outcome_of(*result);
  answer.detail = error_of(*result, url).detail;
  answer.errors = event_errors(result->body);
  return answer;
}

// As many threads as batches may be under way, each with its connection.
class ServerSink final : public BatchSink {
 public:
  ServerSink(std::vector<HttpClient> clients, std::function<bool()> stopped)
      : room_(clients.size()), stopped_(std::move(stopped)), clients_(std::move(clients)) {
    for (HttpClient& client : clients_) {
      threads_.emplace_back([this, &client](const std::stop_token& stop) { work(client, stop); });
    }
  }
  ~ServerSink() override { room_.wait_until_empty(); }

  void wait_for_room() override { room_.wait(); }

  void send(BatchOrder order, Done done) override {
    room_.enter();
    {
      const std::lock_guard lock(mutex_);
      queue_.push_back({std::move(order), std::move(done)});
    }
    wake_.notify_one();
  }

  void drain() override { room_.wait_until_empty(); }

 private:
  struct Task {
    BatchOrder order;
    Done done;
  };

  void work(HttpClient& client, const std::stop_token& stop) {
    PatientPost server(client, {}, stopped_);
    for (;;) {
      Task task;
      {
        std::unique_lock lock(mutex_);
        if (!wake_.wait(lock, stop, [this] { return !queue_.empty(); })) return;
        task = std::move(queue_.front());
        queue_.pop_front();
      }
      HttpCall call{"POST", "/v1/ingest", std::move(task.order.body), "application/x-ndjson"};
      if (task.order.skip_invalid) call.target += "?on_invalid=skip";
      call.headers.emplace_back("Idempotency-Key", task.order.key);
      task.done(answer_of(server.send(call), client.url()));
      room_.leave();
    }
  }

  Room room_;
  const std::function<bool()> stopped_;
  std::vector<HttpClient> clients_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<Task> queue_;  // Guarded by mutex_; never longer than there is room.
  std::vector<std::jthread> threads_;
};

}  // namespace

Result<std::unique_ptr<BatchSink>> make_server_sink(const std::string& url,
                                                    std::size_t under_way_max,
                                                    std::function<bool()> stopped) {
  std::vector<HttpClient> clients;
  for (std::size_t i = 0; i < under_way_max; ++i) {
    Result<HttpClient> client = make_client(url);
    if (!client) return client.error();
    clients.push_back(std::move(*client));
  }
  return std::unique_ptr<BatchSink>(
      std::make_unique<ServerSink>(std::move(clients), std::move(stopped)));
}

}  // namespace driftguard::cli
