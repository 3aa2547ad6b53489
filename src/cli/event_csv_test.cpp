// SPDX-License-Identifier: Apache-2.0
#include "cli/event_csv.h"

#include <gtest/gtest.h>

namespace driftguard::cli {
namespace {

std::string csv(std::string_view event) {
  std::string line;
  append_event_csv(event, line);
  return line;
}

TEST(EventCsv, TakesTheEventsOwnFields) {
  EXPECT_EQ(csv(R"({"ts":"2025-01-01T02:00:00+02:00","service":"s","endpoint":"e","host":"h",)"
                R"("response":{"status":200,"duration_ms":310.787}})"),
            "2025-01-01T00:00:00.000Z,s,e,h,200,310.787,"
            R"("{""ts"":""2025-01-01T02:00:00+02:00"",""service"":""s"",""endpoint"":""e"",)"
            R"(""host"":""h"",""response"":{""status"":200,""duration_ms"":310.787}}")"
            "\r\n");
}

TEST(EventCsv, AbsentFieldsAreEmpty) {
  EXPECT_EQ(csv(R"({"ts":"2025-01-01T00:00:00Z","service":"s","endpoint":"e"})").substr(0, 33),
            "2025-01-01T00:00:00.000Z,s,e,,,,\"");
  EXPECT_EQ(csv(R"({"ts":"2025-01-01T00:00:00Z","response":[]})").substr(0, 31),
            "2025-01-01T00:00:00.000Z,,,,,,\"");
}

TEST(EventCsv, CommasQuotesAndLineEndsAreQuoted) {
  EXPECT_EQ(
      csv(R"({"ts":"2025-01-01T00:00:00Z","service":"a,\"b\"","endpoint":"c\nd"})").substr(0, 45),
      "2025-01-01T00:00:00.000Z,\"a,\"\"b\"\"\",\"c\nd\",,,,\"");
}

TEST(EventCsv, HeadNamesTheColumns) {
  EXPECT_EQ(kEventCsvHead, "ts,service,endpoint,host,status,duration_ms,payload\r\n");
}

}  // namespace
}  // namespace driftguard::cli
