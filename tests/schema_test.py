# SPDX-License-Identifier: Apache-2.0
"""The shape of events: what counts as a change of it, what does not, and within which bounds."""
import time

import pytest

from harness import EMBEDDED, NOON, event, rfc3339, sanitized

HOUR = 3600
AT = NOON + 600
PAY, REFUND = "POST /pay", "POST /refund"


def body(i, **more):
    """What every event has; the same values on both sides, however many events they have."""
    return {"amount": i % 100, "currency": ["USD", "EUR", "CAD", "USD"][i % 4], **more}


def made(service, start, count, bodies, endpoint=PAY, span=600):
    """`count` events whose bodies the function makes, over ten minutes."""
    return [event(service, start + i * span / count, endpoint=endpoint, **bodies(i))
            for i in range(count)]


def compared(server, service, before, now, live_n=700, baseline_n=1200, **parameters):
    """The report on live events against a baseline, both of bodies that functions make."""
    server.store(made(service, NOON - HOUR, baseline_n, before, span=HOUR))
    server.build_baseline(service, NOON - HOUR, NOON)
    server.store(made(service, NOON, live_n, now))
    return report_of(server, service, **parameters)


def report_of(server, service, **parameters):
    return server.report(service=service, at=rfc3339(AT), window_minutes=10, **parameters)


def changes(report):
    return [(one["change"], one["field"]) for one in report["checks"]["schema"]["changes"]]


def test_equal_traffic_has_no_change(server, service):
    report = compared(server, service, lambda i: body(i), lambda i: body(i))
    schema = report["checks"]["schema"]
    assert schema["ok"] and schema["changes"] == [] and "insufficient_samples" not in schema
    assert (schema["endpoints"], schema["fields"]) == (1, 2)
    assert (schema["live_n"], schema["baseline_n"]) == (700, 1200)
    assert report["status"] == "ok"
    # Nothing is missing anywhere, so there is nothing to say of it.
    assert set(report["checks"]) == {"amount_ks", "currency_psi", "success_rate", "latency_p95",
                                     "schema"}


def test_a_new_field_is_told(server, service):
    report = compared(server, service, lambda i: body(i),
                      lambda i: body(i, **({"coupon": "X"} if i % 5 == 0 else {})))
    (change,) = report["checks"]["schema"]["changes"]
    assert (change["change"], change["field"]) == ("new", "coupon")
    assert (change["endpoint"], change["pointer"]) == (PAY, "/request/body/coupon")
    assert (change["live_count"], change["live_n"]) == (140, 700)
    assert (change["baseline_count"], change["baseline_n"]) == (0, 1200)
    assert change["text"] == "coupon is new at POST /pay, in 20 % of events"
    assert report["status"] == "fail" and not report["checks"]["schema"]["ok"]


def test_a_field_that_vanished_fails_its_own_check_too(server, service):
    report = compared(server, service, lambda i: body(i),
                      lambda i: {"currency": body(i)["currency"]})
    assert changes(report) == [("vanished", "amount")]
    missing = report["checks"]["amount_missing"]
    assert not missing["ok"] and (missing["share"], missing["baseline_share"]) == (1.0, 0.0)
    assert missing["p_value"] < 1e-100
    # The contract's own check has no values, and says so.
    assert report["checks"]["amount_ks"]["insufficient_samples"]


def test_a_null_is_missing(server, service):
    report = compared(server, service, lambda i: body(i),
                      lambda i: body(i, **({"amount": None} if i % 2 else {})))
    assert changes(report) == [("presence", "amount")]
    assert report["checks"]["amount_missing"]["share"] == 0.5


def test_a_retyped_field_is_told_and_fails_its_type(server, service):

    def retyped(i):
        made_body = body(i)
        return made_body if i % 4 else {**made_body, "amount": str(made_body["amount"])}
    report = compared(server, service, lambda i: body(i), retyped)
    (change,) = report["checks"]["schema"]["changes"]
    assert (change["change"], change["from_type"], change["to_type"]) == ("retyped", "number",
                                                                         "text")
    kind = report["checks"]["amount_type"]
    assert not kind["ok"] and (kind["share"], kind["live_count"]) == (0.25, 175)
    assert "amount_missing" not in report["checks"]


