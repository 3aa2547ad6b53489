# SPDX-License-Identifier: Apache-2.0
"""Ingest and reports on PostgreSQL, beside COPY and beside the peer on the same server.

Each measurement has a database of its own, made anew.
"""
import contextlib
import os
import re

import micro
import parts
import peer
from database import Postgres
from driftguard import Driftguard
from groups import reports

SHAPES = {
    "PostgreSQL, 4 x batches of 1000": {"connections": 4, "batch": 1000},
    "PostgreSQL, 64 x single events": {"connections": 64, "batch": 1},
}
THOUSAND, ONE = SHAPES
TEXT_COPY = r"psql \copy, one transaction"
BINARY_COPY = "binary COPY of 1,000 rows"
COPY = r"\copy observations_raw (ts, service, endpoint, host, payload) FROM '{}'"


def of_peer(name):
    return f"peer, {name}"


@contextlib.contextmanager
def ours(run, postgres, database):
    with Driftguard(run.folder / "on_postgres", postgres.url(database)) as server:
        yield server


@contextlib.contextmanager
def theirs(run, postgres, database):
    folder = run.folder / f"peer_{database}"
    with peer.Peer(folder, postgres.url(database)) as server:
        yield server


# --- Ingest. ---

def copy_rows(run, rows):
    """A file of so many rows as COPY's text, 1.5 ms apart, up to now."""
    file = run.folder / "rows.tsv"
    with file.open("w") as out:
        parts.run_into(out, parts.BUILD / "copy_rows", "--rows", rows)
    return file


def measure_text_copy(run, postgres, file):
    with postgres.database("copied", "empty") as database:
        os.sync()
        printed = postgres.psql(database, r"\timing on", COPY.format(file))
    ms = float(re.search(r"Time: ([0-9.]+) ms", printed)[1])
    run.samples.add(TEXT_COPY, {"rows": run.size.copy_rows, "seconds": ms / 1000,
                                "events_per_s": 1000 * run.size.copy_rows / ms})


def measure_binary_copy(run, postgres):
    with postgres.database("copied", "empty") as database:
        os.sync()
        run.samples.add(BINARY_COPY, parts.program_json(
            "copy_limit", url=postgres.url(database), rows=run.size.copy_rows))


def measure_commits(run, postgres):
    """Commits without HTTP and JSON; to be found in latest.json alone."""
    with postgres.database("committed", "empty") as database:
        micro.run_program(run, "store_postgres_bench",
                          DRIFTGUARD_BENCH_URL=postgres.url(database))


def measure_shape(run, postgres, name, system):
    with postgres.database("ingested", "empty") as database:
        with system(run, postgres, database) as server:
            os.sync()
            found = server.load(seconds=run.size.seconds, warmup=run.size.warmup, **SHAPES[name])
    run.samples.add(of_peer(name) if system is theirs else name, found)


def measure_ingest(run, postgres, systems):
    file = copy_rows(run, run.size.copy_rows)
    for _ in range(run.size.rounds):
        measure_text_copy(run, postgres, file)
        measure_binary_copy(run, postgres)
        for name in SHAPES:
            for system in systems:
                measure_shape(run, postgres, name, system)


# --- Reports. ---

def report_name(rows):
    return f"PostgreSQL, report over {rows:,} events"


def poll(run, server, path, rows):
    """One after the other, as many as take a bearable time when each reads all rows."""
    requests = max(3, min(run.size.peer_reports, 2_000_000 // rows))
    return server.load(path, get=True, connections=1, requests=requests)


def measure_our_report(run, postgres, rows):
    with postgres.database("reported", "empty") as database:
        with ours(run, postgres, database) as server:
            server.load(connections=4, batch=min(rows, 1000), requests=max(1, rows // 1000),
                        span_seconds=reports.SPAN_SECONDS)
            reports.prepare(run, server)
            run.samples.add(report_name(rows), poll(run, server, reports.REPORT, rows))


def measure_peer_report(run, postgres, rows):
    with postgres.database("reported", "empty") as database:
        postgres.psql(database, COPY.format(copy_rows(run, rows)),
                      "VACUUM ANALYZE observations_raw")
        with theirs(run, postgres, database) as server:
            server.build_baseline()
            run.samples.add(of_peer(report_name(rows)), poll(
                run, server, "/reports/latest?window_minutes=30", rows))


# --- All of it. ---

def measure(run):
    absent = peer.why_absent()
    if absent:
        run.note(absent)
    systems = [ours] if absent else [ours, theirs]
    with Postgres(run.folder / "postgres") as postgres, postgres.database("empty"):
        with Driftguard(run.folder / "on_postgres", postgres.url("empty")):
            pass  # Makes the tables.
        measure_commits(run, postgres)
        measure_ingest(run, postgres, systems)
        for rows in run.size.peer_windows:
            measure_our_report(run, postgres, rows)
            if not absent:
                measure_peer_report(run, postgres, rows)
    add_rows(run)
    if not absent:
        add_peer_rows(run)


def add_rows(run):
    median = run.samples.median
    run.row(THOUSAND, median(THOUSAND), "events/s", limit=median(BINARY_COPY),
            limit_what=BINARY_COPY, target=0.9, target_of="ratio")
    run.row(ONE, median(ONE), "events/s")
    run.limit(BINARY_COPY + " a transaction, one stream", median(BINARY_COPY), "events/s")
    run.limit(TEXT_COPY, median(TEXT_COPY), "events/s")
    for rows in run.size.peer_windows:
        name = report_name(rows)
        beside = {}
        if of_peer(name) in run.samples:
            beside = {"limit": median(of_peer(name), "p50_ms"), "limit_what": "peer"}
        run.row(f"{name}: p50", median(name, "p50_ms"), "ms", **beside)


def add_peer_rows(run):
    median, cpu = run.samples.median, "server_cpu_us_per_event"
    for name, target in ((THOUSAND, 1.8), (ONE, 8)):
        run.row(f"{name}, beside the peer", median(name), "events/s",
                limit=median(of_peer(name)), limit_what="peer", target=target, target_of="ratio")
    run.row(f"{THOUSAND}: API's CPU", median(THOUSAND, cpu), "us/event",
            limit=median(of_peer(THOUSAND), cpu), limit_what="peer", target=0.1,
            target_of="ratio", target_is="most")
    largest = run.size.peer_windows[-1]
    if largest == run.size.report_events and reports.BUSY in run.samples:
        run.row("embedded, report over 1 M events, ingest at half rate: p50",
                median(reports.BUSY, "p50_ms"), "ms",
                limit=median(of_peer(report_name(largest)), "p50_ms"), limit_what="peer, idle",
                target=0.001, target_of="ratio", target_is="most")
