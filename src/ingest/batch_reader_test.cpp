// SPDX-License-Identifier: Apache-2.0
#include "ingest/batch_reader.h"

#include <gmock/gmock.h>

namespace driftguard::ingest {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const Time kNow = *parse_rfc3339("2025-01-01T00:10:00Z");

std::string event(const std::string& body = R"("amount":1.5,"currency":"USD")",
                  const std::string& ts = "2025-01-01T00:00:00Z") {
  return R"({"ts":")" + ts +
         R"(","service":"pay","endpoint":"POST /x","host":"h1","request":{"body":{)" + body +
         R"(}},"response":{"status":200,"duration_ms":12}})";
}

class BatchReaderTest : public ::testing::Test {
 protected:
  Result<Batch> read(const std::string& body, bool skip_invalid = false,
                     BodyFormat format = BodyFormat::kArray) {
    ReadOptions options;
    options.format = format;
    options.skip_invalid = skip_invalid;
    options.latest = kNow;
    options.events_max = 1000;
    return reader_.read(body, options);
  }
  std::string error_of(const std::string& body, BodyFormat format = BodyFormat::kArray) {
    auto batch = read(body, false, format);
    return batch ? "no error" : batch.error().detail;
  }
  // The pointer and the detail of the only problem of a one-event batch.
  std::string problem_of(const std::string& event_text) {
    auto batch = read("[" + event_text + "]");
    if (!batch) return "refused: " + batch.error().detail;
    EXPECT_TRUE(batch->rows.empty());
    EXPECT_TRUE(batch->deltas.empty());
    return batch->errors.empty() ? "none"
                                 : batch->errors[0].pointer + " " + batch->errors[0].detail;
  }

  FeatureRules rules_{
      {{"/request/body/secret", {}, {}, {}, false, true},
       {"/request/body/noise", {}, {}, {}, true, false},
       {"/response/status", {}, {}, FeatureKind::kCategorical, false, false},
       {"/request/body/shop", {}, {}, FeatureKind::kCategorical, false, false, true}}};
  BatchReader reader_{rules_};
};

TEST_F(BatchReaderTest, KeepsEachEventAsItCame) {
  const std::string odd =
      R"({ "ts" : "2025-01-01T00:00:00Z","service":"pay", "endpoint":"e" ,"x":[{},[1]]})";
  auto batch = read("[ " + event() + " ,\n" + odd + "]");
  ASSERT_TRUE(batch) << batch.error().detail;
  ASSERT_EQ(batch->rows.size(), 2u);
  EXPECT_EQ(batch->rows[0].payload, event());
  EXPECT_EQ(batch->rows[1].payload, odd);
  EXPECT_EQ(batch->rows[0].host, "h1");
  EXPECT_FALSE(batch->rows[1].host);
}

TEST_F(BatchReaderTest, FoldsValuesByBucketAndPlace) {
  auto batch = read("[" + event() + "," + event(R"("amount":2,"currency":"EUR")") + "," +
                    event(R"("amount":"2","currency":null)", "2025-01-01T00:00:10Z") + "]");
  ASSERT_TRUE(batch);
  ASSERT_EQ(batch->deltas.size(), 2u);
  const rollup::Rollup& first = *batch->deltas[0].rollup;
  EXPECT_EQ(first.events, 2u);
  EXPECT_EQ(first.successes(), 2u);
  EXPECT_EQ(first.latency_ms.count(), 2u);
  EXPECT_EQ(first.features.at("/request/body/amount").numbers.count(), 2u);
  EXPECT_EQ(first.features.at("/request/body/currency").texts.categories().size(), 2u);
  const rollup::Rollup& second = *batch->deltas[1].rollup;
  EXPECT_EQ(second.features.at("/request/body/amount").texts.count(), 1u);
  EXPECT_EQ(second.features.at("/request/body/currency").nulls, 1u);
}

TEST_F(BatchReaderTest, RulesIgnoreRedactAndTurnNumbersIntoNames) {
  auto batch = read("[" + event(R"("secret":{"card":"4111"},"noise":3,"amount":1)") + "]");
  ASSERT_TRUE(batch);
  EXPECT_THAT(std::string(batch->rows[0].payload),
              AllOf(HasSubstr("\"secret\":\"[redacted]\""), Not(HasSubstr("4111"))));
  const auto& features = batch->deltas[0].rollup->features;
  EXPECT_EQ(features.size(), 2u);
  EXPECT_EQ(features.at("/response/status").texts.categories()[0].name, "200");
  EXPECT_TRUE(features.contains("/request/body/amount"));
}

TEST_F(BatchReaderTest, HostsAreCountedAndSegmentsMarked) {
  auto batch = read("[" + event(R"("shop":7,"amount":1)") + "]");
  ASSERT_TRUE(batch);
  const rollup::Rollup& rollup = *batch->deltas[0].rollup;
  ASSERT_EQ(rollup.hosts.categories().size(), 1u);
  EXPECT_EQ(rollup.hosts.categories()[0], (sketch::Category{"h1", 1}));
  EXPECT_TRUE(rollup.features.at("/request/body/shop").segment);
  EXPECT_EQ(rollup.features.at("/request/body/shop").texts.categories()[0].name, "7");
  EXPECT_FALSE(rollup.features.at("/request/body/amount").segment);
}

TEST_F(BatchReaderTest, AHiddenHostIsNotCounted) {
  const FeatureRules rules{{{"/host", {}, {}, {}, false, true}}};
  ReadOptions options;
  options.latest = kNow;
  auto batch = BatchReader(rules).read("[" + event(R"("amount":1)") + "]", options);
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->deltas[0].rollup->hosts.count(), 0u);
  EXPECT_EQ(batch->deltas[0].rollup->rows.codes(0)[0], sketch::kNoCode);
}

