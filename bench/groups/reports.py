# SPDX-License-Identifier: Apache-2.0
"""Reports over a window of a million events, and of a hundred million, beside ingest.

The million comes over HTTP. The hundred million is loaded as rollups (load_rollups): a report
reads nothing else.
"""
import contextlib
import json
import subprocess

import parts
from driftguard import Driftguard
from groups import ingest

REPORT = "/reports/latest?service=payments_api&window_minutes=30"
IDLE = "report over 1 M events, idle"
BUSY = "report over 1 M events, ingest at half rate"
FLOOR = "GET /livez, ingest at half rate"
BUSY_LARGE = "report over 100 M events, ingest at half rate"
SPAN_SECONDS = 1500


def polls(size):
    return {"get": True, "connections": 1, "requests": size.reports,
            "rate": size.reports_per_second}


@contextlib.contextmanager
def ingest_beside(run, server):
    """Ingest at half rate that begins before the block, and ends after it."""
    seconds = run.size.reports / run.size.reports_per_second + 2
    options = {"url": server.url, "seconds": seconds, "warmup": 0, "rate": ingest.half_rate(run),
               **ingest.SHAPES[ingest.HUNDRED]}
    with subprocess.Popen([parts.BUILD / "loadgen", *parts.flags_of(options)], text=True,
                          stdout=subprocess.PIPE) as load:
        try:
            yield
            printed = load.communicate(timeout=seconds + 60)[0]
        finally:
            load.kill()
    if load.returncode != 0:
        raise parts.Failure(f"loadgen ended with {load.returncode}: {printed}")
    run.samples.add("ingest beside reports", json.loads(printed))


def prepare(run, server):
    """A baseline of all that is there, and a machine with nothing else to do."""
    server.ask("POST", "/v1/baselines", {"service": "payments_api", "window_minutes": 30})
    server.wait_until_quiet(run.size.quiet_seconds_max)


def measure_million(run):
    with Driftguard(run.folder / "million") as server:
        run.samples.add("load for reports", server.load(
            connections=4, batch=1000, requests=max(1, run.size.report_events // 1000),
            span_seconds=SPAN_SECONDS))
        prepare(run, server)
        run.samples.add(IDLE, server.load(REPORT, **polls(run.size)))
        with ingest_beside(run, server):
            run.samples.add(BUSY, server.load(REPORT, **polls(run.size)))
        with ingest_beside(run, server):
            run.samples.add(FLOOR, server.load("/livez", **polls(run.size)))


def measure_hundred_million(run):
    folder = run.folder / "hundred_million"
    with Driftguard(folder):
        pass  # Makes the store.
    run.samples.add("load of rollups", parts.program_json(
        "load_rollups", directory=folder / "data", events=run.size.report_rollups,
        span_seconds=SPAN_SECONDS))
    with Driftguard(folder) as server:
        # The names of features are claimed by events.
        server.load(connections=1, batch=100, requests=1)
        prepare(run, server)
        with ingest_beside(run, server):
            run.samples.add(BUSY_LARGE, server.load(REPORT, **polls(run.size)))
        run.samples.add("memory with 100 M events", {"bytes": server.peak_memory_bytes()})


def measure(run):
    ingest.half_rate(run)
    measure_million(run)
    measure_hundred_million(run)
    median = run.samples.median
    for part, target in (("p50", 1), ("p99", 5)):
        key = f"{part}_ms"
        run.row(f"{IDLE}: {part}", median(IDLE, key), "ms")
        run.row(f"{BUSY}: {part}", median(BUSY, key), "ms", limit=median(FLOOR, key),
                limit_what="GET /livez", target=target, target_is="most")
    for part in ("p50", "p99"):
        key = f"{part}_ms"
        run.row(f"{BUSY_LARGE}: {part}", median(BUSY_LARGE, key), "ms", limit=median(BUSY, key),
                limit_what="over 1 M", target=1.5, target_of="ratio", target_is="most")
    run.row("memory, peak with reports over 100 M events",
            median("memory with 100 M events", "bytes") / 1e6, "MB")
