# SPDX-License-Identifier: Apache-2.0
"""Alarms of a running server: evaluated by itself, in the report, over restarts."""
import random
import time

from harness import EMBEDDED, NOON, event, rfc3339, seeded, wait_until

MINUTE = 60


def payments(service, begin, end, mean, rng, status=200):
    """Five events a second with amounts around `mean`."""
    count = int((end - begin) * 5)
    return [event(service, begin + i / 5, status=status, duration_ms=rng.randint(200, 400),
                  amount=round(rng.gauss(mean, mean / 10)),
                  currency=rng.choice(("USD", "USD", "EUR")))
            for i in range(count)]


def settled(server, service, want, **parameters):
    """The alarms, once they are evaluated and `want` holds of them."""
    def look():
        answer = server.get("/v1/alarms", service=service, **parameters)
        assert answer.status_code == 200, answer.text
        alarms = answer.json()
        return alarms if alarms["evaluated_until"] and want(alarms) else None
    return wait_until(look, 60, "the alarms did not come to that")


def by_name(alarms):
    return {alarm["name"]: alarm for alarm in alarms["alarms"]}


def normal_then(server, service, mean):
    """An hour of normal traffic with its baseline, then eight minutes around `mean` until now."""
    rng = seeded()
    now = time.time()
    change = (now - 8 * MINUTE) // 10 * 10  # Where a bucket begins: it is in the baseline or not.
    server.store(payments(service, change - 60 * MINUTE, change, 100, rng))
    # Stored before anything is evaluated against the baseline: later they would be late events.
    server.store(payments(service, change, now, mean, rng))
    server.build_baseline(service, change - 60 * MINUTE, change)
    return change


def test_drift_fires_and_says_since_when_how_surely_and_how_much(server, service):
    change = normal_then(server, service, 140)
    alarms = settled(server, service, lambda found: found["state"] == "firing")
    assert alarms["firing"] == ["amount"] and alarms["baseline_version"] == 1
    amount = by_name(alarms)["amount"]
    assert amount["evidence"]["of_threshold"] >= 1
    assert amount["evidence"]["return_period_seconds"] >= 365 * 24 * 3600
    effect = amount["effect"]
    low, high = effect["interval_95"]
    assert low <= effect["share"] <= high and effect["values"] > 100
    assert not effect["tolerated"][0] <= effect["share"] <= effect["tolerated"][1]
    assert rfc3339(change - MINUTE) <= amount["started"] <= rfc3339(change + MINUTE)
    assert effect["of"] in amount["reason"]
    assert by_name(alarms)["currency"]["state"] == "ok"
    incident = alarms["incident"]
    assert [fired["name"] for fired in incident["alarms"]] == ["amount"]
    # It is shown a moment before it is stored.
    listed = wait_until(
        lambda: server.get("/v1/incidents", service=service).json()["incidents"], 30)
    assert listed == [incident]


def test_traffic_as_it_was_raises_no_alarm(server, service):
    normal_then(server, service, 100)
    alarms = settled(server, service, lambda found: found["state"] != "insufficient_data")
    assert alarms["state"] == "ok" and alarms["firing"] == [] and alarms["incident"] is None
    assert server.get("/v1/incidents", service=service).json() == {"incidents": []}


def test_the_report_carries_each_check_s_alarm_and_the_whole(server, service):
    normal_then(server, service, 140)
    settled(server, service, lambda found: found["state"] == "firing")
    report = server.report(service=service)
    assert report["alarm"]["state"] == "firing" and report["alarm"]["firing"] == ["amount"]
    assert report["checks"]["amount_ks"]["alarm"]["state"] == "firing"
    for check in ("currency_psi", "success_rate", "latency_p95"):
        assert report["checks"][check]["alarm"]["state"] == "ok"
    part = server.report(service=service, endpoint="POST /v2/payments")
    assert part["alarm"]["state"] == "firing"
    assert not any("alarm" in check for check in part["checks"].values())
    past = server.report(service=service, at=rfc3339(time.time() - 3600))
    assert "alarm" not in past


