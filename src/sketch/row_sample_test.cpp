// SPDX-License-Identifier: Apache-2.0
#include "sketch/row_sample.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

namespace driftguard::sketch {
namespace {

using Event = std::map<std::string, std::uint32_t>;  // Codes by name.

struct Hashed {
  std::uint32_t hash;
  Event event;
};

// What a rollup knows of its events: how many, and which names have values.
struct Part {
  std::vector<std::string> names;  // Ascending.
  RowSample sample;
  std::uint64_t events = 0;
};

// Names that end in a 7 come first.
std::vector<Column> first_of(const std::vector<std::string>& names) {
  std::vector<Column> first;
  for (const std::string& name : names) {
    first.push_back({static_cast<std::uint8_t>(name.ends_with('7') ? 0 : 1), name});
  }
  std::sort(first.begin(), first.end());
  if (first.size() > RowSample::kColumnsMax) first.resize(RowSample::kColumnsMax);
  return first;
}

Part part_of(std::span<const Hashed> events) {
  Part part;
  RowSum sum;
  for (const auto& [hash, event] : events) {
    for (const auto& [name, code] : event) part.names.push_back(name);
  }
  std::sort(part.names.begin(), part.names.end());
  part.names.erase(std::unique(part.names.begin(), part.names.end()), part.names.end());
  const auto columns = first_of(part.names);
  for (const auto& [hash, event] : events) {
    std::vector<std::uint32_t> codes;
    for (const Column& column : columns) {
      const auto at = event.find(std::string(column.name));
      codes.push_back(at == event.end() ? kNoCode : at->second);
    }
    sum.saw(1);
    sum.add(columns, std::array{hash}, codes);
  }
  part.events = events.size();
  part.sample = sum.take(columns);
  return part;
}

Part merged(std::span<const Part> parts) {
  Part whole;
  RowSum sum;
  for (const Part& part : parts) {
    std::vector<std::string> both;
    std::set_union(whole.names.begin(), whole.names.end(), part.names.begin(), part.names.end(),
                   std::back_inserter(both));
    whole.names = both;
    whole.events += part.events;
    sum.saw(part.events);
    if (part.sample.rows() > 0) sum.add(first_of(part.names), part.sample);
  }
  whole.sample = sum.take(first_of(whole.names));
  return whole;
}

std::vector<Hashed> traffic(std::size_t count, std::size_t names, std::mt19937_64& random) {
  std::vector<Hashed> events(count);
  for (Hashed& event : events) {
    event.hash = static_cast<std::uint32_t>(random());
    for (std::size_t i = 0; i < names; ++i) {
      if (random() % 3 == 0) continue;
      event.event["a feature with a long name " + std::to_string(10 + i)] =
          code_of(static_cast<double>(random() % 50));
    }
  }
  return events;
}

std::string bytes_of(const RowSample& sample) {
  std::string bytes;
  ByteWriter out(bytes);
  sample.encode(out);
  return bytes;
}

TEST(RowSample, CodesKeepTheOrderOfNumbersAndTellTextsFromThem) {
  const std::vector<double> ascending = {-1.7e308, -3, -1e-300, 0, 1e-300, 0.5, 1, 1.001, 1.7e308};
  for (std::size_t i = 1; i < ascending.size(); ++i) {
    EXPECT_LT(code_of(ascending[i - 1]), code_of(ascending[i])) << ascending[i];
    EXPECT_FALSE(is_text(code_of(ascending[i])));
  }
  EXPECT_TRUE(is_scalar(code_of(ascending.front())) && is_scalar(code_of("")));
  EXPECT_TRUE(is_text(code_of("EUR")) && is_text(code_of("")));
  EXPECT_NE(code_of("EUR"), code_of("USD"));
}

TEST(RowSample, KeepsAllOfFewRowsAndAboutThePromisedShareOfMany) {
  std::mt19937_64 random(7);
  for (const std::size_t n : {5u, 16u}) {
    EXPECT_EQ(part_of(traffic(n, 6, random)).sample.rows(), n);
  }
  for (const auto& [n, expected] :
       {std::pair(40u, 20.0), {100u, 25.0}, {1000u, 125.0}, {30'000u, 3750.0}, {60'000u, 3750.0}}) {
    const auto rows = static_cast<double>(part_of(traffic(n, 6, random)).sample.rows());
    EXPECT_NEAR(rows, expected, 5 * std::sqrt(expected)) << n;
  }
  EXPECT_EQ(RowSample::level_of(std::uint64_t{1} << 20), 8);
  EXPECT_EQ(RowSample::level_of((std::uint64_t{1} << 20) + 1), 9);
  EXPECT_EQ(RowSample::level_of(~std::uint64_t{0}), 31);
}

TEST(RowSample, DependsOnTheMultisetOfRowsAlone) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 30; ++round) {
    std::vector<Hashed> events = traffic(1 + random() % 600, 2 + random() % 50, random);
    for (std::size_t twins = events.size() / 10; twins > 0; --twins) {
      events.push_back(Hashed(events[random() % events.size()]));
    }
    const Part once = part_of(events);
    std::shuffle(events.begin(), events.end(), random);
    std::vector<Part> parts;
    for (std::size_t i = 0; i < events.size();) {
      const std::size_t end = std::min(events.size(), i + 1 + random() % 200);
      parts.push_back(part_of(std::span(events).subspan(i, end - i)));
      i = end;
    }
    while (parts.size() > 1) {  // Merged two or three at a time, in any grouping.
      const std::size_t taken = std::min<std::size_t>(parts.size(), 2 + random() % 2);
      const Part sum = merged(std::span(parts).last(taken));
      parts.resize(parts.size() - taken);
      parts.insert(parts.begin() + static_cast<std::ptrdiff_t>(random() % (parts.size() + 1)), sum);
    }
    EXPECT_EQ(parts.front().sample, once.sample);
    EXPECT_EQ(bytes_of(parts.front().sample), bytes_of(once.sample));
  }
}

