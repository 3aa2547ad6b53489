# SPDX-License-Identifier: Apache-2.0
"""POST /v1/ingest, as the contract promises it: what is answered, and what is then stored."""
import gzip
import json
import subprocess
import time

import pytest

from harness import NOON, event, rfc3339


def zstd(data):
    return subprocess.run(["zstd", "-qc"], input=data, stdout=subprocess.PIPE, check=True).stdout


def problem(answer, status, kind=None):
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    said = answer.json()
    assert said["status"] == status and said["title"] and said["detail"]
    assert said["type"].startswith("/problems/")
    if kind:
        assert said["type"] == "/problems/" + kind
    return said


def batch(service, count, **fields):
    return [event(service, NOON + i, amount=i, **fields) for i in range(count)]


# --- Taken. ---

def test_every_event_is_stored_once_and_as_it_came(server, service):
    sent = batch(service, 700)
    assert server.store(sent) == {"ingested": 700}
    assert server.events(service=service) == sent


def test_an_empty_batch_stores_nothing(server, service):
    assert server.store([]) == {"ingested": 0}
    assert server.store(b" [ ] ") == {"ingested": 0}
    assert server.lines(service=service) == []


def test_an_event_needs_no_more_than_time_service_and_endpoint(server, service):
    least = {"ts": "2025-01-01T12:00:00Z", "service": service, "endpoint": "e"}
    assert server.store([least]) == {"ingested": 1}
    assert server.events(service=service) == [least]


def test_unknown_fields_are_kept(server, service):
    sent = event(service, amount=1)
    sent["trace"] = {"id": "7f", "deep": [1, {"x": None}]}
    server.store([sent])
    assert server.events(service=service) == [sent]


def test_null_in_an_optional_field_is_as_good_as_absence(server, service):
    sent = {**event(service), "host": None, "request": None, "response": None}
    assert server.store([sent]) == {"ingested": 1}
    sent["response"] = {"status": None, "duration_ms": None}
    assert server.store([sent]) == {"ingested": 1}


@pytest.mark.parametrize("ts, stored_order", [
    ("2025-01-01T12:00:00+02:00", NOON - 7200), ("2025-01-01t12:00:00z", NOON),
    ("2025-01-01T12:00:00.123456789Z", NOON + .123456), ("2024-02-29T12:00:00-00:30", None),
    ("2016-12-31T23:59:60Z", None), ("0001-01-01T00:00:00Z", None),
    ("1969-12-31T23:59:59.999999Z", None), ("2025-01-01T12:00:00.1Z", NOON + .1)])
def test_times_of_rfc_3339_are_taken(server, service, ts, stored_order):
    server.store([event(service, ts)])
    if stored_order is not None:
        inside = {"from": rfc3339(stored_order), "to": rfc3339(stored_order + 1e-6)}
        assert len(server.lines(service=service, **inside)) == 1
    assert server.events(service=service)[0]["ts"] == ts


def test_ndjson_is_one_event_a_line(server, service):
    sent = batch(service, 3)
    lines = "\n".join(map(json.dumps, sent)) + "\r\n\n"
    assert server.store(lines.encode(), content_type="application/x-ndjson") == {"ingested": 3}
    assert server.events(service=service) == sent


@pytest.mark.parametrize("body", [b'{"a":\n1}', b"[\n]", b"{} {}", b'{}\n{"ts"', b"1,2"])
def test_a_line_that_is_not_one_event_is_refused(server, body):
    answer = server.ingest(body, content_type="application/x-ndjson")
    assert answer.status_code in (400, 422), answer.text


def test_content_codings_are_understood(server, service):
    body = json.dumps(batch(service, 50)).encode()
    assert server.store(gzip.compress(body), encoding="gzip") == {"ingested": 50}
    assert server.store(zstd(body), encoding="zstd") == {"ingested": 50}
    half = len(body) // 2
    members = gzip.compress(body[:half]) + gzip.compress(body[half:])
    assert server.store(members, encoding="gzip") == {"ingested": 50}
    assert len(server.lines(service=service)) == 150


def test_a_media_type_may_have_parameters(server, service):
    body = json.dumps(batch(service, 1)).encode()
    assert server.store(body, content_type="application/json; charset=utf-8") == {"ingested": 1}


# --- Refused. ---

@pytest.mark.parametrize("body", [b"", b"{", b'{"a":1}', b"nonsense", b"1", b'"[]"', b"null",
                                  b"[] []", b"[1,]"])
def test_what_is_no_json_array_is_a_400(server, body):
    problem(server.ingest(body), 400)


def test_a_batch_with_too_many_events_is_a_413(server, service):
    small = json.dumps({"ts": "2025-01-01T12:00:00Z", "service": service, "endpoint": "e"})
    problem(server.ingest(f"[{','.join([small] * 50_001)}]".encode()), 413, "batch-too-large")
    assert server.lines(service=service) == []


