// SPDX-License-Identifier: Apache-2.0
#include "cli/import_state.h"

#include <gmock/gmock.h>

namespace driftguard::cli {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// A chunk of one event at each of these lines.
Chunk chunk(std::uint64_t first, std::uint64_t last) {
  Chunk made;
  for (std::uint64_t line = first; line <= last; ++line) {
    made.lines.push_back(line);
    made.body += R"({"ts":"2025-01-01T00:00:0)" + std::to_string(line % 10) +
                 R"(Z","service":"s","endpoint":"e"})" + '\n';
  }
  made.last_line = last;
  made.digest = last * 1000;
  return made;
}

TEST(ImportState, ComesBackAsItWasWritten) {
  ImportState state;
  state.file = "/data/e.gz";
  state.target = "rocksdb:/data";
  state.run = "0123";
  state.batch = 1000;
  state.lines = 5000;
  state.digest = 0xfedcba9876543210;
  state.first_chunk_lines = 1000;
  state.first_chunk_digest = 7;
  state.ahead = {"a", "b"};
  state.events = 4999;
  state.rejected = 1;
  state.witness = Witness{"s", "e", time_from_us(1'735'689'600'000'123)};
  const Result<ImportState> read = import_state_from_json(to_json(state));
  ASSERT_TRUE(read);
  EXPECT_EQ(to_json(*read), to_json(state));
  EXPECT_EQ(read->digest, state.digest);
  EXPECT_EQ(read->witness->ts, state.witness->ts);
}

TEST(ImportState, WhatDoesNotReadIsCorrupt) {
  for (const char* text : {"", "{", "[]", "{}", R"({"format": 99})"}) {
    const Result<ImportState> read = import_state_from_json(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, ErrorCode::kCorrupt);
  }
}

TEST(ImportState, LivesWhereTheEnvironmentSays) {
  EXPECT_EQ(import_state_directory({{"HOME", "/h"}}), "/h/.local/state/driftguard");
  EXPECT_EQ(import_state_directory({{"HOME", "/h"}, {"XDG_STATE_HOME", "/x"}}), "/x/driftguard");
  EXPECT_EQ(import_state_directory({{"XDG_STATE_HOME", ""}}), "");
}

TEST(ImportState, EachFileAndTargetHasItsOwn) {
  EXPECT_NE(import_state_path("d", "f", "t"), import_state_path("d", "f", "u"));
  EXPECT_NE(import_state_path("d", "f", "t"), import_state_path("d", "g", "t"));
}

TEST(ChunkKey, DependsOnContentPlaceAndRun) {
  const std::string key = chunk_key("", 1, "a\n");
  EXPECT_EQ(key, chunk_key("", 1, "a\n"));
  EXPECT_NE(key, chunk_key("", 1, "b\n"));
  EXPECT_NE(key, chunk_key("", 2, "a\n"));
  EXPECT_NE(key, chunk_key("run", 1, "a\n"));
  EXPECT_LE(chunk_key("0123456789abcdef", 1'000'000'000'000, "a\n").size(), 255);
}

TEST(Witness, IsTheLastEventThatReads) {
  Chunk made = chunk(1, 3);
  made.body += "not json\n{\"ts\": 5}\n";
  const auto witness = witness_of(made);
  ASSERT_TRUE(witness);
  EXPECT_EQ(format_rfc3339(witness->ts), "2025-01-01T00:00:03.000Z");
}

TEST(Witness, IsNoneWhereNothingReads) {
  Chunk made;
  made.body = "x\n[]\n";
  EXPECT_FALSE(witness_of(made));
}

TEST(ImportLedger, AdvancesWithTheChunks) {
  ImportLedger ledger({});
  ledger.taken(chunk(1, 2), "a");
  ledger.taken(chunk(3, 4), "b");
  ledger.done(1, 2, 0);
  EXPECT_EQ(ledger.state().lines, 2);
  EXPECT_EQ(ledger.state().digest, 2000);
  EXPECT_EQ(ledger.state().events, 2);
  ledger.done(3, 1, 1);
  EXPECT_EQ(ledger.state().lines, 4);
  EXPECT_EQ(ledger.state().events, 3);
  EXPECT_EQ(ledger.state().rejected, 1);
}

TEST(ImportLedger, ChunksDoneOutOfOrderWaitForThoseBeforeThem) {
  ImportLedger ledger({});
  for (std::uint64_t line = 1; line <= 3; ++line) {
    ledger.taken(chunk(line, line), std::string(1, static_cast<char>('a' + line - 1)));
  }
  ledger.done(2, 1, 0);
  ledger.done(3, 1, 0);
  EXPECT_EQ(ledger.state().lines, 0);
  EXPECT_THAT(ledger.state().ahead, ElementsAre("b", "c"));
  ledger.done(1, 1, 0);
  EXPECT_EQ(ledger.state().lines, 3);
  EXPECT_THAT(ledger.state().ahead, IsEmpty());
}

TEST(ImportLedger, ALaterRunKnowsWhatWasDoneAhead) {
  ImportLedger cut_off({});
  cut_off.taken(chunk(1, 1), "a");
  cut_off.taken(chunk(2, 2), "b");
  cut_off.done(2, 1, 0);
  ImportLedger later(*import_state_from_json(to_json(cut_off.state())));
  EXPECT_FALSE(later.done_before("a"));
  EXPECT_TRUE(later.done_before("b"));
  later.taken(chunk(1, 1), "a");
  later.taken(chunk(2, 2), "b");
  later.done(2, 0, 0);
  later.done(1, 1, 0);
  later.complete();
  EXPECT_EQ(later.state().events, 2);
  EXPECT_EQ(later.state().lines, 2);
  EXPECT_TRUE(later.state().complete);
}

TEST(ImportLedger, AChunkWithRefusedLinesBearsNoWitness) {
  ImportLedger ledger({});
  ledger.taken(chunk(1, 1), "a");
  ledger.taken(chunk(2, 2), "b");
  ledger.done(1, 1, 0);
  ledger.done(2, 0, 1);
  EXPECT_EQ(format_rfc3339(ledger.state().witness->ts), "2025-01-01T00:00:01.000Z");
}

}  // namespace
}  // namespace driftguard::cli
