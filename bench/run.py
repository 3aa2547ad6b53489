# SPDX-License-Identifier: Apache-2.0
"""Measures driftguard beside its limits, in one run: see docs/PERFORMANCE.md.

Each figure is the median of some rounds; within a round, what is measured and its limit follow
each other, so that a machine that is slow for a while is slow for both.
"""
import argparse
import contextlib
import dataclasses
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys

import parts
import table
from table import Row

LATEST = parts.ROOT / "bench/results/latest.json"
REPORT = "/reports/latest?service=payments_api&window_minutes=30"
COPY = r"\copy observations_raw (ts, service, endpoint, host, payload) FROM '{}'"


@dataclasses.dataclass
class Size:
    """How much a run does."""
    seconds: float = 5
    warmup: float = 1
    rounds: int = 3
    quiet_seconds_max: float = 20
    limit_rows: int = 1_000_000
    copy_rows: int = 300_000
    report_events: int = 1_000_000
    reports: int = 300
    reports_per_second: int = 50
    ingest_rate_beside_reports: int = 20_000


SMOKE = Size(seconds=0.5, warmup=0.2, rounds=1, quiet_seconds_max=1, limit_rows=20_000,
             copy_rows=10_000, report_events=20_000, reports=20, ingest_rate_beside_reports=2_000)


class Samples:
    """All that was measured, by name; a name has one sample a round."""

    def __init__(self):
        self.all = {}

    def add(self, name, figures):
        self.all.setdefault(name, []).append(figures)
        rate = figures.get("events_per_s", 0)
        print(f"  {name}: {rate:,.0f}/s" + (f", p99 {figures['p99_ms']:.1f} ms"
                                            if "p99_ms" in figures else ""), flush=True)

    def median(self, name, key="events_per_s"):
        return statistics.median(figures[key] for figures in self.all[name])

    def total(self, key, *names):
        return sum(figures.get(key, 0) for name in names for figures in self.all[name])


# --- Reports over a window of a million events. ---

