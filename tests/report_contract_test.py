# SPDX-License-Identifier: Apache-2.0
"""GET /reports/latest: its keys, what they mean, and where verdicts turn."""
import json
import math

import numpy
import pytest
import scipy.stats

from harness import EMBEDDED, NOON, event, events_of, rfc3339, seeded

HOUR = 3600
AT = NOON + 600  # Live traffic lies in [NOON, AT), baselines in the hour before NOON.


def live(server, service, **parameters):
    return server.report(service=service, at=rfc3339(AT), window_minutes=10, **parameters)


def compared(server, service, name, baseline_values, live_values):
    """The report on live values of one feature against a baseline of others."""
    server.store(events_of(service, name, baseline_values, NOON - HOUR))
    server.build_baseline(service, NOON - HOUR, NOON)
    server.store(events_of(service, name, live_values, NOON))
    return live(server, service)


def psi(live_counts, baseline_counts, floor=1e-6):
    names = sorted(set(live_counts) | set(baseline_counts))
    a, e = (numpy.maximum(numpy.array([c.get(n, 0) for n in names]) / sum(c.values()), floor)
            for c in (live_counts, baseline_counts))
    return float(numpy.sum((a - e) * numpy.log(a / e)))


def counted(counts):
    return [name for name, count in counts.items() for _ in range(count)]


# --- Shape. ---

def test_the_report_has_the_contract_s_keys(server, service):
    normal = [event(service, NOON - HOUR + i, amount=i % 100, currency="USD") for i in range(1200)]
    server.store(normal)
    server.build_baseline(service, NOON - HOUR, NOON)
    server.store([event(service, NOON + i % 600, amount=i % 100, currency="USD", duration_ms=i)
                  for i in range(700)])
    report = live(server, service)
    assert set(report) == {"generated_at", "window_minutes", "samples", "service", "baseline",
                           "checks", "status", "from", "to"}
    assert (report["window_minutes"], report["samples"], report["service"]) == (10, 700, service)
    assert (report["from"], report["to"]) == ("2025-01-01T12:00:00.000Z",
                                              "2025-01-01T12:10:00.000Z")
    baseline = report["baseline"]
    assert set(baseline) == {"version", "created_at", "samples", "source"}
    assert (baseline["version"], baseline["samples"], baseline["source"]) == (1, 1200, "store")
    checks = report["checks"]
    assert set(checks) == {"amount_ks", "currency_psi", "success_rate", "latency_p95", "schema"}
    assert {"ok", "p_value", "d", "live_n", "baseline_n"} <= set(checks["amount_ks"])
    assert {"ok", "psi", "live_counts"} <= set(checks["currency_psi"])
    assert {"ok", "success_rate", "min", "total"} <= set(checks["success_rate"])
    assert {"ok", "p95", "max", "live_n"} <= set(checks["latency_p95"])
    assert not any("insufficient" in key for check in checks.values() for key in check)
    assert (checks["amount_ks"]["live_n"], checks["amount_ks"]["baseline_n"]) == (700, 1200)
    assert checks["currency_psi"]["live_counts"] == {"USD": 700}
    assert (checks["success_rate"]["min"], checks["success_rate"]["total"]) == (0.995, 700)
    assert (checks["latency_p95"]["max"], checks["latency_p95"]["p95"]) == (2000, 664)
    assert report["status"] == "ok"


def test_status_is_fail_when_any_check_fails(server, service):
    report = compared(server, service, "amount", [1] * 100, [2] * 100)
    assert [name for name, check in report["checks"].items() if not check["ok"]] == ["amount_ks"]
    assert report["status"] == "fail"


def test_without_a_baseline_slo_checks_still_run(server, service):
    server.store([event(service, NOON, amount=1, currency="USD", status=500)] * 60)
    report = live(server, service)
    assert report["baseline"] is None and report["status"] == "fail"
    ks, shares = report["checks"]["amount_ks"], report["checks"]["currency_psi"]
    assert ks["ok"] and ks["insufficient_baseline"] and "insufficient_samples" not in ks
    assert (ks["p_value"], ks["d"], ks["live_n"], ks["baseline_n"]) == (None, None, 60, 0)
    assert shares["ok"] and shares["insufficient_baseline"] and shares["psi"] is None
    assert shares["live_counts"] == {"USD": 60}
    assert report["checks"]["success_rate"] == {
        **report["checks"]["success_rate"], "ok": False, "success_rate": 0.0, "total": 60}


def test_a_service_never_heard_of_has_an_empty_report(server, service):
    report = live(server, service)
    assert report["samples"] == 0 and report["status"] == "ok" and report["baseline"] is None
    assert set(report["checks"]) == {"success_rate", "latency_p95"}
    for name, value in (("success_rate", "success_rate"), ("latency_p95", "p95")):
        check = report["checks"][name]
        assert check["ok"] and check["insufficient_samples"] and check[value] is None


