# SPDX-License-Identifier: Apache-2.0
"""Measures chosen in driftguard.toml: their checks in reports and views, held to the document."""
import json

import pytest

from api_document import ApiDocument
from harness import EMBEDDED, NOON, ROOT, Server, event, rfc3339, wait_until

HOUR = 3600
NUMERIC = ("ks", "psi", "chisquare", "jensenshannon", "hellinger", "tvd", "wasserstein",
           "cramer_von_mises")
CATEGORICAL = ("psi", "chisquare", "jensenshannon", "hellinger", "tvd")
TOML = """
numeric_method = "Wasserstein"
[[features]]
pointer = "/request/body/quiet"
method = "cvm"
critical = true
muted = true
[[features]]
pointer = "/request/body/code"
kind = "categorical"
method = "tvd"
""" + "".join(f'[[features]]\npointer = "/request/body/{kind}_{method}"\nmethod = "{method}"\n'
              for kind, methods in (("number", NUMERIC), ("word", CATEGORICAL))
              for method in methods)
WINDOW = {"at": rfc3339(NOON + HOUR), "window_minutes": 60}


@pytest.fixture(scope="module")
def api():
    return ApiDocument(json.loads((ROOT / "src/api/openapi.json").read_text()))


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """A service of which every feature drifts in its live hour."""
    server = Server(tmp_path_factory.mktemp("measures"), toml=TOML).start()
    for begin, shift, words in ((NOON - HOUR, 0, "abcd"), (NOON, 60, "abxx")):
        server.store([event(
            "s", begin + HOUR * i / 400, plain=i % 100 + shift, quiet=i % 100 + shift,
            code=i % 4,
            **{f"number_{method}": i % 100 + shift for method in NUMERIC},
            **{f"word_{method}": words[i % 4] for method in CATEGORICAL}) for i in range(400)])
        if shift == 0:
            server.build_baseline("s", begin, begin + HOUR)
    yield server
    assert server.stop() == 0


NAMES = {"plain_wasserstein", "quiet_cramer_von_mises",
         *(f"number_{method}_{method}" for method in NUMERIC),
         *(f"word_{method}_{method}" for method in CATEGORICAL)}


@EMBEDDED
def test_alarms_name_the_checks_beside_them(measured, engine):
    alarms = wait_until(lambda: measured.get("/v1/alarms", service="s").json()["alarms"], 60)
    beside = {alarm["name"]: alarm["check"] for alarm in alarms}
    assert beside["plain"] == "plain_wasserstein" and beside["code"] == "code_tvd"
    checks = measured.report(service="s", **WINDOW)["checks"]
    assert NAMES <= set(beside.values()) <= {None, *checks}
    assert beside["latency_p95"] == "latency_p95" and beside["success_rate"] == "success_rate"
    assert beside["latency"] is None and beside["plain_missing"] is None


@EMBEDDED
def test_checks_are_named_and_judged_by_their_measures(measured, api, engine):
    report = measured.report(service="s", **WINDOW)
    api.validate(report, {"$ref": "#/components/schemas/Report"})
    checks = report["checks"]
    assert NAMES <= set(checks)
    assert {name for name in NAMES if checks[name]["ok"]} == {"quiet_cramer_von_mises"}
    quiet = checks["quiet_cramer_von_mises"]
    assert quiet["muted"] and quiet["critical"] and quiet["would_fail"]
    assert checks["plain_wasserstein"]["distance"] == pytest.approx(60)


@EMBEDDED
@pytest.mark.parametrize("name", sorted(NAMES))
def test_each_check_can_be_looked_into(measured, api, engine, name):
    detail = measured.get(f"/v1/checks/{name}", service="s", **WINDOW).json()
    api.validate(detail, {"$ref": "#/components/schemas/CheckDetail"})
    assert detail["summary"].startswith(name.rsplit("_", 3 if "mises" in name else 1)[0])
    examples = measured.get("/v1/examples", service="s", check=name, **WINDOW).json()
    assert examples["examples"], examples
    parameters = {"from": rfc3339(NOON - HOUR), "to": rfc3339(NOON + HOUR), "steps": 2}
    line = measured.get("/v1/timeline", service="s", check=name, **parameters).json()
    api.validate(line, {"$ref": "#/components/schemas/Timeline"})
    states = line["checks"][0]["states"]
    assert states == ["ok", "ok" if name.startswith("quiet") else "fail"]
    assert name == f"{line['checks'][0]['feature']}_{line['checks'][0]['kind']}"


@EMBEDDED
def test_a_muted_check_does_not_fail_a_report(tmp_path, engine):
    rule = '[[features]]\npointer = "/request/body/x"\nmethod = "tvd"\nmuted = true\n'
    server = Server(tmp_path, toml=rule).start()
    for begin, word in ((NOON - HOUR, "a"), (NOON, "b")):
        server.store([event("s", begin + i, x=word) for i in range(100)])
        if word == "a":
            server.build_baseline("s", begin, begin + HOUR)
    report = server.report(service="s", **WINDOW)
    assert report["checks"]["x_tvd"]["value"] == 1 and report["checks"]["x_tvd"]["would_fail"]
    assert report["checks"]["x_tvd"]["ok"]
    assert server.stop() == 0


@EMBEDDED
def test_a_method_that_does_not_fit_stops_the_start(tmp_path, engine):
    rule = '[[features]]\npointer = "/request/body/x"\nkind = "categorical"\nmethod = "ks"\n'
    server = Server(tmp_path, toml=rule).spawn()
    assert server.process.wait(30) == 2
    assert "driftguard.toml:1: method: ks is for numeric features" in server.stderr()
