# SPDX-License-Identifier: Apache-2.0
"""What people look at beside the report: overview, timeline, one check, examples, hosts."""
import time
from urllib.parse import quote

import pytest

from harness import EMBEDDED, NOON, event, events_of, rfc3339, seeded, wait_until

HOUR = 3600


def drift(server, service, names=("amount",), **fields):
    """An hour as it was, with a baseline of it, and half an hour of drift from NOON on."""
    def values(count, least):
        return [least + i * 37 % 101 for i in range(count)]  # Any hundred of them are alike.

    for name in names:
        server.store(events_of(service, name, values(600, 100), NOON - HOUR, HOUR, **fields))
    server.build_baseline(service, NOON - HOUR, NOON)
    for name in names:
        server.store(events_of(service, name, values(300, 160), NOON, HOUR / 2, **fields))


def view(server, path, status=200, **parameters):
    answer = server.get(path, **parameters)
    assert answer.status_code == status, answer.text
    return answer.json()


def window(begin, end):
    return {"from": rfc3339(begin), "to": rfc3339(end)}


# --- Timeline. ---

def test_a_timeline_shows_when_drift_began(server, service):
    drift(server, service)
    line = view(server, "/v1/timeline", service=service, steps=9,
                **window(NOON - HOUR, NOON + HOUR / 2))
    assert line["step_seconds"] == 600 and line["steps"] == 9
    row = next(row for row in line["checks"] if row["name"] == "amount_ks")
    assert row["states"] == ["ok"] * 6 + ["fail"] * 3
    assert line["samples"] == [100] * 9 and row["n"] == [100] * 9
    for d, limit, state in zip(row["values"], row["limits"], row["states"]):
        assert (d >= limit) == (state == "fail")


def test_each_step_agrees_with_the_report_on_it(server, service):
    drift(server, service)
    line = view(server, "/v1/timeline", service=service, steps=6, **window(NOON, NOON + HOUR / 2))
    for i in range(line["steps"]):
        begin = NOON + i * line["step_seconds"]
        report = server.report(service=service, **window(begin, begin + line["step_seconds"]))
        assert line["states"][i] == report["status"]
        check = report["checks"]["amount_ks"]
        row = line["checks"][0]
        assert (row["values"][i], row["p_values"][i]) == (check["d"], check["p_value"])
        assert line["latency"]["p95"][i] == report["checks"]["latency_p95"]["p95"]


@pytest.mark.parametrize("steps, seconds, count", [(2, 1800, 2), (60, 60, 60), (500, 10, 360),
                                                   (359, 20, 180)])
def test_steps_are_round_and_bounded(server, service, steps, seconds, count):
    server.store([event(service)])
    line = view(server, "/v1/timeline", service=service, steps=steps, **window(NOON, NOON + HOUR))
    assert (line["step_seconds"], line["steps"]) == (seconds, count)
    assert len(line["samples"]) == count and sum(line["samples"]) == 1


def test_a_timeline_by_host_and_by_endpoint(server, service):
    server.store([event(service, NOON + i, host=f"h{i % 2}", endpoint=f"e{i % 3}")
                  for i in range(60)])
    for narrow, samples in (({"host": "h1"}, 30), ({"endpoint": "e2"}, 20),
                            ({"host": "h1", "endpoint": "e2"}, 10), ({"host": "none"}, 0)):
        line = view(server, "/v1/timeline", service=service, **narrow, **window(NOON, NOON + 60))
        assert sum(line["samples"]) == samples
        assert {key: line[key] for key in narrow} == narrow


@pytest.mark.parametrize("wrong", [{"steps": 1}, {"steps": 501}, {"steps": "x"}, {"at": "noon"},
                                   {"window_minutes": 0}, {"from": rfc3339(NOON)},
                                   {**window(NOON, NOON)}])
