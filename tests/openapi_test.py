# SPDX-License-Identifier: Apache-2.0
"""/openapi.json: well-formed OpenAPI 3.1, all routes and no other, and true of real answers."""
import concurrent.futures
import json
import re
import time

import jsonschema
import pytest
import requests

from api_document import ApiDocument
from harness import (EMBEDDED, NOON, ON_POSTGRES, ROOT, RawClient, event, ingest_request, rfc3339,
                     wait_until)
from postgres_cluster import Cluster

METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
AT = rfc3339(NOON + 600)


@pytest.fixture(scope="module")
def document():
    return json.loads((ROOT / "src/api/openapi.json").read_text())


@pytest.fixture(scope="module")
def api(document):
    return ApiDocument(document)


def walk(node, where=""):
    yield where, node
    items = node.items() if isinstance(node, dict) else enumerate(node) \
        if isinstance(node, list) else ()
    for key, value in items:
        yield from walk(value, f"{where}/{key}")


# --- The document itself. ---

@EMBEDDED
def test_the_server_gives_this_document(server, document):
    answer = server.get("/openapi.json")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json() == document
    assert document["info"]["version"] == server.get("/health").json()["version"]


def test_it_has_what_openapi_3_1_requires(document):
    assert re.fullmatch(r"3\.1\.\d+", document["openapi"])
    assert {"title", "version"} <= set(document["info"])
    assert set(document) <= {"openapi", "info", "servers", "security", "tags", "paths",
                             "components"}
    tags = {tag["name"] for tag in document["tags"]}
    identities = []
    for path, item in document["paths"].items():
        assert path.startswith("/") and set(item) <= METHODS
        for operation in item.values():
            identities.append(operation["operationId"])
            assert operation["summary"] and operation["description"]
            assert set(operation["tags"]) <= tags
            assert set(operation) <= {"operationId", "tags", "summary", "description",
                                      "parameters", "requestBody", "responses"}
            for status in operation["responses"]:
                assert re.fullmatch(r"default|[1-5]\d\d", status)
    assert len(identities) == len(set(identities))


def test_every_reference_leads_somewhere_and_every_part_is_used(api, document):
    used = {node["$ref"] for _, node in walk(document)
            if isinstance(node, dict) and isinstance(node.get("$ref"), str)}
    for reference in used:
        assert api.resolve({"$ref": reference})
    parts = {f"#/components/{kind}/{name}" for kind, known in document["components"].items()
             for name in known}
    # Of headers, some stand here only to be looked for in every answer.
    assert parts - used == set()


def test_every_schema_is_json_schema(document):
    jsonschema.Draft202012Validator.check_schema({"$defs": document["components"]["schemas"]})
    for where, node in walk(document):
        if where.endswith("/schema") and "/discriminator/" not in where:
            jsonschema.Draft202012Validator.check_schema(node)


def test_parameters_are_whole_and_those_in_the_path_are_named_there(api, document):
    for _, path, operation in api.operations():
        found = [api.resolve(parameter) for parameter in operation.get("parameters", [])]
        names = [(parameter["in"], parameter["name"]) for parameter in found]
        assert len(names) == len(set(names))
        assert {name for place, name in names if place == "path"} == set(
            re.findall(r"\{(\w+)\}", path))
        for parameter in found:
            assert parameter["description"] and "schema" in parameter
            assert parameter["in"] in {"query", "path", "header"}
            assert parameter["in"] != "path" or parameter["required"]


def test_every_example_fits_its_schema(api, document):
    tried = 0
    for _, node in walk(document):
        if not isinstance(node, dict) or "schema" not in node:
            continue
        examples = [named["value"] for named in node.get("examples", {}).values()]
        for example in examples + ([node["example"]] if "example" in node else []):
            api.validate(example, node["schema"])
            tried += 1
    assert tried > 30


def test_every_answer_has_a_description_and_a_body(api):
    for _, path, operation in api.operations():
        for status, response in operation["responses"].items():
            response = api.resolve(response)
            assert response["description"], (path, status)
            assert response.get("content") or status == "304", (path, status)
            if status == "default" or int(status) >= 400:
                kinds = set(response["content"])
                assert kinds == {"application/problem+json"} or path in ("/health", "/readyz")


