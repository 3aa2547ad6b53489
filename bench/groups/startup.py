# SPDX-License-Identifier: Apache-2.0
"""From starting the program to its first answers, on a store of ten million events.

All of them lie in the report's window. The last start follows a kill -9, so that the logs have to
be read back.
"""
from driftguard import Driftguard
from groups import reports

HEALTH = "start-up, 10 M events: first /health"
FIRST_REPORT = "start-up, 10 M events: first report"
AFTER_KILL = "start-up, 10 M events, after kill -9: first /health"


def start(run, folder):
    with Driftguard(folder, wait=False) as server:
        health = server.wait_for_answer("/health")
        report = server.wait_for_answer(reports.REPORT)
    run.samples.add(HEALTH, {"ms": health})
    run.samples.add(FIRST_REPORT, {"ms": report})


def measure(run):
    folder = run.folder / "startup"
    with Driftguard(folder) as server:
        run.samples.add("load for start-up", server.load(
            connections=4, batch=1000, requests=run.size.start_events // 1000,
            span_seconds=reports.SPAN_SECONDS))
        reports.prepare(run, server)
    for _ in range(run.size.starts):
        start(run, folder)
    with Driftguard(folder) as server:
        server.load(connections=4, batch=1000, seconds=run.size.warmup, warmup=0)
        server.kill()
    with Driftguard(folder, wait=False) as server:
        run.samples.add(AFTER_KILL, {"ms": server.wait_for_answer("/health")})
    median = run.samples.median
    run.row(HEALTH, median(HEALTH, "ms"), "ms", target=200, target_is="most")
    run.row(FIRST_REPORT, median(FIRST_REPORT, "ms"), "ms", target=200, target_is="most")
    run.row(AFTER_KILL, median(AFTER_KILL, "ms"), "ms")