def test_an_empty_window_is_ok_and_says_that_samples_lack(server, service):
    report = compared(server, service, "amount", [1] * 100, [])
    ks = report["checks"]["amount_ks"]
    assert ks["ok"] and ks["insufficient_samples"] and ks["live_n"] == 0
    assert (ks["d"], ks["p_value"]) == (None, None)
    server.store([event(service, NOON - 100, currency="USD")] * 100)
    server.build_baseline(service, NOON - HOUR, NOON)
    shares = live(server, service)["checks"]["currency_psi"]
    assert shares["ok"] and shares["insufficient_samples"] and shares["psi"] is None
    assert shares["live_counts"].get("USD", 0) == 0


def test_the_report_never_says_nan_or_infinity(server, service):
    server.store(events_of(service, "x", [1e308, -1e308, 0, 5e-324] * 20, NOON - HOUR))
    server.build_baseline(service, NOON - HOUR, NOON)
    server.store(events_of(service, "x", [1.7976931348623157e308, -1.7976931348623157e308] * 30))
    for parameters in ({}, {"endpoint": "no such"}, {"host": "no such"}):
        text = server.get("/reports/latest", service=service, at=rfc3339(AT), **parameters).text

        def refuse(name):
            raise AssertionError(f"{name} in {text}")
        json.loads(text, parse_constant=refuse)


# --- Verdicts. ---

@pytest.mark.parametrize("live_n, baseline_n, enough", [(49, 50, False), (50, 49, False),
                                                        (50, 50, True), (49, 49, False)])
def test_ks_wants_50_samples_on_either_side(server, service, live_n, baseline_n, enough):
    report = compared(server, service, "amount", [1] * baseline_n, [2] * live_n)
    check = report["checks"]["amount_ks"]
    assert check["ok"] is not enough
    assert ("insufficient_samples" in check) is not enough
    assert check["d"] == 1.0 and 0 < check["p_value"] < 1e-20
    assert report["status"] == ("fail" if enough else "ok")


def test_a_new_category_fails_psi_and_is_named(server, service):
    before, now = {"USD": 700, "EUR": 300}, {"USD": 400, "EUR": 200, "XBT": 100}
    report = compared(server, service, "currency", counted(before), counted(now))
    check = report["checks"]["currency_psi"]
    assert not check["ok"] and report["status"] == "fail"
    assert check["psi"] == pytest.approx(psi(now, before), rel=1e-9) and check["psi"] > 0.2
    assert check["live_counts"] == now and check["baseline_counts"] == before
    assert check["new_categories"] == ["XBT"] and check["vanished_categories"] == []


@pytest.mark.parametrize("shifted, ok", [(716, True), (717, False)])
def test_psi_turns_above_0_2(server, service, shifted, ok):
    before, now = {"a": 500, "b": 500}, {"a": shifted, "b": 1000 - shifted}
    check = compared(server, service, "kind", counted(before), counted(now))["checks"]["kind_psi"]
    assert (check["ok"], psi(now, before) <= 0.2) == (ok, ok)
    assert check["psi"] == pytest.approx(psi(now, before), rel=1e-9)


def test_one_live_sample_is_enough_for_psi(server, service):
    check = compared(server, service, "kind", ["a"] * 100, ["a"])["checks"]["kind_psi"]
    assert check["ok"] and check["psi"] == 0 and "insufficient_samples" not in check


def test_booleans_are_categories(server, service):
    check = compared(server, service, "new", [True, False] * 50, [True] * 60)["checks"]["new_psi"]
    assert check["live_counts"] == {"false": 0, "true": 60} or check["live_counts"] == {"true": 60}
    assert not check["ok"]


