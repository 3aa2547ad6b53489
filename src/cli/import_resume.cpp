// SPDX-License-Identifier: Apache-2.0
#include "cli/import_resume.h"

#include <fmt/format.h>

#include <random>

namespace driftguard::cli {
namespace {

constexpr std::string_view kAgain = "--again imports the whole file once more";

enum class Store { kSame, kEmptied, kChanged };

// Whether the store holds what was imported into it.
Result<Store> recognise(const std::optional<Witness>& witness, Access& access) {
  if (!witness) return Store::kSame;  // Nothing is known against it.
  EventQuery query;
  query.service = witness->service;
  query.endpoint = witness->endpoint;
  query.events_max = 1;
  query.range = {witness->ts, witness->ts + Microseconds(1)};
  Result<EventPage> there = access.events(query);
  if (!there) return there.error();
  if (!there->lines.empty()) return Store::kSame;
  query.range = {kEarliest, kLatest};
  Result<EventPage> others = access.events(query);
  if (!others) return others.error();
  return others->lines.empty() ? Store::kEmptied : Store::kChanged;
}

ImportState fresh_state(const ImportSource& source) {
  ImportState state;
  state.file = source.file;
  state.target = source.target;
  state.batch = source.batch;
  if (source.again) {  // Another delivery, with keys of its own.
    std::random_device device;
    state.run = fmt::format("{:08x}{:08x}", device(), device());
  }
  return state;
}

// The state to go on from; empty when there is none.
Result<std::optional<ImportState>> known_state(const ImportSource& source, Access& access,
                                               std::vector<std::string>& notes) {
  if (source.state_path.empty() || source.again) return std::optional<ImportState>();
  Result<ImportState> state = load_import_state(source.state_path);
  if (!state && state.error().code == ErrorCode::kNotFound) return std::optional<ImportState>();
  if (!state) {
    return Error{ErrorCode::kConflict,
                 fmt::format("the note on an earlier import does not read ({}); {}",
                             state.error().detail, kAgain)};
  }
  if (state->lines == 0 && state->ahead.empty()) return std::optional(std::move(*state));
  Result<Store> store = recognise(state->witness, access);
  if (!store) return store.error();
  switch (*store) {
    case Store::kSame:
      return std::optional(std::move(*state));
    case Store::kEmptied:
      notes.push_back(fmt::format("{} was imported before, but {} holds none of it: from the start",
                                  source.name(), source.target));
      return std::optional<ImportState>();
    case Store::kChanged:
      break;
  }
  return Error{
      ErrorCode::kConflict,
      fmt::format("{} of {} is noted as imported, but {} does not hold its last event; {}",
                  state->complete ? "all" : "a part", source.name(), source.target, kAgain)};
}

Result<ChunkReader> open_chunks(const ImportSource& source, std::size_t batch) {
  LineReaderOptions lines;
  lines.stop_fd = source.stop_fd;
  Result<LineReader> reader = LineReader::open(source.path, lines);
  if (!reader) return reader.error();
  ChunkOptions chunks;
  chunks.events_max = batch;
  return ChunkReader(std::move(*reader), chunks);
}

Result<ImportStart> from_the_start(const ImportSource& source, std::vector<std::string> notes) {
  Result<ChunkReader> chunks = open_chunks(source, source.batch);
  if (!chunks) return chunks.error();
  return ImportStart{std::move(*chunks), fresh_state(source), std::move(notes)};
}

enum class Place { kFound, kOtherFile, kChangedFile };

// Passes over what was imported, if the file begins with it. A stop counts as found: nothing more
// will be read.
Result<Place> find_place(const ImportState& known, ChunkReader& chunks) {
  if (known.lines == 0) return Place::kFound;
  Result<bool> same = chunks.skip(known.first_chunk_lines, known.first_chunk_digest);
  if (!same) return same.error();
  if (!*same && !chunks.lines().bytes().stopped()) return Place::kOtherFile;
  same = chunks.skip(known.lines, known.digest);
  if (!same) return same.error();
  return *same || chunks.lines().bytes().stopped() ? Place::kFound : Place::kChangedFile;
}

}  // namespace

Result<ImportStart> start_import(const ImportSource& source, Access& access) {
  std::vector<std::string> notes;
  Result<std::optional<ImportState>> state = known_state(source, access, notes);
  if (!state) return state.error();
  if (!*state) return from_the_start(source, std::move(notes));

  const ImportState& known = **state;
  Result<ChunkReader> chunks = open_chunks(source, known.batch);
  if (!chunks) return chunks.error();
  Result<Place> place = find_place(known, *chunks);
  if (!place) return place.error();
  switch (*place) {
    case Place::kFound:
      break;
    case Place::kOtherFile:
      notes.push_back(
          fmt::format("{} is not the file imported before: from the start", source.name()));
      return from_the_start(source, std::move(notes));
    case Place::kChangedFile:
      return Error{ErrorCode::kConflict,
                   fmt::format("{} has changed before line {}, up to where it was imported; {}",
                               source.name(), known.lines + 1, kAgain)};
  }
  if (known.batch != source.batch && !known.complete) {
    notes.push_back(fmt::format("going on with --batch {}, as it was begun", known.batch));
  }
  return ImportStart{std::move(*chunks), std::move(**state), std::move(notes)};
}

}  // namespace driftguard::cli
