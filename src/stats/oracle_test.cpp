// SPDX-License-Identifier: Apache-2.0
// Random cases against SciPy itself, in one run of Debian's python3 (`python3` on a developer's
// PATH may be another one, without SciPy). Without SciPy these tests fail: an oracle that is
// silently absent proves nothing.
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <random>

#include "stats/ks.h"
#include "stats/truth_reader.h"

namespace driftguard::stats {
namespace {

constexpr const char* kOracle = R"(
import json, sys, warnings
from scipy import special, stats
def ask(c):
    if c["f"] == "kstwo_sf": return [float(stats.kstwo.sf(c["d"], c["n"]))]
    if c["f"] == "kstwo_cdf": return [float(stats.kstwo.cdf(c["d"], c["n"]))]
    if c["f"] == "smirnov_sf": return [float(special.smirnov(c["n"], c["d"]))]
    if c["f"] == "kolmogorov_sf": return [float(special.kolmogorov(c["d"]))]
    found = stats.ks_2samp(c["x"], c["y"], alternative=c["f"], method="exact")
    return [found.pvalue, found.statistic]
def answer(c):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        got = ask(c)
    return [None] + got[1:] if any(w.category is RuntimeWarning for w in caught) else got
with open(sys.argv[1]) as cases:
    print(json.dumps([answer(c) for c in json.load(cases)]))
)";

std::string write_temporary(const std::string& text) {
  std::string path = "/tmp/driftguard_oracle_XXXXXX";
  const int descriptor = mkstemp(path.data());
  if (descriptor < 0) throw std::runtime_error("cannot create " + path);
  close(descriptor);
  std::ofstream(path) << text;
  return path;
}

// What SciPy answers to the cases, in their order; throws when it cannot be asked.
Json ask_scipy(const Json& cases) {
  const std::string script = write_temporary(kOracle);
  const std::string input = write_temporary(cases.dump());
  FILE* pipe = popen(("/usr/bin/python3 " + script + " " + input).c_str(), "r");
  std::string output;
  char chunk[4096];
  for (std::size_t got; (got = fread(chunk, 1, sizeof chunk, pipe)) > 0;) output.append(chunk, got);
  const int status = pclose(pipe);
  unlink(script.c_str());
  unlink(input.c_str());
  if (status != 0) throw std::runtime_error("/usr/bin/python3 with python3-scipy is needed");
  return Json::parse(output);
}

class Generator final {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  double uniform(double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random_);
  }
  std::uint64_t log_uniform(double high) {
    return static_cast<std::uint64_t>(std::exp(uniform(0.0, std::log(high))));
  }

  // n over 1 .. 5e6 and d over p = 1 .. 1e-300. SciPy's Smirnov sum takes 1.6 us a term, so of
  // the middle sizes only a few far cases are asked; beyond 1e6 SciPy has a closed form.
  Json one_sample(const char* function) {
    const double z = std::exp(uniform(std::log(0.05), std::log(18.0)));
    std::uint64_t n = log_uniform(5e6);
    const bool sums = std::string(function) == "smirnov_sf" || z * z > 2.2;
    if (sums && n > 5'000 && n <= 1'000'000) n = log_uniform(5'000);
    return {{"f", function}, {"n", n}, {"d", std::min(1.0, z / std::sqrt(n))}};
  }

  Json two_sample(const char* alternative, double size_max, bool tied) {
    const auto sample = [&](std::uint64_t size, double shift) {
      std::vector<double> values(size);
      for (double& value : values) {
        value = uniform(0.0, 1.0) + shift;
        if (tied) value = std::floor(20.0 * value);
      }
      return values;
    };
    const std::uint64_t m = log_uniform(size_max);
    const std::uint64_t n = uniform(0, 1) < 0.2 ? m : log_uniform(size_max);
    return {{"f", alternative}, {"x", sample(m, 0)}, {"y", sample(n, uniform(-0.3, 0.3))}};
  }

 private:
  std::mt19937_64 random_;
};

