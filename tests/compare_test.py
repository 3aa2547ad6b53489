# SPDX-License-Identifier: Apache-2.0
"""Two segments against each other: verdicts, gates, rollouts."""
import json
import random
import re
import subprocess
import urllib.parse

import pytest
import yaml

import real_data
from harness import BINARY, EMBEDDED, NOON, ROOT, Server, clean_environment, event, rfc3339

HOUR = {"from": rfc3339(NOON), "to": rfc3339(NOON + 3600)}
VERSIONS = {"control_label": "/version=1.4", "candidate_label": "/version=1.5"}


def fixed():
    """One in twenty comparisons of what is alike may fail: chance must not choose the traffic."""
    return random.Random(20250101)


def calls(service, version, count, rng, mean=100, bad=0.002, slow=1.0, usd=0.7, host="h1"):
    made = []
    for i in range(count):
        one = event(service, NOON + i * 3500 / count, host=host,
                    status=500 if rng.random() < bad else 200,
                    duration_ms=round(rng.gauss(300, 40) * slow), amount=round(rng.gauss(mean, 20)),
                    currency="USD" if rng.random() < usd else "EUR")
        made.append({**one, "version": version})
    return made


def compare(server, service, **parameters):
    answer = server.get("/v1/compare", service=service, **{**HOUR, **parameters})
    assert answer.status_code == 200, answer.text
    return answer.json()


def by_name(answer):
    return {one["name"]: one for one in answer["contrasts"]}


def test_versions_that_are_alike_pass(server, service):
    rng = fixed()
    server.store(calls(service, "1.4", 1500, rng) + calls(service, "1.5", 400, rng))
    answer = compare(server, service, **VERSIONS, tolerance=0.15)
    assert answer["verdict"] in ("pass", "marginal") and answer["ok"] and answer["failed"] == []
    assert (answer["control"]["samples"], answer["candidate"]["samples"]) == (1500, 400)
    assert answer["correction"] == "holm" and answer["confidence"] == 0.95
    # Of each of two features its values and whether they are missing; failures and latency.
    assert answer["tests"] == 6
    assert sum(answer["counts"].values()) == len(answer["contrasts"]) == 4


def test_each_kind_of_difference_fails_by_its_name(server, service):
    rng = fixed()
    server.store(calls(service, "1.4", 1500, rng))
    for number, (changed, name) in enumerate((({"mean": 130}, "amount"), ({"usd": 0.4}, "currency"),
                                              ({"bad": 0.2}, "failures"),
                                              ({"slow": 1.3}, "latency"))):
        server.store(calls(service, f"2.{number}", 500, rng, **changed))
        answer = compare(server, service, control_label="/version=1.4",
                         candidate_label=f"/version=2.{number}")
        assert answer["verdict"] == "fail" and not answer["ok"] and answer["score"] == 0
        assert name in answer["failed"], answer["summary"]
        one = by_name(answer)[name]
        low, high = one["interval"]
        assert low <= one["difference"] <= high and one["p_adjusted"] < 0.05
        assert abs(one["difference"]) >= one["tolerance"]
        assert one["p_value"] <= one["p_adjusted"]


def test_hosts_endpoints_and_times_are_segments_too(server, service):
    rng = fixed()
    server.store(calls(service, "1", 600, rng, host="a") +
                 calls(service, "1", 600, rng, mean=140, host="b"))
    by_host = compare(server, service, control_host="a", candidate_host="b")
    assert by_host["failed"] == ["amount"] and by_host["candidate"]["host"] == "b"
    later = [{**one, "endpoint": "PUT /v2/payments"} for one in
             calls(service, "1", 600, rng, mean=140)]
    server.store(later)
    by_endpoint = compare(server, service, control_endpoint="POST /v2/payments",
                          candidate_endpoint="PUT /v2/payments", control_host="a")
    assert by_endpoint["failed"] == ["amount"]
    half = rfc3339(NOON + 1800)
    by_time = compare(server, service, control_to=half, candidate_from=half)
    assert by_time["verdict"] in ("pass", "marginal"), by_time["summary"]
    assert by_time["control"]["to"] == by_time["candidate"]["from"]


