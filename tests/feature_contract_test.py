# SPDX-License-Identifier: Apache-2.0
"""Features: how they are found and named, what counts as missing or of the wrong kind, and what
driftguard.toml may say about them; nothing redacted leaves the program or enters the store."""
import json
import pathlib

import pytest

from harness import EMBEDDED, NOON, event, rfc3339

AT = rfc3339(NOON + 600)
HOUR = 3600
SECRET = "4111-1111-1111-1111"


def checks(server, service):
    return server.report(service=service, at=AT, window_minutes=10)["checks"]


def names(server, service):
    return set(checks(server, service)) - {"success_rate", "latency_p95"}


def test_scalars_of_both_bodies_are_features(server, service):
    server.store([event(service, amount=1, card={"brand": "visa", "owner": {"age": 40}}, new=True,
                        items=[1, 2], none=None, response={"body": {"score": 0.5, "label": "x"}})])
    assert names(server, service) == {"amount_ks", "card.brand_psi", "card.owner.age_ks",
                                      "new_psi", "score_ks", "label_psi"}


def test_a_clash_takes_its_full_path_and_keeps_it(new_server, service):
    server = new_server().start()
    server.store([event(service, amount=1)])
    server.store([event(service, amount=1, response={"body": {"amount": 2}})])
    both = {"amount_ks", "response.body.amount_ks"}
    assert names(server, service) == both
    server.restart()
    assert names(server, service) == both
    only_response = [event(service, NOON + 1000, response={"body": {"amount": 2}})]
    server.store(only_response)
    late = server.report(service=service, at=rfc3339(NOON + 1200), window_minutes=5)["checks"]
    assert "response.body.amount_ks" in late and "amount_ks" not in late


def test_the_first_of_two_paths_gets_the_short_name(new_server, service):
    server = new_server().start()
    server.store([event(service, response={"body": {"amount": 2}})])
    assert names(server, service) == {"amount_ks"}
    server.store([event(service, amount=1)])
    assert names(server, service) == {"amount_ks", "request.body.amount_ks"}
    server.restart()
    assert names(server, service) == {"amount_ks", "request.body.amount_ks"}


def test_names_are_a_service_s_own(server, service):
    server.store([event(service, x=1), event(service + "_b", response={"body": {"x": 1}})])
    assert names(server, service) == names(server, service + "_b") == {"x_ks"}


def test_odd_keys_make_names_too(server, service):
    server.store([event(service, **{"a.b": 1, "c/d": 2, "e~f": 3, "é": 4, " ": 5, "日本": "x"})])
    assert names(server, service) == {"a.b_ks", "c/d_ks", "e~f_ks", "é_ks", " _ks", "日本_psi"}


def test_missing_and_mismatched_values_are_counted(server, service):
    server.store([event(service, NOON - HOUR + i, amount=i) for i in range(100)])
    server.build_baseline(service, NOON - HOUR, NOON)
    server.store([event(service, amount=i) for i in range(60)] + [event(service)] * 7
                 + [event(service, amount=None)] * 5 + [event(service, amount="12")] * 3
                 + [event(service, amount=True)] * 2 + [event(service, amount={"v": 1})] * 4
                 + [event(service, amount=[1])])
    check = checks(server, service)["amount_ks"]
    assert (check["live_n"], check["live_missing"], check["live_type_mismatches"]) == (60, 12, 10)
    assert (check["baseline_n"], check["baseline_missing"]) == (100, 0)
    assert check["baseline_type_mismatches"] == 0


def test_the_baseline_decides_a_feature_s_kind(server, service):
    server.store([event(service, NOON - HOUR, code="A")] * 60)
    server.build_baseline(service, NOON - HOUR - 60, NOON)
    server.store([event(service, code=7)] * 90 + [event(service, code="A")] * 10)
    check = checks(server, service)["code_psi"]
    assert (check["live_counts"], check["live_type_mismatches"]) == ({"A": 10}, 90)


def test_a_feature_that_vanished_is_still_reported(server, service):
    server.store([event(service, NOON - HOUR, amount=1, kind="a")] * 60)
    server.build_baseline(service, NOON - HOUR - 60, NOON)
    server.store([event(service)] * 60)
    found = checks(server, service)
    assert found["amount_ks"]["live_missing"] == 60 and found["amount_ks"]["live_n"] == 0
    assert found["kind_psi"]["live_missing"] == 60


# --- driftguard.toml. ---

RULES = """
[[features]]
pointer = "/request/body/amount"
name = "price"
[[features]]
pointer = "/request/body/code"
kind = "categorical"
[[features]]
pointer = "/request/body/noise"
ignore = true
[[features]]
pointer = "/request/body/card"
redact = true
[[features]]
pointer = "/request/headers/agent"
name = "agent"
[[features]]
pointer = "/request/body/limit"
service = "other"
ignore = true
"""


def test_rules_rename_ignore_set_the_kind_and_name_further_places(new_server):
    server = new_server(toml=RULES).start()
    for service in ("payments", "other"):
        sent = event(service, amount=1, code=7, noise=5, limit=9)
        sent["request"]["headers"] = {"agent": "curl", "other": "x"}
        server.store([sent])
    assert names(server, "payments") == {"price_ks", "code_psi", "agent_psi", "limit_ks"}
    assert names(server, "other") == {"price_ks", "code_psi", "agent_psi"}
    assert checks(server, "payments")["code_psi"]["live_counts"] == {"7": 1}


