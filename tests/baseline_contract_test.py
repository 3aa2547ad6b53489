# SPDX-License-Identifier: Apache-2.0
"""Baselines over HTTP, their file, and the file that BASELINE_PATH pins."""
import json
import os
import statistics
import time

import pytest

from harness import EMBEDDED, NOON, event, rfc3339, wait_until

HOUR = 3600
AT = rfc3339(NOON + 600)
# The contract's names; a person may read and edit them.
NUMERIC_KEYS = {"n", "missing", "mean", "std", "min", "max", "sample"}


def traffic(service, begin, amount, count=100):
    return [event(service, begin + i, amount=amount + i % 7, currency="USD" if i % 4 else "EUR")
            for i in range(count)]


def with_two_versions(server, service):
    server.store(traffic(service, NOON - 2 * HOUR, 100))
    server.store(traffic(service, NOON - HOUR, 200))
    return (server.build_baseline(service, NOON - 2 * HOUR, NOON - HOUR),
            server.build_baseline(service, NOON - HOUR, NOON))


# --- Versions. ---

def test_a_build_stores_the_next_version_and_activates_it(server, service):
    first, second = with_two_versions(server, service)
    assert (first["version"], second["version"]) == (1, 2)
    listed = server.get("/v1/baselines", service=service).json()
    assert listed["service"] == service
    assert [(b["version"], b["active"], b["samples"]) for b in listed["baselines"]] == [
        (1, False, 100), (2, True, 100)]
    assert set(listed["baselines"][0]) == {"service", "version", "created_at", "from", "to",
                                           "samples", "active"}
    assert server.get("/v1/baselines/active", service=service).json() == second
    assert server.get("/v1/baselines/1", service=service).json() == first


def test_a_build_to_be_looked_at_leaves_the_active_one(server, service):
    with_two_versions(server, service)
    order = {"service": service, "from": rfc3339(NOON - 2 * HOUR), "to": rfc3339(NOON - HOUR)}
    made = server.post("/v1/baselines?activate=false", json=order)
    assert (made.status_code, made.json()["version"]) == (201, 3)
    listed = server.get("/v1/baselines", service=service).json()
    assert [b["active"] for b in listed["baselines"]] == [False, True, False]
    assert not listed["pinned"]
    assert server.get("/v1/baselines/active", service=service).json()["version"] == 2
    assert server.post("/v1/baselines?activate=maybe", json=order).status_code == 400


def test_the_answer_says_where_the_new_version_is(server, service):
    server.store(traffic(service, NOON - 60, 1))
    answer = server.post("/v1/baselines", json={"service": service, "from": rfc3339(NOON - 60),
                                                "to": rfc3339(NOON + 600)})
    assert answer.status_code == 201 and answer.headers["Location"] == "/v1/baselines/1"
    got = server.get(answer.headers["Location"], service=service)
    assert got.json() == answer.json()


def test_activating_an_older_version_makes_reports_use_it(server, service):
    with_two_versions(server, service)
    server.store(traffic(service, NOON, 100))
    asked = {"service": service, "at": AT, "window_minutes": 10}
    assert server.report(**asked)["status"] == "fail"
    answer = server.post("/v1/baselines/1/activate", params={"service": service})
    assert answer.status_code == 200 and answer.json() == {"service": service, "active": 1}
    report = server.report(**asked)
    assert (report["status"], report["baseline"]["version"]) == ("ok", 1)
    active = [b["version"] for b in server.get("/v1/baselines", service=service).json()["baselines"]
              if b["active"]]
    assert active == [1]


def test_a_diff_compares_two_versions_as_a_report(server, service):
    with_two_versions(server, service)
    answer = server.get("/v1/baselines/1/diff/2", service=service)
    report = answer.json()
    assert answer.status_code == 200 and report["status"] == "fail"
    assert report["baseline"]["version"] == 1 and report["samples"] == 100
    assert report["checks"]["amount_ks"]["d"] == 1 and report["checks"]["currency_psi"]["psi"] == 0
    assert server.get("/v1/baselines/2/diff/2", service=service).json()["status"] == "ok"


def test_versions_outlive_a_restart(new_server, service):
    server = new_server().start()
    first, second = with_two_versions(server, service)
    server.post("/v1/baselines/1/activate", params={"service": service})
    server.restart()
    assert server.get("/v1/baselines/active", service=service).json() == first
    assert server.get("/v1/baselines/2", service=service).json() == second
    server.store(traffic(service, NOON, 1))
    assert server.build_baseline(service, NOON, NOON + 600)["version"] == 3


def test_the_default_window_is_the_last_120_minutes(server, service):
    now = time.time()
    server.store([event(service, now - 119 * 60), event(service, now - 121 * 60)])
    built = server.post("/v1/baselines", json={"service": service}).json()
    assert built["samples"] == 1
    built = server.post("/v1/baselines", json={"service": service, "window_minutes": 122}).json()
    assert built["samples"] == 2