def test_little_data_is_said_to_be_too_little(server, service):
    rng = fixed()
    server.store(calls(service, "1.4", 500, rng) + calls(service, "1.5", 20, rng, mean=500))
    answer = compare(server, service, **VERSIONS)
    assert answer["verdict"] == "not_enough_data" and answer["score"] is None
    assert not answer["ok"] and answer["tests"] == 0


def test_what_is_asked_wrongly_is_named(server, service):
    server.store([event(service)])
    for wrong, says in (({}, "same"), ({"control_label": "version=1"}, "control_label"),
                        ({"control_hots": "a"}, "control_hots"), ({"looks": 0}, "looks"),
                        ({"tolerance": "2"}, "tolerance"), ({"candidate_at": "x"}, "candidate"),
                        ({"baseline": "1"}, "baseline")):
        refused = server.get("/v1/compare", service=service, **wrong)
        assert refused.status_code == 400 and says in refused.json()["detail"], refused.text


@EMBEDDED
def test_raw_events_are_bounded(new_server, service):
    server = new_server({"DRIFTGUARD_HOST_ROWS_MAX": 50}).start()
    server.store(calls(service, "1.4", 60, fixed()))
    refused = server.get("/v1/compare", service=service, **HOUR, **VERSIONS)
    assert refused.status_code == 413 and "by label" in refused.json()["detail"]


# --- As a gate. ---

def run_compare(*arguments, url=None):
    where = ["--url", url] if url else []
    return subprocess.run([BINARY, "compare", *arguments, *where], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=60, check=False,
                          env=clean_environment())


@EMBEDDED
def test_exit_codes_are_those_of_check(new_server, service):
    rng = fixed()
    server = new_server().start()
    server.store(calls(service, "1.4", 800, rng) + calls(service, "1.5", 800, rng, mean=140) +
                 calls(service, "1.6", 10, rng))
    hour = ["--service", service, "--from", HOUR["from"], "--to", HOUR["to"], "--control-label",
            "/version=1.4"]
    drifted = run_compare(*hour, "--candidate-label", "/version=1.5", url=server.url)
    assert drifted.returncode == 1, drifted.stderr
    assert "amount" in drifted.stdout and f"fail: {service}: amount differs by" in drifted.stdout
    little = run_compare(*hour, "--candidate-label", "/version=1.6", url=server.url)
    assert little.returncode == 3
    assert run_compare(*hour, "--candidate-label", "1.6", url=server.url).returncode == 2
    tolerated = [*hour, "--candidate-label", "/version=1.5", "--tolerance", "1"]
    assert run_compare(*tolerated, url=server.url).returncode == 0
    assert run_compare(*tolerated, "--strict", url=server.url).returncode == 1
    # Straight from the store, once the server has let go of it.
    told = json.loads(run_compare(*tolerated, "--json", url=server.url).stdout)
    assert server.stop() == 0
    there = run_compare(*tolerated, "--json", "--store", f"rocksdb:{server.folder / 'data'}")
    assert json.loads(there.stdout) == told


def test_the_gate_answers_by_status(server, service):
    rng = fixed()
    server.store(calls(service, "1.4", 800, rng) + calls(service, "1.5", 800, rng, mean=140) +
                 calls(service, "1.6", 10, rng))
    def gate(version, **parameters):
        return server.post("/v1/compare/gate", json={"name": "payments", "phase": "Progressing"},
                           params={**HOUR, "service": service, "control_label": "/version=1.4",
                                   "candidate_label": f"/version={version}", **parameters})
    refused = gate("1.5")
    assert refused.status_code == 412 and refused.json()["verdict"] == "fail"
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert gate("1.5", tolerance=1).status_code == 200
    assert gate("1.6").json()["verdict"] == "not_enough_data"
    assert gate("1.6").status_code == 412
    assert gate("1.6", when_unsure="pass").status_code == 200
    assert gate("1.6", when_unsure="maybe").status_code == 400


# --- As rollouts read it. ---

def json_path(document, path):
    """What a Kubernetes JSON path of members and indices leads to."""
    assert re.fullmatch(r"\{\$(\.\w+|\[\d+\])*\}", path), path
    for member, index in re.findall(r"\.(\w+)|\[(\d+)\]", path):
        document = document[member] if member else document[int(index)]
    return document