@pytest.mark.parametrize("good, ok", [(995, True), (994, False), (1000, True)])
def test_the_success_rate_turns_below_0_995(server, service, good, ok):
    statuses = [200, 201, 204, 299] * (good // 4) + [200] * (good % 4)
    statuses += [100, 199, 300, 404, 500, 599][:1000 - good]
    server.store([event(service, NOON, status=status) for status in statuses])
    check = live(server, service)["checks"]["success_rate"]
    assert (check["ok"], check["success_rate"], check["total"]) == (ok, good / 1000, 1000)
    assert check["min"] == 0.995


def test_events_without_a_status_or_duration_take_no_part(server, service):
    server.store([event(service, NOON, status=None, duration_ms=None)] * 5
                 + [event(service, NOON, status=None, duration_ms=9000)]
                 + [event(service, NOON, status=200, duration_ms=None)])
    report = live(server, service)
    assert report["samples"] == 7
    assert report["checks"]["success_rate"]["total"] == 1
    assert report["checks"]["latency_p95"]["live_n"] == 1
    assert report["checks"]["latency_p95"]["p95"] == 9000
    assert not report["checks"]["latency_p95"]["ok"]


@pytest.mark.parametrize("count", [1, 2, 19, 20, 21, 99, 100, 101, 1000])
def test_p95_is_the_nearest_rank(server, service, count):
    durations = [(i * 7919) % count + 1 for i in range(count)]
    server.store([event(service, NOON, duration_ms=duration) for duration in durations])
    text = server.get("/reports/latest", service=service, at=rfc3339(AT), window_minutes=10).text
    rank = math.ceil(0.95 * count)
    assert f'"p95":{sorted(durations)[rank - 1]},' in text  # An integer stays one.


def test_p95_turns_above_2000(server, service):
    server.store([event(service, NOON, duration_ms=2000)] * 10)
    assert live(server, service)["checks"]["latency_p95"]["ok"]
    server.store([event(service, NOON, duration_ms=2000.5)])
    check = live(server, service)["checks"]["latency_p95"]
    assert (check["ok"], check["p95"]) == (False, 2000.5)


# --- Against SciPy and numpy. ---

@pytest.mark.parametrize("size", [(60, 50), (700, 1200), (3000, 3000), (12000, 9000)])
def test_d_and_p_are_scipy_s(server, service, size):
    chance = numpy.random.default_rng(seeded().randrange(1 << 32))
    now = chance.lognormal(3, 1, size[0]).round(2)
    before = chance.lognormal(3.03, 1, size[1]).round(2)
    report = compared(server, service, "amount", before.tolist(), now.tolist())
    check = report["checks"]["amount_ks"]
    truth = scipy.stats.ks_2samp(now, before, method=check["method"][:5])
    assert check["d_error"] == 0
    assert check["d"] == pytest.approx(truth.statistic, rel=1e-12)
    assert check["p_value"] == pytest.approx(truth.pvalue, rel=1e-7, abs=1e-300)
    assert check["ok"] == (check["p_value"] >= 0.05)
    assert check["live_median"] == numpy.quantile(now, .5, method="inverted_cdf")


def test_psi_is_numpy_s(server, service):
    chance = seeded()
    names = [f"k{i}" for i in range(chance.randrange(2, 200))]
    before = {name: chance.randrange(1, 40) for name in names}
    now = {name: chance.randrange(1, 40) for name in names[1:]} | {"new": 3}
    check = compared(server, service, "kind", counted(before), counted(now))["checks"]["kind_psi"]
    assert check["psi"] == pytest.approx(psi(now, before), rel=1e-9)
    size = len(names) + 1
    assert check["expected_psi"] == pytest.approx(
        (size - 1) * (1 / sum(now.values()) + 1 / sum(before.values())), rel=1e-9)


def test_the_order_of_arrival_does_not_matter(server, service):
    chance = seeded()
    before = [chance.gauss(100, 15) for _ in range(800)]
    now = [chance.gauss(103, 15) for _ in range(600)]
    first = compared(server, service, "x", before, now)["checks"]
    shuffled = events_of(service + "_b", "x", now) + events_of(service + "_b", "x", before,
                                                               NOON - HOUR)
    chance.shuffle(shuffled)
    for i in range(0, len(shuffled), 37):  # Other batches, late and early events mixed.
        server.store(shuffled[i:i + 37])
    server.build_baseline(service + "_b", NOON - HOUR, NOON)
    assert live(server, service + "_b")["checks"] == first


@EMBEDDED
def test_environment_sets_the_thresholds(new_server, service):
    server = new_server({"KS_P_MIN": 0, "PSI_MAX": 100, "SLO_SUCCESS_MIN": 0.5, "SLO_P95_MAX": 99,
                         "DRIFTGUARD_SCHEMA_P_MIN": 0,
                         "DRIFT_WINDOW_MINUTES": 45}).start()
    server.store([event(service, NOON - 60, amount=1, kind="a")] * 100)
    server.build_baseline(service, NOON - HOUR, NOON)
    server.store([event(service, NOON, amount=2, kind="b", status=500 if i % 2 else 200)
                  for i in range(100)])
    checks = live(server, service)["checks"]
    assert {name: check["ok"] for name, check in checks.items()} == {
        "amount_ks": True, "kind_psi": True, "success_rate": True, "latency_p95": False,
        "schema": True}
    assert (checks["success_rate"]["min"], checks["latency_p95"]["max"]) == (0.5, 99)
    assert server.report(service=service)["window_minutes"] == 45