@pytest.mark.parametrize("body, word", [
    ('{"from":"2025-01-01T00:00:00Z"}', "to"), ('{"to":"2025-01-01T00:00:00Z"}', "from"),
    ('{"from":"2025-01-02T00:00:00Z","to":"2025-01-01T00:00:00Z"}', "before"),
    ('{"from":1,"to":2}', "from"), ('{"from":"x","to":"y"}', "from"),
    ('{"window_minutes":0}', "window_minutes"), ('{"window_minutes":43201}', "window_minutes"),
    ('{"window_minutes":"9"}', "window_minutes"), ('{"window_minutes":1.5}', "window_minutes"),
    ('{"window_minutes":4294967426}', "window_minutes"),
    ('{"window_minutes":18446744073709551615}', "window_minutes"),
    ('{"service":7}', "service"), ('{"window":30}', "window"), ("[]", "object"), ("{", "JSON")])
def test_an_order_that_makes_no_sense_is_a_400(server, service, body, word):
    server.store([event(service)])
    answer = server.post("/v1/baselines", data=body, params={"service": service},
                         headers={"Content-Type": "application/json"})
    assert answer.status_code == 400, answer.text
    assert word in answer.json()["detail"]
    assert server.get("/v1/baselines", service=service).json()["baselines"] == []


def test_what_is_not_there_is_a_404(server, service):
    server.store([event(service)])
    for path in ("/v1/baselines/active", "/v1/baselines/1", "/v1/baselines/1/diff/1"):
        answer = server.get(path, service=service)
        assert answer.status_code == 404 and answer.json()["title"] == "Not Found"
    assert server.post("/v1/baselines/1/activate", params={"service": service}).status_code == 404
    empty = {"service": service, "from": rfc3339(NOON - HOUR), "to": rfc3339(NOON - 60)}
    assert server.post("/v1/baselines", json=empty).status_code == 404
    for version in ("0", "-1", "x", "99999999999999999999"):
        assert server.get(f"/v1/baselines/{version}", service=service).status_code == 400


# --- The file. ---

def test_the_file_holds_what_the_contract_names(server, service):
    amounts = [1.5, 2.5, 2.5, 10, 7]
    server.store([event(service, NOON + i, amount=a, currency=c) for i, (a, c) in
                  enumerate(zip(amounts, ["USD", "USD", "EUR", "USD", None]))] + [event(service)])
    file = server.build_baseline(service, NOON, NOON + 60)
    assert file["format"] == 1 and file["service"] == service and file["samples"] == 6
    assert file["slo"] == {"success_rate_min": 0.995, "latency_p95_max": 2000}
    amount = file["numeric"]["amount"]
    assert NUMERIC_KEYS <= set(amount)
    assert (amount["n"], amount["missing"], amount["min"], amount["max"]) == (5, 1, 1.5, 10)
    assert amount["mean"] == pytest.approx(statistics.mean(amounts), rel=1e-12)
    spreads = [statistics.stdev(amounts), statistics.pstdev(amounts)]
    assert any(amount["std"] == pytest.approx(spread, rel=1e-9) for spread in spreads)
    assert sorted(amount["sample"]) == sorted(amounts)
    currency = file["categorical"]["currency"]
    assert (currency["n"], currency["missing"]) == (4, 2)
    assert currency["counts"] == {"USD": 3, "EUR": 1}


def test_several_endpoints_stand_side_by_side_in_the_file(server, service):
    server.store([event(service, NOON, "a", amount=1)] * 3 + [event(service, NOON, "b", x=2)] * 5)
    file = server.build_baseline(service, NOON, NOON + 60)
    assert set(file["endpoints"]) == {"a", "b"} and file["samples"] == 8
    assert file["endpoints"]["a"]["samples"] == 3
    assert file["numeric"]["amount"]["missing"] == 0  # Endpoint b never has an amount.


# --- BASELINE_PATH. ---

class Pinned:
    """A server that pins a file, and a person who edits it."""

    def __init__(self, make, service):
        self.service = service
        self.server = make({"BASELINE_PATH": "pinned.json"}).start()
        self.path = self.server.folder / "pinned.json"
        self.server.store(traffic(service, NOON - HOUR, 100) + traffic(service, NOON, 100))
        self.file = self.server.build_baseline(service, NOON - HOUR, NOON)

    def write(self, text):
        """As an editor saves: a new file takes the old one's place."""
        new = self.path.with_suffix(".new")
        new.write_text(text if isinstance(text, str) else json.dumps(text))
        os.replace(new, self.path)

    def report(self):
        return self.server.report(service=self.service, at=AT, window_minutes=10)

    def broken(self):
        return self.server.metrics()["driftguard_baseline_pin_broken"]