def condition_holds(condition, result):
    """Argo's expressions, as far as the template uses them."""
    words = re.fullmatch(r'(result == "\w+")( \|\| result == "\w+")*', condition)
    assert words, condition
    return result in re.findall(r'"(\w+)"', condition)


def shipped_query(url, whose, **arguments):
    for name, value in arguments.items():
        url = url.replace("{{args.%s}}" % name, value)
    assert "{{" not in url
    parts = urllib.parse.urlsplit(url)
    query = dict(urllib.parse.parse_qsl(parts.query, strict_parsing=True))
    query.pop("window_minutes")
    return parts.path, {**query, **HOUR, "service": whose}


@pytest.mark.parametrize("changed, phase", [({}, "Successful"), ({"mean": 150}, "Failed"),
                                            (None, "Inconclusive")])
def test_argo_rollouts_reads_the_verdict(server, service, changed, phase):
    rng = fixed()
    server.store(calls(service, "1.4", 1500, rng) +
                 calls(service, "1.5", 10 if changed is None else 400, rng, **(changed or {})))
    metric = yaml.safe_load((ROOT / "deploy/argo-rollouts/analysis-template.yaml").read_text())[
        "spec"]["metrics"][0]
    web = metric["provider"]["web"]
    path, query = shipped_query(web["url"], service, service=service, stable="1.4", canary="1.5")
    answer = server.get(path, tolerance=0.15, **query)
    assert answer.status_code == 200, answer.text
    result = json_path(answer.json(), web["jsonPath"])
    told = ("Successful" if condition_holds(metric["successCondition"], result) else
            "Failed" if condition_holds(metric["failureCondition"], result) else "Inconclusive")
    assert told == phase
    for path in ("{$.score}", "{$.counts.fail}", "{$.contrasts[0].difference}"):
        json_path(answer.json(), path)


def test_flagger_reads_the_gate(server, service):
    rng = fixed()
    server.store(calls(service, "1.4", 1500, rng) + calls(service, "1.5", 400, rng, mean=150))
    hook = yaml.safe_load((ROOT / "deploy/flagger/canary.yaml").read_text())[
        "spec"]["analysis"]["webhooks"][0]
    assert hook["type"] == "rollout"
    path, query = shipped_query(hook["url"], service)
    payload = {"name": "payments", "namespace": "prod", "phase": "Progressing", "metadata": {}}
    assert server.post(path, params=query, json=payload).status_code == 412
    alike = {**query, "tolerance": 1}
    assert server.post(path, params=alike, json=payload).status_code == 200


# --- Real traffic. ---

def compared(server, comparison, cache):
    """The data set's first part as control, its second as candidate."""
    first, second = real_data.parts(comparison, cache)
    middle = real_data.START + real_data.DAY
    end = real_data.send(server, comparison.service, first, real_data.START)
    last = real_data.send(server, comparison.service, second, middle)
    return compare(server, comparison.service, control_from=rfc3339(real_data.START),
                   control_to=rfc3339(end), candidate_from=rfc3339(middle),
                   candidate_to=rfc3339(last))


@pytest.mark.release
@pytest.mark.skipif(not real_data.SHARED.is_dir(), reason="the data lie beside the checkout")
@pytest.mark.parametrize("name", ["azure_llm_2023", "bike_sharing", "chicago_taxi", "elec2",
                                  "nab_known_cause", "openstack_api"])
@EMBEDDED
def test_real_segments_differ_or_do_not_as_stated(name, engine, tmp_path):
    every = list(real_data.comparisons(name))
    server = Server(tmp_path, settings=real_data.SETTINGS, toml=real_data.rules(every)).start()
    cache, wrong, seen = {}, [], 0
    for comparison in every:
        found = by_name(compared(server, comparison, cache))
        for field, expected in comparison.fields.items():
            one = found[field + "_missing" if expected.null_rate_shift else field]
            verdict = one["verdict"]
            if verdict == "not_enough_data":
                continue
            seen += 1
            fits = {"drift": ("fail",), "weak": ("pass", "marginal", "fail"),
                    "stable": ("pass", "marginal")}[expected.verdict]
            if verdict not in fits:
                wrong.append((comparison.name, field, expected, verdict, one["difference"],
                              one["p_adjusted"]))
    assert server.stop() == 0, server.stderr()
    assert seen and wrong == []