Json make_cases(unsigned seed) {
  Generator generator(seed);
  Json cases = Json::array();
  for (int i = 0; i < 300; ++i) cases.push_back(generator.one_sample("kstwo_sf"));
  for (int i = 0; i < 100; ++i) cases.push_back(generator.one_sample("kstwo_cdf"));
  for (int i = 0; i < 100; ++i) cases.push_back(generator.one_sample("smirnov_sf"));
  for (int i = 0; i < 100; ++i) {
    cases.push_back({{"f", "kolmogorov_sf"}, {"d", generator.uniform(0.05, 18.0)}});
  }
  for (int i = 0; i < 120; ++i) cases.push_back(generator.two_sample("two-sided", 800, i % 2 == 0));
  for (int i = 0; i < 30; ++i) cases.push_back(generator.two_sample("greater", 60, i % 2 == 0));
  for (int i = 0; i < 30; ++i) cases.push_back(generator.two_sample("less", 60, i % 2 == 0));
  cases.push_back({{"f", "kstwo_sf"}, {"n", 40'000}, {"d", 0.0075}});   // n d^2 = 2.25: strided.
  cases.push_back({{"f", "kstwo_sf"}, {"n", 400'000}, {"d", 0.0075}});  // 22.5
  cases.push_back({{"f", "smirnov_sf"}, {"n", 100'000}, {"d", 0.05}});  // 250: p = 1e-218
  cases.push_back({{"f", "smirnov_sf"}, {"n", 50'000}, {"d", 0.0015}});
  return cases;
}

double one_sample(const Json& asked) {
  const auto function = asked.at("f").get<std::string>();
  const double d = asked.at("d");
  if (function == "kolmogorov_sf") return kolmogorov_sf(d);
  const std::uint64_t n = asked.at("n");
  if (function == "smirnov_sf") return smirnov_sf(n, d);
  return function == "kstwo_sf" ? kstwo_sf(d, n) : kstwo_cdf(d, n);
}

void expect_two_sample(const Json& asked, const Json& answer) {
  const auto name = asked.at("f").get<std::string>();
  const bool two_sided = name == "two-sided";
  const Alternative alternative = two_sided           ? Alternative::kTwoSided
                                  : name == "greater" ? Alternative::kGreater
                                                      : Alternative::kLess;
  const auto found =
      ks_statistic(read_values(asked.at("x")), read_values(asked.at("y")), alternative);
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->d, answer.at(1).get<double>(), 1e-14);
  if (answer.at(0).is_null()) return;
  const double p = two_sided ? ks_exact_p(found->t, found->m, found->n)
                             : ks_exact_p_one_sided(found->t, found->m, found->n);
  EXPECT_TRUE(is_near(p, answer.at(0), 1e-9, 1e-300))
      << name << " m = " << found->m << " n = " << found->n << " d = " << found->d << ": " << p
      << " instead of " << answer.at(0);
}

void expect_one_sample(const Json& asked, const Json& answer) {
  if (answer.at(0).is_null()) return;
  const double got = one_sample(asked);
  EXPECT_TRUE(is_near(got, answer.at(0), 1e-9, 1e-300))
      << asked << ": " << got << " instead of " << answer.at(0);
}

TEST(Oracle, SciPyAgreesOnRandomCases) {
  // DRIFTGUARD_SEED repeats a run.
  const char* const fixed = getenv("DRIFTGUARD_SEED");
  const unsigned seed =
      fixed ? static_cast<unsigned>(std::strtoul(fixed, nullptr, 10)) : std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  RecordProperty("seed", std::to_string(seed));
  std::printf("seed %u\n", seed);
  const Json cases = make_cases(seed);
  const Json answers = ask_scipy(cases);
  ASSERT_EQ(answers.size(), cases.size());
  std::size_t unanswered = 0;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    unanswered += answers[i].at(0).is_null();
    (cases[i].contains("x") ? expect_two_sample : expect_one_sample)(cases[i], answers[i]);
  }
  EXPECT_LT(unanswered, cases.size() / 20);
}

}  // namespace
}  // namespace driftguard::stats