def test_a_wrong_timeline_is_refused(server, service, wrong):
    server.store([event(service)])
    problem = view(server, "/v1/timeline", 400, service=service, **wrong)
    assert any(name in problem["detail"] for name in wrong)


# --- One check. ---

def test_a_check_tells_what_changed(server, service):
    drift(server, service)
    check = view(server, "/v1/checks/amount_ks", service=service, **window(NOON, NOON + HOUR / 2))
    assert check["state"] == "fail" and check["kind"] == "ks"
    assert check["summary"].startswith("amount: median ")
    assert "above the baseline's 99th percentile" in check["summary"]
    report = server.report(service=service, **window(NOON, NOON + HOUR / 2))
    assert check["check"] == report["checks"]["amount_ks"]
    gap = check["gap"]
    assert abs(gap["live"] - gap["baseline"]) == pytest.approx(check["check"]["d"])
    assert gap["live_tends"] == "larger"
    at = check["ecdf"]["x"].index(gap["x"])
    assert check["ecdf"]["live"][at] == gap["live"]


def test_curves_are_as_the_values_say(server, service):
    values = [1, 2, 2, 3, 10]
    server.store(events_of(service, "x", values))
    check = view(server, "/v1/checks/x_ks", service=service, **window(NOON, NOON + 600))
    assert check["ecdf"] == {"x": [1, 2, 3, 10], "live": [0.2, 0.6, 0.8, 1], "baseline": None}
    assert check["histogram"]["edges"] == [edge + 0.5 for edge in range(11)]
    assert check["sides"]["live"]["mean"] == 3.6 and check["sides"]["baseline"] is None


@pytest.mark.parametrize("points, bins", [(2, 1), (1000, 200), (37, 11)])
def test_curves_keep_to_the_points_asked_for(server, service, points, bins):
    random = seeded()
    server.store(events_of(service, "x", [random.gauss(0, 1) for _ in range(3000)]))
    check = view(server, "/v1/checks/x_ks", service=service, points=points, bins=bins,
                 **window(NOON, NOON + 600))
    assert len(check["ecdf"]["x"]) <= points + 3
    assert len(check["histogram"]["edges"]) == bins + 1


def test_categories_that_came_and_went_are_named(server, service):
    server.store(events_of(service, "c", ["USD"] * 60 + ["CHF"] * 40, NOON - HOUR))
    server.build_baseline(service, NOON - HOUR, NOON)
    server.store(events_of(service, "c", ["USD"] * 60 + ["<script>"] * 40))
    check = view(server, "/v1/checks/c_psi", service=service, **window(NOON, NOON + 600))
    changes = {row["name"]: row["change"] for row in check["categories"]}
    assert changes == {"USD": None, "CHF": "vanished", "<script>": "new"}
    assert sum(row["contribution"] for row in check["categories"]) == pytest.approx(
        check["check"]["psi"])
    assert check["summary"] == "c: new: <script> (40 %); vanished: CHF (40 %)"


def test_many_categories_are_bounded(server, service):
    server.store(events_of(service, "c", [f"c{i}" for i in range(3000)]))
    check = view(server, "/v1/checks/c_psi", service=service, **window(NOON, NOON + 600))
    assert len(check["categories"]) == 100 and check["categories_omitted"] == 901


@pytest.mark.parametrize("name", ["a/b", "a.b", "ü", "<script>alert(1)</script>", "\u202eabc",
                                  "a b%20c", "x" * 150, "..", "?#&="])
def test_any_feature_name_is_found(server, service, name):
    server.store([event(service, NOON + i, **{name: i}) for i in range(3)])
    names = [check for check in server.report(service=service, **window(NOON, NOON + 600))["checks"]
             if check.endswith("_ks")]
    assert len(names) == 1
    check = view(server, "/v1/checks/" + quote(names[0], safe=""), service=service,
                 **window(NOON, NOON + 600))
    assert check["name"] == names[0] and check["sides"]["live"]["n"] == 3