@pytest.fixture
def pinned(new_server, service):
    return Pinned(new_server, service)


@EMBEDDED
def test_the_pinned_file_is_what_reports_use(pinned):
    pinned.file["created_at"] = "2024-05-06T07:08:09.000Z"
    pinned.write({**pinned.file, "version": 41})
    baseline = pinned.report()["baseline"]
    assert baseline == {"version": 41, "created_at": "2024-05-06T07:08:09.000Z", "samples": 100,
                        "source": "file"}
    assert pinned.report()["status"] == "ok"
    assert pinned.server.get("/v1/baselines", service=pinned.service).json()["pinned"]


@EMBEDDED
def test_slo_targets_edited_by_a_person_take_effect(pinned):
    pinned.write(pinned.file)
    assert pinned.report()["checks"]["latency_p95"]["max"] == 2000
    pinned.write({**pinned.file, "slo": {"success_rate_min": 0.9, "latency_p95_max": 50}})
    checks = wait_until(lambda: (c := pinned.report()["checks"])["latency_p95"]["max"] == 50 and c)
    assert not checks["latency_p95"]["ok"] and checks["success_rate"]["min"] == 0.9
    pinned.path.write_text(json.dumps(  # In place, too.
        {**pinned.file, "slo": {"success_rate_min": 1, "latency_p95_max": 100}}))
    wait_until(lambda: pinned.report()["checks"]["latency_p95"]["max"] == 100)


@EMBEDDED
def test_an_edited_sample_takes_effect(pinned):
    pinned.write(pinned.file)
    assert pinned.report()["checks"]["amount_ks"]["d"] == 0
    pinned.file["numeric"]["amount"]["sample"] = [1000 + i for i in range(80)]
    pinned.write(pinned.file)
    check = wait_until(lambda: (c := pinned.report()["checks"]["amount_ks"])["d"] == 1 and c)
    assert check["baseline_n"] == 80 and not check["ok"]


@EMBEDDED
@pytest.mark.parametrize("damage", [
    lambda text: text[:-20], lambda text: "", lambda text: "[]", lambda text: "null",
    lambda text: text.replace('"format": 1', '"format": 99'),
    lambda text: text.replace('"sample": [', '"sample": ["x",'),
    lambda text: text.replace('"success_rate_min": 0.995', '"success_rate_min": 7'),
    lambda text: text.replace('"latency_p95_max": 2000.0', '"latency_p95_max": "fast"')
    .replace('"latency_p95_max": 2000', '"latency_p95_max": "fast"')],
    ids=["truncated", "empty", "array", "null", "format", "sample", "range", "type"])
def test_a_broken_file_keeps_the_last_good_one(pinned, damage):
    pinned.write({**pinned.file, "version": 7})
    assert pinned.report()["baseline"]["version"] == 7 and pinned.broken() == 0
    damaged = damage(json.dumps({**pinned.file, "version": 8}))
    pinned.write(damaged)
    wait_until(lambda: pinned.broken() == 1, why="the damage was not noticed")
    assert pinned.report()["baseline"]["version"] == 7
    pinned.write({**pinned.file, "version": 9})
    wait_until(lambda: pinned.report()["baseline"]["version"] == 9)
    assert pinned.broken() == 0


@EMBEDDED
def test_a_file_that_is_gone_keeps_the_last_good_one(pinned):
    pinned.write({**pinned.file, "version": 7})
    assert pinned.report()["baseline"]["version"] == 7
    pinned.path.unlink()
    wait_until(lambda: pinned.broken() == 1)
    assert pinned.report()["baseline"]["version"] == 7


@EMBEDDED
def test_without_the_file_the_store_s_baseline_counts(pinned):
    assert pinned.broken() == 1
    assert pinned.report()["baseline"]["source"] == "store"


@EMBEDDED
def test_a_pinned_file_is_about_its_own_service(pinned):
    pinned.write({**pinned.file, "version": 7})
    pinned.server.store([event("another")])
    assert pinned.server.report(service="another")["baseline"] is None


@EMBEDDED
def test_a_file_without_format_as_the_seed_wrote_it_is_read(pinned):
    pinned.write({"generated_at": "2025-01-01T00:00:00Z", "service": pinned.service,
                  "endpoint": "POST /v2/payments",
                  "numeric": {"amount": {"mean": 103, "std": 2, "min": 100, "max": 106, "n": 98,
                                         "sample": [100 + i % 7 for i in range(98)]}},
                  "categorical": {"currency": {"counts": {"USD": 75, "EUR": 25}}},
                  "slo": {"success_rate_min": 0.99, "latency_p95_max": 1500}})
    report = pinned.report()
    assert report["baseline"]["source"] == "file" and report["status"] == "ok"
    assert report["checks"]["amount_ks"]["baseline_n"] == 98
    assert report["checks"]["latency_p95"]["max"] == 1500