TEST(RowSample, IsBoundedAgainstEqualHashes) {
  RowSum sum;
  const std::vector<Column> columns = {{0, "a"}, {0, "b"}};
  for (std::uint32_t i = 0; i < 40'000; ++i) {
    sum.saw(1);
    sum.add(columns, std::array{0u}, std::array{i + 1, i + 1});
  }
  EXPECT_EQ(sum.take(columns).rows(), RowSample::kRowsMax);
}

TEST(RowSample, IsThinnedToALevelThatManyShare) {
  std::mt19937_64 random(9);
  const RowSample a = part_of(traffic(2000, 4, random)).sample;
  const RowSample b = part_of(traffic(3000, 4, random)).sample;
  const std::vector<const RowSample*> both = {&a, &b};
  EXPECT_EQ(RowSample::common_level(both, 10'000), 0);
  const int level = RowSample::common_level(both, 300);
  const auto left = [&](int at) { return a.thinned(at).rows() + b.thinned(at).rows(); };
  EXPECT_LE(left(level), 300u);
  EXPECT_GT(left(level - 1), 300u);
  EXPECT_EQ(a.thinned(0), a);
  const RowSample thin = a.thinned(level);
  for (std::size_t row = 0; row < thin.rows(); ++row) {
    EXPECT_TRUE(RowSample::keeps(thin.hash(row), level));
    EXPECT_TRUE(std::equal(thin.codes(row).begin(), thin.codes(row).end(), a.codes(row).begin()));
  }
}

TEST(RowSample, ReadsBackAndRefusesDamage) {
  std::mt19937_64 random(3);
  const Part part = part_of(traffic(500, 5, random));
  const std::string bytes = bytes_of(part.sample);
  ByteReader in(bytes);
  EXPECT_EQ(RowSample::decode(in, 5), part.sample);
  EXPECT_TRUE(in.done());
  for (std::size_t cut = 0; cut < bytes.size(); cut += 7) {
    ByteReader damaged(std::string_view(bytes).substr(0, cut));
    RowSample::decode(damaged, 5);
    EXPECT_FALSE(damaged.done());
  }
}

}  // namespace
}  // namespace driftguard::sketch