@pytest.mark.parametrize("wrong", [{"points": 1}, {"points": 1001}, {"bins": 0}, {"bins": 201}])
def test_a_wrong_question_about_a_check_is_refused(server, service, wrong):
    server.store([event(service, x=1)])
    assert next(iter(wrong)) in view(server, "/v1/checks/x_ks", 400, service=service,
                                     **wrong)["detail"]


def test_an_unknown_check_is_told_from_the_known(server, service):
    server.store([event(service, x=1)])
    problem = view(server, "/v1/checks/y_ks", 404, service=service, **window(NOON, NOON + 60))
    assert "x_ks" in problem["detail"]
    assert view(server, "/v1/checks/latency_p95", service=service)["samples"] == 0


# --- Examples and hosts. ---

def test_examples_come_from_the_drifted_region(server, service):
    drift(server, service)
    found = view(server, "/v1/examples", service=service, check="amount_ks", limit=7,
                 **window(NOON, NOON + HOUR / 2))
    assert len(found["examples"]) == 7 and found["complete"]
    times = [example["ts"] for example in found["examples"]]
    assert times == sorted(times, reverse=True)
    for example in found["examples"]:
        assert example["value"] > found["region"]["above"]
        assert example["event"]["request"]["body"]["amount"] == example["value"]


def test_examples_of_errors_and_of_slowness(server, service):
    server.store([event(service, NOON + i, status=500 if i % 10 == 0 else 200,
                        duration_ms=3000 if i % 5 == 0 else 10) for i in range(100)])
    for check, member, good in (("success_rate", "status", {500}),
                                ("latency_p95", "duration_ms", {3000})):
        found = view(server, "/v1/examples", service=service, check=check, limit=100,
                     **window(NOON, NOON + 600))
        assert {example["value"] for example in found["examples"]} == good
        assert all(example["event"]["response"][member] in good for example in found["examples"])


def test_examples_hide_what_is_redacted(new_server, service):
    server = new_server().start()
    drift(server, service, card="4111-1111")
    before = view(server, "/v1/examples", service=service, check="amount_ks",
                  **window(NOON, NOON + HOUR / 2))
    assert before["examples"][0]["event"]["request"]["body"]["card"] == "4111-1111"
    assert server.stop() == 0
    (server.folder / "driftguard.toml").write_text(
        '[[features]]\npointer = "/request/body/card"\nredact = true\n')
    server.start()
    after = server.get("/v1/examples", service=service, check="amount_ks",
                       **window(NOON, NOON + HOUR / 2))
    assert len(after.json()["examples"]) == 10 and "4111" not in after.text


@pytest.mark.parametrize("wrong", [{"limit": 0}, {"limit": 101}, {"check": ""}])
def test_a_wrong_search_for_examples_is_refused(server, service, wrong):
    server.store([event(service, x=1)])
    assert next(iter(wrong)) in view(
        server, "/v1/examples", 400, **{"service": service, "check": "x_ks", **wrong})["detail"]


def test_hosts_are_listed_by_how_much_they_sent(server, service):
    server.store([event(service, NOON + i, host=None if i % 7 == 0 else f"h{i % 3}")
                  for i in range(90)])
    hosts = view(server, "/v1/hosts", service=service, **window(NOON, NOON + 600))
    counted = {host["host"]: host["samples"] for host in hosts["hosts"]}
    assert hosts["scanned"] == 90 and hosts["complete"]
    assert counted == {f"h{k}": sum(1 for i in range(90) if i % 7 and i % 3 == k)
                       for k in range(3)}


# --- Overview. ---

def services(server, **parameters):
    return view(server, "/v1/overview", **{"limit": 1000, **parameters})["services"]


def find(server, service, **parameters):
    return next((row for row in services(server, q=service, **parameters)
                 if row["service"] == service), None)


