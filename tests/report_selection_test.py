# SPDX-License-Identifier: Apache-2.0
"""Which events a report is about: service, endpoint, host, window and moment."""
import json
import time

import pytest

from harness import EMBEDDED, NOON, event, rfc3339


def refused(answer, *words):
    assert answer.status_code == 400, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert all(word in answer.json()["detail"] for word in words), answer.json()["detail"]


@pytest.fixture
def alone(new_server):
    """A server on a store of its own, with two endpoints and two hosts of one service."""
    server = new_server().start()
    server.store([event("payments", NOON + i, "POST /pay" if i % 3 else "GET /list",
                        host="a" if i % 2 else "b", amount=i) for i in range(600)])
    return server


def test_the_only_service_needs_no_name(alone):
    assert alone.report(at=rfc3339(NOON + 600))["service"] == "payments"


def test_several_services_are_named_in_the_400(alone):
    alone.store([event("orders", NOON)])
    refused(alone.get("/reports/latest"), "orders, payments")
    refused(alone.get("/v1/baselines"), "orders, payments")
    assert alone.report(service="orders", at=rfc3339(NOON + 60))["samples"] == 1


def test_no_service_at_all_is_a_400(new_server):
    refused(new_server().start().get("/reports/latest"), "service")


@EMBEDDED
def test_the_default_service_is_taken_among_several(new_server):
    server = new_server({"DRIFTGUARD_DEFAULT_SERVICE": "orders"}).start()
    server.store([event("orders", NOON), event("payments", NOON)])
    assert server.report()["service"] == "orders"
    assert server.report(service="payments")["service"] == "payments"


def test_endpoint_and_host_narrow(alone):
    def samples(**parameters):
        return alone.report(at=rfc3339(NOON + 600), **parameters)["samples"]
    assert samples() == 600
    assert samples(endpoint="POST /pay") == 400
    assert samples(endpoint="GET /list") == 200
    assert samples(endpoint="GET /") == 0
    assert samples(host="a") == 300
    assert samples(host="a", endpoint="GET /list") == 100
    assert samples(host="c") == 0
    narrowed = alone.report(at=rfc3339(NOON + 600), host="a", endpoint="GET /list")
    assert (narrowed["host"], narrowed["endpoint"]) == ("a", "GET /list")


def test_an_endpoint_is_compared_with_its_own_baseline(alone):
    alone.store([event("payments", NOON - 100, "POST /pay", amount=1)] * 100)
    alone.store([event("payments", NOON - 100, "GET /list", amount=5)] * 100)
    alone.build_baseline("payments", NOON - 3600, NOON)
    alone.store([event("payments", NOON + 900, "POST /pay", amount=1)] * 100)
    report = alone.report(endpoint="POST /pay", at=rfc3339(NOON + 1000), window_minutes=2)
    assert report["checks"]["amount_ks"]["baseline_n"] == 100
    assert report["checks"]["amount_ks"]["d"] == 0
    by_host = alone.report(host="none", at=rfc3339(NOON + 1000), window_minutes=2)
    assert by_host["checks"]["amount_ks"]["baseline_n"] == 200  # All hosts' baseline.


@pytest.mark.parametrize("minutes", ["0", "-1", "43201", "1.5", "", "x", "30m", "1e2",
                                     "99999999999"])
def test_a_window_out_of_range_is_a_400(server, service, minutes):
    refused(server.get("/reports/latest", service=service, window_minutes=minutes),
            "window_minutes", "1", "43200")


@pytest.mark.parametrize("minutes", [1, 2, 30, 1440, 43200])
def test_a_window_is_as_long_as_asked(server, service, minutes):
    end = NOON + 43200 * 60
    server.store([event(service, end - 60 * minutes - 10.001), event(service, end - 60 * minutes),
                  event(service, end - 0.001), event(service, end)])
    report = server.report(service=service, at=rfc3339(end), window_minutes=minutes)
    assert (report["window_minutes"], report["samples"]) == (minutes, 2)


def test_a_window_covers_whole_buckets(server, service):
    """Ten seconds each: the window says which it counted."""
    server.store([event(service, NOON + second) for second in range(60)])
    report = server.report(service=service, at=rfc3339(NOON + 33.5), window_minutes=1)
    assert (report["from"], report["to"]) == (rfc3339(NOON - 30)[:-4] + "Z",
                                              rfc3339(NOON + 40)[:-4] + "Z")
    assert report["samples"] == 40


