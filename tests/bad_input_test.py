# SPDX-License-Identifier: Apache-2.0
"""Input that is wrong, hostile or slow: the contract's error, memory in bounds, nothing stored,
and the server goes on."""
import concurrent.futures
import gzip
import json
import random
import subprocess
import time

import pytest

from harness import (CHUNKED_INGEST, EMBEDDED, NOON, RawClient, chunk, event, ingest_request,
                     sanitized, wait_until)

pytestmark = EMBEDDED
MIB = 1 << 20
BODY_LIMIT = 20 * MIB


@pytest.fixture(autouse=True)
def goes_on(server, service):
    """After every test of this file: nothing was stored, and the server works."""
    yield
    assert server.is_well()
    assert server.lines(service=service) == []
    server.store([event(service)])
    assert len(server.lines(service=service)) == 1


@pytest.fixture
def memory_is_bounded(server):
    """The test may add twice the limit of a body to the peak, however much it sends."""
    server.forget_peak_memory()
    before = server.peak_memory_bytes()
    yield
    if not sanitized():
        assert server.peak_memory_bytes() - before < 2 * BODY_LIMIT + 8 * MIB


def refused(answer, status, *words):
    assert answer.status_code == status, answer.text
    said = answer.json()
    assert said["status"] == status
    assert all(word in said["detail"] for word in words), said["detail"]
    return said


def good_text(service):
    return json.dumps([event(service, NOON + i, amount=i) for i in range(20)]).encode()


# --- Not JSON. ---

def test_not_json(server):
    for body in (b"hello", b"<events/>", b"ts=1&service=s", b"\x1f\x8b\x08", b"\xff\xfe[\x00]\x00"):
        refused(server.ingest(body), 400, "not JSON")


def test_truncated_at_any_byte(server, service):
    text = good_text(service)[:700]
    for length in range(len(text)):
        assert server.ingest(text[:length]).status_code == 400, text[:length]


def test_one_byte_damaged(server, service):
    """Whatever a flipped byte makes of it: 400, or 422, or JSON that is stored whole."""
    chance = random.Random(7)
    text = good_text(service + "_damaged")
    for _ in range(300):
        damaged = bytearray(text)
        damaged[chance.randrange(len(text))] = chance.choice(b'"\\{}[],:\x00\xff 9e')
        assert server.ingest(bytes(damaged)).status_code in (200, 400, 422)


def test_not_an_array(server, service):
    for body in (json.dumps(event(service)).encode(), b"{}", b"7", b'"text"', b"true", b"null"):
        refused(server.ingest(body), 400, "not an array")


def test_wrong_types_and_missing_fields_and_bad_times(server, service):
    faults = [{**event(service), "ts": 5}, {**event(service), "service": None},
              {**event(service), "response": [1]}, {"service": service}, {},
              event(service, "2025-13-01T00:00:00Z"), event(service, "now"), 5, [[]]]
    said = refused(server.ingest([event(service), *faults]), 422)
    assert {error["index"] for error in said["errors"]} == set(range(1, len(faults) + 1))


@pytest.mark.parametrize("number", [
    "NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1e400", "18446744073709551616",
    "-9223372036854775809", "1" * 400, "123456789012345678901234567890"])
@pytest.mark.parametrize("place", ['"request":{"body":{"x":%s}}', '"response":{"duration_ms":%s}',
                                   '"unread":%s'])
def test_numbers_that_no_double_or_integer_holds(server, service, number, place):
    text = (f'[{{"ts":"2025-01-01T12:00:00Z","service":"{service}","endpoint":"e",'
            f'{place % number}}}]')
    refused(server.ingest(text.encode()), 400, "number" if number[-1].isdigit() else "not JSON")


@pytest.mark.parametrize("opening, closing", [("[", "]"), ('{"a":', "}"), ('[{"a":', "}]")])
def test_depth_10_000(server, service, opening, closing):
    deep = opening * 10_000 + "1" + closing * 10_000
    text = json.dumps([event(service, x="DEEP")]).replace('"DEEP"', deep)
    refused(server.ingest(text.encode()), 400, "deep")
    refused(server.ingest((opening * 1_000_000).encode()), 400)


# --- Too much. ---

def test_100_mb_announced_is_refused_unread(server, memory_is_bounded):
    with RawClient(server) as client:
        client.send(ingest_request(b"[", length=100 * MIB))
        status, headers, body = client.answer()
        assert status == 413 and json.loads(body)["type"] == "/problems/body-too-large"
        assert headers["Connection"] == "close"
        assert client.ended()


def test_100_mb_sent_is_refused(server, memory_is_bounded):
    with RawClient(server) as client:
        client.send_ignoring_refusal(ingest_request(b"[" + b" " * (100 * MIB - 1)))
        assert client.answer()[0] == 413


def test_100_mb_in_chunks_is_refused(server, memory_is_bounded):
    with RawClient(server) as client:
        client.send(CHUNKED_INGEST)
        piece = chunk(b" " * MIB)
        for _ in range(100):
            client.send_ignoring_refusal(piece)
        assert client.answer()[0] == 413


def test_one_chunk_that_announces_too_much_is_refused(server, memory_is_bounded):
    for size in (b"6400000\r\n", b"ffffffffffffffff\r\n", b"fffffffffffffffffffff\r\n", b"-1\r\n"):
        with RawClient(server) as client:
            client.send(CHUNKED_INGEST + size + b"x" * 100)
            assert client.answer()[0] in (400, 413)


def gzip_bomb():
    """1 GiB of spaces in about 1 MB, a thousand to one."""
    member = gzip.compress(b" " * (64 * MIB), 9)
    return member * 16