def test_an_alarm_survives_kill_9(server, service):
    normal_then(server, service, 140)
    before = settled(server, service, lambda found: found["state"] == "firing")["incident"]
    server.kill()
    server.start()
    after = settled(server, service, lambda found: found["state"] == "firing")["incident"]
    assert after["id"] == before["id"] and after["opened_at"] == before["opened_at"]
    assert len(server.get("/v1/incidents", service=service).json()["incidents"]) == 1


def test_late_events_are_evidence_too(server, service):
    """As a client sends them that was cut off for a while."""
    change = normal_then(server, service, 100)
    settled(server, service, lambda found: found["state"] == "ok")
    server.store(payments(service, change + MINUTE, change + 4 * MINUTE, 160,
                          seeded()))
    alarms = settled(server, service, lambda found: found["state"] == "firing")
    assert alarms["firing"] == ["amount"]


def test_failures_alarm_without_any_baseline(server, service):
    rng = seeded()
    now = time.time()
    server.store(payments(service, now - 10 * MINUTE, now - 5 * MINUTE, 100, rng))
    server.store(payments(service, now - 5 * MINUTE, now, 100, rng, status=503))
    alarms = settled(server, service, lambda found: found["state"] == "firing")
    assert alarms["firing"] == ["success_rate"] and alarms["baseline_version"] is None


def test_the_overview_puts_it_first_and_evidence_has_a_course(server, service):
    normal_then(server, service, 140)
    settled(server, service, lambda found: found["state"] == "firing")
    def row():
        rows = server.get("/v1/overview", q=service).json()["services"]
        return rows and rows[0]["alarm"] and rows[0]["alarm"]["firing"] and rows[0]
    assert wait_until(row, 30)["alarm"] == {"state": "firing", "firing": 1}
    course = server.get("/v1/alarms/amount/evidence", service=service).json()
    values = course["of_threshold"]
    assert len(values) == 360 and course["step_seconds"] == 60
    assert max(value for value in values if value is not None) >= 1
    assert values[0] is None
    assert server.get("/v1/alarms/nothing/evidence", service=service).status_code == 404


def test_a_backtest_says_what_alarms_would_have_said(server, service):
    rng, begin = seeded(), NOON - 86_400
    server.store(payments(service, begin, begin + 60 * MINUTE, 100, rng))
    server.build_baseline(service, begin, begin + 60 * MINUTE)
    change = begin + 80 * MINUTE
    server.store(payments(service, begin + 60 * MINUTE, change, 100, rng))
    server.store(payments(service, change, change + 10 * MINUTE, 150, rng))
    told = server.get("/v1/backtest", service=service, to=rfc3339(change + 10 * MINUTE),
                      **{"from": rfc3339(begin + 60 * MINUTE)}).json()
    assert [alarm["name"] for incident in told["incidents"] for alarm in incident["alarms"]] == [
        "amount"]
    assert rfc3339(change) < told["incidents"][0]["opened_at"] < rfc3339(change + 2 * MINUTE)
    assert server.get("/v1/incidents", service=service).json() == {"incidents": []}
    quiet = server.get("/v1/backtest", service=service, to=rfc3339(change),
                       **{"from": rfc3339(begin + 60 * MINUTE)}).json()
    assert quiet["incidents"] == []
    assert server.get("/v1/backtest", service=service).status_code == 400


@EMBEDDED
def test_unknown_services_and_bad_limits_are_said_so(server, service):
    server.store(payments(service, time.time() - 20, time.time() - 19, 100, random.Random(1)))
    answer = server.get("/v1/alarms", service="nobody").json()
    assert answer["state"] == "insufficient_data" and answer["evaluated_until"] is None
    assert answer["reason"] == "No alarms were evaluated yet."
    bad = server.get("/v1/incidents", limit=0)
    assert bad.status_code == 400 and "limit" in bad.json()["detail"]
