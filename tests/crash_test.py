# SPDX-License-Identifier: Apache-2.0
"""kill -9 at random moments under load: what was answered is there exactly once, every batch whole
or not at all, and the rollups equal the raw rows.

Few cycles by default; `script/crash-test 50` runs the long form.
"""
import collections
import json
import math
import threading
import time
import uuid

import numpy
import pytest
import requests
import scipy.stats

from harness import NOON, event, rfc3339, sanitized, seeded, wait_until

SERVICE = "payments"
ENDPOINTS = ["POST /pay", "GET /list"]
CURRENCIES = ["USD", "EUR", "CAD", "JPY"]
SPAN = 3600  # Events lie in [NOON, NOON + SPAN), in any order.
CLIENTS_MAX = 8


class Ledger:
    """What clients sent and what they were told. Names of batches are in their events."""

    def __init__(self):
        self.lock = threading.Lock()
        self.sizes = {}        # Batch -> events it holds.
        self.answered = set()  # Batches with a 200.
        self.pending = {}      # Batches with a key and without an answer: (key, body).
        self.strange = []

    def sent(self, name, size, key, body):
        with self.lock:
            self.sizes[name] = size
            if key:
                self.pending[name] = (key, body)

    def told(self, name, answer):
        with self.lock:
            if answer.status_code != 200 or answer.json() != {"ingested": self.sizes[name]}:
                self.strange.append(f"{name}: {answer.status_code} {answer.text}")
                return
            self.answered.add(name)
            self.pending.pop(name, None)


class Client(threading.Thread):
    """Posts batches of mixed sizes on one connection until the server dies."""

    def __init__(self, server, ledger, chance):
        super().__init__()
        self.url, self.ledger, self.chance = server.url + "/v1/ingest", ledger, chance

    def run(self):
        session = requests.Session()
        session.trust_env = False
        while True:
            name = f"b{self.chance.getrandbits(64):016x}"
            size = self.chance.choice([1, 1, 1, 5, 40, 300, 1500])
            body = json.dumps([self.event(name) for _ in range(size)])
            key = str(uuid.UUID(int=self.chance.getrandbits(128))) if self.chance.random() < .5 \
                else None
            self.ledger.sent(name, size, key, body)
            headers = {"Content-Type": "application/json"}
            if key:
                headers["Idempotency-Key"] = key
            try:
                answer = session.post(self.url, data=body, headers=headers, timeout=60)
            except requests.RequestException:
                return
            self.ledger.told(name, answer)

    def event(self, name):
        chance = self.chance
        made = event(SERVICE, NOON + chance.randrange(SPAN * 1000) / 1000,
                     chance.choice(ENDPOINTS), host=f"h{chance.randrange(3)}",
                     status=chance.choice([200, 200, 201, 404, 500, None]),
                     duration_ms=chance.randrange(500), amount=chance.randrange(1000),
                     currency=chance.choice(CURRENCIES))
        made["batch"] = name  # Kept with the event, and no feature of it.
        return made


def crash_once(server, ledger, chance):
    """One life of the server, ended at a random moment: under load, or while it starts."""
    if chance.random() < .2:
        server.spawn()
        time.sleep(chance.random() * .1)
        server.kill()
        return
    server.start()
    clients = [Client(server, ledger, type(chance)(chance.getrandbits(64)))
               for _ in range(chance.randrange(1, CLIENTS_MAX + 1))]
    before = len(ledger.answered)
    for client in clients:
        client.start()
    wait_until(lambda: len(ledger.answered) > before, 60, "no batch was answered")
    time.sleep(chance.random() * (2 if sanitized() else .5))
    server.kill()
    for client in clients:
        client.join(60)
        assert not client.is_alive()
    assert not ledger.strange


def retry(server, ledger, chance):
    """Half of the batches with a key and no answer are sent again, as a client would; the others
    a crash later."""
    for name, (key, body) in list(ledger.pending.items()):
        if chance.random() < .5:
            ledger.told(name, _post_again(server, key, body))


def _post_again(server, key, body):
    """While the dead server's last transaction ends in PostgreSQL, the answer may be 409 or 503."""
    def answer():
        got = server.ingest(body.encode(), key=key)
        return got if got.status_code not in (409, 503) else None
    return wait_until(answer, 30, "the retry was not answered")