def everything_said(server, service):
    """All the program shows of a service, and all it wrote, as one text."""
    told = [server.get(path, service=service, at=AT).text for path in
            ("/reports/latest", "/v1/events", "/v1/baselines", "/v1/baselines/active",
             "/v1/services", "/metrics")]
    return "".join(told) + server.stderr()


def stored_bytes(server):
    """All the embedded store wrote, once it has stopped."""
    assert server.stop() == 0
    files = [path for path in pathlib.Path(server.folder / "data").rglob("*") if path.is_file()]
    return b"".join(path.read_bytes() for path in files)


def test_what_is_redacted_is_neither_shown_nor_stored(new_server, engine, postgres, service):
    server = new_server(toml=RULES).start()
    sent = event(service, NOON - 60, amount=1, card={"number": SECRET, "brand": "visa"})
    server.store([sent] * 60, key="k")
    server.store([{**sent, "ts": "bad"}, sent], on_invalid="skip")
    escaped = json.dumps(sent).replace('"card"', '"c\\u0061rd"')
    server.store(f"[{escaped}]".encode())
    server.build_baseline(service, NOON - HOUR, NOON)
    kept = server.events(service=service)
    assert len(kept) == 62
    for stored in kept:
        assert stored["request"]["body"] == {"amount": 1, "card": "[redacted]"}
    assert SECRET not in everything_said(server, service)
    if engine == "rocksdb":
        assert SECRET.encode() not in stored_bytes(server)
    else:
        with postgres.connect(server.settings["DATABASE_URL"].split("/")[3].split("?")[0]) as db:
            db.execute("SELECT count(*) FROM observations_raw WHERE payload::text LIKE %s",
                       (f"%{SECRET}%",))
            assert db.fetchone() == (0,)


# Each: the pointer that is redacted, and request.body that holds the secret there.
HIDING_PLACES = {
    "behind a thousand keys": ("/request/body/card", {**{f"k{i}": i for i in range(1100)},
                                                      "card": SECRET}),
    "in an array": ("/request/body/cards/0/number", {"cards": [{"number": SECRET}]}),
    "deep": ("/request/body/a/b/c", {"a": {"b": {"c": [SECRET], "d": 1}}}),
    "an object": ("/request/body/card", {"card": {"deep": {"number": SECRET}}}),
    "an array": ("/request/body/card", {"card": [1, [SECRET]]}),
    "an odd key": ("/request/body/a~1b~0c", {"a/b~c": SECRET}),
    "the whole body": ("/request/body", {"x": SECRET}),
    "a very long key": ("/request/body/" + "k" * 300, {"k" * 300: SECRET}),
}


@EMBEDDED
@pytest.mark.parametrize("pointer, body", HIDING_PLACES.values(), ids=HIDING_PLACES)
def test_a_secret_is_found_wherever_it_hides(new_server, service, pointer, body):
    server = new_server(toml=f'[[features]]\npointer = "{pointer}"\nredact = true\n').start()
    server.store([event(service, NOON - 60, **{f"n{i}": i for i in range(600)})])
    server.store([event(service, NOON - 60, **{f"m{i}": i for i in range(600)})])
    server.store([event(service, NOON - 60, **body)] * 2)
    server.build_baseline(service, NOON - HOUR, NOON)
    assert len(server.lines(service=service)) == 4
    assert SECRET not in everything_said(server, service)
    assert SECRET.encode() not in stored_bytes(server)


def test_a_redacted_host_is_not_stored(new_server, engine, postgres, service):
    server = new_server(toml='[[features]]\npointer = "/host"\nredact = true\n').start()
    server.store([event(service, host=SECRET)])
    assert SECRET not in everything_said(server, service)
    if engine == "postgresql":
        with postgres.connect(server.settings["DATABASE_URL"].split("/")[3].split("?")[0]) as db:
            db.execute("SELECT host FROM observations_raw")
            assert db.fetchall() in ([(None,)], [("[redacted]",)])


@EMBEDDED
@pytest.mark.parametrize("rule, word", [
    ('pointer = "request/body/x"', "pointer"), ('redact = true', "pointer"),
    ('pointer = "/a"\nkind = "text"', "kind"), ('pointer = "/a"\nredacted = true', "redacted"),
    ('pointer = "/a"\nignore = "yes"', "ignore"), ('pointer = "/a~2b"\nredact = true', "pointer"),
    ('pointer = "/a~"\nredact = true', "pointer")])
def test_a_rule_that_cannot_be_meant_stops_the_start(new_server, rule, word):
    server = new_server(toml=f"[[features]]\n{rule}\n").spawn()
    assert server.wait() == 2
    assert "driftguard.toml" in server.stderr() and word in server.stderr()


@EMBEDDED
@pytest.mark.parametrize("settings, words", [
    ({"DRIFTGUARD_LISTNE": "x"}, ("DRIFTGUARD_LISTNE", "DRIFTGUARD_LISTEN")),
    ({"KS_P_MIN": "2"}, ("KS_P_MIN", "2")), ({"KS_P_MIN": "nan"}, ("KS_P_MIN",)),
    ({"DRIFT_WINDOW_MINUTES": "0"}, ("DRIFT_WINDOW_MINUTES",)),
    ({"PSI_MAX": "0.2x"}, ("PSI_MAX", "0.2x")), ({"SLO_P95_MAX": "-1"}, ("SLO_P95_MAX",)),
    ({"DATABASE_URL": "mysql://u:secret@h/d"}, ("DATABASE_URL", "mysql"))])
def test_a_setting_out_of_range_stops_the_start(new_server, settings, words):
    server = new_server(settings).spawn()
    assert server.wait() == 2
    assert all(word in server.stderr() for word in words) and "secret" not in server.stderr()
