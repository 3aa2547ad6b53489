# SPDX-License-Identifier: Apache-2.0
"""Published truth, end to end: one side sent as the baseline's events, the other as live ones, and
the report's figures against tests/data/truth_*.json within their stated tolerance."""
import json

import pytest

from harness import EMBEDDED, NOON, ROOT, rfc3339

pytestmark = EMBEDDED
HOUR = 3600
SIDE_MAX = 20_000  # Values a side; larger cases are the statistics room's alone.


def cases(name, fits):
    known = json.loads((ROOT / "tests/data" / name).read_text())["cases"]
    return [pytest.param(case, id=case["id"]) for case in known if fits(case)]


def values(spec):
    """As the file's meta says: given, or v_k = scale * floor(((a k + b) mod M) / q) + offset."""
    if spec["kind"] == "explicit":
        return [float(value) for value in spec["values"]]
    return [float(spec["scale"] * (((spec["a"] * k + spec["b"]) % spec["M"]) // spec["q"])
                  + spec["offset"]) for k in range(spec["n"])]


def send(server, service, begin, items):
    """One small event a value, all in the hour after `begin`."""
    lines = [f'{{"ts":"{rfc3339(begin + 3500 * i / len(items))}","service":"{service}",'
             f'"endpoint":"e","request":{{"body":{{"v":{json.dumps(item)}}}}}}}'
             for i, item in enumerate(items)]
    for i in range(0, len(lines), 50_000):
        server.store("\n".join(lines[i:i + 50_000]).encode(), content_type="application/x-ndjson")


def check_of(server, service, name, live, baseline):
    if baseline:
        send(server, service, NOON - HOUR, baseline)
        server.build_baseline(service, NOON - HOUR, NOON)
    if live:
        send(server, service, NOON, live)
    report = server.report(service=service, at=rfc3339(NOON + HOUR), window_minutes=60)
    return report["checks"].get(name)


KS = cases("truth_ks.json", lambda c: "expect_error" not in c and max(c["m"], c["n"]) <= SIDE_MAX)
PSI = cases("truth_psi.json", lambda c: sum(c["live"].values()) <= SIDE_MAX)


def test_enough_cases_are_tried(engine):
    assert len(KS) >= 12 and len(PSI) >= 10


@pytest.mark.parametrize("case", KS)
def test_ks(server, service, case):
    check = check_of(server, service, "v_ks", values(case["x"]), values(case["y"]))
    assert (check["live_n"], check["baseline_n"]) == (case["m"], case["n"])
    assert check["d_error"] == 0
    assert check["d"] == pytest.approx(case["D"], rel=3e-16)
    exact = "p_exact_ignoring_ties" if case["has_ties"] else "p_exact"
    expected = float(case[exact if check["method"] == "exact" else "p_asym_scipy_kstwo"])
    assert check["p_value"] == pytest.approx(expected, rel=1e-9,
                                             abs=1e-300 if expected < 1e-290 else 0)
    enough = min(case["m"], case["n"]) >= 50
    assert check["ok"] == (not enough or expected >= 0.05)
    assert check.get("insufficient_samples", False) == (not enough)


@pytest.mark.parametrize("case", PSI)
def test_psi(server, service, case):
    def listed(counts):
        return [name for name, count in counts.items() for _ in range(count)]

    check = check_of(server, service, "v_psi", listed(case["live"]), listed(case["baseline"]))
    if "expected" in case:  # A side is empty: nothing to compute, and that is no drift.
        assert check["ok"] and check["psi"] is None
        assert check.get("insufficient_samples") or check.get("insufficient_baseline")
        return
    psi = case["psi"]["floor_1e-6 (seed default)"]
    assert check["psi"] == pytest.approx(psi, rel=1e-9, abs=1e-12)
    assert check["ok"] == case["seed_verdict_ok"]
    sent = {name for side in ("live", "baseline") for name, n in case[side].items() if n}
    if len(sent) == case["K"]:  # A category listed with 0 on both sides cannot be sent.
        assert check["p_value"] == pytest.approx(case["p_value_chi2_from_jeffreys"], rel=1e-9,
                                                 abs=1e-300)
        assert check["expected_psi"] == pytest.approx(case["null_mean_psi"], rel=1e-9)