def check_ledger(server, ledger):
    rows = server.events(service=SERVICE)
    stored = collections.Counter(row["batch"] for row in rows)
    assert set(stored) <= set(ledger.sizes)
    torn = {name: (count, ledger.sizes[name]) for name, count in stored.items()
            if count != ledger.sizes[name]}
    assert not torn, f"not once and whole: {torn}"
    assert not ledger.answered - set(stored), "answered and lost"
    return rows


# --- The rollups, against the rows. ---

def rows_of(rows, begin, end, endpoint=None):
    begin, end = rfc3339(begin), rfc3339(end)
    return [row for row in rows if begin <= row["ts"] < end
            and (endpoint is None or row["endpoint"] == endpoint)]


def assert_report_is_that_of_rows(report, live, baseline):
    checks = report["checks"]
    assert report["samples"] == len(live)
    amounts = [row["request"]["body"]["amount"] for row in live]
    before = [row["request"]["body"]["amount"] for row in baseline]
    ks = checks["amount_ks"]
    assert (ks["live_n"], ks["baseline_n"], ks["d_error"]) == (len(live), len(baseline), 0)
    truth = scipy.stats.ks_2samp(amounts, before, method="asymp").statistic
    assert ks["d"] == pytest.approx(truth, rel=1e-12, abs=1e-15)
    assert ks["live_median"] == numpy.quantile(amounts, .5, method="inverted_cdf")
    currencies = collections.Counter(row["request"]["body"]["currency"] for row in live)
    assert checks["currency_psi"]["live_counts"] == dict(currencies)
    statuses = [row["response"]["status"] for row in live if "status" in row["response"]]
    rate = checks["success_rate"]
    assert rate["total"] == len(statuses)
    assert rate["success_rate"] == pytest.approx(
        sum(200 <= status < 300 for status in statuses) / len(statuses), rel=1e-15)
    durations = sorted(row["response"]["duration_ms"] for row in live)
    assert checks["latency_p95"]["p95"] == durations[math.ceil(.95 * len(durations)) - 1]


def let_sums_be_made(server, ledger, chance):
    """One more event, so that its minute and its hour have to be summed anew, and the wait for
    that: windows are then read from sums. A server makes them from its first moment on, so the
    lives that were cut short had some under way as well."""
    client = Client(server, ledger, chance)
    before = server.metrics()["driftguard_store_sums_made"]
    name = "late"
    body = json.dumps([client.event(name)])
    ledger.sent(name, 1, None, body)
    ledger.told(name, server.ingest(body.encode()))
    wait_until(lambda: server.metrics()["driftguard_store_sums_made"] >= before + 2, 60,
               "no sum was made")


def check_rollups(server, rows):
    middle = NOON + SPAN // 2
    server.build_baseline(SERVICE, NOON, middle)
    spans = [(middle, NOON + SPAN), (NOON, NOON + SPAN), (middle + 600, middle + 1210)]
    for begin, end in spans:
        for endpoint in (None, *ENDPOINTS):
            asked = {"service": SERVICE, "from": rfc3339(begin), "to": rfc3339(end)}
            if endpoint:
                asked["endpoint"] = endpoint
            assert_report_is_that_of_rows(server.report(**asked),
                                          rows_of(rows, begin, end, endpoint),
                                          rows_of(rows, NOON, middle, endpoint))


def test_kill_9_loses_nothing_and_doubles_nothing(new_server, request):
    cycles = request.config.getoption("--crash-cycles")
    chance, ledger, server = seeded(), Ledger(), new_server()
    for cycle in range(cycles):
        crash_once(server, ledger, chance)
        if chance.random() < .5 or cycle + 1 == cycles:
            server.start()
            retry(server, ledger, chance)
            check_ledger(server, ledger)
            if chance.random() < .5:
                server.kill()  # Right after it came back.
            else:
                server.stop()
    server.start()
    for name, (key, body) in list(ledger.pending.items()):
        ledger.told(name, _post_again(server, key, body))
    let_sums_be_made(server, ledger, chance)
    assert not ledger.strange and not ledger.pending
    rows = check_ledger(server, ledger)
    print(f"{cycles} kills, {len(ledger.sizes)} batches sent, {len(ledger.answered)} answered, "
          f"{len(rows)} events stored")
    assert len(rows) > 1000
    check_rollups(server, rows)
    assert server.restart().is_well()
    check_rollups(server, rows)
