# SPDX-License-Identifier: Apache-2.0
"""/health, /livez, /readyz and /metrics."""
import re

import pytest

from harness import NOON, RawClient, event, ingest_request, wait_until

# What a figure is measured in, or counts: one of these words is in its name.
UNITS = {"bytes", "seconds", "ratio"}
THINGS = {"alarms", "answers", "batches", "buckets", "checks", "chunks", "commits",
          "connections", "connects", "errors",
          "events", "failures", "fds", "files", "keys", "migrations", "nodes", "parts",
          "requests", "rows", "segments", "services", "sums"}
FLAGS = {"driftguard_alarm_leads", "driftguard_baseline_pin_broken",
         "driftguard_disk_warning"}  # 0 or 1.
# Of services, checks and alarms: bounded by number (prometheus_test.py), in the check's own unit.
WATCHED = {"driftguard_check_value", "driftguard_check_threshold", "driftguard_check_state",
           "driftguard_alarm_firing", "driftguard_alarm_evidence_ratio",
           "driftguard_guard_denying"}
SERIES_MAX = 800

NEEDED = {
    "requests": ["http_requests_total", "http_request_duration_seconds_bucket",
                 "http_connections_open", "http_body_inflight_bytes"],
    "queue": ["queue_bytes", "queue_limit_bytes", "queue_batches", "queue_refused_total"],
    "commits": ["commits_total", "commit_seconds_total", "ingest_events_total",
                "ingest_batches_total", "ingest_events_rejected_total"],
    "alarms": ["alarm_services", "alarm_services_firing", "alarm_seconds_total"],
    "process": ["process_resident_memory_bytes", "process_open_fds", "process_cpu_seconds_total"],
    "build": ["build_info"],
}
NEEDED_EMBEDDED = {
    "store": ["store_wal_bytes", "store_memtable_bytes", "store_block_cache_bytes"],
    "rollups": ["rollup_cache_bytes", "rollup_cache_nodes", "rollup_cache_hits_total",
                "rollup_cache_misses_total"],
}


class Page:
    """A page in Prometheus' text format 0.0.4, read strictly."""

    def __init__(self, text):
        assert text.endswith("\n")
        self.kinds, self.helps, self.samples = {}, {}, []
        for line in text.splitlines():
            if line.startswith("# HELP "):
                _, _, name, words = line.split(" ", 3)
                self.helps[name] = words
            elif line.startswith("# TYPE "):
                _, _, name, kind = line.split(" ")
                assert name not in self.kinds, f"{name} stands twice"
                assert kind in {"counter", "gauge", "histogram"}
                self.kinds[name] = kind
            else:
                match = re.fullmatch(r'([a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\]|\\.)*",?)*)\})? (\S+)',
                                     line)
                assert match, line
                labels = dict(re.findall(r'([a-z_]+)="((?:[^"\\]|\\.)*)"', match[2] or ""))
                self.samples.append((match[1], labels, float(match[3])))

    def family(self, name):
        return name if name in self.kinds else re.sub(r"_(bucket|sum|count)$", "", name)

    def value(self, name, **labels):
        return sum(value for sample, its, value in self.samples
                   if sample == "driftguard_" + name and labels.items() <= its.items())


def page_of(server):
    answer = server.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    return Page(answer.text)


@pytest.mark.parametrize("path", ["/health", "/livez", "/readyz"])
def test_a_well_server_says_so(server, engine, path):
    answer = server.get(path)
    assert answer.status_code == 200
    assert set(answer.json()) == {"status", "store", "version"}
    assert (answer.json()["status"], answer.json()["store"]) == ("ok", engine)
    head = server.request("HEAD", path)
    assert head.status_code == 200 and head.text == ""
    assert head.headers["Content-Length"] == str(len(answer.content))


def test_every_metric_is_described_and_names_its_unit(server):
    page = page_of(server)
    for name, _, _ in page.samples:
        family = page.family(name)
        assert family.startswith("driftguard_")
        assert family in page.kinds and page.helps.get(family), family
        words = set(family.split("_"))
        if page.kinds[family] == "counter":
            assert family.endswith("_total"), family
        else:
            assert not family.endswith("_total"), family
        assert (family.endswith(("_total", "_info")) or words & (UNITS | THINGS)
                or family in FLAGS | WATCHED), family