def test_a_body_over_the_limit_is_a_413_also_after_decompression(server, service):
    text = "x" * (20 << 20)
    body = json.dumps([event(service, note=text)]).encode()
    problem(server.ingest(body), 413, "body-too-large")
    problem(server.ingest(gzip.compress(body, 1), encoding="gzip"), 413, "body-too-large")
    problem(server.ingest(zstd(body), encoding="zstd"), 413, "body-too-large")
    assert server.lines(service=service) == []


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "application/jsonl", ""])
def test_another_media_type_is_a_415(server, content_type):
    problem(server.ingest(b"[]", content_type=content_type), 415)


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip", "nonsense"])
def test_another_content_coding_is_a_415(server, encoding):
    problem(server.ingest(b"[]", encoding=encoding), 415, "unsupported-content-encoding")


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_a_corrupt_coding_is_a_400(server, encoding):
    good = gzip.compress(b"[]") if encoding == "gzip" else zstd(b"[]")
    problem(server.ingest(b"", encoding=encoding), 400)
    for broken in (b"[]", good[:-3], good + b"x", good[:8] + b"\xff" * 8 + good[16:]):
        problem(server.ingest(broken, encoding=encoding), 400, "corrupt-encoding")


# Each: the field's pointer, and a value that breaks its rule; None: the field is left out.
BROKEN_FIELDS = [
    ("/ts", None), ("/ts", 1735732800), ("/ts", "yesterday"), ("/ts", "2025-01-01"),
    ("/ts", "2025-01-01T12:00:00"), ("/ts", "2025-02-29T12:00:00Z"), ("/ts", ""),
    ("/ts", "2025-01-01T25:00:00Z"), ("/ts", "2025-01-01 12:00:00Z"), ("/ts", []),
    ("/ts", "9999-12-31T23:59:59Z"), ("/ts", "2025-01-01T12:00:00.Z"),
    ("/service", None), ("/service", ""), ("/service", 7), ("/service", "s" * 201),
    ("/service", "a\nb"), ("/service", "\u00e9" * 101), ("/service", "a\u007fb"),
    ("/endpoint", None), ("/endpoint", ""), ("/endpoint", True), ("/endpoint", "e" * 201),
    ("/endpoint", "a\u0000b"), ("/host", 5), ("/host", ["h"]), ("/request", "text"),
    ("/request", []), ("/response", 200), ("/response/status", 99), ("/response/status", 600),
    ("/response/status", "200"), ("/response/status", 200.5), ("/response/status", True),
    ("/response/status", -200), ("/response/duration_ms", -1), ("/response/duration_ms", "5"),
    ("/response/duration_ms", -0.001), ("/response/duration_ms", {})]


@pytest.mark.parametrize("pointer, value", BROKEN_FIELDS)
def test_a_broken_field_is_a_422_that_names_its_place(server, service, pointer, value):
    broken = event(service, amount=1)
    *parents, last = pointer[1:].split("/")
    target = broken[parents[0]] if parents else broken
    target.pop(last, None)
    if value is not None:
        target[last] = value
    said = problem(server.ingest([event(service, amount=0), broken]), 422, "invalid-events")
    assert said["error_count"] == 1
    [error] = said["errors"]
    assert set(error) == {"index", "pointer", "detail"}
    assert (error["index"], error["pointer"]) == (1, "/1" + pointer)
    assert error["detail"]
    assert server.lines(service=service) == []  # Nothing of the batch.


def test_names_may_be_200_bytes_long(server, service):
    long_name = service.ljust(200, "s")
    server.store([event(long_name, endpoint="\u00e9" * 100)])
    assert len(server.lines(service=long_name)) == 1


def test_a_time_may_be_a_little_ahead(server, service):
    now = time.time()
    server.store([event(service, now + 240)])
    said = problem(server.ingest([event(service, now + 420)]), 422, "invalid-events")
    assert said["errors"][0]["pointer"] == "/0/ts"
    assert len(server.lines(service=service)) == 1


def test_every_fault_is_counted_and_the_first_100_are_named(server, service):
    bad = [{"service": service, "endpoint": 1}] * 150  # Two faults each.
    said = problem(server.ingest([event(service), *bad]), 422, "invalid-events")
    assert said["error_count"] == 300
    assert len(said["errors"]) == 100
    named = [(error["index"], error["pointer"]) for error in said["errors"][:2]]
    assert sorted(named) == [(1, "/1/endpoint"), (1, "/1/ts")]
    assert server.lines(service=service) == []


@pytest.mark.parametrize("item", [1, "event", None, [], True])
def test_an_item_that_is_no_object_is_named_by_its_index(server, service, item):
    said = problem(server.ingest([event(service), item]), 422, "invalid-events")
    assert [(e["index"], e["pointer"]) for e in said["errors"]] == [(1, "/1")]
    assert server.lines(service=service) == []


def test_on_invalid_skip_stores_the_good_events(server, service):
    sent = batch(service, 700)
    sent[3] = {**sent[3], "ts": "never"}
    sent[5] = 5
    told = server.store(sent, on_invalid="skip")
    assert (told["ingested"], told["rejected"]) == (698, 2)
    assert [(e["index"], e["pointer"]) for e in told["errors"]] == [(3, "/3/ts"), (5, "/5")]
    assert set(told) == {"ingested", "rejected", "errors"}
    assert server.events(service=service) == [e for i, e in enumerate(sent) if i not in (3, 5)]
    report = server.report(service=service, at=rfc3339(NOON + 1000))
    assert report["samples"] == 698


def test_on_invalid_skip_still_wants_json(server, service):
    problem(server.ingest(json.dumps(batch(service, 2)).encode()[:-5], on_invalid="skip"), 400)
    assert server.lines(service=service) == []


def test_an_unknown_choice_of_on_invalid_is_a_400(server):
    assert "on_invalid" in problem(server.ingest([], on_invalid="maybe"), 400)["detail"]


def test_only_post_is_allowed(server):
    answer = server.get("/v1/ingest")
    problem(answer, 405)
    assert "POST" in answer.headers["Allow"]
