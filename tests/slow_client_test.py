# SPDX-License-Identifier: Apache-2.0
"""Clients that dawdle, stop in the middle or go away: they are let go, the others are served."""
import contextlib
import json
import time

import pytest

from harness import (CHUNKED_INGEST, EMBEDDED, RawClient, chunk, event, ingest_request, sanitized,
                     wait_until)

pytestmark = [EMBEDDED, pytest.mark.alone]
SOON = 10 if sanitized() else 3


@pytest.fixture
def impatient(new_server):
    return new_server({"DRIFTGUARD_HEADER_TIMEOUT_MS": 300, "DRIFTGUARD_BODY_TIMEOUT_MS": 400,
                       "DRIFTGUARD_IDLE_TIMEOUT_MS": 500}).start()


def assert_refused_soon(client, status):
    begun = time.monotonic()
    got, headers, body = client.answer()
    assert got == status and json.loads(body)["status"] == status
    assert headers["Connection"] == "close" and client.ended()
    assert time.monotonic() - begun < SOON


def test_a_body_that_does_not_come_is_a_408(impatient, service):
    with RawClient(impatient) as client:
        client.send(ingest_request(b"[", length=1000))
        assert_refused_soon(client, 408)
    assert impatient.lines(service=service) == []


def test_a_body_that_drips_is_a_408(impatient, service):
    with RawClient(impatient) as client:
        client.send(ingest_request(b"", length=10_000))
        deadline = time.monotonic() + SOON
        with contextlib.suppress(ConnectionError):
            while time.monotonic() < deadline:  # A byte each 20 ms: never silent for long.
                client.send(b" ")
                client.socket.settimeout(0.02)
                with contextlib.suppress(TimeoutError):
                    head = client.socket.recv(4096)
                    assert head.startswith(b"HTTP/1.1 408 ")
                    break
            else:
                pytest.fail("the server still waits")
    assert impatient.is_well()


def test_chunks_that_drip_are_a_408(impatient):
    with RawClient(impatient) as client:
        client.send(CHUNKED_INGEST + chunk(b"["))
        assert_refused_soon(client, 408)


def test_a_head_that_does_not_come_is_a_408(impatient):
    with RawClient(impatient) as client:
        client.send(b"POST /v1/ingest HTTP/1.1\r\nHost: loc")
        assert_refused_soon(client, 408)


def test_a_silent_connection_is_closed(impatient):
    with RawClient(impatient) as client:
        begun = time.monotonic()
        assert client.ended() and time.monotonic() - begun < SOON


def test_the_others_are_served_meanwhile(impatient, service):
    slow = [RawClient(impatient) for _ in range(200)]
    for i, client in enumerate(slow):
        client.send(ingest_request(b"[", length=1000) if i % 2 else b"GET / HT")
    begun = time.monotonic()
    impatient.store([event(service)] * 10)
    assert time.monotonic() - begun < SOON
    assert all(client.answer()[0] == 408 for client in slow)
    for client in slow:
        client.socket.close()
    wait_until(lambda: impatient.metrics()["driftguard_http_connections_open"] <= 2)
    assert impatient.metrics()["driftguard_http_timeouts_total"] >= 200


def test_a_half_closed_connection_still_gets_its_answer(server, service):
    with RawClient(server) as client:
        client.send(ingest_request(json.dumps([event(service)]).encode())).half_close()
        status, _, body = client.answer()
        assert (status, json.loads(body)) == (200, {"ingested": 1})
        assert client.ended()
    assert len(server.lines(service=service)) == 1


def test_half_closed_in_the_middle_of_a_body_is_a_400(server, service):
    body = json.dumps([event(service)]).encode()
    for request in (ingest_request(body[:-1], length=len(body)), CHUNKED_INGEST + chunk(body)):
        with RawClient(server) as client:
            client.send(request).half_close()
            assert client.answer()[0] == 400
            assert client.ended()
    assert server.lines(service=service) == []


def test_gone_in_the_middle_of_a_body_stores_nothing(server, service):
    body = json.dumps([event(service)] * 1000).encode()
    for at in (1, 100, len(body) // 2, len(body) - 1):
        RawClient(server).send(ingest_request(body[:at], length=len(body))).reset()
    wait_until(lambda: server.metrics()["driftguard_http_body_inflight_bytes"] == 0)
    assert server.lines(service=service) == [] and server.is_well()


def test_a_request_smuggled_behind_two_lengths_is_not_served(server, service):
    hidden = ingest_request(json.dumps([event(service)]).encode())
    for head in (b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
                 b"Content-Length: 2\r\nContent-Length: 40\r\n", b"Content-Length: +2\r\n",
                 b"Content-Length: 0x2\r\n", b"Transfer-Encoding: chunked, gzip\r\n",
                 b"Transfer-Encoding: xchunked\r\n", b"Content-Length : 2\r\n"):
        with RawClient(server) as client:
            client.send_ignoring_refusal(
                b"POST /v1/ingest HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
                + head + b"\r\n[]" + hidden)
            assert client.answer()[0] in (400, 501), head
            assert client.ended()
    assert server.lines(service=service) == []


def test_pipelined_requests_are_answered_in_order(server, service):
    sent = [json.dumps([event(service, amount=i)] * i).encode() for i in range(20)]
    with RawClient(server) as client:
        client.send(b"".join(ingest_request(body) for body in sent))
        assert [json.loads(client.answer()[2])["ingested"] for _ in sent] == list(range(20))


def test_expect_100_continue_is_heeded(server, service):
    body = json.dumps([event(service)]).encode()
    with RawClient(server) as client:
        client.send(ingest_request(b"", ["Expect: 100-continue"], length=len(body)))
        head = client.socket.recv(1000)
        assert head == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.send(body)
        assert client.answer()[0] == 200
