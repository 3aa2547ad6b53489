// SPDX-License-Identifier: Apache-2.0
// The truth files in tests/data are copies, so that the tests need nothing beside the repository.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace driftguard::stats {
namespace {

std::string read_all(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(TruthFiles, AreTheSharedOnesByteForByte) {
  const std::string root = DRIFTGUARD_ROOT;
  const char* const named = std::getenv("DRIFTGUARD_SHARED");
  const std::string shared =
      (named != nullptr ? std::string(named) : root + "/../shared") + "/truth/truth_";
  for (const std::string name : {"ks", "psi"}) {
    const std::string original = read_all(shared + name + "_visible.json");
    if (original.empty()) GTEST_SKIP() << "no " << shared << name << "_visible.json here";
    EXPECT_EQ(read_all(root + "/tests/data/truth_" + name + ".json"), original);
  }
}

}  // namespace
}  // namespace driftguard::stats