TEST_F(BatchReaderTest, RedactsKeysThatAreWrittenWithEscapes) {
  auto batch = read("[" + event(R"("s\u0065cret":"4111")") + "]");
  ASSERT_TRUE(batch);
  EXPECT_THAT(std::string(batch->rows[0].payload), Not(HasSubstr("4111")));
}

TEST_F(BatchReaderTest, NestedScalarsAreFeaturesAndArraysAreNotFollowed) {
  auto batch = read("[" + event(R"("card":{"brand":"visa","a/b":1},"list":[1,{"x":2}])") + "]");
  ASSERT_TRUE(batch);
  const auto& features = batch->deltas[0].rollup->features;
  EXPECT_EQ(features.at("/request/body/card/brand").texts.count(), 1u);
  EXPECT_EQ(features.at("/request/body/card/a~1b").numbers.count(), 1u);
  EXPECT_EQ(features.at("/request/body/list").others, 1u);
  EXPECT_FALSE(features.contains("/request/body/list/0"));
}

TEST_F(BatchReaderTest, NotJsonIsRefusedWithThePlace) {
  EXPECT_THAT(error_of("[" + event() + ",]"), HasSubstr("near byte"));
  EXPECT_THAT(error_of("["), HasSubstr("not JSON"));
  EXPECT_THAT(error_of(""), HasSubstr("not JSON"));
  EXPECT_THAT(error_of("{}"), HasSubstr("not an array"));
  EXPECT_THAT(error_of("[" + event(R"("x":1e999)") + "]"), HasSubstr("out of range"));
  EXPECT_THAT(error_of("[" + event(R"("x":NaN)") + "]"), HasSubstr("not JSON"));
  EXPECT_THAT(error_of("[" + event("\"x\":\"\xff\"") + "]"), HasSubstr("UTF-8"));
  EXPECT_THAT(error_of("[" + event("\"x\":\"\\ud800\"") + "]"), HasSubstr("not JSON"));
  EXPECT_THAT(error_of("[" + event(R"("x":)" + std::string(10'000, '[')) + "]"),
              HasSubstr("not JSON"));
}

TEST_F(BatchReaderTest, DuplicateKeysAreRefusedWhereverTheyAre) {
  EXPECT_THAT(error_of("[" + event(R"("a":1,"a":2)") + "]"), HasSubstr("duplicate key \"a\""));
  EXPECT_THAT(error_of("[" + event(R"("a":1,"\u0061":2)") + "]"), HasSubstr("duplicate key"));
  EXPECT_THAT(error_of("[" + event(R"("l":[[{"b":{"":1,"":2}}]])") + "]"), HasSubstr("duplicate"));
  EXPECT_THAT(error_of(R"([{"ts":1,"ts":2}])"), HasSubstr("duplicate key \"ts\" in event 0"));
  EXPECT_THAT(error_of("[" + event() + "," + event(R"("z":{"k":[],"k":{}})") + "]"),
              HasSubstr("event 1"));
}

TEST_F(BatchReaderTest, ProblemsNameTheirPlace) {
  EXPECT_THAT(problem_of("7"), HasSubstr("/0 not an object"));
  EXPECT_THAT(problem_of(R"({"service":"s","endpoint":"e"})"), HasSubstr("/0/ts missing"));
  EXPECT_THAT(problem_of(event("", "2025-01-01")), HasSubstr("/0/ts not an RFC 3339"));
  EXPECT_THAT(problem_of(event("", "2025-01-01T00:10:01Z")), HasSubstr("/0/ts"));
  EXPECT_THAT(problem_of(R"({"ts":"2025-01-01T00:00:00Z","service":"","endpoint":"e"})"),
              HasSubstr("/0/service empty"));
  EXPECT_THAT(problem_of(R"({"ts":"2025-01-01T00:00:00Z","service":"a\nb","endpoint":"e"})"),
              HasSubstr("control character"));
  EXPECT_THAT(problem_of(R"({"ts":"2025-01-01T00:00:00Z","service":")" + std::string(201, 'a') +
                         R"(","endpoint":"e"})"),
              HasSubstr("201 bytes"));
  EXPECT_THAT(problem_of(R"({"ts":5,"service":"s","endpoint":"e"})"), HasSubstr("a number where"));
  const std::string head = R"({"ts":"2025-01-01T00:00:00Z","service":"s","endpoint":"e",)";
  EXPECT_THAT(problem_of(head + R"("host":5})"), HasSubstr("/0/host"));
  EXPECT_THAT(problem_of(head + R"("request":[]})"), HasSubstr("/0/request an array"));
  EXPECT_THAT(problem_of(head + R"("response":"x"})"), HasSubstr("/0/response"));
  EXPECT_THAT(problem_of(head + R"("response":{"status":600}})"), HasSubstr("/0/response/status"));
  EXPECT_THAT(problem_of(head + R"("response":{"status":200.5}})"), HasSubstr("status"));
  EXPECT_THAT(problem_of(head + R"("response":{"status":"200"}})"), HasSubstr("status"));
  EXPECT_THAT(problem_of(head + R"("response":{"duration_ms":-1}})"), HasSubstr("duration_ms"));
}

TEST_F(BatchReaderTest, BadEventsTakeTheWholeBatchWithThem) {
  auto batch = read("[" + event() + ",{}," + event() + "]");
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->rejected, 1u);
  EXPECT_EQ(batch->error_count, 3u);
  EXPECT_TRUE(batch->rows.empty());
  EXPECT_TRUE(batch->deltas.empty());
}

TEST_F(BatchReaderTest, BadEventsAreSkippedOnRequestAndNeverFolded) {
  auto batch =
      read("[" + event() + ",{}," + event(R"("amount":9)", "bad") + "," + event() + "]", true);
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->rejected, 2u);
  EXPECT_EQ(batch->rows.size(), 2u);
  EXPECT_EQ(batch->deltas[0].rollup->events, 2u);
  EXPECT_EQ(batch->deltas[0].rollup->features.at("/request/body/amount").numbers.max(), 1.5);
}