def test_without_at_the_window_ends_now(server, service):
    now = time.time()
    server.store([event(service, now - 1), event(service, now - 29 * 60),
                  event(service, now - 31 * 60)])
    report = server.report(service=service)
    assert (report["window_minutes"], report["samples"]) == (30, 2)


def test_from_and_to_stand_instead_of_a_window(server, service):
    server.store([event(service, NOON + minute * 60) for minute in range(10)])
    inside = {"from": rfc3339(NOON + 60), "to": rfc3339(NOON + 240)}
    report = server.report(service=service, **inside)
    assert (report["samples"], report["window_minutes"]) == (3, 3)
    for wrong in ({"from": rfc3339(NOON)}, {"to": rfc3339(NOON)},
                  {"from": rfc3339(NOON), "to": rfc3339(NOON)},
                  {"from": rfc3339(NOON), "to": rfc3339(NOON - 1)},
                  {"from": rfc3339(NOON), "to": rfc3339(NOON + 60), "window_minutes": 5},
                  {"from": rfc3339(NOON), "to": rfc3339(NOON + 60), "at": rfc3339(NOON)}):
        refused(server.get("/reports/latest", service=service, **wrong))


@pytest.mark.parametrize("at", ["", "now", "2025-01-01", "1735732800", "2025-01-01T12:00:00"])
def test_a_moment_that_is_no_time_is_a_400(server, service, at):
    refused(server.get("/reports/latest", service=service, at=at), "at: ")


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z",
                                "1970-01-01T00:00:00Z", "2025-01-01T12:00:00.000001+14:00"])
def test_any_moment_can_be_asked_about(server, service, at):
    report = server.report(service=service, at=at, window_minutes=43200)
    assert report["samples"] == 0 and report["status"] == "ok"


def test_late_events_count_where_they_belong(server, service):
    asked = {"service": service, "at": rfc3339(NOON + 600), "window_minutes": 10}
    server.store([event(service, NOON + 100, amount=1)])
    assert server.report(**asked)["samples"] == 1
    server.store([event(service, NOON + 9000, amount=1)])
    server.store([event(service, NOON + 50, amount=1), event(service, NOON + 599.999999, amount=1)])
    assert server.report(**asked)["samples"] == 3
    assert server.report(**asked)["checks"]["amount_ks"]["live_n"] == 3


def test_services_with_like_names_are_kept_apart(server, service):
    names = [service, service + "x", service + " ", service.upper(), service + "/é"]
    for i, name in enumerate(names):
        server.store([event(name, NOON, endpoint=f"e{j}") for j in range(i + 1)])
    for i, name in enumerate(names):
        asked = {"service": name, "at": rfc3339(NOON + 60)}
        assert server.report(**asked)["samples"] == i + 1
        assert len(server.lines(service=name)) == i + 1
    listed = {s["service"]: s["endpoints"] for s in server.get("/v1/services").json()["services"]}
    assert [len(listed[name]) for name in names] == [1, 2, 3, 4, 5]


# --- GET /v1/events. ---

def test_events_come_in_order_of_time_page_by_page(server, service):
    order = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5]
    server.store([event(service, NOON + second, n=i) for i, second in enumerate(order)])
    found, cursor = [], {}
    while True:
        answer = server.get("/v1/events", service=service, limit=3, **cursor)
        assert answer.headers["Content-Type"] == "application/x-ndjson"
        found += [line["ts"] for line in map(json.loads, answer.text.splitlines())]
        if "Next-Cursor" not in answer.headers:
            break
        cursor = {"cursor": answer.headers["Next-Cursor"]}
    assert found == [rfc3339(NOON + second) for second in sorted(order)]


def test_events_are_narrowed_by_endpoint_and_time(server, service):
    server.store([event(service, NOON + i, endpoint=f"e{i % 2}") for i in range(10)])
    inside = {"from": rfc3339(NOON + 2), "to": rfc3339(NOON + 6)}
    assert len(server.lines(service=service, **inside)) == 4
    assert len(server.lines(service=service, endpoint="e1", **inside)) == 2
    assert server.lines(service=service, endpoint="none") == []
    refused(server.get("/v1/events", endpoint="e1"), "service")
    for wrong in ({"limit": 0}, {"limit": 10001}, {"cursor": "x"}, {"cursor": "1.2.3"},
                  {"cursor": "1."}, {"from": "x"}, {"to": "x"}):
        refused(server.get("/v1/events", service=service, **wrong), next(iter(wrong)))
