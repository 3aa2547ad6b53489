# SPDX-License-Identifier: Apache-2.0
"""The guard: decisions, overrides, gateways in front of an API."""
import http.client
import json
import subprocess
import time

import pytest
import yaml

from alarms_test import MINUTE, normal_then, payments, settled
from gateway import DemoApi, Nginx
from harness import (BINARY, EMBEDDED, ON_POSTGRES, ROOT, clean_environment, event, rfc3339, seeded,
                     wait_until)
from postgres_cluster import Cluster

ENDPOINT = "POST /v2/payments"


def ask(server, service, **parameters):
    return server.get("/v1/guard", service=service, **parameters)


def until(server, service, reason, seconds=120, **parameters):
    """The answer, once it has this reason."""
    told = []

    def look():
        told[:] = [ask(server, service, **parameters)]
        return told[0].headers["X-Driftguard-Reason"] == reason
    try:
        wait_until(look, seconds, f"the guard's reason was not {reason}")
    except AssertionError:
        print(told[0].text, server.get("/v1/alarms", service=service).text)
        raise
    return told[0]


def override(server, service, verdict, minutes=10, **members):
    return server.post("/v1/guard/overrides", json={
        "service": service, "decision": verdict, "reason": "a test", "by": "tests",
        "minutes": minutes, **members})


def made(answer):
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_drift_denies_and_says_why(server, service):
    normal_then(server, service, 140)
    denied = until(server, service, "alarm")
    assert denied.status_code == 403
    assert denied.headers["Content-Type"] == "application/problem+json"
    assert denied.headers["X-Driftguard-Decision"] == "deny"
    assert denied.headers["X-Driftguard-Alarms"] == "amount"
    assert denied.headers["Cache-Control"] == "no-store"
    body = denied.json()
    assert (body["decision"], body["reason"], body["status"]) == ("deny", "alarm", 403)
    assert body["detail"] == "Drift: amount fires." and body["override"] is None
    assert [alarm["name"] for alarm in body["alarms"]] == ["amount"]
    assert body["alarms"][0]["since"] == denied.headers["X-Driftguard-Since"]
    assert ask(server, service, endpoint=ENDPOINT).status_code == 403
    assert server.request("HEAD", "/v1/guard", params={"service": service}).status_code == 403
    rows = server.get("/v1/guard/services", limit=1000).json()["services"]
    row = {row["service"]: row for row in rows}[service]
    assert row["decision"] == "deny"
    assert row["policy"] == {"block": "marked", "fail": "open", "stale_seconds": 60}
    alone = server.get("/v1/guard/services", service=service).json()
    assert alone["total"] == 1 and alone["services"][0]["alarms"] == row["alarms"] != []


def test_traffic_as_it_was_is_allowed(server, service):
    normal_then(server, service, 100)
    allowed = until(server, service, "ok")
    assert allowed.status_code == 200
    assert allowed.headers["X-Driftguard-Decision"] == "allow"
    assert allowed.json()["detail"] == "No alarm that blocks fires."


def test_an_unknown_service_has_no_data_and_passes(server):
    answer = ask(server, "nobody")
    assert (answer.status_code, answer.headers["X-Driftguard-Reason"]) == (200, "no_data")
    [row] = server.get("/v1/guard/services", service="nobody").json()["services"]
    assert (row["service"], row["decision"], row["overrides"]) == ("nobody", "allow", 0)


def test_an_override_beats_a_verdict_until_it_ends(server, service):
    normal_then(server, service, 140)
    until(server, service, "alarm")
    allow = made(override(server, service, "allow"))
    answer = ask(server, service)
    assert (answer.status_code, answer.headers["X-Driftguard-Reason"]) == (200, "override")
    assert answer.headers["X-Driftguard-Override"] == str(allow["id"])
    assert answer.headers["X-Driftguard-Until"] == allow["until"]
    made(override(server, service, "deny", endpoint="GET /health"))
    assert ask(server, service, endpoint="GET /health").status_code == 403
    assert ask(server, service, endpoint=ENDPOINT).status_code == 200
    ended = server.post(f"/v1/guard/overrides/{allow['id']}/end",
                        json={"by": "tests", "reason": "enough"})
    assert ended.status_code == 200 and ended.json()["holds"] is False
    assert ask(server, service).headers["X-Driftguard-Reason"] == "alarm"
    kept = server.get("/v1/guard/overrides", service=service).json()["overrides"]
    assert [(one["decision"], one["holds"]) for one in kept] == [("deny", True), ("allow", False)]
    assert kept[1]["ended_by"] == "tests" and kept[1]["by"] == "tests"
    held = server.get("/v1/guard/overrides", service=service, holding="true").json()["overrides"]
    assert [one["decision"] for one in held] == ["deny"]


def test_an_override_ends_by_itself(server, service):
    end = time.time() + 2
    made(server.post("/v1/guard/overrides", json={
        "service": service, "decision": "deny", "reason": "short", "by": "tests",
        "until": rfc3339(end)}))
    assert ask(server, service).status_code == 403
    wait_until(lambda: ask(server, service).status_code == 200, 20)
    assert time.time() >= end


