# SPDX-License-Identifier: Apache-2.0
"""The PostgreSQL store as others see it: the public table, the server gone and back, two nodes."""
import concurrent.futures
import json
import threading
import time
import uuid

import pytest
import requests

from harness import NOON, ON_POSTGRES, event, rfc3339, wait_until
from postgres_cluster import Cluster

pytestmark = ON_POSTGRES
AT = rfc3339(NOON + 600)


def database_of(server):
    return server.settings["DATABASE_URL"].split("/")[3].split("?")[0]


@pytest.fixture
def sql(postgres):
    """Runs a statement in a server's database and gives its rows."""
    def run(server, statement, *values):
        with postgres.connect(database_of(server), user="dev") as cursor:
            cursor.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else None
    return run


@pytest.fixture
def own_cluster():
    """A PostgreSQL server that the test may stop."""
    cluster = Cluster()
    yield cluster
    cluster.remove()


# --- The public table. ---

def test_the_table_is_the_contract_s(new_server, sql):
    server = new_server().start()
    columns = sql(server, """SELECT column_name, udt_name, is_nullable, column_default
                             FROM information_schema.columns
                             WHERE table_name = 'observations_raw' ORDER BY ordinal_position""")
    assert [column[:3] for column in columns] == [
        ("id", "int8", "NO"), ("ts", "timestamptz", "NO"), ("service", "text", "NO"),
        ("endpoint", "text", "NO"), ("host", "text", "YES"), ("payload", "jsonb", "NO")]
    assert columns[0][3].startswith("nextval(")  # BIGSERIAL.
    assert all(column[3] is None for column in columns[1:])


def test_the_index_is_the_contract_s(new_server, sql):
    server = new_server().start()
    indexes = [row[0] for row in sql(server, "SELECT indexdef FROM pg_indexes "
                                             "WHERE tablename = 'observations_raw'")]
    assert any("UNIQUE" in index and index.endswith("btree (id)") for index in indexes)
    assert any(index.endswith("btree (service, endpoint, ts)") for index in indexes)
    assert len(indexes) == 2


def test_a_user_reads_the_events_with_sql(new_server, sql, service):
    server = new_server().start()
    server.store([event(service, NOON + i, amount=i, host="h" if i % 2 else None)
                  for i in range(100)])
    [found] = sql(server, """SELECT count(*), count(host), min(ts)::text, max(id) - min(id),
                                    sum((payload #>> '{request,body,amount}')::numeric)
                             FROM observations_raw WHERE service = %s""", service)
    assert found[:2] == (100, 50) and found[3:] == (99, 4950)
    assert found[2].startswith("2025-01-01 12:00:00")
    plan = sql(server, "EXPLAIN SELECT * FROM observations_raw WHERE service = 'a' AND "
                       "endpoint = 'b' AND ts >= now() - interval '30 minutes'")
    assert plan


def test_a_table_made_by_hand_is_taken_over(new_server, sql, postgres, service):
    name = postgres.new_database()
    with postgres.connect(name, user="dev") as cursor:
        cursor.execute("""CREATE TABLE observations_raw (id BIGSERIAL PRIMARY KEY,
            ts TIMESTAMPTZ NOT NULL, service TEXT NOT NULL, endpoint TEXT NOT NULL, host TEXT,
            payload JSONB NOT NULL);
            INSERT INTO observations_raw (ts, service, endpoint, payload)
            VALUES ('2025-01-01T12:00:00Z', 'old', 'e', '{"ts": "2025-01-01T12:00:00Z"}')""")
    server = new_server(url=postgres.url(name)).start()
    server.store([event(service)])
    assert sql(server, "SELECT service FROM observations_raw ORDER BY id") == [
        ("old",), (service,)]


def test_a_newer_schema_stops_the_start(new_server, sql):
    server = new_server().start()
    assert server.stop() == 0
    sql(server, "INSERT INTO driftguard_schema VALUES (9999)")
    assert server.spawn().wait() == 2
    assert "9999" in server.stderr() and "newer" in server.stderr()


def test_a_nul_is_a_422_that_says_so_and_stores_nothing(server, service):
    for poison in ({"x": "a\0b"}, {"a\0b": 1}, {"deep": [{"x": "\0"}]}):
        answer = server.ingest([event(service), event(service, **poison)], key=str(uuid.uuid4()))
        assert answer.status_code == 422, answer.text
        assert answer.json()["type"] == "/problems/refused-by-store"
    assert server.lines(service=service) == []


def test_a_nul_does_not_take_its_neighbours_along(server, service):
    """Batches that share a commit with a refused one are stored all the same."""
    def send(i):
        poison = {"x": "\0"} if i % 5 == 0 else {"x": "fine"}
        return server.ingest([event(service, NOON + i, **poison)]).status_code

    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        statuses = list(pool.map(send, range(100)))
    assert statuses == [422 if i % 5 == 0 else 200 for i in range(100)]
    assert len(server.lines(service=service)) == 80
    assert server.report(service=service, at=AT)["samples"] == 80


# --- Away and back. ---