def test_the_overview_follows_the_traffic(new_server, service):
    server = new_server().start()
    now = time.time()
    server.store([event(service, now - 3000 + i, amount=i % 50)
                  for i in range(1000)])
    server.build_baseline(service, now - 3600, now - 1900)
    server.store([event(service, now - 1000 + i / 2, amount=i % 50)
                  for i in range(200)])
    wait_until(lambda: find(server, service))
    row = wait_until(lambda: (row := find(server, service))["baseline_version"] and row)
    assert row["state"] == "ok" and row["samples"] == 200
    server.store([event(service, now - 100 + i / 5, amount=i % 50 + 40)
                  for i in range(400)])
    row = wait_until(lambda: (row := find(server, service))["samples"] == 600 and row)
    assert row["state"] == "fail" and row["worst"]["name"] == "amount_ks"
    report = server.report(service=service)
    check = report["checks"]["amount_ks"]
    assert row["worst"]["value"] == check["d"] and row["failing"] == 1
    assert [point["endpoint"] for point in row["endpoints"]] == ["POST /v2/payments"]
    row = wait_until(lambda: (row := find(server, service))["trend"] and row)
    assert len(row["trend"]["samples"]) == len(row["trend"]["states"]) == 24


def test_an_unchanged_overview_is_a_304(new_server, service):
    server = new_server().start()
    server.store([event(service)])
    wait_until(lambda: (find(server, service) or {"trend": None})["trend"])

    def again():
        tag = server.get("/v1/overview").headers["ETag"]
        answer = server.request("GET", "/v1/overview", headers={"If-None-Match": f'"x", {tag}'})
        return answer if answer.status_code == 304 else None
    answer = wait_until(again)
    assert not answer.content and answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("wrong", [{"limit": 0}, {"limit": 1001}, {"offset": -1}, {"state": "bad"},
                                   {"q": "x" * 201}, {"window_minutes": 43_201}])
def test_a_wrong_question_about_the_overview_is_refused(server, wrong):
    assert next(iter(wrong)) in view(server, "/v1/overview", 400, **wrong)["detail"]


@EMBEDDED
def test_a_thousand_services(new_server):
    server = new_server().start()
    assert view(server, "/v1/overview")["totals"]["services"] == 0
    now = time.time() - 700
    for begin in range(0, 1000, 250):
        server.store([event(f"s{n:04}", now + i * 10, f"GET /{i % 2}", amount=i % 7, host="h",
                            status=500 if n % 100 == 0 else 200)
                      for n in range(begin, begin + 250) for i in range(60)])
    for n in (3, 4):
        server.build_baseline(f"s{n:04}", now - 10, now + 650)

    def whole():
        seen = view(server, "/v1/overview", limit=1000)
        done = seen["totals"]["services"] == 1000 and seen["totals"]["ok"] == 2
        return seen if done else None
    seen = wait_until(whole, seconds=300)
    # Of the ten whose every event fails the alarms fire when they have been evaluated.
    assert seen["totals"].pop("firing") in range(11)
    assert seen["totals"] == {"services": 1000, "endpoints": 2000, "ok": 2, "fail": 10,
                              "insufficient": 988}
    names = [row["service"] for row in seen["services"]]
    assert len(set(names)) == 1000
    assert names[:12] == [f"s{n:04}" for n in range(0, 1000, 100)] + ["s0003", "s0004"]
    assert all(row["endpoint_count"] == len(row["endpoints"]) == 2 for row in seen["services"])
    page = view(server, "/v1/overview", limit=10, offset=995)
    assert page["matched"] == 1000 and len(page["services"]) == 5
    assert len(services(server, state="fail")) == 10
    assert [row["service"] for row in services(server, q="S0042")] == ["s0042"]
    wait_until(lambda: all(row["trend"] for row in services(server)), seconds=300)
    row = find(server, "s0500")
    assert sum(row["trend"]["samples"]) == 60 and row["worst"]["name"] == "success_rate"