@pytest.mark.parametrize("wrong, says", [
    ({"decision": "maybe"}, "decision"), ({"reason": ""}, "reason"), ({"by": " "}, "by"),
    ({"minutes": 0}, "minutes"), ({"minutes": 1e9}, "minutes"), ({"until": "tomorrow"}, "minutes"),
    ({"minutes": None}, "minutes"), ({"colour": "red"}, "colour"),
    ({"reason": "x" * 501}, "reason"),
])
def test_overrides_that_do_not_fit_are_refused(server, service, wrong, says):
    refused = override(server, service, "deny", **wrong)
    assert refused.status_code == 400 and says in refused.json()["detail"]
    assert ask(server, service).status_code == 200


def test_what_is_not_there_cannot_be_ended(server):
    end = {"by": "tests", "reason": "none"}
    assert server.post("/v1/guard/overrides/123456789/end", json=end).status_code == 404
    assert server.post("/v1/guard/overrides/x/end", json=end).status_code == 400


def test_overrides_survive_kill_9(new_server, service):
    server = new_server().start()
    made(override(server, service, "deny"))
    server.kill()
    server.start()
    assert until(server, service, "override", 20).status_code == 403
    assert len(server.get("/v1/guard/overrides").json()["overrides"]) == 1


@ON_POSTGRES
def test_other_nodes_hear_of_an_override_within_seconds(new_server, database_url, service):
    url = database_url()
    one, two = new_server(url=url).start(), new_server(url=url).start()
    deny = made(override(one, service, "deny"))
    assert until(two, service, "override", 10).status_code == 403
    ended = two.post(f"/v1/guard/overrides/{deny['id']}/end", json={"by": "t", "reason": "r"})
    assert ended.status_code == 200
    until(one, service, "no_data", 10)


@pytest.fixture
def own_cluster(request):
    """A PostgreSQL server to stop; it goes after the servers that use it."""
    cluster = Cluster()
    request.addfinalizer(cluster.remove)
    return cluster


@ON_POSTGRES
def test_a_store_that_is_away_leaves_it_to_the_policy(own_cluster, new_server, service):
    toml = (f'[[guard]]\nservice = "{service}"\nfail = "closed"\nstale_seconds = 15\n'
            '[[guard]]\nstale_seconds = 15\n')
    server = new_server(toml=toml, url=own_cluster.url(own_cluster.new_database())).start()
    other = service + "_open"
    for name in (service, other):
        server.store(payments(name, time.time() - 8 * MINUTE, time.time(), 100, seeded()))
        until(server, name, "ok")
    own_cluster.stop()
    try:
        assert until(server, service, "stale", 90).status_code == 403
        assert until(server, other, "stale", 90).status_code == 200
    finally:
        own_cluster.start()
    until(server, service, "ok", 90)


@EMBEDDED
def test_policies_choose_what_blocks(new_server, service):
    toml = ('[[features]]\npointer = "/request/body/currency"\ncritical = true\n'
            f'[[guard]]\nservice = "{service}_listed"\nblock = ["amount_ks"]\n'
            f'[[guard]]\nservice = "{service}_none"\nblock = "none"\n'
            f'[[guard]]\nservice = "{service}_all"\nblock = "all"\n')
    server = new_server(toml=toml).start()
    for end in ("", "_listed", "_none", "_all"):
        normal_then(server, service + end, 140)
    until(server, service + "_listed", "alarm")
    until(server, service + "_all", "alarm")
    assert ask(server, service + "_none").headers["X-Driftguard-Reason"] == "not_guarded"
    settled(server, service, lambda found: found["state"] == "firing")
    assert until(server, service, "ok").status_code == 200  # Only currency is critical.


@EMBEDDED
def test_an_endpoint_is_denied_for_its_own_features(new_server, service):
    server = new_server().start()
    rng, now = seeded(), time.time()
    change = now - 8 * MINUTE
    for begin, end, mean in ((change - 60 * MINUTE, change, 100), (change, now, 140)):
        server.store(payments(service, begin, end, mean, rng))
        server.store([event(service, t, "GET /list", page=rng.randint(1, 9), duration_ms=300)
                      for t in range(int(begin) + 1, int(end))])
        if end == change:
            server.build_baseline(service, begin, end)
    until(server, service, "alarm", endpoint=ENDPOINT)
    until(server, service, "ok", endpoint="GET /list")
    until(server, service, "alarm", endpoint="GET /never/seen")
    # As gateways ask: by the request's method and target.
    def by(method, uri):
        return server.request("GET", "/v1/guard", params={"service": service}, headers={
            "X-Original-Method": method, "X-Original-URI": uri})
    assert by("POST", "/v2/payments?x=1").json()["endpoint"] == ENDPOINT
    assert by("POST", "/v2/payments?x=1").status_code == 403
    assert by("GET", "/list").status_code == 200


# --- Envoy: the request itself, under a prefix. ---