def test_the_figures_that_were_promised_are_there(server, engine):
    server.report(service="any")
    page = page_of(server)
    names = {name for name, _, _ in page.samples}
    needed = {**NEEDED, **(NEEDED_EMBEDDED if engine == "rocksdb" else {})}
    missing = [name for group in needed.values() for name in group
               if "driftguard_" + name not in names]
    assert not missing
    assert any(name.startswith("driftguard_store_") for name in names)
    assert page.value("build_info", store=engine) == 1


def test_histograms_add_up(server):
    page = page_of(server)
    for route in {labels["route"] for _, labels, _ in page.samples if "route" in labels}:
        buckets = [value for name, labels, value in page.samples
                   if name == "driftguard_http_request_duration_seconds_bucket"
                   and labels["route"] == route]
        assert buckets == sorted(buckets)
        assert buckets[-1] == page.value("http_request_duration_seconds_count", route=route)


def test_labels_stay_few_whatever_clients_ask_for(server, service):
    for i in range(200):
        server.get(f"/no/such/path/{i}", q=i)
        server.request(f"STRANGE{i}", "/health")
        server.get(f"/v1/baselines/{i}", service=f"{service}-{i}")
    server.store([event(f"{service}-{i}", endpoint=f"e{i}") for i in range(200)])
    with RawClient(server) as client:
        client.send(b"\x16\x03\x01 nonsense\r\n\r\n")
        assert client.answer()[0] == 400
    page = page_of(server)
    assert len([name for name, _, _ in page.samples if name not in WATCHED]) < SERIES_MAX
    routes = {labels["route"] for _, labels, _ in page.samples if "route" in labels}
    methods = {labels["method"] for _, labels, _ in page.samples if "method" in labels}
    assert all(route in {"none", "*"} or route.startswith("/") for route in routes)
    assert len(routes) < 40
    assert len(methods) <= 10
    # Only what sent events has series of its own, and only where that is bounded.
    text = "\n".join(line for line in server.get("/metrics").text.splitlines()
                     if line.split("{")[0] not in WATCHED)
    assert service not in text


def test_counters_count_what_happened(new_server, service):
    server = new_server().start()
    before = page_of(server)
    server.store([event(service, NOON + i, amount=i) for i in range(50)])
    server.store([event(service), {}], on_invalid="skip")
    assert server.ingest([{}, {}, event(service)]).status_code == 422
    page = wait_until(lambda: (p := page_of(server)).value(
        "http_requests_total", route="/v1/ingest") == 3 and p)

    def grown(name, **labels):
        return page.value(name, **labels) - before.value(name, **labels)
    assert grown("ingest_events_total") == 51
    assert grown("ingest_batches_total") == 2
    assert grown("ingest_events_rejected_total") == 3
    assert grown("commits_total") == 2
    assert grown("http_requests_total", route="/v1/ingest", method="POST", status="200") == 2
    assert grown("http_requests_total", route="/v1/ingest", method="POST", status="422") == 1
    assert page.value("ingest_segments") == 1
    assert page.value("queue_bytes") == 0 and page.value("queue_batches") == 0
    assert page.value("process_resident_memory_bytes") > 1 << 20


def test_the_gauges_of_open_requests_fall_again(new_server, service):
    server = new_server({"DRIFTGUARD_BODY_TIMEOUT_MS": 60000}).start()
    slow = [RawClient(server).send(ingest_request(b"[" + b" " * 5000, length=6000))
            for _ in range(5)]
    wait_until(lambda: page_of(server).value("http_body_inflight_bytes") >= 25_000)
    page = page_of(server)
    assert page.value("http_connections_open") >= 6 and page.value("http_requests_open") >= 5
    for client in slow:
        client.reset()
    wait_until(lambda: page_of(server).value("http_body_inflight_bytes") == 0)
    wait_until(lambda: page_of(server).value("http_connections_open") <= 2)
