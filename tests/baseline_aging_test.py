# SPDX-License-Identifier: Apache-2.0
"""Baselines that age: trailing, seasonal, exclusions, promoting and rolling back; both stores."""
import json
import subprocess

import pytest

from alarms_test import normal_then, settled
from harness import BINARY, EMBEDDED, NOON, clean_environment, event, rfc3339, wait_until

MINUTE, HOUR, DAY, WEEK = 60, 3600, 86_400, 7 * 86_400
BASE = "/v1/baselines"


def traffic(service, begin, end, amount=lambda t: 0, apart=MINUTE):
    """Any hundred events in a row are alike but for `amount`."""
    return [event(service, t, amount=round(amount(t) + i * 37 % 100, 3))
            for i, t in enumerate(range(begin, end, apart))]


def ask(server, service, at, baseline, status=200):
    answer = server.get("/reports/latest", service=service, at=rfc3339(at), window_minutes=120,
                        baseline=baseline)
    assert answer.status_code == status, answer.text
    return answer.json()


def call(server, method, path, status, body=None, **parameters):
    answer = server.request(method, path, params=parameters, json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def stretch(begin, end):
    return {"from": rfc3339(begin), "to": rfc3339(end)}


# --- Made on the fly. ---

def test_slow_drift_fails_against_the_fixed_one_alone(server, service):
    """A quarter of a unit an hour, of values that spread over a hundred."""
    server.store(traffic(service, NOON, NOON + 5 * DAY, lambda t: max(0, t - NOON - DAY) / 14_400))
    server.build_baseline(service, NOON, NOON + DAY)
    for day in (2, 3, 4, 5):
        trailing = ask(server, service, NOON + day * DAY, "trailing")
        assert trailing["status"] == "ok", trailing["checks"]["amount_ks"]
        assert trailing["baseline"]["source"] == "trailing"
        assert trailing["baseline"]["samples"] == 1440
    fixed = ask(server, service, NOON + 5 * DAY, "fixed")
    assert fixed["status"] == "fail" and fixed["baseline"]["version"] == 1
    plain = server.report(service=service, at=rfc3339(NOON + 5 * DAY), window_minutes=120)
    assert {**plain, "generated_at": 0} == {**fixed, "generated_at": 0}


def test_a_seasonal_one_is_of_the_same_hours_of_the_week(server, service):
    def busy(t):
        return 60 if (t - NOON) % WEEK < 4 * HOUR else 0

    for week in range(3):
        begin = NOON + week * WEEK
        server.store(traffic(service, begin - DAY, begin + 4 * HOUR, busy))
    at = NOON + 2 * WEEK + 3 * HOUR
    seasonal = ask(server, service, at, "seasonal")
    assert seasonal["status"] == "ok"
    assert seasonal["baseline"]["samples"] == 2 * 120  # From one to three, of two weeks.
    assert seasonal["baseline"]["from"] == rfc3339(at - 2 * WEEK - 2 * HOUR).replace("000Z", "Z")
    assert ask(server, service, at, "trailing")["status"] == "fail"


def test_with_too_little_behind_it_there_is_none_yet(server, service):
    server.store(traffic(service, NOON, NOON + 2 * HOUR))
    for baseline, word in (("trailing", "warming up"), ("seasonal", "0 of 4 weeks")):
        report = ask(server, service, NOON + 2 * HOUR, baseline)
        assert report["baseline"] is None and report["status"] == "ok"
        assert report["checks"]["amount_ks"]["insufficient_baseline"]
        assert word in report["baseline_reason"]
    assert "baseline_reason" not in ask(server, service, NOON + 2 * HOUR, "fixed")


def test_its_length_and_distance_are_configured(new_server):
    server = new_server({"DRIFTGUARD_BASELINE_TRAILING_HOURS": 3,
                         "DRIFTGUARD_BASELINE_TRAILING_OFFSET_MINUTES": 30,
                         "DRIFTGUARD_BASELINE_EXCLUDE":
                         f"{rfc3339(NOON)}/{rfc3339(NOON + HOUR)}"}).start()
    server.store(traffic("pay", NOON - 10 * HOUR, NOON + 10 * HOUR))
    baseline = ask(server, "pay", NOON + 5 * HOUR, "trailing")["baseline"]
    assert baseline["to"] == rfc3339(NOON + 2.5 * HOUR).replace("000Z", "Z")
    assert baseline["from"] == rfc3339(NOON - 0.5 * HOUR).replace("000Z", "Z")
    assert baseline["samples"] == 120  # Without the excluded hour.
    assert call(server, "GET", BASE + "/exclusions", 200)["configured"] == [
        {"from": "2025-01-01T12:00:00.000Z", "to": "2025-01-01T13:00:00.000Z"}]


@pytest.mark.parametrize("settings, complaint", [
    ({"DRIFTGUARD_BASELINE_EXCLUDE": "2025-01-01T00:00:00Z"}, "baseline_exclude"),
    ({"DRIFTGUARD_BASELINE_EXCLUDE": "2025-01-02T00:00:00Z/2025-01-01T00:00:00Z"},
     "baseline_exclude"),
    ({"DRIFTGUARD_BASELINE_TRAILING_HOURS": 1}, "baseline_warmup_minutes")])
def test_settings_that_make_no_sense_stop_the_start(tmp_path, settings, complaint):
    done = subprocess.run([BINARY, "serve", "--listen", "127.0.0.1:0"], cwd=tmp_path,
                          capture_output=True, check=False, env=clean_environment(settings))
    assert done.returncode == 2 and complaint in done.stderr.decode()


def test_checks_can_be_asked_against_another_one_and_timelines_cannot(server, service):
    server.store(traffic(service, NOON, NOON + DAY))
    asked = {"service": service, "at": rfc3339(NOON + DAY), "baseline": "trailing"}
    detail = call(server, "GET", "/v1/checks/amount_ks", 200, **asked)
    assert detail["baseline"]["source"] == "trailing"
    for path in ("/v1/timeline", "/v1/hosts"):
        assert "baseline" in call(server, "GET", path, 400, **asked)["detail"]
    assert "yesterday" in call(server, "GET", "/reports/latest", 400, service=service,
                               baseline="yesterday")["detail"]
    ask(server, service, NOON, "7", 404)


# --- Exclusions. ---

def test_what_is_excluded_is_in_no_baseline(server, service):
    server.store(traffic(service, NOON, NOON + DAY))
    server.store(traffic(service, NOON + DAY, NOON + DAY + HOUR, lambda t: 500))  # An incident.
    server.store(traffic(service, NOON + DAY + HOUR, NOON + 2 * DAY))
    at = NOON + 2 * DAY
    assert ask(server, service, at, "trailing")["status"] == "ok"
    with_it = ask(server, service, at, "trailing")["baseline"]["samples"]
    added = call(server, "POST", BASE + "/exclusions", 201,
                 {"service": service, "reason": "incident",
                  **stretch(NOON + DAY, NOON + DAY + HOUR)})
    assert added["id"] == 1 and added["reason"] == "incident"
    without = ask(server, service, at, "trailing")["baseline"]["samples"]
    built = server.build_baseline(service, NOON + DAY - HOUR, NOON + DAY + 2 * HOUR)
    assert with_it - without == 60 and built["samples"] == 120
    listed = call(server, "GET", BASE + "/exclusions", 200, service=service)
    assert listed == {"service": service, "exclusions": [added], "configured": []}
    call(server, "DELETE", BASE + "/exclusions", 200, service=service, id=1)
    assert ask(server, service, at, "trailing")["baseline"]["samples"] == with_it
    call(server, "DELETE", BASE + "/exclusions", 404, service=service, id=1)


def test_a_build_can_leave_out_more(server, service):
    server.store(traffic(service, NOON, NOON + HOUR))
    order = {"service": service, **stretch(NOON, NOON + HOUR),
             "exclude": [stretch(NOON, NOON + 600), stretch(NOON + 1800, NOON + 7200)]}
    assert call(server, "POST", BASE, 201, order)["samples"] == 20
    order["exclude"] = [stretch(NOON, NOON + HOUR)]
    assert "not excluded" in call(server, "POST", BASE, 404, order)["detail"]
    for wrong in ([{"from": rfc3339(NOON)}], [stretch(NOON, NOON)], "x", [1]):
        answer = call(server, "POST", BASE, 400, {**order, "exclude": wrong})
        assert "exclude" in answer["detail"]


@pytest.mark.parametrize("order, complaint", [
    ({"from": "x", "to": rfc3339(NOON)}, "from"), ({"from": rfc3339(NOON)}, "to"),
    (stretch(NOON, NOON), "before"), ({**stretch(0, 9), "more": 1}, "more"),
    ({**stretch(0, 9), "reason": "x" * 501}, "reason")])
def test_exclusions_that_make_no_sense_are_refused(server, service, order, complaint):
    answer = call(server, "POST", BASE + "/exclusions", 400, {"service": service, **order})
    assert complaint in answer["detail"]


@EMBEDDED
def test_what_is_under_alarm_is_left_out_of_a_trailing_one(new_server):
    server = new_server({"DRIFTGUARD_BASELINE_TRAILING_HOURS": 3,
                         "DRIFTGUARD_BASELINE_TRAILING_OFFSET_MINUTES": 0,
                         "DRIFTGUARD_BASELINE_WARMUP_MINUTES": 30}).start()
    change = normal_then(server, "pay", 140)  # For eight minutes, five events a second.
    settled(server, "pay", lambda found: found["state"] == "firing")
    # Shown a moment before it is stored.
    wait_until(lambda: call(server, "GET", "/v1/incidents", 200)["incidents"], 30)
    later = {"at": rfc3339(change + HOUR), "window_minutes": 1}
    trailing = server.report(service="pay", baseline="trailing", **later)["baseline"]
    assert abs(trailing["samples"] - 5 * HOUR) < 5 * MINUTE
    built = server.build_baseline("pay", change - HOUR, change + HOUR)  # The new normal as well.
    # What drifts begins with a bucket, so up to ten seconds before eight minutes ago.
    assert 0 <= built["samples"] - 5 * (HOUR + 8 * MINUTE) <= 51


# --- Promoting and rolling back. ---

def test_rolling_back_returns_to_what_was_active(new_server):
    server = new_server().start()
    server.store(traffic("pay", NOON, NOON + 3 * HOUR))
    for hour in range(3):
        server.build_baseline("pay", NOON + hour * HOUR, NOON + (hour + 1) * HOUR)
    call(server, "POST", f"{BASE}/1/activate", 200)
    assert call(server, "GET", BASE, 200)["previous"] == 3
    server.restart()
    assert call(server, "POST", BASE + "/rollback", 200) == {"service": "pay", "active": 3}
    assert call(server, "POST", BASE + "/rollback", 200)["active"] == 2
    assert call(server, "POST", BASE + "/rollback", 200)["active"] == 1
    answer = call(server, "POST", BASE + "/rollback", 404)
    assert "no baseline of pay was active before" in answer["detail"]
    listed = call(server, "GET", BASE, 200)
    assert listed["previous"] is None
    assert [(one["version"], one["rolled_back"]) for one in listed["activations"]] == [
        (1, False), (2, False), (3, False), (1, False), (3, True), (2, True), (1, True)]


def test_promoted_a_trailing_one_becomes_a_version(server, service):
    server.store(traffic(service, NOON, NOON + 2 * DAY))
    asked = {"service": service, "at": rfc3339(NOON + 2 * DAY), "baseline": "trailing"}
    assert call(server, "POST", BASE + "/promote", 200, **asked)["active"] == 1
    active = call(server, "GET", BASE + "/active", 200, service=service)
    assert active["samples"] == 1440
    server.build_baseline(service, NOON, NOON + HOUR)
    assert call(server, "POST", BASE + "/promote", 200, service=service, baseline=1)["active"] == 1
    call(server, "POST", BASE + "/promote", 404, service=service, baseline="seasonal",
         at=rfc3339(NOON))
    call(server, "POST", BASE + "/promote", 400, service=service)


def test_the_program_does_the_same_with_and_without_a_server(new_server):
    server = new_server().start()
    server.store(traffic("pay", NOON, NOON + 2 * DAY))

    def run(code, *arguments, url=True):
        where = ["--url", server.url] if url else ["--store", server.settings["DATABASE_URL"]]
        done = subprocess.run([BINARY, *arguments, "--service", "pay", *where, "--json"],
                              cwd=server.folder, capture_output=True, check=False,
                              env=clean_environment())
        assert done.returncode == code, done.stderr.decode()
        return json.loads(done.stdout) if code == 0 else done.stderr.decode()

    window = ["--from", rfc3339(NOON), "--to", rfc3339(NOON + HOUR)]
    hole = ["--exclude", f"{rfc3339(NOON)}/{rfc3339(NOON + 600)}"]

    def all_of_it(url):
        assert run(0, "baseline", "build", *window, *hole, url=url)["samples"] == 50
        assert run(0, "baseline", "build", *window, url=url)["samples"] == 60
        version = run(0, "baseline", "rollback", url=url)["active"]
        assert run(0, "baseline", "promote", str(version + 1), url=url)["active"] == version + 1
        assert "warming up" in run(3, "baseline", "promote", "trailing", url=url)
        report = run(0, "report", "--at", rfc3339(NOON + 2 * DAY), "--baseline", "trailing",
                     url=url)
        assert report["baseline"]["source"] == "trailing"
        assert "--baseline" in run(2, "report", "--baseline", "x", url=url)
        assert "FROM/TO" in run(2, "baseline", "build", *window, "--exclude", "x", url=url)

    all_of_it(url=True)
    assert server.stop() == 0
    all_of_it(url=False)
