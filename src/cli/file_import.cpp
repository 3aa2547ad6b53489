// SPDX-License-Identifier: Apache-2.0
#include "cli/file_import.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "cli/atomic_file.h"
#include "cli/text_table.h"

namespace driftguard::cli {
namespace {

using Clock = std::chrono::steady_clock;
using Outcome = BatchAnswer::Outcome;

constexpr std::uint64_t kComplaintsMax = 20;
constexpr std::chrono::seconds kBusyMax{60};
constexpr std::chrono::milliseconds kBusyPause{200};
constexpr std::chrono::milliseconds kSaveEvery{100};

}  // namespace

FileImport::FileImport(const ImportSource& source, ImportStart start, BatchSink& sink,
                       Interrupts& interrupts, const FileImportOptions& options)
    : source_(source),
      options_(options),
      sink_(sink),
      interrupts_(interrupts),
      chunks_(std::move(start.chunks)),
      ledger_(std::move(start.state)),
      progress_(source.name(), options.progress),
      events_before_(ledger_.state().events) {
  for (const std::string& note : start.notes) progress_.say(note);
}

Result<FileImportResult> FileImport::run() {
  const ImportState before = ledger_.state();
  const Result<void> sent = send_all();
  tell();
  save(true);
  if (!sent) return sent.error();
  const ImportState after = ledger_.state();
  return FileImportResult{after.events, after.rejected, before.lines,
                          before.complete && after.lines == before.lines};
}

Result<void> FileImport::send_all() {
  Result<bool> more = true;
  while (more && *more && may_go_on()) more = send_next();
  if (interrupts_.seen()) interrupts_.release();
  for (;;) {  // What was answered last may have to be sent again.
    sink_.drain();
    if (!may_go_on() || !send_again()) break;
  }
  const std::lock_guard lock(mutex_);
  if (failure_) return error_of(*failure_);
  if (!more) return how_far(more.error());
  if (interrupts_.seen()) return how_far({ErrorCode::kUnavailable, "interrupted"});
  ledger_.complete();
  return {};
}

// Sends what waits to be sent again, or the next chunk; false at the end of the file.
Result<bool> FileImport::send_next() {
  tell();
  save(false);
  sink_.wait_for_room();
  if (!may_go_on() || send_again()) return true;
  Result<std::optional<Chunk>> chunk = chunks_.next();
  if (!chunk) return chunk.error();
  if (!*chunk || interrupts_.seen()) return false;
  const std::string key = chunk_key(ledger_.state().run, (*chunk)->first_line(), (*chunk)->body);
  ledger_.taken(**chunk, key);
  const std::uint64_t first_line = (*chunk)->first_line();
  if (ledger_.done_before(key)) {
    ledger_.done(first_line, 0, 0);
  } else {
    send(std::make_shared<Parcel>(Parcel{std::move(**chunk), first_line, 0}));
  }
  const ByteStream& bytes = chunks_.lines().bytes();
  progress_.update(
      {bytes.file_position(), bytes.file_bytes(), ledger_.state().events - events_before_, {}});
  return true;
}

bool FileImport::may_go_on() {
  const std::lock_guard lock(mutex_);
  return !failure_ && !interrupts_.seen();
}

// Whether there was anything to send again.
bool FileImport::send_again() {
  ParcelPtr busy;
  ParcelPtr broken;
  {
    const std::lock_guard lock(mutex_);
    auto& queue = busy_.empty() ? not_json_ : busy_;
    if (queue.empty()) return false;
    (busy_.empty() ? broken : busy) = queue.front();
    queue.pop_front();
  }
  if (broken) {
    repair(*broken);
  } else {
    std::this_thread::sleep_for(kBusyPause);
    send(std::move(busy));
  }
  return true;
}

void FileImport::send(ParcelPtr parcel) {
  BatchOrder order;
  order.body = parcel->chunk.body;
  order.key = chunk_key(ledger_.state().run, parcel->first_line, order.body);
  order.skip_invalid = options_.skip_invalid;
  sink_.send(std::move(order), [this, parcel = std::move(parcel)](BatchAnswer answer) {
    answered(parcel, std::move(answer));
  });
}

// Sends the batch once more without the lines that are no JSON.
void FileImport::repair(const Parcel& broken) {
  const std::vector<BadLines::Bad> bad = bad_lines_.find(broken.chunk);
  auto parcel = std::make_shared<Parcel>();
  parcel->first_line = broken.first_line;
  parcel->left_out = broken.left_out + bad.size();
  parcel->chunk = without(broken.chunk, bad);
  {
    const std::lock_guard lock(mutex_);
    for (const BadLines::Bad& line : bad) {
      if (++complaints_ > kComplaintsMax) break;
      to_be_said_.push_back(fmt::format("{}:{}: {}", source_.name(), broken.chunk.lines[line.index],
                                        printable(line.detail)));
    }
    if (bad.empty() && !failure_) {
      BatchAnswer answer;
      answer.detail = "the batch is refused as no JSON, but each of its lines is JSON";
      failure_ = Failure{std::make_shared<Parcel>(broken), std::move(answer)};
    }
  }
  if (bad.empty()) return;
  if (parcel->chunk.events() == 0) return ledger_.done(parcel->first_line, 0, parcel->left_out);
  send(std::move(parcel));
}

// On any thread; must not block.
void FileImport::answered(const ParcelPtr& parcel, BatchAnswer answer) {
  const std::lock_guard lock(mutex_);
  if (answer.outcome == Outcome::kStored) return stored(*parcel, answer);
  if (answer.outcome == Outcome::kNotJson && options_.skip_invalid) {
    not_json_.push_back(parcel);
    return;
  }
  if (answer.outcome == Outcome::kBusy) {
    if (!busy_since_) busy_since_ = Clock::now();
    if (Clock::now() - *busy_since_ < kBusyMax) {
      busy_.push_back(parcel);
      return;
    }
  }
  if (!failure_ || parcel->first_line < failure_->parcel->first_line) {
    failure_ = Failure{parcel, std::move(answer)};
  }
}

void FileImport::stored(const Parcel& parcel, const BatchAnswer& answer) {
  busy_since_.reset();
  ledger_.done(parcel.first_line, answer.stored, answer.rejected + parcel.left_out);
  for (const ingest::EventError& error : answer.errors) {
    if (error.index >= parcel.chunk.events()) continue;
    if (++complaints_ > kComplaintsMax) continue;
    to_be_said_.push_back(fmt::format("{}:{}: {}", source_.name(), parcel.chunk.lines[error.index],
                                      printable(problem_text(error))));
  }
}

void FileImport::tell() {
  std::deque<std::string> lines;
  {
    const std::lock_guard lock(mutex_);
    lines.swap(to_be_said_);
  }
  for (const std::string& line : lines) progress_.say(line);
}

void FileImport::save(bool now) {
  if (source_.state_path.empty() || save_failed_) return;
  if (!now && Clock::now() - saved_at_ < kSaveEvery) return;
  saved_at_ = Clock::now();
  const auto written =
      write_file(source_.state_path, to_json(ledger_.state()), now ? Durable::kYes : Durable::kNo);
  if (written) return;
  save_failed_ = true;
  progress_.say(
      fmt::format("driftguard: this import cannot be noted ({}); begun again, it is known "
                  "only as long as the store remembers keys",
                  written.error().detail));
}

// With mutex_ held, after the sink is drained.
Error FileImport::error_of(const Failure& failure) {
  const Chunk& chunk = failure.parcel->chunk;
  BadLines::Bad bad{chunk.events(), failure.answer.detail};
  if (failure.answer.outcome == Outcome::kNotJson) {
    bad = bad_lines_.first(chunk).value_or(bad);
  } else if (failure.answer.outcome == Outcome::kInvalidEvents && !failure.answer.errors.empty()) {
    bad = {failure.answer.errors.front().index, problem_text(failure.answer.errors.front())};
  }
  if (bad.index >= chunk.events()) {
    return how_far({ErrorCode::kUnavailable, failure.answer.detail});
  }
  return {ErrorCode::kInvalidArgument,
          fmt::format("{}:{}: {} (lines {} to {} and those behind them are not stored; "
                      "--on-invalid skip passes over bad lines)",
                      source_.name(), chunk.lines[bad.index], printable(bad.detail),
                      failure.parcel->first_line, chunk.last_line)};
}

Error FileImport::how_far(Error error) const {
  const std::uint64_t lines = ledger_.state().lines;
  if (lines == 0) return error;
  error.detail += fmt::format("; {} is imported up to line {}, {}", source_.name(), lines,
                              source_.state_path.empty()
                                  ? "and the same lines sent once more are not stored twice"
                                  : "the same command goes on from there");
  return error;
}

}  // namespace driftguard::cli