def test_an_object_instead_of_a_number_is_another_type(server, service):
    report = compared(server, service, lambda i: body(i),
                      lambda i: {**body(i), "amount": {"value": 1, "unit": "EUR"}})
    told = changes(report)
    # What stands within it is new with it, and not told by itself.
    assert told == [("retyped", "amount")]
    change = report["checks"]["schema"]["changes"][0]
    assert change["to_type"] == "object or array" and change["fields_within"] == 2


def test_new_values_of_a_small_category_are_named(server, service):
    report = compared(server, service, lambda i: body(i),
                      lambda i: {**body(i), **({"currency": "XBT"} if i % 20 == 0 else {})})
    (change,) = report["checks"]["schema"]["changes"]
    assert (change["change"], change["field"]) == ("new_values", "currency")
    assert change["values"] == [{"name": "XBT", "live_n": 35}]


def test_new_identifiers_are_no_new_values(server, service):
    report = compared(server, service, lambda i: body(i, id=f"before-{i}"),
                      lambda i: body(i, id=f"now-{i}"))
    assert changes(report) == []


# Beside a steady rate, what chance makes of it: 700 and 1,200 events, 3 standard deviations apart.
@pytest.mark.parametrize("live_has, baseline_has", [(7, 12), (15, 12), (1, 12), (210, 360),
                                                    (244, 360)])
def test_an_optional_field_is_quiet(server, service, live_has, baseline_has):
    report = compared(server, service,
                      lambda i: body(i, **({"note": 7} if i < baseline_has else {})),
                      lambda i: body(i, **({"note": 7} if i < live_has else {})))
    assert changes(report) == []
    check = report["checks"]["note_missing"]
    assert check["ok"] and check["live_count"] == 700 - live_has


def test_a_field_of_one_event_in_a_hundred_may_be_new_or_gone(server, service):
    report = compared(server, service,
                      lambda i: body(i, **({"old": 1} if i % 100 == 0 else {})),
                      lambda i: body(i, **({"new": 1} if i % 100 == 0 else {})),
                      live_n=3000, baseline_n=3000)
    assert changes(report) == [] and report["checks"]["schema"]["ok"]


def test_a_changed_rate_is_told(server, service):
    report = compared(server, service,
                      lambda i: body(i, **({"note": 7} if i % 10 == 0 else {})),
                      lambda i: body(i, **({"note": 7} if i % 4 == 0 else {})))
    assert changes(report) == [("presence", "note")]
    check = report["checks"]["note_missing"]
    assert not check["ok"] and (check["share"], check["baseline_share"]) == (0.75, 0.9)
    assert [one["change"] for one in check["changes"]] == ["presence"]


@pytest.mark.parametrize("live_n, enough", [(8, False), (49, False), (50, True)])
def test_few_events_are_too_few(server, service, live_n, enough):
    report = compared(server, service, lambda i: body(i), lambda i: {"other": 1}, live_n=live_n)
    schema = report["checks"]["schema"]
    assert schema["ok"] is not enough
    assert schema.get("insufficient_samples", False) is not enough
    assert schema["endpoints_left_out"] == (0 if enough else 1)
    assert report["checks"]["amount_missing"].get("insufficient_samples", False) is not enough


def test_a_change_at_one_endpoint_names_it_and_no_other(server, service):
    for endpoint in (PAY, REFUND):
        server.store(made(service, NOON - HOUR, 600, lambda i: body(i), endpoint, HOUR))
    server.build_baseline(service, NOON - HOUR, NOON)
    server.store(made(service, NOON, 600, lambda i: body(i), PAY))
    server.store(made(service, NOON, 300, lambda i: {"currency": "USD"}, REFUND))
    (change,) = report_of(server, service)["checks"]["schema"]["changes"]
    assert (change["endpoint"], change["field"]) == (REFUND, "amount")
    assert report_of(server, service, endpoint=PAY)["checks"]["schema"]["ok"]
    assert not report_of(server, service, endpoint=REFUND)["checks"]["schema"]["ok"]


