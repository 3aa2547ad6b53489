// SPDX-License-Identifier: Apache-2.0
#include "cli/batch_answer.h"
#include "cli/batch_sink.h"
#include "cli/room.h"

namespace driftguard::cli {
namespace {

using ingest::IngestAnswer;
using ingest::IngestOutcome;
using Outcome = BatchAnswer::Outcome;

Outcome outcome_of(IngestOutcome outcome) {
  switch (outcome) {
    case IngestOutcome::kStored:
      return Outcome::kStored;
    case IngestOutcome::kNotJson:
      return Outcome::kNotJson;
    case IngestOutcome::kInvalidEvents:
      return Outcome::kInvalidEvents;
    case IngestOutcome::kInProgress:
    case IngestOutcome::kOverloaded:
    case IngestOutcome::kStoreUnavailable:
      return Outcome::kBusy;
    case IngestOutcome::kTooLarge:
    case IngestOutcome::kKeyReused:
    case IngestOutcome::kRefusedByStore:
      break;
  }
  return Outcome::kFailed;
}

BatchAnswer answer_of(IngestAnswer&& answer) {
  if (answer.outcome == IngestOutcome::kStored) return stored_answer(answer.json);
  BatchAnswer refused;
  refused.outcome = outcome_of(answer.outcome);
  refused.detail = std::move(answer.detail);
  refused.errors = std::move(answer.errors);
  return refused;
}

class StoreSink final : public BatchSink {
 public:
  StoreSink(ingest::Pipeline& pipeline, std::size_t under_way_max)
      : pipeline_(pipeline), room_(under_way_max) {}
  ~StoreSink() override { room_.wait_until_empty(); }

  void wait_for_room() override { room_.wait(); }

  void send(BatchOrder order, Done done) override {
    ingest::IngestRequest request;
    request.body = std::move(order.body);
    request.format = ingest::BodyFormat::kLines;
    request.skip_invalid = order.skip_invalid;
    request.idempotency_key = std::move(order.key);
    room_.enter();
    pipeline_.ingest(std::move(request), [this, done = std::move(done)](IngestAnswer answer) {
      done(answer_of(std::move(answer)));
      room_.leave();
    });
  }

  void drain() override { room_.wait_until_empty(); }

 private:
  ingest::Pipeline& pipeline_;
  Room room_;
};

}  // namespace

std::unique_ptr<BatchSink> make_store_sink(ingest::Pipeline& pipeline, std::size_t under_way_max) {
  return std::make_unique<StoreSink>(pipeline, under_way_max);
}

}  // namespace driftguard::cli