def test_while_postgres_is_away_the_answer_is_503_and_then_all_is_well(new_server, own_cluster,
                                                                      service):
    url = own_cluster.url(own_cluster.new_database())
    server = new_server(url=url).start()
    server.store([event(service, amount=1)] * 10)
    own_cluster.stop()
    for answer in (server.ingest([event(service)]), server.get("/health"), server.get("/readyz"),
                   server.get("/v1/events"), server.get("/reports/latest", service=service),
                   server.get("/v1/baselines", service=service), server.get("/v1/services")):
        assert answer.status_code == 503, answer.text
        assert "dev:dev" not in answer.text
    refused = server.ingest([event(service)], key="away")
    assert refused.status_code == 503 and int(refused.headers["Retry-After"]) >= 1
    assert refused.headers["Content-Type"] == "application/problem+json"
    health = server.get("/health").json()
    assert (health["status"], health["store"]) == ("unavailable", "postgresql")
    assert server.get("/livez").status_code == 200  # Not worth a restart.
    assert server.get("/metrics").status_code == 200
    own_cluster.start()
    wait_until(server.is_well, 20, "it did not come back")
    server.store([event(service, amount=1)], key="away")
    assert len(server.lines(service=service)) == 11
    assert server.report(service=service, at=AT)["samples"] == 11


class Sender(threading.Thread):
    """Posts single events with keys, and again until each is answered, until told to stop."""

    def __init__(self, server, service, name):
        super().__init__()
        self.server, self.service, self.id = server, service, name
        self.stopping = threading.Event()
        self.answered, self.refusals, self.strange = [], 0, []

    def run(self):
        session = requests.Session()
        session.trust_env = False
        number = 0
        while not self.stopping.is_set():
            uid = f"{self.id}-{number}"
            body = json.dumps([{**event(self.service, NOON), "uid": uid}])  # All at one time.
            while not self.stopping.is_set():
                answer = session.post(self.server.url + "/v1/ingest", data=body, timeout=60,
                                      headers={"Content-Type": "application/json",
                                               "Idempotency-Key": f"{self.service}-{uid}"})
                if answer.status_code == 200:
                    self.answered.append(uid)
                    break
                if answer.status_code not in (409, 503):
                    self.strange.append(answer.text)
                    return
                self.refusals += 1
                time.sleep(0.01)
            number += 1


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_postgres_restarts_under_load_and_nothing_is_lost_or_doubled(new_server, own_cluster,
                                                                     service, mode):
    server = new_server(url=own_cluster.url(own_cluster.new_database())).start()
    senders = [Sender(server, service, f"s{i}") for i in range(16)]
    for sender in senders:
        sender.start()

    def answered():
        return sum(len(sender.answered) for sender in senders)
    for _ in range(3):
        goal = answered() + 100
        wait_until(lambda g=goal: answered() >= g, 60, "no progress")
        own_cluster.stop(mode)
        own_cluster.start()
    goal = answered() + 100
    wait_until(lambda: answered() >= goal, 60, "no progress after the restarts")
    for sender in senders:
        sender.stopping.set()
    for sender in senders:
        sender.join(60)
    assert not any(sender.strange for sender in senders)
    stored = [row["uid"] for row in server.events(service=service)]
    assert len(stored) == len(set(stored)), "doubled"
    assert {uid for sender in senders for uid in sender.answered} <= set(stored)
    assert server.report(service=service, at=AT, window_minutes=10)["samples"] == len(stored)


def test_a_server_that_is_not_there_at_the_start_is_named_without_its_password(new_server):
    server = new_server(url="postgresql://dev:geheim@/drift?host=/nowhere").spawn()
    assert server.wait() == 2
    assert "/nowhere" in server.stderr() and "geheim" not in server.stderr()


# --- Two nodes. ---

def test_two_nodes_on_one_database_tell_the_same(new_server, service):
    first = new_server().start()
    second = new_server(url=first.settings["DATABASE_URL"]).start()
    for i in range(20):
        (first, second)[i % 2].store([event(service, NOON + i * 20 + j, amount=i * j)
                                      for j in range(10)])
    first.build_baseline(service, NOON, NOON + 200)
    asked = {"service": service, "at": AT, "window_minutes": 5}
    told = [node.report(**asked) for node in (first, second)]
    for report in told:
        report.pop("generated_at")
    assert told[0] == told[1] and told[0]["baseline"]["version"] == 1
    assert told[0]["samples"] > 0
    assert first.lines(service=service) == second.lines(service=service)
    second.post("/v1/baselines", json={"service": service, "from": rfc3339(NOON), "to": AT})
    first.post("/v1/baselines/1/activate", params={"service": service})
    assert second.report(**asked)["baseline"]["version"] == 1


def test_a_key_is_known_to_both_nodes(new_server, service):
    first = new_server().start()
    second = new_server(url=first.settings["DATABASE_URL"]).start()
    batch = [event(service, NOON + i, amount=i) for i in range(50)]
    keys = [str(uuid.uuid4()) for _ in range(20)]

    def send(i):
        return (first, second)[i % 2].ingest(batch, key=keys[i // 6]).status_code

    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        statuses = set(pool.map(send, range(120)))
    assert statuses <= {200, 409}
    for key in keys:
        for node in (first, second):
            wait_until(lambda n=node, k=key: n.ingest(batch, key=k).status_code == 200)
    assert second.ingest(batch[1:], key=keys[0]).status_code == 422
    assert len(first.lines(service=service)) == 1000


def test_both_nodes_give_a_feature_the_same_name(new_server, service):
    first = new_server().start()
    second = new_server(url=first.settings["DATABASE_URL"]).start()
    first.store([event(service, amount=1)])
    second.store([event(service, amount=1, response={"body": {"amount": 2}})])
    names = [set(node.report(service=service, at=AT)["checks"]) for node in (second, first)]
    assert names[0] == names[1] >= {"amount_ks", "response.body.amount_ks"}
