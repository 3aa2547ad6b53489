// SPDX-License-Identifier: Apache-2.0
// What goes over the wire, byte by byte: a table of requests that other servers have misread. Each
// bad one is followed by a second, hidden request that must never be executed.
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "http/test_client.h"

namespace driftguard::http {
namespace {

struct Vector {
  const char* name;
  std::string bytes;
  int status;  // Of the answer. Of a bad request's (400 and more) connection nothing else comes.
};

// A request that must not be understood as one when it follows a bad one.
constexpr std::string_view kHidden = "GET /hidden HTTP/1.1\r\nHost: h\r\n\r\n";

std::string head(std::string_view line, std::string_view fields = "Host: h\r\n") {
  return std::string(line) + "\r\n" + std::string(fields) + "\r\n";
}

std::string fields(std::string_view more, std::string_view body = {}) {
  return "POST /echo HTTP/1.1\r\nHost: h\r\n" + std::string(more) + "\r\n" + std::string(body);
}

std::string chunked(std::string_view body) {
  return fields("Transfer-Encoding: chunked\r\n", body);
}

// clang-format off
std::vector<Vector> good_vectors() {
  return {
    {"Plain", head("GET /hello HTTP/1.1"), 200},
    {"LeadingEmptyLine", "\r\n" + head("GET /hello HTTP/1.1"), 200},
    {"AbsoluteForm", head("GET http://h/hello HTTP/1.1"), 200},
    {"AbsoluteFormInUpperCase", head("GET HTTP://H/hello HTTP/1.1"), 200},
    {"NoSpaceBehindColon", head("GET /hello HTTP/1.1", "Host:h\r\n"), 200},
    {"TabBehindColon", head("GET /hello HTTP/1.1", "Host:\th\t\r\n"), 200},
    {"LengthZero", fields("Content-Length: 0\r\n"), 200},
    {"LengthWithLeadingZeros", fields("Content-Length: 0003\r\n", "abc"), 200},
    {"ChunkedInUpperCase", fields("Transfer-Encoding: CHUNKED\r\n", "0\r\n\r\n"), 200},
    {"ChunkSizeInUpperCase", chunked("A\r\n0123456789\r\n0\r\n\r\n"), 200},
    {"ChunkSizeWithZeros", chunked("003\r\nabc\r\n000\r\n\r\n"), 200},
    {"ChunkExtension", chunked("3;a=b\r\nabc\r\n0\r\n\r\n"), 200},
    {"Trailer", chunked("3\r\nabc\r\n0\r\nX: y\r\n\r\n"), 200},
    {"HeaderOfHighBytes", head("GET /hello HTTP/1.1", "Host: h\r\nX: \xc3\xa9\r\n"), 200},
    {"QueryWithOddBytes", head("GET /hello?a=%zz HTTP/1.1"), 400},
    {"UnknownPath", head("GET /nothing HTTP/1.1"), 404},
    {"UnknownMethod", head("BREW /hello HTTP/1.1"), 405},
    {"MethodsAreCaseSensitive", head("get /hello HTTP/1.1"), 405},
    {"OptionsStar", head("OPTIONS * HTTP/1.1"), 204},
    {"EncodedDotSegments", head("GET /%2e%2e/hello HTTP/1.1"), 400},
    {"DotSegments", head("GET /../hello HTTP/1.1"), 400},
    {"EscapedNul", head("GET /hello%00 HTTP/1.1"), 400},
    {"BrokenEscape", head("GET /hello%4 HTTP/1.1"), 400},
  };
}

std::vector<Vector> bad_vectors() {
  const std::string big(20 << 10, 'a');
  std::string many = "Host: h\r\n";
  for (int i = 0; i < 120; ++i) many += "X" + std::to_string(i) + ": y\r\n";
  return {
    {"LengthAndChunked", fields("Content-Length: 3\r\n"
"Transfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400},
    {"ChunkedAndLength", fields("Transfer-Encoding: chunked\r\n"
"Content-Length: 3\r\n", "0\r\n\r\n"), 400},
    {"LengthZeroAndChunked", fields("Content-Length: 0\r\n"
"Transfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400},
    {"TwoDifferentLengths", fields("Content-Length: 3\r\nContent-Length: 4\r\n", "abc"), 400},
    {"TwoEqualLengths", fields("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"), 400},
    {"ListOfLengths", fields("Content-Length: 3, 3\r\n", "abc"), 400},
    {"LengthWithPlus", fields("Content-Length: +3\r\n", "abc"), 400},
    {"LengthWithMinus", fields("Content-Length: -3\r\n", "abc"), 400},
    {"LengthInHex", fields("Content-Length: 0x3\r\n", "abc"), 400},
    {"LengthWithPoint", fields("Content-Length: 3.0\r\n", "abc"), 400},
    {"LengthWithBlankInside", fields("Content-Length: 3 3\r\n", "abc"), 400},
    {"LengthEmpty", fields("Content-Length:\r\n", "abc"), 400},
    {"LengthOverflows", fields("Content-Length: 18446744073709551619\r\n", "abc"), 400},
    {"LengthInOtherDigits", fields("Content-Length: \xd9\xa3\r\n", "abc"), 400},
    {"LengthOverLimit", fields("Content-Length: 20971521\r\n"), 413},
    {"GzipThenChunked", fields("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 501},
    {"ChunkedThenGzip", fields("Transfer-Encoding: chunked, gzip\r\n", "0\r\n\r\n"), 501},
    {"ChunkedTwice", fields("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"), 501},
    {"TwoTransferEncodings", fields("Transfer-Encoding: chunked\r\n"
"Transfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400},
    {"TwoUnequalTransferEncodings", fields("Transfer-Encoding: x\r\n"
"Transfer-Encoding: chunked\r\n", "0\r\n\r\n"), 501},
    {"XChunked", fields("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), 501},
    {"ChunkedQuoted", fields("Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n"), 501},
    {"ChunkedWithParameter", fields("Transfer-Encoding: chunked;q=1\r\n", "0\r\n\r\n"), 501},
    {"EmptyTransferEncoding", fields("Transfer-Encoding:\r\n", "0\r\n\r\n"), 501},
    {"Identity", fields("Transfer-Encoding: identity\r\n", "0\r\n\r\n"), 501},
    {"ChunkedWithVerticalTab", fields("Transfer-Encoding: \vchunked\r\n", "0\r\n\r\n"), 400},
    {"BlankBeforeColon", fields("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"), 400},
    {"TabBeforeColon", fields("Content-Length\t: 3\r\n", "abc"), 400},
    {"BlankBeforeName", "POST /echo HTTP/1.1\r\n Host: h\r\n\r\n", 400},
    {"FoldedHeader", fields("X: a\r\n b\r\n"), 400},
    {"FoldedLength", fields("Content-Length:\r\n 3\r\n", "abc"), 400},
    {"NoColon", fields("Nonsense\r\n"), 400},
    {"EmptyName", fields(": x\r\n"), 400},
    {"NameWithParenthesis", fields("X(: y\r\n"), 400},
    {"NameOfHighBytes", fields("\xc3\xa9: y\r\n"), 400},
    {"NulInValue", fields(std::string("X: a\0b\r\n", 8)), 400},
    {"NulInName", fields(std::string("X\0: b\r\n", 7)), 400},
    {"DeleteInValue", fields("X: a\x7f\r\n"), 400},
    {"BareReturnInValue", fields("X: a\rTransfer-Encoding: chunked\r\n"), 400},
    {"BareReturnInLine", "GET /hello\r HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    {"BareFeedEndsLine", "GET /hello HTTP/1.1\nHost: h\r\n\r\n", 400},
    {"BareFeedEndsHeader", "GET /hello HTTP/1.1\r\nHost: h\n\r\n", 400},
    {"BareFeedEndsHead", "GET /hello HTTP/1.1\r\nHost: h\r\n\n", 400},
    {"BareFeedsOnly", "GET /hello HTTP/1.1\nHost: h\n\n", 400},
    {"ReturnReturnFeed", "GET /hello HTTP/1.1\r\nHost: h\r\r\n\r\n", 400},
    {"TwoLeadingEmptyLines", "\r\n\r\n" + head("GET /hello HTTP/1.1"), 400},
    {"NoVersion", head("GET /hello"), 400},
    {"NoTarget", head("GET HTTP/1.1"), 400},
    {"TwoBlanksInLine", head("GET  /hello HTTP/1.1"), 400},
    {"TwoBlanksBeforeVersion", head("GET /hello  HTTP/1.1"), 400},
    {"TabInLine", head("GET\t/hello HTTP/1.1"), 400},
    {"BlankBehindVersion", head("GET /hello HTTP/1.1 "), 400},
    {"BlankInTarget", head("GET /hel lo HTTP/1.1"), 400},
    {"LeadingBlank", " " + head("GET /hello HTTP/1.1"), 400},
    {"TargetWithoutSlash", head("GET hello HTTP/1.1"), 400},
    {"Fragment", head("GET /hello#x HTTP/1.1"), 400},
    {"Backslash", head("GET /a\\hello HTTP/1.1"), 400},
    {"StarForGet", head("GET * HTTP/1.1"), 400},
    {"Connect", head("CONNECT h:80 HTTP/1.1"), 400},
    {"AbsoluteFormOfAnotherHost", head("GET http://other/hello HTTP/1.1"), 400},
    {"AbsoluteFormOfAnotherScheme", head("GET ftp://h/hello HTTP/1.1"), 400},
    {"Version2", head("GET /hello HTTP/2.0"), 505},
    {"Version12", head("GET /hello HTTP/1.2"), 505},
    {"Version09", head("GET /hello HTTP/0.9"), 505},
    {"VersionInLowerCase", head("GET /hello http/1.1"), 400},
    {"VersionLong", head("GET /hello HTTP/1.10"), 400},
    {"Http2Preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
    {"TlsHello", std::string("\x16\x03\x01\x00\xa5\x01", 6), 400},
    {"NoHost", head("GET /hello HTTP/1.1", ""), 400},
    {"EmptyHost", head("GET /hello HTTP/1.1", "Host:\r\n"), 400},
    {"TwoHosts", head("GET /hello HTTP/1.1", "Host: h\r\nHost: h\r\n"), 400},
    {"HostWithPath", head("GET /hello HTTP/1.1", "Host: h/x\r\n"), 400},
    {"HostWithUser", head("GET /hello HTTP/1.1", "Host: a@h\r\n"), 400},
    {"HostWithBlank", head("GET /hello HTTP/1.1", "Host: h g\r\n"), 400},
    {"ChunkedInHttp10", "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
    {"OtherExpectation", fields("Expect: magic\r\n"), 417},
    {"HeadTooLong", head("GET /hello HTTP/1.1", "Host: h\r\nX: " + big + "\r\n"), 431},
    {"NameTooLong", head("GET /hello HTTP/1.1", "Host: h\r\n" + big + ": x\r\n"), 431},
    {"TooManyHeaders", head("GET /hello HTTP/1.1", many), 431},
    {"TargetTooLong", head("GET /" + std::string(9000, 'a') + " HTTP/1.1"), 414},
    {"ChunkSizeEmpty", chunked("\r\nabc\r\n0\r\n\r\n"), 400},
    {"ChunkSizeNegative", chunked("-3\r\nabc\r\n0\r\n\r\n"), 400},
    {"ChunkSizeWithPlus", chunked("+3\r\nabc\r\n0\r\n\r\n"), 400},
    {"ChunkSizeWithPrefix", chunked("0x3\r\nabc\r\n0\r\n\r\n"), 400},
    {"ChunkSizeOverflows", chunked("10000000000000003\r\nabc\r\n0\r\n\r\n"), 400},
    {"ChunkSizeOverLimit", chunked("1400001\r\nabc"), 413},
    {"BlankBehindChunkSize", chunked("3 \r\nabc\r\n0\r\n\r\n"), 400},
    {"BlankBeforeChunkSize", chunked(" 3\r\nabc\r\n0\r\n\r\n"), 400},
    {"ChunkSizeEndsInBareFeed", chunked("3\nabc\r\n0\r\n\r\n"), 400},
    {"ChunkSizeEndsInBareReturn", chunked("3\rabc\r\n0\r\n\r\n"), 400},
    {"ChunkExtensionWithBareFeed", chunked("3;a\nabc\r\n0\r\n\r\n"), 400},
    {"ChunkExtensionTooLong", chunked("3;" + big + "\r\nabc\r\n0\r\n\r\n"), 400},
    {"ChunkDataTooLong", chunked("3\r\nabcd\r\n0\r\n\r\n"), 400},
    {"ChunkDataTooShort", chunked("3\r\nab\r\n0\r\n\r\n"), 400},
    {"ChunkDataEndsInBareFeed", chunked("3\r\nabc\n0\r\n\r\n"), 400},
    {"LastChunkWithoutReturn", chunked("0\n\n"), 400},
    {"TrailerWithBareFeed", chunked("0\r\nX: y\n\r\n"), 400},
    {"TrailerFolded", chunked("0\r\nX: y\r\n z\r\n\r\n"), 400},
    {"TrailerTooLong", chunked("0\r\nX: " + big + "\r\n\r\n"), 400},
  };
}
// clang-format on

class Framing : public testing::TestWithParam<Vector> {
 protected:
  static Router router(std::atomic<int>& hidden) {
    Router router = echo_router();
    router.add(Method::kGet, "/hidden", [&hidden](Request&&, const Respond& respond) {
      ++hidden;
      respond(text("found"));
    });
    return router;
  }

  std::atomic<int> hidden_ = 0;
  TestServer server_{router(hidden_), {.limits = {.linger_timeout = std::chrono::milliseconds(5)}}};
};

class GoodFraming : public Framing {};
class BadFraming : public Framing {};

TEST_P(GoodFraming, IsAnsweredAndTheConnectionGoesOn) {
  TestClient client = server_.connect();
  client.send(GetParam().bytes + std::string(kHidden));
  EXPECT_EQ(client.receive().status, GetParam().status);
  EXPECT_EQ(client.receive().body, "found");
  EXPECT_EQ(hidden_, 1);
}

TEST_P(BadFraming, IsRefusedAndNothingBehindItIsExecuted) {
  TestClient client = server_.connect();
  client.send(GetParam().bytes + std::string(kHidden));
  const Answer answer = client.receive();
  EXPECT_EQ(answer.status, GetParam().status) << answer.body;
  EXPECT_EQ(answer.header("Content-Type"), "application/problem+json");
  EXPECT_EQ(answer.header("Connection"), "close");
  EXPECT_TRUE(client.ended());
  EXPECT_EQ(hidden_, 0);
}

// The connection ends behind the last answer, so the 0 above is not a matter of time.
const auto kName = [](const auto& row) { return std::string(row.param.name); };
INSTANTIATE_TEST_SUITE_P(Table, GoodFraming, testing::ValuesIn(good_vectors()), kName);
INSTANTIATE_TEST_SUITE_P(Table, BadFraming, testing::ValuesIn(bad_vectors()), kName);

TEST(Pipelining, AnswersComeInOrderAlsoWhenTheHandlersFinishOutOfOrder) {
  Router router = echo_router();
  router.add(Method::kPost, "/slow", [](Request&& request, const Respond& respond) {
    std::thread([body = std::move(request.body), respond] {
      respond(text("slow " + body));
    }).detach();
  });
  TestServer server(std::move(router));
  TestClient client = server.connect();
  client.send(post("/slow", "1") + post("/echo", "2") + get("/hello") + post("/slow", "3"));
  EXPECT_EQ(client.receive().body, "slow 1");
  EXPECT_EQ(client.receive().body, "2");
  EXPECT_EQ(client.receive().body, "hello");
  EXPECT_EQ(client.receive().body, "slow 3");
}

// Two writes with Nagle off: mostly two reads, always the same bytes.
TEST(Pipelining, RequestsSplitAtEveryByteAreUnderstood) {
  TestServer server(echo_router());
  const std::string both =
      post("/echo", "abc") + chunked("3\r\nxyz\r\n1;e\r\n!\r\n0\r\nT: t\r\n\r\n") + get("/hello");
  TestClient client = server.connect();
  for (std::size_t cut = 1; cut < both.size(); ++cut) {
    client.send(std::string_view(both).substr(0, cut));
    client.send(std::string_view(both).substr(cut));
    EXPECT_EQ(client.receive().body, "abc") << cut;
    EXPECT_EQ(client.receive().body, "xyz!") << cut;
    EXPECT_EQ(client.receive().body, "hello") << cut;
  }
}

TEST(Pipelining, ByteByByteIsUnderstood) {
  TestServer server(echo_router());
  TestClient client = server.connect();
  for (const char c : post("/echo", "abc") + chunked("2\r\nxy\r\n0\r\n\r\n")) {
    client.send(std::string_view(&c, 1));
  }
  EXPECT_EQ(client.receive().body, "abc");
  EXPECT_EQ(client.receive().body, "xy");
}

TEST(Pipelining, AThousandRequestsInOneWriteAreAllAnswered) {
  TestServer server(echo_router());
  std::string all;
  for (int i = 0; i < 1000; ++i) all += post("/echo", std::to_string(i));
  TestClient client = server.connect();
  client.send(all);
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(client.receive().body, std::to_string(i));
}

}  // namespace
}  // namespace driftguard::http