def zstd_bomb():
    return subprocess.run("head -c 1G /dev/zero | zstd -qc --long=23", shell=True, check=True,
                          stdout=subprocess.PIPE).stdout


@pytest.mark.parametrize("encoding, bomb", [("gzip", gzip_bomb), ("zstd", zstd_bomb)])
def test_bombs(server, memory_is_bounded, encoding, bomb):
    body = bomb()
    assert len(body) < 2 * MIB
    for _ in range(5):
        refused(server.ingest(body, encoding=encoding), 413)


def test_a_bomb_within_a_bomb_is_only_text(server, memory_is_bounded):
    refused(server.ingest(gzip.compress(gzip_bomb()), encoding="gzip"), 400)


def test_a_zstd_window_bomb(server, memory_is_bounded):
    """A frame that wants 2 GiB of window before its first byte."""
    frame = b"\x28\xb5\x2f\xfd\x00\xa8" + b"\x01\x00\x00"
    assert server.ingest(frame, encoding="zstd").status_code in (400, 413)


@pytest.mark.parametrize("body", [b"[" + b"1," * (BODY_LIMIT // 2 - 2) + b"1]",
                                  b"[" * (BODY_LIMIT - 1), b"[" + b'"",' * 6_900_000 + b'""]',
                                  b"[" + b"{}," * 6_900_000 + b"{}]"],
                         ids=["numbers", "brackets", "texts", "objects"])
def test_dense_bodies_together_stay_below_384_mib(server, body):
    """The bodies that a parser needs most room for, from four clients at once."""
    server.forget_peak_memory()
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        statuses = set(pool.map(lambda _: server.ingest(body).status_code, range(4)))
    assert statuses <= {400, 413}
    if not sanitized():
        assert server.peak_memory_bytes() < 384 * MIB


def test_very_many_keys_and_a_very_long_key(server, service):
    many = {f"key{i}": i for i in range(100_000)}
    server.store([event(service + "_keys", **many)])
    server.store([event(service + "_keys", **{"k" * MIB: 1})])
    assert len(server.lines(service=service + "_keys")) == 2
    report = server.report(service=service + "_keys", at="2025-01-01T12:10:00Z")
    assert report["samples"] == 2 and len(report["checks"]) <= 1002


def test_segments_are_bounded(new_server):
    server = new_server({"DRIFTGUARD_SEGMENTS_MAX": 3}).start()
    server.store([event("a", endpoint="x"), event("a", endpoint="y")])
    server.store([event("b", endpoint="x")])
    for _ in range(2):
        said = refused(server.ingest([event("a", endpoint="x"), event("b", endpoint="y")]), 422)
        assert said["errors"][0]["pointer"] == "/1/endpoint"
        server.store([event("a", endpoint="y")])
        server.restart()
    assert server.metrics()["driftguard_ingest_segments"] == 3


@pytest.mark.alone
def test_very_many_services_are_taken_in_bounded_memory(server, service, memory_is_bounded):
    begun = time.monotonic()
    for part in range(4):
        server.store([event(f"{service}_{part}_{i}") for i in range(500)])
    assert time.monotonic() - begun < (60 if sanitized() else 15)


# --- Bytes that are no text. ---

@pytest.mark.parametrize("text", [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\x80",
                                  b"\xf4\x90\x80\x80"])
@pytest.mark.parametrize("place", ["service", "request"])
def test_invalid_utf_8(server, service, text, place):
    sent = event(service, note="HERE") if place == "request" else event("HERE")
    refused(server.ingest(json.dumps([sent]).encode().replace(b"HERE", text)), 400)


DUPLICATES = {
    "top level": b'{"ts":"2025-01-01T12:00:00Z","ts":"2025-01-01T12:00:00Z",TAIL',
    "top level, unread": b'{"a":1,"a":1,TAIL',
    "nested": b'{"request":{"body":{"b":{"c":1,"c":2}}},TAIL',
    "in the response": b'{"response":{"status":200,"status":500},TAIL',
    "in an array": b'{"x":[[{"c":1,"c":2}]],TAIL', "escaped": b'{"a":1,"\\u0061":2,TAIL',
    "escaped, read": b'{"service":"other","serv\\u0069ce":"x",TAIL',
    "empty": b'{"":1,"":2,TAIL', "far": b'{"k":0,' + b",".join(b'"k%d":0' % i for i in range(3000))
                                       + b',"k":1,TAIL'}


@pytest.mark.parametrize("text", DUPLICATES.values(), ids=DUPLICATES)
@pytest.mark.parametrize("on_invalid", ["reject", "skip"])
def test_duplicate_keys(server, service, text, on_invalid):
    tail = f'"tail":{{}},"endpoint":"e","service":"{service}"'.encode() + b"}"
    if text.startswith(b'{"ts"') is False:
        tail = b'"ts":"2025-01-01T12:00:00Z",' + tail
    body = b"[" + json.dumps(event(service)).encode() + b"," + text.replace(b"TAIL", tail) + b"]"
    refused(server.ingest(body, on_invalid=on_invalid), 400, "duplicate key")


def test_raw_nul_bytes(server, service):
    text = good_text(service)
    for at in (0, 1, 30, 60, len(text) - 1):
        assert server.ingest(text[:at] + b"\0" + text[at:]).status_code == 400
    assert server.ingest(text + b"\0").status_code == 400


def test_an_escaped_nul_in_a_name_is_a_422(server):
    for field in ("service", "endpoint"):
        said = refused(server.ingest([{**event("s"), field: "a\0b"}]), 422)
        assert said["errors"][0]["pointer"] == "/0/" + field


def test_an_empty_batch(server):
    assert server.store([]) == {"ingested": 0}
    assert server.store(b"", content_type="application/x-ndjson") == {"ingested": 0}
    refused(server.ingest(b""), 400)
