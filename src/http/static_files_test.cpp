// SPDX-License-Identifier: Apache-2.0
#include "http/static_files.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <optional>

#include "http/compression.h"

namespace driftguard::http {
namespace {

namespace fs = std::filesystem;

constexpr const char* kBrowser = "text/html,application/xhtml+xml,*/*;q=0.8";

class StaticFilesTest : public ::testing::Test {
 protected:
  StaticFilesTest() {
    write("index.html", "<!doctype html>");
    write("icon.svg", "<svg/>");
    write("assets/app-1234abcd.js", script_);
  }
  ~StaticFilesTest() override { fs::remove_all(directory_); }

  void write(const std::string& path, const std::string& bytes) {
    fs::create_directories((directory_ / path).parent_path());
    std::ofstream(directory_ / path, std::ios::binary) << bytes;
  }

  Response get(const std::string& path,
               std::vector<std::pair<std::string, std::string>> headers = {}) {
    StaticFilesOptions options;
    options.reserved = {"v1"};
    const auto files = StaticFiles::load(directory_, options);
    EXPECT_TRUE(files) << files.error().detail;
    Request request;
    request.path = path;
    request.headers = std::move(headers);
    return files->answer(request);
  }

  static std::string header(const Response& response, std::string_view name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return {};
  }

  const fs::path directory_ = fs::temp_directory_path() / fmt::format("dg_static_{}", ::getpid());
  const std::string script_ = "let x = 0;" + std::string(5000, ' ');
};

TEST_F(StaticFilesTest, TheRootIsTheIndexAskedForAgainEachTime) {
  const Response response = get("/");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "<!doctype html>");
  EXPECT_EQ(response.content_type, "text/html; charset=utf-8");
  EXPECT_EQ(header(response, "Cache-Control"), "no-cache");
  const Response again = get("/", {{"if-none-match", header(response, "ETag")}});
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(header(again, "ETag"), header(response, "ETag"));
}

TEST_F(StaticFilesTest, HashedFilesAreKeptForEver) {
  const Response response = get("/assets/app-1234abcd.js");
  EXPECT_EQ(response.body, script_);
  EXPECT_EQ(response.content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(header(response, "Cache-Control"), "public, max-age=31536000, immutable");
}

TEST_F(StaticFilesTest, EveryAnswerHasAStrictPolicy) {
  for (const char* path : {"/", "/icon.svg", "/assets/app-1234abcd.js"}) {
    const std::string policy = header(get(path), "Content-Security-Policy");
    EXPECT_TRUE(policy.starts_with("default-src 'self';")) << path;
    EXPECT_EQ(policy.find("unsafe"), std::string::npos);
    EXPECT_EQ(header(get(path), "Referrer-Policy"), "no-referrer");
  }
}

TEST_F(StaticFilesTest, TextIsCompressedWhereTheClientTakesIt) {
  const Response response = get("/assets/app-1234abcd.js", {{"accept-encoding", "gzip"}});
  EXPECT_EQ(header(response, "Content-Encoding"), "gzip");
  EXPECT_EQ(header(response, "Vary"), "Accept-Encoding");
  EXPECT_EQ(*decompress("gzip", response.body, 1 << 20), script_);
  EXPECT_EQ(header(get("/icon.svg", {{"accept-encoding", "gzip"}}), "Content-Encoding"), "");
}

TEST_F(StaticFilesTest, FilesThatComeCompressedAreUsedTheBestFirst) {
  write("assets/app-1234abcd.js.br", "brotli");
  write("assets/app-1234abcd.js.zst", "zstd");
  write("assets/app-1234abcd.js.gz", "gzip");
  const auto coded = [&](const char* accept) {
    const Response response = get("/assets/app-1234abcd.js", {{"accept-encoding", accept}});
    return header(response, "Content-Encoding") + ":" + response.body.substr(0, 6);
  };
  EXPECT_EQ(coded("gzip, deflate, br, zstd"), "br:brotli");
  EXPECT_EQ(coded("gzip, zstd"), "zstd:zstd");
  EXPECT_EQ(coded("gzip;q=1, br;q=0"), "gzip:gzip");
  EXPECT_EQ(coded("*"), "br:brotli");
  EXPECT_EQ(coded("*, br;q=0, zstd;q=0"), "gzip:gzip");
  EXPECT_EQ(coded(""), ":let x ");
  EXPECT_EQ(get("/assets/app-1234abcd.js.br").status, 404);
}

TEST_F(StaticFilesTest, ABrowserThatGoesSomewhereGetsThePage) {
  for (const char* path : {"/services/pay", "/services/pay.ments/checks/a_ks", "/V1/x"}) {
    EXPECT_EQ(get(path, {{"accept", kBrowser}}).body, "<!doctype html>") << path;
  }
}

TEST_F(StaticFilesTest, WhatIsNoPageStaysNotFound) {
  for (const char* path : {"/v1", "/v1/x", "//v1/x", "/assets/gone-1.js", "/.git/config",
                           "/a/../../etc/passwd", "/..", "/./index.html", "//etc/../passwd"}) {
    const Response response = get(path, {{"accept", kBrowser}});
    EXPECT_EQ(response.status, 404) << path;
    EXPECT_EQ(response.content_type, "application/problem+json");
  }
  EXPECT_EQ(get("/services/pay", {{"accept", "*/*"}}).status, 404);
  EXPECT_EQ(get("/services/pay").status, 404);
}

TEST_F(StaticFilesTest, LinksAndHiddenFilesAreNotServed) {
  write("../" + directory_.filename().string() + "_secret", "secret");
  const fs::path secret = directory_.string() + "_secret";
  fs::create_symlink(secret, directory_ / "link.txt");
  fs::create_directory_symlink("/etc", directory_ / "etc");
  write(".hidden", "x");
  write(".vite/manifest.json", "{}");
  for (const char* path : {"/link.txt", "/etc/passwd", "/.hidden", "/.vite/manifest.json"}) {
    EXPECT_EQ(get(path).status, 404) << path;
  }
  fs::remove(secret);
}

TEST_F(StaticFilesTest, AFileOfAnUnknownKindIsBytes) {
  write("thing.xyz", "x");
  EXPECT_EQ(get("/thing.xyz").content_type, "application/octet-stream");
}

TEST_F(StaticFilesTest, ItIsRefusedBeyondItsBounds) {
  StaticFilesOptions options;
  options.files_max = 2;
  EXPECT_EQ(StaticFiles::load(directory_, options).error().code, ErrorCode::kTooLarge);
  options = {};
  options.bytes_max = 5000;
  EXPECT_EQ(StaticFiles::load(directory_, options).error().code, ErrorCode::kTooLarge);
}

TEST_F(StaticFilesTest, WithoutAnIndexThereIsNoPage) {
  fs::remove(directory_ / "index.html");
  EXPECT_EQ(StaticFiles::load(directory_, {}).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(StaticFiles::load(directory_ / "none", {}).error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace driftguard::http
