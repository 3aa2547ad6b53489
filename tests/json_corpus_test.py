# SPDX-License-Identifier: Apache-2.0
"""Our own corpus of JSON texts, each as the value inside an event: RFC 8259 in full, also in the
parts the program does not read, less duplicate keys and numbers that no 64-bit type holds."""
import decimal
import json
import sys

import pytest

from harness import EMBEDDED, ROOT

CORPUS = ROOT / "tests/corpus/json"
sys.setrecursionlimit(5000)  # Python's own reader recurses.


def cases(verdict):
    return [pytest.param(path.read_bytes(), id=path.stem)
            for path in sorted((CORPUS / verdict).glob("*.json"))]


def batch(service, value):
    """A batch whose one event has the text `value` in its request's body, and nothing after it."""
    head = f'{{"ts":"2025-01-01T12:00:00Z","service":"{service}","endpoint":"e"'
    return head.encode() + b',"request":{"body":{"value":' + value + b"}}}"


def exact(text):
    return json.loads(text, parse_int=decimal.Decimal, parse_float=decimal.Decimal)


def test_the_corpus_is_there():
    assert len(cases("accept")) >= 60 and len(cases("reject")) >= 120


@pytest.mark.parametrize("value", cases("accept"))
def test_json_is_accepted(server, service, engine, value):
    sent = batch(service, value)
    answer = server.ingest(b"[" + sent + b"]")
    if engine == "postgresql" and b"\\u0000" in value:
        assert answer.status_code == 422, answer.text  # JSONB holds no NUL; the answer says so.
        assert answer.json()["type"] == "/problems/refused-by-store"
        return
    assert answer.status_code == 200, answer.text
    [line] = server.lines(service=service)
    if engine == "rocksdb":
        # As it came, to the byte, but that an event is one line here.
        assert line.encode() == sent.replace(b"\n", b" ").replace(b"\r", b" ")
    else:
        assert exact(line) == exact(sent)  # As JSONB tells it: 1e3 is 1000.


@EMBEDDED
@pytest.mark.parametrize("value", cases("reject"))
def test_what_is_not_json_is_refused(server, service, value):
    answer = server.ingest(b"[" + batch(service, value) + b"]")
    assert answer.status_code == 400, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == 400
    assert server.lines(service=service) == []


@EMBEDDED
@pytest.mark.parametrize("value", cases("reject"))
def test_nor_is_it_taken_where_the_event_is_refused_anyway(server, service, value):
    """Skipping bad events must not skip reading them."""
    answer = server.ingest(b'[{"ts":0,"x":' + value + b"}]", on_invalid="skip")
    assert answer.status_code == 400, answer.text
