# SPDX-License-Identifier: Apache-2.0
"""Memory: of a server that waits, and of one with a thousand services live.

The bound on the second is `segments_max`, set here to exactly the segments that are live; one more
must be refused. (Memory at the top rate is measured where the top rate is: groups/ingest.py.)
"""
import time

import parts
from driftguard import Driftguard

IDLE = "memory, idle"
ENDPOINTS = 10
FEATURES = 8


def measure_idle(run):
    with Driftguard(run.folder / "idle") as server:
        server.ask("GET", "/health")
        time.sleep(min(1, run.size.seconds))
        run.samples.add(IDLE, {"bytes": server.memory_bytes()})


def wide(run):
    return (f"memory, {run.size.wide_services:,} services x {ENDPOINTS} endpoints "
            f"x {FEATURES} features")


def measure_wide(run):
    services = run.size.wide_services
    segments = services * ENDPOINTS
    shape = {"services": services, "endpoints": ENDPOINTS, "features": FEATURES}
    with Driftguard(run.folder / "wide", settings={
            "DRIFTGUARD_SEGMENTS_MAX": segments}) as server:
        # Once over the window, so that reports have buckets to add up, then live.
        server.load(connections=4, batch=1000, requests=max(1, 10 * segments // 1000),
                    span_seconds=1500, **shape)
        run.samples.add("wide ingest", server.load(
            connections=4, batch=1000, seconds=run.size.wide_seconds, warmup=0, **shape))
        for service in range(services):
            server.ask("GET", f"/reports/latest?service=service-{service}")
        run.samples.add(wide(run), {"bytes": server.peak_memory_bytes()})
        expect_refusal(server, segments)


def expect_refusal(server, segments):
    found = server.metrics()["driftguard_ingest_segments"]
    if found != segments:
        raise parts.Failure(f"{found:.0f} segments are live, not {segments}")
    status, _ = server.request("POST", "/v1/ingest", [
        {"ts": "2025-01-01T00:00:00Z", "service": "one too many", "endpoint": "e"}])
    if status != 422:
        raise parts.Failure(f"a segment beyond segments_max was answered with {status}")


def measure(run):
    measure_idle(run)
    measure_wide(run)
    median = run.samples.median
    run.row(IDLE, median(IDLE, "bytes") / 1e6, "MB", target=30, target_is="most")
    run.row(wide(run), median(wide(run), "bytes") / 1e6, "MB", target=2000, target_is="most")
    segments = run.size.wide_services * ENDPOINTS
    run.row(f"embedded, 4 x batches of 1000, {segments:,} segments in turn",
            median("wide ingest"), "events/s")