def ext_authz(server, prefix, method, path, body=None):
    """As Envoy's ext_authz filter asks its http_service: the request's method, the prefix before
    its path and query, Host and Content-Length, and no body unless it is configured to send it."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.putrequest(method, prefix + path, skip_host=True, skip_accept_encoding=True)
    connection.putheader("Host", "api.example.com")
    connection.putheader("Content-Length", str(len(body or b"")))
    connection.putheader("X-Envoy-Internal", "true")
    connection.endheaders(body)
    answer = connection.getresponse()
    answer.body = answer.read()
    connection.close()
    return answer


def envoy_prefix(service):
    config = yaml.safe_load((ROOT / "deploy/envoy/envoy.yaml").read_text())
    manager = config["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0]
    authz = manager["typed_config"]["http_filters"][0]
    assert authz["name"] == "envoy.filters.http.ext_authz"
    prefix = authz["typed_config"]["http_service"]["path_prefix"]
    assert prefix.endswith("/payments_api")
    return prefix.replace("payments_api", service)


def test_envoy_is_answered_whatever_the_request_is(server, service):
    normal_then(server, service, 140)
    until(server, service, "alarm")
    prefix = envoy_prefix(service)
    for method, path, body in (("POST", "/v2/payments", None), ("GET", "/", None),
                               ("PUT", "/a%20b/c%2Fd?q=1&q=2", None), ("DELETE", "/x", None),
                               ("PATCH", "/x", b"{}"), ("OPTIONS", "/x", None),
                               ("POST", "/v2/payments", b"not JSON at all")):
        answer = ext_authz(server, prefix, method, path, body)
        assert answer.status == 403, (method, path, answer.body)
        assert answer.headers["X-Driftguard-Reason"] == "alarm"
    assert ext_authz(server, prefix, "HEAD", "/x").status == 403
    told = json.loads(ext_authz(server, prefix, "POST", "/v2/payments?x=1").body)
    assert told["endpoint"] == ENDPOINT
    made(override(server, service, "allow", endpoint=ENDPOINT))
    assert ext_authz(server, prefix, "POST", "/v2/payments").status == 200
    assert ext_authz(server, prefix, "GET", "/v2/payments").status == 403
    made(override(server, service, "allow"))
    assert ext_authz(server, prefix, "OPTIONS", "/anything").status == 200


# --- nginx: auth_request. ---

@pytest.fixture
def gateway(tmp_path):
    """Makes nginxes in front of a demo API."""
    api, made_ones = DemoApi(), []

    def make(server, service, fail="open"):
        folder = tmp_path / f"nginx{len(made_ones)}"
        made_ones.append(Nginx(folder, api.port, server.port, service, fail))
        return made_ones[-1]
    yield make
    for one in made_ones:
        one.stop()
    api.stop()


def test_nginx_asks_the_guard(new_server, service, gateway):
    """Drift on: 403; override: 200; driftguard killed: what is configured."""
    server = new_server().start()
    opened, closed = gateway(server, service), gateway(server, service, "closed")
    passed = opened.request(data=b"x" * 100_000)
    assert (passed.status_code, passed.text) == (200, "POST /v2/payments")
    normal_then(server, service, 140)
    until(server, service, "alarm")
    for one in (opened, closed):
        denied = one.request()
        assert denied.status_code == 403
        assert denied.headers["X-Driftguard-Alarms"] == "amount"
        assert denied.json() == {"error": "blocked", "reason": "alarm", "alarms": "amount"}
    made(override(server, service, "allow"))
    for one in (opened, closed):
        assert one.request().status_code == 200
    made(override(server, service, "deny", endpoint="GET /secret"))
    assert opened.request("GET", "/secret?a=b%20c").status_code == 403
    assert opened.request("GET", "/public").text == "GET /public"
    server.kill()
    assert opened.request().status_code == 200
    assert closed.request().status_code == 403


# --- The command line. ---

def guard(server, *arguments):
    return subprocess.run([BINARY, "guard", *arguments, "--url", server.url], timeout=60,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
                          env=clean_environment({"USER": "somebody"}))


@EMBEDDED
def test_the_command_line_shows_and_overrides(new_server, service):
    server = new_server().start()
    server.store([event(service, time.time())])
    def shown(*arguments):
        return guard(server, "status", *arguments)
    assert "no_data" in wait_until(lambda: service in shown().stdout and shown().stdout, 30)
    assert shown("--service", service).returncode == 0
    deny = guard(server, "deny", "--service", service, "--minutes", "5", "--reason", "a release")
    assert deny.returncode == 0, deny.stderr
    assert ask(server, service).json()["override"]["by"] == "somebody"
    told = shown("--service", service)
    assert told.returncode == 1 and "a release" in told.stdout
    number = json.loads(guard(server, "list", "--json").stdout)["overrides"][0]["id"]
    listed = guard(server, "list")
    assert listed.returncode == 0 and "a release" in listed.stdout and "somebody" in listed.stdout
    ended = guard(server, "end", str(number), "--reason", "done")
    assert ended.returncode == 0, ended.stderr
    assert shown("--service", service, "--json").returncode == 0
    assert guard(server, "end", str(number), "--reason", "done").returncode == 2
    assert guard(server, "allow", "--service", service).returncode == 2