def test_another_mix_of_endpoints_is_no_change(server, service):
    for endpoint, before in ((PAY, 900), (REFUND, 300)):
        bodies = (lambda i: body(i)) if endpoint == PAY else (
            lambda i: body(i) if i % 2 else {"currency": "USD"})
        server.store(made(service, NOON - HOUR, before, bodies, endpoint, HOUR))
        server.store(made(service, NOON, 1200 - before, bodies, endpoint))
    server.build_baseline(service, NOON - HOUR, NOON)
    checks = report_of(server, service)["checks"]
    assert checks["schema"]["ok"] and checks["amount_missing"]["ok"]
    assert checks["amount_missing"]["share"] == 0.375
    assert checks["amount_missing"]["baseline_share"] == 0.125


def test_without_a_baseline_there_is_no_schema(server, service):
    server.store(made(service, NOON, 100, lambda i: body(i)))
    assert "schema" not in report_of(server, service)["checks"]
    assert server.get("/v1/checks/schema", service=service, at=rfc3339(AT)).status_code == 404


def test_checks_of_the_shape_can_be_looked_into(server, service):
    compared(server, service, lambda i: body(i), lambda i: {"currency": "USD"})
    window = {"service": service, "at": rfc3339(AT), "window_minutes": 10}
    schema = server.get("/v1/checks/schema", **window).json()
    assert (schema["kind"], schema["state"]) == ("schema", "fail")
    assert schema["summary"] == "amount vanished at POST /pay, was in 100 % of events"
    missing = server.get("/v1/checks/amount_missing", **window).json()
    assert (missing["kind"], missing["feature"]) == ("missing", "amount")
    assert missing["summary"] == ("amount: missing from 100 % of events (0 % in the baseline); "
                                  "changed at POST /pay")
    # Also what a report does not show, as there is nothing to say of it.
    assert server.get("/v1/checks/currency_type", **window).json()["state"] == "ok"
    rows = {row["name"]: row for row in server.get(
        "/v1/timeline", service=service, window_minutes=10, at=rfc3339(AT)).json()["checks"]}
    assert rows["schema"]["kind"] == "schema"
    assert rows["amount_missing"]["feature"] == "amount"


@EMBEDDED
def test_a_rule_mutes_a_feature_s_changes(new_server):
    rule = '[[features]]\npointer = "/request/body/amount"\nmuted = true\n'
    server = new_server(toml=rule).start()
    report = compared(server, "muted", lambda i: body(i), lambda i: {"currency": "USD"})
    schema = report["checks"]["schema"]
    assert schema["ok"] and schema["changes"][0]["muted"] and schema["change_count"] == 1
    assert report["checks"]["amount_missing"]["would_fail"]


@EMBEDDED
def test_a_setting_turns_it_off(new_server):
    server = new_server(settings={"DRIFTGUARD_SCHEMA_P_MIN": "0"}).start()
    report = compared(server, "off", lambda i: body(i), lambda i: {"currency": "USD"})
    assert report["checks"]["schema"]["ok"] and report["checks"]["schema"]["changes"] == []


# --- Bounds. ---

@pytest.mark.alone
def test_ten_thousand_keys_in_a_body_are_bounded(server, service):
    """Keys that nobody has twice: neither new fields, nor do they hide what did change."""

    def wild(i):
        return {**body(i), "labels": {f"k{i}_{j}": j for j in range(10_000)}}
    server.store(made(service, NOON - HOUR, 1200, lambda i: body(i), span=HOUR))
    server.build_baseline(service, NOON - HOUR, NOON)
    wild_events = made(service, NOON, 60, wild)
    for start in range(0, len(wild_events), 20):
        server.store(wild_events[start:start + 20])
    server.store(made(service, NOON, 640, lambda i: {"currency": "USD"}))
    began = time.monotonic()
    answer = server.get("/reports/latest", service=service, at=rfc3339(AT), window_minutes=10)
    took = time.monotonic() - began
    assert answer.status_code == 200 and len(answer.content) < 2_000_000
    assert took < (20 if sanitized() else 4)
    schema = answer.json()["checks"]["schema"]
    assert schema["fields"] <= 1002 and schema["live_dropped"] > 100_000
    assert len(schema["changes"]) <= 100
    told = {(one["change"], one["field"]) for one in schema["changes"]}
    assert ("new", "labels") in told  # The object that holds them is in 60 of 700 events.
    assert not any(field.startswith("labels.") for _, field in told)
