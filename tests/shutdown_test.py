# SPDX-License-Identifier: Apache-2.0
"""Starting and stopping: what was answered is stored, what was accepted is answered."""
import collections
import json
import signal
import threading
import time

import pytest
import requests

from harness import (EMBEDDED, NOON, RawClient, Server, event, ingest_request, sanitized, seeded,
                     wait_until)

pytestmark = pytest.mark.alone
DRAIN_SECONDS_MAX = 30 if sanitized() else 10


class Load:
    """Clients that post batches until the server is gone. Every event carries its batch's name."""

    def __init__(self, server, service, clients):
        self.answered = collections.Counter()  # Batch name -> events, of a 200.
        self.strange = []                      # Answers that are neither a 200 nor "shutting down".
        self.broken_off = []                   # Requests whose connection broke in their middle.
        self.server, self.service = server, service
        self.threads = [threading.Thread(target=self._send, args=(i,)) for i in range(clients)]
        for thread in self.threads:
            thread.start()

    def _send(self, client):
        session = requests.Session()
        session.trust_env = False
        for number in range(1_000_000):
            name, size = f"{client}-{number}", 1 + (number * 37 + client) % 200
            events = [{**event(self.service, NOON + i, amount=i), "batch": name}
                      for i in range(size)]
            try:
                answer = session.post(self.server.url + "/v1/ingest", json=events, timeout=60)
            except requests.ConnectionError as error:
                # Refused or closed between requests: never accepted. Else its answer was owed.
                if "Connection refused" not in str(error):
                    self.broken_off.append((name, str(error)))
                return
            if answer.status_code == 200:
                self.answered[name] = answer.json()["ingested"]
            elif answer.status_code != 503:
                self.strange.append(answer.text)
            if answer.headers.get("Connection") == "close":
                session.close()

    def finish(self):
        for thread in self.threads:
            thread.join(60)
            assert not thread.is_alive()


def stored_batches(server, service):
    return collections.Counter(e["batch"] for e in server.events(service=service))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_loaded_server_stops_cleanly(new_server, service, number):
    server = new_server().start()
    load = Load(server, service, clients=16)
    wait_until(lambda: len(load.answered) > 100, 60)
    begun = time.monotonic()
    server.signal(number)
    assert server.wait() == 0, server.stderr()
    assert time.monotonic() - begun < DRAIN_SECONDS_MAX
    load.finish()
    server.start()
    stored = stored_batches(server, service)
    assert not load.strange
    assert {name: stored[name] for name in load.answered} == dict(load.answered)
    # A batch without an answer may be there, but then it is whole.
    assert all(stored[name] == 1 + (int(name.split("-")[1]) * 37 + int(name.split("-")[0])) % 200
               for name in stored)


def test_what_was_accepted_is_answered(new_server, service):
    """Requests that are half sent when the signal comes are waited for, and then stored."""
    server = new_server().start()
    body = json.dumps([event(service)] * 10).encode()
    half = [RawClient(server).send(ingest_request(body[:200], length=len(body)))
            for _ in range(20)]
    wait_until(lambda: server.metrics()["driftguard_http_requests_open"] >= 20)
    server.signal(signal.SIGTERM)
    wait_until(lambda: not accepts(server), why="it still accepted")
    assert server.running()
    for client in half:
        client.send(body[200:])
    for client in half:
        status, headers, answer = client.answer()
        assert (status, json.loads(answer)) == (200, {"ingested": 10})
        assert headers["Connection"] == "close" and client.ended()
    assert server.wait() == 0
    server.start()
    assert len(server.lines(service=service)) == 200


def accepts(server):
    try:
        RawClient(server).socket.close()
        return True
    except ConnectionError:
        return False


@EMBEDDED
def test_a_client_that_never_finishes_is_cut_at_the_deadline(new_server, service):
    server = new_server({"DRIFTGUARD_SHUTDOWN_TIMEOUT_MS": 500}).start()
    client = RawClient(server).send(ingest_request(b"[", length=100))
    wait_until(lambda: server.metrics()["driftguard_http_requests_open"] >= 2)
    begun = time.monotonic()
    assert server.stop() == 0
    assert 0.4 < time.monotonic() - begun < 5 + 5 * sanitized()
    assert client.ended() or client.answer()[0] >= 400


@EMBEDDED
def test_idle_connections_do_not_delay_the_stop(new_server):
    server = new_server().start()
    idle = [RawClient(server) for _ in range(50)]
    for client in idle[::2]:
        client.send(b"GET /livez HTTP/1.1\r\nHost: h\r\n\r\n")
        assert client.answer()[0] == 200
    begun = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - begun < 3 + 5 * sanitized()
    assert all(client.ended() for client in idle)


@EMBEDDED
def test_a_second_signal_ends_it_at_once(new_server):
    server = new_server().start()
    client = RawClient(server).send(ingest_request(b"[", length=100))
    wait_until(lambda: server.metrics()["driftguard_http_requests_open"] >= 2)
    server.signal(signal.SIGINT)
    wait_until(lambda: not accepts(server))
    server.signal(signal.SIGINT)
    assert server.wait(5) == -signal.SIGINT
    assert client.ended()


# --- Starting. ---

@EMBEDDED
def test_port_0_picks_a_free_one_and_says_which(new_server):
    first, second = new_server().start(), new_server().start()
    assert first.port != second.port and first.is_well() and second.is_well()
    lines = (first.folder / "stdout").read_text().splitlines()
    assert len(lines) == 1 and first.url in lines[0]


@EMBEDDED
def test_a_port_in_use_is_refused_by_name(new_server):
    first = new_server().start()
    second = new_server().spawn(["--listen", f"127.0.0.1:{first.port}"])
    assert second.wait() == 2
    assert str(first.port) in second.stderr()


@EMBEDDED
def test_a_second_server_on_the_same_data_is_refused(new_server, service):
    first = new_server().start()
    first.store([event(service)])
    second = Server(first.folder / "second", first.settings["DATABASE_URL"]).spawn()
    assert second.wait() == 2
    message = second.stderr()
    assert str(first.folder / "data") in message and "another" in message.lower()
    assert len(message.splitlines()) <= 3
    assert first.is_well()
    first.store([event(service)])
    assert len(first.lines(service=service)) == 2


@EMBEDDED
def test_data_that_cannot_be_made_is_refused_by_name(new_server, tmp_path):
    (tmp_path / "file").write_text("in the way")
    server = new_server(url=f"rocksdb:{tmp_path}/file/data").spawn()
    assert server.wait() == 2 and f"{tmp_path}/file/data" in server.stderr()


def test_starting_again_and_again_keeps_everything(new_server, service):
    chance = seeded()
    server = new_server().start()
    sent = 0
    for _ in range(5):
        count = chance.randrange(1, 300)
        server.store([event(service, NOON + i, amount=i) for i in range(count)])
        sent += count
        server.restart()
        assert len(server.lines(service=service)) == sent
        report = server.report(service=service, at="2025-01-01T12:10:00Z")
        assert report["samples"] == report["checks"]["amount_ks"]["live_n"] == sent