TEST_F(BatchReaderTest, NothingOfARefusedBatchLeaksIntoTheNext) {
  EXPECT_FALSE(read("[" + event() + "," + event(R"("a":1,"a":2)") + "]"));
  EXPECT_TRUE(read("[" + event() + ",{}]"));
  auto batch = read("[" + event() + "]");
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->deltas[0].rollup->events, 1u);
}

TEST_F(BatchReaderTest, LinesAreEventsAndBlankLinesAreNot) {
  auto batch = read(event() + "\r\n\n  \n" + event() + "\n", false, BodyFormat::kLines);
  ASSERT_TRUE(batch) << batch.error().detail;
  EXPECT_EQ(batch->rows.size(), 2u);
  EXPECT_EQ(batch->rows[1].payload, event());
  EXPECT_EQ(read("\n\n", false, BodyFormat::kLines)->rows.size(), 0u);
  EXPECT_THAT(error_of(event() + "," + event(), BodyFormat::kLines), HasSubstr("one event"));
  EXPECT_THAT(error_of("{\"a\":1\n\"b\":2}", BodyFormat::kLines), HasSubstr("one event"));
  EXPECT_THAT(error_of("[" + event() + "\n" + event() + "]x", BodyFormat::kLines),
              HasSubstr("not JSON"));
}

TEST_F(BatchReaderTest, EmptyBatchAndTooLargeBatch) {
  EXPECT_EQ(read("[]")->rows.size(), 0u);
  std::string many = "[{}";
  for (int i = 0; i < 1000; ++i) many += ",{}";
  auto batch = read(many + "]");
  ASSERT_FALSE(batch);
  EXPECT_EQ(batch.error().code, ErrorCode::kTooLarge);
}

TEST_F(BatchReaderTest, LargeBatchesBringTheirDeltasEncoded) {
  std::string many = "[" + event();
  for (int i = 0; i < 99; ++i) many += "," + event(R"("amount":)" + std::to_string(i));
  auto batch = read(many + "]");
  ASSERT_TRUE(batch);
  ASSERT_EQ(batch->deltas.size(), 1u);
  EXPECT_EQ(*rollup::decode(batch->deltas[0].encoded), *batch->deltas[0].rollup);
}

}  // namespace
}  // namespace driftguard::ingest
