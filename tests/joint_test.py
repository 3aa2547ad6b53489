# SPDX-License-Identifier: Apache-2.0
"""Joint drift: two features that go together otherwise than they did, though neither changed."""
import time

from harness import event, rfc3339, seeded, wait_until

MINUTE = 60
RATE = 10


def butterfly(service, begin, end, together, rng):
    """Width and height rise together (or, with `together` -1, against each other); colour goes
    with neither. Each alone is the same throughout."""
    events = []
    for i in range(int((end - begin) * RATE)):
        width = rng.gauss(0, 1)
        height = 0.8 * together * width + 0.6 * rng.gauss(0, 1)
        events.append(event(service, begin + i / RATE, status=200, duration_ms=rng.randint(50, 90),
                            width=round(100 + 10 * width, 2), height=round(50 + 5 * height, 2),
                            colour=rng.choice(("red", "red", "green", "blue"))))
    return events


def states(server, service):
    answer = server.get("/v1/alarms", service=service).json()
    return answer, {alarm["name"]: alarm for alarm in answer["alarms"]}


def test_the_butterfly_is_found_within_five_minutes(server, service):
    rng = seeded()
    now = time.time() // 10 * 10
    change = now - 5 * MINUTE
    server.store(butterfly(service, change - 90 * MINUTE, change - 30 * MINUTE, 1, rng))
    server.store(butterfly(service, change - 30 * MINUTE, change, 1, rng))
    server.store(butterfly(service, change, now, -1, rng))
    server.build_baseline(service, change - 90 * MINUTE, change - 30 * MINUTE)

    def evaluated():
        answer, alarms = states(server, service)
        return "height~width" in alarms and (answer["evaluated_until"] or "") >= rfc3339(now)

    wait_until(evaluated, 60)
    answer, alarms = states(server, service)
    assert answer["state"] == "firing" and answer["firing"] == ["height~width"]
    pair = alarms["height~width"]
    # The start is an estimate: chance may have leant the same way for some minutes before.
    assert rfc3339(change - 25 * MINUTE) <= pair["started"] <= rfc3339(change + MINUTE)
    assert pair["subject"] == "joint" and pair["effect"]["baseline_share"] > 0.7
    assert pair["effect"]["interval_95"][1] < pair["effect"]["baseline_share"]
    assert "both or neither of height above" in pair["reason"]
    for name in ("width", "height", "colour", "colour~height", "colour~width"):
        assert alarms[name]["state"] == "ok", alarms[name]["reason"]
    checks = server.report(service=service, window_minutes=5)["checks"]
    assert checks["colour_psi"]["ok"] and checks["success_rate"]["ok"]


def test_two_features_that_go_together_as_ever_are_no_drift(server, service):
    rng = seeded()
    now = time.time() // 10 * 10
    begin = now - 120 * MINUTE
    server.store(butterfly(service, begin, now - 60 * MINUTE, 1, rng))
    server.store(butterfly(service, now - 60 * MINUTE, now, 1, rng))
    server.build_baseline(service, begin, now - 60 * MINUTE)

    def judged():
        pair = states(server, service)[1].get("height~width")
        return pair and pair["state"] != "insufficient_data"

    wait_until(judged, 60)
    answer, alarms = states(server, service)
    assert answer["state"] == "ok" and alarms["height~width"]["state"] == "ok"