def measure_reports(server, size, samples):
    samples.add("load for reports", server.load(
        connections=4, batch=1000, requests=size.report_events // 1000, span_seconds=1500))
    server.post("/v1/baselines", {"service": "payments_api", "window_minutes": 30})
    server.wait_until_quiet(size.quiet_seconds_max)
    polls = {"get": True, "connections": 1, "requests": size.reports,
             "rate": size.reports_per_second}
    samples.add("reports, idle", server.load(REPORT, **polls))
    with ingest_beside(server, size, samples):
        samples.add("reports, during ingest", server.load(REPORT, **polls))


@contextlib.contextmanager
def ingest_beside(server, size, samples):
    """Ingest at a fixed rate that begins before the block, and ends after it."""
    seconds = size.reports / size.reports_per_second + 2
    options = {"url": server.url, "connections": 4, "batch": 100, "seconds": seconds,
               "warmup": 0, "rate": size.ingest_rate_beside_reports}
    with subprocess.Popen([parts.BUILD / "loadgen", *parts.flags_of(options)], text=True,
                          stdout=subprocess.PIPE) as load:
        try:
            yield
            printed = load.communicate(timeout=seconds + 60)[0]
        finally:
            load.kill()
    if load.returncode != 0:
        raise parts.Failure(f"loadgen ended with {load.returncode}: {printed}")
    samples.add("ingest beside reports", json.loads(printed))


def report_rows(samples):
    rows = []
    for name in ("reports, idle", "reports, during ingest"):
        rows.append(Row(f"{name}: p50", samples.median(name, "p50_ms"), "ms"))
        rows.append(Row(f"{name}: p99", samples.median(name, "p99_ms"), "ms", target=50,
                        target_is="most"))
    return rows


# --- Ingest into the embedded store. ---

INGESTS = {
    "embedded, 4 x batches of 1000": {"connections": 4, "batch": 1000},
    "embedded, 64 x batches of 100": {"connections": 64, "batch": 100},
    "embedded, 64 x single events": {"connections": 64, "batch": 1},
}
LIMIT = "bare RocksDB"


def measure_limit(folder, size, samples):
    os.sync()
    samples.add(LIMIT, parts.program_json("rocks_limit", directory=folder / "limit", batch=1000,
                                          rows=size.limit_rows))
    shutil.rmtree(folder / "limit")


def measure_ingest(server, folder, size, samples):
    for _ in range(size.rounds):
        for name, shape in INGESTS.items():
            if shape["batch"] == 1000:
                measure_limit(folder, size, samples)
            os.sync()
            samples.add(name, server.load(seconds=size.seconds, warmup=size.warmup, **shape))
            server.wait_until_quiet(size.quiet_seconds_max)


def measure_embedded(folder, size, samples):
    """The whole embedded run on one server and one store: its memory and disk are of all of it."""
    with parts.Driftguard(folder / "embedded") as server:
        measure_reports(server, size, samples)
        measure_ingest(server, folder, size, samples)
        memory = server.peak_memory_bytes()
    events = samples.total("events_taken", "load for reports", "ingest beside reports", *INGESTS)
    return {"events": events, "memory_bytes": memory,
            "disk_bytes": parts.directory_bytes(server.data)}


def embedded_rows(samples, outcome):
    limit = {"limit": samples.median(LIMIT), "limit_what": LIMIT}
    thousand, hundred, one = INGESTS
    return [
        Row(thousand, samples.median(thousand), "events/s", **limit, target=250_000),
        Row(f"{thousand}: server's CPU", samples.median(thousand, "server_cpu_us_per_event"),
            "us/event"),
        Row(hundred, samples.median(hundred), "events/s", **limit, target=0.5, target_of="ratio"),
        Row(one, samples.median(one), "events/s", **limit, target=20_000),
        *report_rows(samples),
        Row("peak memory of the server", outcome["memory_bytes"] / 1e6, "MB", target=300,
            target_is="most"),
        Row("disk", outcome["disk_bytes"] / outcome["events"], "bytes/event",
            limit=samples.median(LIMIT, "bytes_per_event"), limit_what=LIMIT, target=100,
            target_is="most"),
    ]


# --- Ingest into PostgreSQL. ---

ON_POSTGRES = "PostgreSQL, 4 x batches of 1000"
COPIED = r"psql \copy"


def copy_once(postgres, database, file, size):
    os.sync()
    printed = postgres.psql(database, r"\timing on", COPY.format(file))
    ms = float(re.search(r"Time: ([0-9.]+) ms", printed)[1])
    return {"rows": size.copy_rows, "seconds": ms / 1000,
            "events_per_s": 1000 * size.copy_rows / ms}


def measure_postgres(folder, size, samples):
    file = folder / "rows.tsv"
    file.write_text(parts.run(parts.BUILD / "copy_rows", "--rows", size.copy_rows))
    with parts.Postgres(folder / "postgres") as postgres, postgres.database("empty"):
        with parts.Driftguard(folder / "migrate", postgres.url("empty")):
            pass  # Makes the tables.
        for number in range(size.rounds):
            with postgres.database("copied", "empty") as database:
                samples.add(COPIED, copy_once(postgres, database, file, size))
            with postgres.database("ingested", "empty") as database:
                with parts.Driftguard(folder / f"on_postgres{number}",
                                      postgres.url(database)) as server:
                    os.sync()
                    samples.add(ON_POSTGRES, server.load(connections=4, batch=1000,
                                                         seconds=size.seconds,
                                                         warmup=size.warmup))


def postgres_rows(samples):
    return [Row(ON_POSTGRES, samples.median(ON_POSTGRES), "events/s",
                limit=samples.median(COPIED), limit_what=COPIED, target=0.7, target_of="ratio")]


# --- The run. ---

def measure(folder, size):
    samples = Samples()
    outcome = measure_embedded(folder, size, samples)
    measure_postgres(folder, size, samples)
    ingest, rest = embedded_rows(samples, outcome), postgres_rows(samples)
    return ingest + rest, {**samples.all, "embedded outcome": outcome}


def arguments():
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__.split("\n\n")[0])
    parser.add_argument("--smoke", action="store_true",
                        help="every stage for a moment: that it runs, not how fast")
    parser.add_argument("--seconds", type=float, default=Size.seconds,
                        help="how long each ingest is measured, three times (default: 5)")
    return parser.parse_args()


def main():
    chosen = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    size = SMOKE if chosen.smoke else Size(seconds=chosen.seconds)
    facts = table.machine(parts.ROOT)
    try:
        with parts.scratch_folder() as folder:
            rows, samples = measure(folder, size)
        facts["load_average_after"] = os.getloadavg()[0]
    except parts.Failure as failure:
        sys.exit(f"script/bench: {failure}")
    if chosen.smoke:
        print(f"\n{len(rows)} rows; a smoke run's figures mean nothing.")
        return
    print(f"\n{table.machine_line(facts)}\n\n{table.text_of(rows)}")
    table.write_json(LATEST, facts, rows, samples)
    print(f"\nWritten to {LATEST.relative_to(parts.ROOT)}.")


if __name__ == "__main__":
    main()
