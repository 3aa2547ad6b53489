# SPDX-License-Identifier: Apache-2.0
"""Idempotency-Key: the same batch sent again is answered again and stored once."""
import concurrent.futures
import json
import uuid

import requests

from harness import NOON, RawClient, event, ingest_request, wait_until


def batch(service, count=5):
    return [event(service, NOON + i, amount=i) for i in range(count)]


def new_key():
    return str(uuid.uuid4())


def test_the_same_key_answers_the_first_answer_again(server, service):
    key, sent = new_key(), batch(service)
    first = server.ingest(sent, key=key)
    again = server.ingest(sent, key=key)
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert first.json() == {"ingested": 5}
    assert len(server.lines(service=service)) == 5


def test_the_answer_with_skipped_events_comes_again_too(server, service):
    key, sent = new_key(), [*batch(service), {"ts": 0}]
    first = server.ingest(sent, key=key, on_invalid="skip")
    again = server.ingest(sent, key=key, on_invalid="skip")
    assert first.json()["rejected"] == 1 and first.content == again.content
    assert len(server.lines(service=service)) == 5


def test_the_same_key_with_another_body_is_a_422(server, service):
    key = new_key()
    server.store(batch(service), key=key)
    answer = server.ingest(batch(service, 6), key=key)
    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/idempotency-key-reused"
    assert "errors" not in answer.json()
    assert len(server.lines(service=service)) == 5


def test_batch_id_is_the_same_as_the_header(server, service):
    key = new_key()
    server.store(batch(service), batch_id=key)
    server.store(batch(service), batch_id=key)
    server.store(batch(service), key=key)
    server.store(batch(service), key=f'"{key}"')  # As a structured field is written.
    assert len(server.lines(service=service)) == 5


def test_without_a_key_the_same_batch_is_stored_again(server, service):
    server.store(batch(service))
    server.store(batch(service))
    assert len(server.lines(service=service)) == 10


def test_an_empty_batch_remembers_its_key(server, service):
    key = new_key()
    assert server.store([], key=key) == {"ingested": 0}
    assert server.ingest(batch(service), key=key).status_code == 422
    assert server.lines(service=service) == []


def test_a_refused_batch_leaves_its_key_free(server, service):
    key = new_key()
    assert server.ingest([{"ts": 1}], key=key).status_code == 422
    assert server.ingest(b"[", key=key).status_code == 400
    assert server.store(batch(service), key=key) == {"ingested": 5}


def test_a_key_is_1_to_255_bytes_long(server, service):
    for key in ("", '""', "k" * 256):
        answer = server.ingest(batch(service), key=key)
        assert answer.status_code == 400 and "Idempotency-Key" in answer.json()["detail"]
    assert server.ingest(batch(service), batch_id="").status_code == 400
    server.store(batch(service), key=new_key().ljust(255, "k"))
    assert len(server.lines(service=service)) == 5


def test_a_key_is_remembered_over_a_restart(new_server, service):
    server = new_server().start()
    key = new_key()
    first = server.ingest(batch(service), key=key)
    server.restart()
    assert server.ingest(batch(service), key=key).content == first.content
    assert server.ingest(batch(service, 4), key=key).status_code == 422
    assert len(server.lines(service=service)) == 5


def test_concurrent_tries_store_one(server, service):
    key, body = new_key(), json.dumps(batch(service, 500))

    def send(_):
        return requests.post(server.url + "/v1/ingest", data=body, timeout=30, headers={
            "Content-Type": "application/json", "Idempotency-Key": key})

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(24)))
    statuses = {answer.status_code for answer in answers}
    assert statuses <= {200, 409} and 200 in statuses
    assert {a.text for a in answers if a.status_code == 200} == {'{"ingested":500}'}
    assert {a.json()["type"] for a in answers if a.status_code == 409} <= {
        "/problems/request-under-way"}
    assert server.ingest(body.encode(), key=key).json() == {"ingested": 500}
    assert len(server.lines(service=service)) == 500


def test_a_connection_broken_before_the_answer_does_not_double(server, service):
    keys = [new_key() for _ in range(30)]
    bodies = [json.dumps([event(service, NOON + i, amount=i)] * 10).encode() for i in range(30)]
    for key, body in zip(keys, bodies):
        client = RawClient(server)
        client.send(ingest_request(body, [f"Idempotency-Key: {key}"])).reset()
    for key, body in zip(keys, bodies):
        answer = wait_until(lambda k=key, b=body: _unless_under_way(server, b, k))
        assert answer.json() == {"ingested": 10}, answer.text
    assert len(server.lines(service=service)) == 300


def _unless_under_way(server, body, key):
    answer = server.ingest(body, key=key)
    return None if answer.status_code == 409 else answer


def test_keys_of_different_batches_in_one_commit_are_all_kept(server, service):
    sent = {new_key(): [event(service, NOON + i, amount=i)] for i in range(64)}

    def send(key):
        return server.ingest(sent[key], key=key).status_code

    for _ in range(2):
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            assert set(pool.map(send, sent)) == {200}
    assert len(server.lines(service=service)) == 64
