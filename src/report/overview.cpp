// SPDX-License-Identifier: Apache-2.0
#include "report/overview.h"

#include <algorithm>
#include <tuple>

namespace driftguard::report {
namespace {

int trouble(State state) {
  switch (state) {
    case State::kFail:
      return 0;
    case State::kOk:
      return 1;
    case State::kInsufficient:
      return 2;
  }
  return 2;
}

bool is_firing(const OverviewService& service) {
  return service.alarm && service.alarm->firing > 0;
}

}  // namespace

bool operator==(const OverviewRow& a, const OverviewRow& b) {
  return a.name == b.name && a.trend == b.trend &&
         (a.outline == b.outline || *a.outline == *b.outline);
}

bool worse(const OverviewRow& a, const OverviewRow& b) {
  const auto key = [](const OverviewRow& row) {
    const Outline* worst = worst_of(row.outline->checks);
    return std::tuple(trouble(row.outline->state), worst == nullptr ? 0.0 : -*worst->severity,
                      std::string_view(row.name));
  };
  return key(a) < key(b);
}

void arrange(Overview* overview) {
  std::sort(overview->services.begin(), overview->services.end(), [](const auto& a, const auto& b) {
    if (is_firing(*a) != is_firing(*b)) return is_firing(*a);
    return worse(a->row, b->row);
  });
  OverviewTotals totals;
  for (const auto& service : overview->services) {
    ++totals.services;
    totals.endpoints += service->endpoint_count;
    if (is_firing(*service)) ++totals.firing;
    switch (service->row.outline->state) {
      case State::kOk:
        ++totals.ok;
        break;
      case State::kFail:
        ++totals.fail;
        break;
      case State::kInsufficient:
        ++totals.insufficient;
        break;
    }
  }
  overview->totals = totals;
}

bool show_the_same(const Overview& a, const Overview& b) {
  const auto same = [](const auto& x, const auto& y) { return x == y || *x == *y; };
  return a.window_minutes == b.window_minutes && a.grid == b.grid &&
         std::equal(a.services.begin(), a.services.end(), b.services.begin(), b.services.end(),
                    same);
}

}  // namespace driftguard::report
