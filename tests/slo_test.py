# SPDX-License-Identifier: Apache-2.0
"""GET /v1/slo: burn rates, the budget left and traffic volume, on both stores."""
import pytest

from harness import EMBEDDED, NOON, event, rfc3339

MINUTE, HOUR, DAY = 60, 3600, 86_400
WINDOWS = [("page", 14.4, 60, 5), ("page", 6, 360, 30), ("ticket", 3, 1440, 120),
           ("ticket", 1, 4320, 360)]


def slo(server, service, at=NOON, status=200, **parameters):
    answer = server.get("/v1/slo", service=service, at=rfc3339(at), **parameters)
    assert answer.status_code == status, answer.text
    return answer.json()


def traffic(service, begin, seconds, apart, failing=lambda i: False, **fields):
    return [event(service, begin + i * apart, status=500 if failing(i) else 200, **fields)
            for i in range(int(seconds / apart))]


def test_windows_and_budget_are_counts_of_events(server, service):
    ages = [1, 299, 300, 301, 1799, 1801, 3599, 3600, 3601, 7201, 21_599, 21_601, DAY - 1, DAY + 1,
            3 * DAY - 1, 3 * DAY + 1, 30 * DAY - 1, 30 * DAY, 30 * DAY + 1]
    server.store([event(service, NOON - age, status=200 if age % 2 else 503, duration_ms=age)
                  for age in ages])
    view = slo(server, service)
    for level, (severity, factor, long, short) in zip(view["success_rate"]["levels"], WINDOWS):
        assert (level["severity"], level["factor"]) == (severity, factor)
        for window, minutes in ((level["long"], long), (level["short"], short)):
            inside = [age for age in ages if age <= 60 * minutes]
            assert (window["minutes"], window["total"]) == (minutes, len(inside))
            assert window["failed"] == sum(age % 2 == 0 for age in inside)
            assert window["failure_rate"] == window["failed"] / window["total"]
            assert window["burn_rate"] == pytest.approx(window["failure_rate"] / 0.005)
    left = view["success_rate"]["budget_left"]
    assert (left["total"], left["failed"]) == (len(ages) - 1, 2 + 1)  # 300, 3600 and 30 days.
    assert left["left"] == pytest.approx(1 - left["failed"] / (0.005 * left["total"]))
    slow = view["latency"]["levels"][2]["long"]
    assert slow["failed"] == sum(2000 < age <= DAY for age in ages)
    assert view["latency"]["limit_ms"] == 2000 and view["latency"]["objective"] == 0.95


@EMBEDDED
def test_the_budget_counts_what_comes_weeks_late(server, service):
    """What lies behind the windows is remembered until something of it changes."""
    server.store(traffic(service, NOON - 20 * DAY, HOUR, 60, lambda i: i == 0))
    for late, expected in ((None, (60, 1)), (10 * DAY, (120, 2)), (25 * DAY, (180, 3))):
        if late:
            server.store(traffic(service, NOON - late, HOUR, 60, lambda i: i == 0))
        for _ in range(2):
            left = slo(server, service)["success_rate"]["budget_left"]
            assert (left["total"], left["failed"]) == expected


def test_an_outage_pages_and_the_sentence_says_why(server, service):
    server.store(traffic(service, NOON - 2 * HOUR, 2 * HOUR, 6, lambda i: i >= 1100))
    view = slo(server, service)
    assert view["severity"] == "page" == view["success_rate"]["severity"]
    assert view["latency"]["severity"] == "none"
    first = view["success_rate"]["levels"][0]
    assert first["burning"] and first["long"]["exceeds"] and first["short"]["exceeds"]
    assert first["summary"] == (
        "requests with a status failed: 16.7 % in 1 h (100 of 600) and 100 % in 5 min (50 of 50), "
        "33.3 and 200 times what 99.5 % allows, beyond 14.4")
    assert view["success_rate"]["summary"].startswith(first["summary"])
    server.store(traffic(service, NOON, 10 * MINUTE, 6))
    later = slo(server, service, NOON + 10 * MINUTE)
    assert not later["success_rate"]["levels"][0]["burning"]  # It is over.


def test_an_endpoint_burns_by_itself(server, service):
    server.store(traffic(service, NOON - HOUR, HOUR, 10, endpoint="good"))
    server.store(traffic(service, NOON - HOUR, HOUR, 60, lambda i: True, endpoint="bad"))
    assert slo(server, service, endpoint="good")["severity"] == "none"
    bad = slo(server, service, endpoint="bad")
    assert bad["severity"] == "page" and bad["endpoint"] == "bad"
    assert slo(server, service, endpoint="none")["success_rate"]["budget_left"]["left"] is None


def test_one_error_of_two_requests_a_minute_calls_nobody(server, service):
    server.store(traffic(service, NOON, 2 * HOUR, 30, lambda i: i == 0))
    for minutes in (1, 2, 5, 10, 30, 60, 120):
        view = slo(server, service, NOON + minutes * MINUTE)
        assert view["severity"] == "none"
    first = slo(server, service, NOON + MINUTE)["success_rate"]["levels"][0]
    assert first["long"]["above"] and first["short"]["above"]
    assert first["summary"].endswith("too few failures in 1 h to say that it is beyond 7.2 %")


def test_volume_is_judged_by_the_baseline(server, service):
    server.store(traffic(service, NOON - 2 * HOUR, 2 * HOUR, 5))
    assert slo(server, service)["volume"]["state"] == "insufficient_baseline"
    server.build_baseline(service, NOON - 2 * HOUR, NOON)
    usual = slo(server, service)["volume"]
    assert (usual["state"], usual["events"], usual["expected"]) == ("usual", 60, 60)
    assert usual["baseline_stretches"] == 24
    assert slo(server, service, NOON + 5 * MINUTE)["volume"]["state"] == "silent"
    server.store(traffic(service, NOON, 5 * MINUTE, 1))
    assert slo(server, service, NOON + 5 * MINUTE)["volume"]["state"] == "high"


def test_targets_are_the_configured_ones(new_server):
    server = new_server({"SLO_SUCCESS_MIN": 0.9, "SLO_P95_MAX": 50}).start()
    server.store(traffic("pay", NOON - HOUR, HOUR, 10))
    view = slo(server, "pay")
    assert view["success_rate"]["objective"] == 0.9 and view["latency"]["limit_ms"] == 50
    assert view["latency"]["severity"] == "page"


def test_a_report_is_as_before(server, service):
    """Burn rates stand beside the report, not in it: its verdict is over its own checks."""
    server.store(traffic(service, NOON - 30 * MINUTE, 30 * MINUTE, 10, lambda i: i == 0))
    report = server.report(service=service, at=rfc3339(NOON))
    assert set(report["checks"]) == {"success_rate", "latency_p95"}


def test_refusals_name_the_parameter(server):
    answer = server.get("/v1/slo", service="any", at="yesterday")
    assert answer.status_code == 400 and answer.json()["detail"].startswith("at: ")