# --- The routes. ---

def routes_of_the_source():
    text = "".join(path.read_text() for path in sorted((ROOT / "src/api").glob("*.cpp")))
    return {(method.upper(), path) for method, path in
            re.findall(r'Method::k(\w+),\s*"(/[^"]*)"', text)}


def is_file_of_the_dashboard(path):
    return path == "/" or path.endswith("...}")


def test_every_route_is_described_and_nothing_else(api):
    described = {(method, path) for method, path, _ in api.operations()}
    found = {route for route in routes_of_the_source() if not is_file_of_the_dashboard(route[1])}
    assert described == found


@EMBEDDED
def test_each_path_knows_the_methods_described(server, document):
    for path, item in document["paths"].items():
        real = re.sub(r"\{\w+\}", "1", path)
        allowed = {method.upper() for method in item} | {"OPTIONS"}
        allowed |= {"HEAD"} if "get" in item else set()
        told = server.request("OPTIONS", real)
        assert told.status_code == 204
        assert set(told.headers["Allow"].split(", ")) == allowed, path
        for method in {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"} - allowed:
            answer = server.request(method, real)
            assert answer.status_code == 405
            assert set(answer.headers["Allow"].split(", ")) == allowed


@EMBEDDED
@pytest.mark.parametrize("path", ["/v1", "/v1/", "/v1/ingest/", "/V1/ingest", "/reports",
                                  "/v1/baselines/1/2", "/v1/baselines/1/diff", "/v2/ingest",
                                  "/healthz", "//health", "/v1/events/1", "/openapi.yaml"])
def test_what_is_not_described_is_a_404(server, api, path):
    answer = server.get(path)
    assert answer.status_code == 404
    api.validate(answer.json(), {"$ref": "#/components/schemas/Problem"})


# --- Real answers. Each documented status of each operation is provoked and held to its schema. ---

def ask(api, server, method, path, status, parameters=None, **options):
    real = re.sub(r"\{(\w+)\}", lambda m: str(options[m[1]]), path)
    options = {name: value for name, value in options.items()
               if name in ("data", "headers", "json")}
    answer = server.request(method, real, params=parameters, **options)
    return api.check(answer, method, path, status)


def as_json(body):
    return {"data": body if isinstance(body, bytes) else json.dumps(body).encode(),
            "headers": {"Content-Type": "application/json"}}


def slow(api, server, path, **options):
    """A body that never ends."""
    real = re.sub(r"\{(\w+)\}", lambda m: str(options[m[1]]), path)
    with RawClient(server) as client:
        client.send(ingest_request(b"[", length=10).replace(b"/v1/ingest", real.encode()))
        status, headers, body = client.answer()
        answer = requests.Response()
        answer.status_code, answer._content = status, body
        answer.headers.update(headers)
        api.check(answer, "POST", path, 408)


def provoke_a_409(api, server):
    body = as_json([event("payments", NOON + i, amount=i) for i in range(3000)])
    for attempt in range(50):
        headers = {**body["headers"], "Idempotency-Key": f"race-{attempt}"}

        def post(_, headers=headers):
            return requests.post(server.url + "/v1/ingest", data=body["data"], headers=headers,
                                 timeout=30)
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for answer in pool.map(post, range(4)):
                if answer.status_code == 409:
                    return api.check(answer, "POST", "/v1/ingest", 409)
    return pytest.fail("no two requests met")


def ingest_answers(api, server):
    def post(status, body, parameters=None, **headers):
        sent = as_json(body)
        sent["headers"].update({name.replace("_", "-"): text for name, text in headers.items()})
        return ask(api, server, "POST", "/v1/ingest", status, parameters, **sent)

    events = [event("payments", NOON + i, amount=i, currency="USD", host="h") for i in range(60)]
    post(200, events, Idempotency_Key="first")
    post(200, [*events, {}], {"on_invalid": "skip"})
    post(400, b"[")
    post(400, [], {"on_invalid": "x"})
    post(413, [{}] * 50_001)
    post(413, b" " * (21 << 20))
    post(415, [], Content_Type="text/plain")
    post(415, [], Content_Encoding="br")
    post(422, [{}] * 80)
    post(422, [], Idempotency_Key="first")
    post(422, [event("payments", x="\0")])
    provoke_a_409(api, server)
    slow(api, server, "/v1/ingest")


def report_answers(api, server):
    def get(status, **parameters):
        return ask(api, server, "GET", "/reports/latest", status, {"at": AT, **parameters}).json()

    assert get(200)["baseline"] is None
    assert get(200, service="none")["samples"] == 0
    server.build_baseline("payments", NOON - 3600, NOON + 600)
    assert get(200)["baseline"]
    live = [event("payments", NOON + 2000 + i / 100, "GET /list", amount=i ** 1.5, new=True,
                  currency=str(i % 7), host="h", status=500 if i % 3 else 200) for i in range(100)]
    server.store(live)
    later = rfc3339(NOON + 2400)
    assert get(200, at=later, window_minutes=10)["status"] == "fail"
    many = [{"ts": rfc3339(NOON + 4000 + i / 100), "service": "payments", "endpoint": "many",
             "request": {"body": {"amount": i / 7}}} for i in range(40_000)]
    server.store(many)  # More different values than a summary holds one by one.
    server.build_baseline("payments", NOON + 4000, NOON + 4500)
    assert get(200, at=rfc3339(NOON + 4500))["checks"]["amount_ks"]["d_error"] > 0
    get(200, endpoint="POST /v2/payments")
    get(200, host="nobody", at=rfc3339(NOON + 5000), window_minutes=1)
    for choice in ("trailing", "seasonal", 1):
        get(200, at=later, baseline=choice)
    trailing = {"at": rfc3339(NOON + 26 * 3600), "window_minutes": 60, "baseline": "trailing"}
    assert get(200, **trailing)["baseline"]["source"] == "trailing"
    get(404, baseline=99)
    get(413, host="h", window_minutes=600)
    get(400, window_minutes=0)
    get(400, at="x")


def view_answers(api, server):
    def get(path, status, parameters=None, **options):
        return ask(api, server, "GET", path, status, parameters, **options)

    def not_modified():
        tag = server.get("/v1/overview").headers["ETag"]
        return server.request("GET", "/v1/overview", headers={"If-None-Match": tag})

    get("/v1/overview", 200)
    wait_until(lambda: server.get("/v1/overview").json()["services"][0]["trend"])
    get("/v1/overview", 200)
    again = wait_until(lambda: (answer := not_modified()).status_code == 304 and answer)
    api.check(again, "GET", "/v1/overview", 304)
    get("/v1/overview", 400, {"state": "well"})
    day = {"from": rfc3339(NOON - 3600), "to": rfc3339(NOON + 9000)}
    drift = {"at": rfc3339(NOON + 2400), "window_minutes": 10}
    for window in ({}, day, {**drift, "check": "amount_ks"}, {**drift, "endpoint": "GET /list"}):
        get("/v1/timeline", 200, window)
    nothing = {"at": rfc3339(NOON - 9000), "window_minutes": 10}  # But for the baseline's amount.
    for name, windows in (("amount_ks", (day, drift, nothing)), ("currency_psi", (day, drift)),
                          ("new_psi", (day, drift)), ("success_rate", (day, drift, nothing)),
                          ("latency_p95", (day, drift, nothing)), ("schema", (day, drift, nothing)),
                          ("amount_missing", (day, drift)), ("amount_type", (drift,))):
        for window in windows:
            get("/v1/checks/{name}", 200, window, name=name)
            get("/v1/checks/{name}/where", 200, window, name=name)
            get("/v1/examples", 200, {**window, "check": name})
    crowd = {"host": "h", "window_minutes": 600, "at": rfc3339(NOON + 4800)}
    for path, named in (("/v1/timeline", {}), ("/v1/checks/{name}", {}),
                        ("/v1/checks/{name}/where", {}),
                        ("/v1/examples", {"check": "amount_ks"})):
        get(path, 400, {**named, "at": "x"}, name="amount_ks")
        get(path, 413, {**named, **crowd}, name="amount_ks")
        get(path, 404, {**drift, "check": "none"}, name="none")
    get("/v1/hosts", 200, day)
    for asked in ({}, {"at": AT}, {"at": AT, "endpoint": "GET /list"}):
        get("/v1/slo", 200, asked)
    get("/v1/slo", 400, {"at": "x"})
    get("/v1/hosts", 400, {"window_minutes": 0})


def baseline_answers(api, server):
    base = "/v1/baselines"
    ask(api, server, "GET", base, 200)
    order = {"service": "payments", "from": rfc3339(NOON), "to": rfc3339(NOON + 7200)}
    ask(api, server, "POST", base, 201, **as_json(order))
    ask(api, server, "POST", base, 400, **as_json({"from": 1}))
    ask(api, server, "POST", base, 404, **as_json({**order, "service": "none"}))
    ask(api, server, "POST", base, 413, **as_json(b" " * (21 << 20)))
    ask(api, server, "POST", base, 415, data=b"{}", headers={"Content-Type": "text/plain"})
    slow(api, server, base)
    for version, status in ((1, 200), (2, 200), (99, 404), ("x", 400)):
        ask(api, server, "GET", base + "/{version}", status, version=version)
        ask(api, server, "GET", base + "/{version}/diff/{to}", status, version=version, to=1)
        ask(api, server, "POST", base + "/{version}/activate", status, version=version)
    ask(api, server, "GET", base + "/active", 200)
    ask(api, server, "GET", base + "/active", 404, {"service": "none"})
    for choice, status in ((1, 200), ("fixed", 400), (99, 404), ("trailing", 404)):
        ask(api, server, "POST", base + "/promote", status, {"baseline": choice})
    ask(api, server, "POST", base + "/rollback", 200)
    ask(api, server, "POST", base + "/rollback", 404, {"service": "none"})
    ask(api, server, "GET", base, 200)
    exclusion_answers(api, server)
    server.store([event("second")])  # Now a service must be named.
    ask(api, server, "GET", base, 400)
    ask(api, server, "GET", base + "/active", 400)
    ask(api, server, "POST", base + "/rollback", 400)
    ask(api, server, "GET", base + "/exclusions", 400)
    ask(api, server, "GET", "/reports/latest", 400)


def alarm_answers(api, server):
    named = {"service": "payments"}
    evidence, known = "/v1/alarms/{name}/evidence", {"name": "success_rate"}
    ask(api, server, "GET", "/v1/alarms", 200, named)
    wait_until(lambda: server.get("/v1/alarms", **named).json()["evaluated_until"], 60)
    ask(api, server, "GET", "/v1/alarms", 200, named)
    ask(api, server, "GET", evidence, 200, named, **known)
    ask(api, server, "GET", evidence, 404, named, name="none")
    ask(api, server, "GET", "/v1/incidents", 200)
    ask(api, server, "GET", "/v1/incidents", 400, {"limit": 0})
    stretch = {"from": rfc3339(NOON), "to": rfc3339(NOON + 7200)}
    ask(api, server, "GET", "/v1/backtest", 200, {**named, **stretch})
    ask(api, server, "GET", "/v1/backtest", 404, {**named, **stretch, "version": 99})
    ask(api, server, "GET", "/v1/backtest", 400, named)
    ask(api, server, "GET", "/v1/alarms", 400)  # A service must be named.
    ask(api, server, "GET", evidence, 400, **known)


def incident_answers(api, server):
    now = time.time()
    server.store([event("failing", now - 600 + i, status=200 if i < 300 else 503)
                  for i in range(600)])
    def incident():
        found = server.get("/v1/incidents", service="failing").json()["incidents"]
        return found and found[0]["notices"] and found[0]["id"]
    known = wait_until(incident, 60)
    ask(api, server, "GET", "/v1/incidents", 200)
    ask(api, server, "GET", "/v1/alarms", 200, {"service": "failing"})
    ask(api, server, "GET", "/v1/notices", 200)
    ack, order = "/v1/incidents/{id}/ack", {"who": "ann", "note": "rolling back"}
    ask(api, server, "POST", ack, 404, id="none", **as_json(order))
    ask(api, server, "POST", ack, 400, id=known, **as_json({"note": "x"}))
    ask(api, server, "POST", ack, 200, id=known, **as_json(order))
    ask(api, server, "POST", ack, 409, id=known, **as_json(order))
    ask(api, server, "POST", ack, 413, id=known, **as_json(b" " * (21 << 20)))
    ask(api, server, "POST", ack, 415, id=known, data=b"{}", headers={"Content-Type": "text/plain"})
    slow(api, server, ack, id="x")
    ask(api, server, "GET", "/v1/incidents", 200)


def silence_answers(api, server):
    path = "/v1/silences"
    order = {"ends_at": rfc3339(time.time() + 3600), "reason": "load test", "who": "ann"}
    ask(api, server, "POST", path, 201, **as_json(order))
    ask(api, server, "POST", path, 201, **as_json({**order, "service": "a", "alarm": "b"}))
    ask(api, server, "POST", path, 400, **as_json({**order, "ends_at": AT}))
    ask(api, server, "POST", path, 413, **as_json(b" " * (21 << 20)))
    ask(api, server, "POST", path, 415, data=b"{}", headers={"Content-Type": "text/plain"})
    slow(api, server, path)
    ask(api, server, "GET", path, 200)
    ask(api, server, "DELETE", path, 200, {"id": 1, "who": "ann"})
    ask(api, server, "DELETE", path, 409, {"id": 1, "who": "ann"})
    ask(api, server, "DELETE", path, 404, {"id": 99, "who": "ann"})
    ask(api, server, "DELETE", path, 400, {"id": 2})
    ask(api, server, "GET", path, 200)


def exclusion_answers(api, server):
    path = "/v1/baselines/exclusions"
    order = {"from": rfc3339(NOON), "to": rfc3339(NOON + 60), "reason": "load test"}
    ask(api, server, "POST", path, 201, **as_json(order))
    ask(api, server, "POST", path, 201, **as_json({**order, "service": "full"}))
    for _ in range(499):
        server.post(path, **as_json({**order, "service": "full"}))
    ask(api, server, "POST", path, 413, **as_json({**order, "service": "full"}))
    ask(api, server, "POST", path, 400, **as_json({**order, "to": "x"}))
    ask(api, server, "POST", path, 415, data=b"{}", headers={"Content-Type": "text/plain"})
    slow(api, server, path)
    ask(api, server, "GET", path, 200)
    ask(api, server, "DELETE", path, 200, {"id": 1})
    ask(api, server, "DELETE", path, 404, {"id": 1})
    ask(api, server, "DELETE", path, 400)
    build = {"service": "payments", "from": rfc3339(NOON), "to": rfc3339(NOON + 7200),
             "exclude": [{"from": rfc3339(NOON), "to": rfc3339(NOON + 10)}]}
    ask(api, server, "POST", "/v1/baselines", 201, **as_json(build))


def guard_answers(api, server):
    path, end = "/v1/guard/overrides", "/v1/guard/overrides/{id}/end"
    order = {"service": "payments", "decision": "deny", "reason": "r", "by": "b", "minutes": 5}
    words = {"reason": "r", "by": "b"}
    ask(api, server, "GET", "/v1/guard", 200, {"service": "payments"})
    wait_until(lambda: server.get("/v1/guard").status_code == 400, 30)  # Of several services.
    ask(api, server, "GET", "/v1/guard", 400)
    made = ask(api, server, "POST", path, 201, **as_json(order)).json()
    ask(api, server, "GET", "/v1/guard", 403, {"service": "payments"})
    ask(api, server, "GET", path, 200)
    ask(api, server, "GET", path, 400, {"limit": 0})
    ask(api, server, "GET", "/v1/guard/services", 200)
    ask(api, server, "GET", "/v1/guard/services", 200, {"service": "payments"})
    ask(api, server, "GET", "/v1/guard/services", 400, {"limit": 0})
    ask(api, server, "POST", path, 400, **as_json({**order, "minutes": 0}))
    ask(api, server, "POST", path, 413, **as_json(b" " * (21 << 20)))
    ask(api, server, "POST", path, 415, data=b"{}", headers={"Content-Type": "text/plain"})
    slow(api, server, path)
    ask(api, server, "POST", end, 400, id=made["id"], **as_json({}))
    ask(api, server, "POST", end, 413, id=made["id"], **as_json(b" " * (21 << 20)))
    ask(api, server, "POST", end, 415, id=made["id"], data=b"{}",
        headers={"Content-Type": "text/plain"})
    slow(api, server, end, id=made["id"])
    ask(api, server, "POST", end, 200, id=made["id"], **as_json(words))
    ask(api, server, "POST", end, 409, id=made["id"], **as_json(words))
    ask(api, server, "POST", end, 404, id=made["id"] + 1000, **as_json(words))


def compare_answers(api, server):
    path, gate = "/v1/compare", "/v1/compare/gate"
    stretch = {"service": "payments", "control_from": rfc3339(NOON),
               "control_to": rfc3339(NOON + 1000), "candidate_from": rfc3339(NOON + 2000),
               "candidate_to": rfc3339(NOON + 2400)}
    ask(api, server, "GET", path, 200, stretch)
    ask(api, server, "GET", path, 400, {"service": "payments"})
    crowd = {**stretch, "control_host": "h", "control_to": rfc3339(NOON + 4800)}
    ask(api, server, "GET", path, 413, crowd)
    ask(api, server, "POST", gate, 200, {**stretch, "tolerance": 1, "rate_tolerance": 1})
    ask(api, server, "POST", gate, 412, stretch)
    ask(api, server, "POST", gate, 400, {"service": "payments"})
    ask(api, server, "POST", gate, 413, crowd)


def other_answers(api, server):
    for path in ("/health", "/readyz", "/livez", "/metrics", "/openapi.json", "/v1/services"):
        ask(api, server, "GET", path, 200)
        ask(api, server, "GET", path, 200, headers={"Accept-Encoding": "gzip"})
    ask(api, server, "GET", "/v1/events", 200)
    assert "Next-Cursor" in ask(api, server, "GET", "/v1/events", 200, {"limit": 2}).headers
    ask(api, server, "GET", "/v1/events", 400, {"limit": 0})


def answers_without_the_store(api, server):
    for path in ("/health", "/readyz", "/v1/services", "/v1/events", "/v1/baselines",
                 "/v1/alarms", "/v1/alarms/{name}/evidence", "/v1/incidents", "/v1/backtest",
                 "/v1/notices", "/v1/silences"):
        ask(api, server, "GET", path, 503, name="amount")
    named = {"service": "payments"}
    for path in ("/reports/latest", "/v1/baselines/active", "/v1/timeline", "/v1/checks/{name}",
                 "/v1/checks/{name}/where", "/v1/hosts", "/v1/slo"):
        ask(api, server, "GET", path, 503, named, name="amount_ks")
    ask(api, server, "GET", "/v1/examples", 503, {**named, "check": "amount_ks"})
    wait_until(lambda: server.get("/v1/overview").status_code == 503)
    ask(api, server, "GET", "/v1/overview", 503)
    ask(api, server, "GET", "/v1/baselines/{version}", 503, named, version=77)
    ask(api, server, "GET", "/v1/baselines/{version}/diff/{to}", 503, named, version=77, to=78)
    ask(api, server, "POST", "/v1/baselines/{version}/activate", 503, named, version=1)
    ask(api, server, "POST", "/v1/baselines", 503, **as_json(named))
    ask(api, server, "POST", "/v1/baselines/promote", 503, {**named, "baseline": 1})
    ask(api, server, "POST", "/v1/baselines/rollback", 503, named)
    order = {**named, "from": rfc3339(NOON), "to": rfc3339(NOON + 60)}
    ask(api, server, "POST", "/v1/baselines/exclusions", 503, **as_json(order))
    ask(api, server, "GET", "/v1/baselines/exclusions", 503, named)
    ask(api, server, "DELETE", "/v1/baselines/exclusions", 503, {**named, "id": 1})
    ask(api, server, "POST", "/v1/incidents/{id}/ack", 503, id="x", **as_json({"who": "ann"}))
    silence = {"ends_at": rfc3339(time.time() + 60), "reason": "x", "who": "ann"}
    ask(api, server, "POST", "/v1/silences", 503, **as_json(silence))
    ask(api, server, "DELETE", "/v1/silences", 503, {"id": 1, "who": "ann"})
    sides = {**named, "control_host": "h"}
    ask(api, server, "GET", "/v1/compare", 503, sides)
    ask(api, server, "POST", "/v1/compare/gate", 503, sides)
    words = {"reason": "r", "by": "b"}
    held = {**words, **named, "decision": "deny", "minutes": 5}
    ask(api, server, "POST", "/v1/guard/overrides", 503, **as_json(held))
    ask(api, server, "POST", "/v1/guard/overrides/{id}/end", 503, id=1, **as_json(words))
    ask(api, server, "POST", "/v1/ingest", 503, **as_json([event("payments")]))
    ask(api, server, "GET", "/livez", 200)


@ON_POSTGRES
def test_real_answers_are_as_described(new_server, document, engine):
    cluster = Cluster()
    api = ApiDocument(document)
    try:
        server = new_server({"DRIFTGUARD_HOST_ROWS_MAX": 40, "DRIFTGUARD_BODY_TIMEOUT_MS": 800,
                             "SLACK_WEBHOOK_URL": "http://127.0.0.1:9/x"},
                            url=cluster.url(cluster.new_database())).start()
        ingest_answers(api, server)
        report_answers(api, server)
        view_answers(api, server)
        baseline_answers(api, server)
        alarm_answers(api, server)
        incident_answers(api, server)
        silence_answers(api, server)
        guard_answers(api, server)
        compare_answers(api, server)
        other_answers(api, server)
        cluster.stop()
        answers_without_the_store(api, server)
        assert server.stop() == 0
    finally:
        cluster.remove()
    described = {(operation["operationId"], status) for _, _, operation in api.operations()
                 for status in operation["responses"]} - {("metrics", "503")}  # Overload alone.
    assert {pair for pair in described if pair[1] != "default"} == {
        pair for pair in api.seen if pair in described}
    assert api.seen <= described


@EMBEDDED
def test_answers_of_the_embedded_store_are_as_described(server, api, service):
    server.store([event(service, NOON + i, endpoint=f"e{i % 2}", amount=i, note={"a": ["x"]})
                  for i in range(60)])
    named = {"service": service}
    ask(api, server, "GET", "/reports/latest", 200, {**named, "at": AT})
    server.build_baseline(service, NOON, NOON + 600)
    ask(api, server, "GET", "/reports/latest", 200, {**named, "at": AT})
    ask(api, server, "GET", "/v1/baselines/active", 200, named)
    for path in ("/v1/events", "/v1/timeline", "/v1/overview", "/v1/hosts", "/v1/slo"):
        ask(api, server, "GET", path, 200, {**named, "window_minutes": 43_200})
    ask(api, server, "GET", "/v1/checks/{name}", 200, named, name="amount_ks")
    ask(api, server, "GET", "/metrics", 200)


def test_an_undocumented_member_would_be_noticed(api, document):
    report = document["components"]["responses"]["BadRequest"]["content"][
        "application/problem+json"]["example"]
    api.validate(report, {"$ref": "#/components/schemas/Problem"})
    with pytest.raises(jsonschema.ValidationError):
        api.validate({**report, "more": 1}, {"$ref": "#/components/schemas/Problem"})
