# SPDX-License-Identifier: Apache-2.0
"""Ingest into the embedded store, beside what its disk and its engine take by themselves.

All of it on one server and one store: later rounds find a store of millions of events, and the
memory and the disk are those of the whole run.
"""
import os
import shutil

import parts
from driftguard import Driftguard

SHAPES = {
    "embedded, 4 x batches of 1000": {"connections": 4, "batch": 1000},
    "embedded, 64 x batches of 100": {"connections": 64, "batch": 100},
    "embedded, 64 x single events": {"connections": 64, "batch": 1},
}
THOUSAND, HUNDRED, ONE = SHAPES
HALF_RATE = "ingest at half rate, batches of 100"
BARE = "bare RocksDB"
BARE_WIDE = "bare RocksDB, batches of 10,000"
APPEND = "write and fdatasync, batches of 1,000"


def measure_limits(run):
    folder, rows = run.folder, run.size.limit_rows
    for name, batch in ((BARE, 1000), (BARE_WIDE, 10_000)):
        os.sync()
        run.samples.add(name, parts.program_json(
            "rocks_limit", directory=folder / "limit", batch=batch, rows=rows))
        shutil.rmtree(folder / "limit")
    os.sync()
    run.samples.add(APPEND, parts.program_json("append_limit", file=folder / "appended",
                                               rows=rows))
    (folder / "appended").unlink()


def measure_shape(run, server, name, **options):
    os.sync()
    run.samples.add(name, server.load(seconds=run.size.seconds, warmup=run.size.warmup,
                                      **options))
    server.wait_until_quiet(run.size.quiet_seconds_max)


def half_rate(run):
    """Half of the events/s that batches of 100 come to; measured on the spot if need be."""
    if HUNDRED not in run.samples:
        with Driftguard(run.folder / "top_rate") as server:
            measure_shape(run, server, HUNDRED, **SHAPES[HUNDRED])
    return max(1, round(run.samples.median(HUNDRED) / 2))


def measure(run):
    with Driftguard(run.folder / "ingest") as server:
        for _ in range(run.size.rounds):
            measure_limits(run)
            for name, shape in SHAPES.items():
                measure_shape(run, server, name, **shape)
                if name == THOUSAND and "read" not in run.samples:
                    run.samples.add("read", {"ns": read_ns(server)})
            measure_shape(run, server, HALF_RATE, rate=half_rate(run), **SHAPES[HUNDRED])
        run.samples.add("memory at top rate", {"bytes": server.peak_memory_bytes()})
    events = run.samples.total("events_taken", *SHAPES, HALF_RATE)
    run.samples.add("disk", {"bytes": parts.directory_bytes(server.data) / events})
    add_rows(run)


def read_ns(server):
    """The server's own count: from a body to what can be committed, on a busy machine."""
    figures = server.metrics()
    return (1e9 * figures["driftguard_ingest_read_seconds_total"]
            / max(1, figures["driftguard_ingest_events_total"]))


def add_rows(run):
    median = run.samples.median
    bare = {"limit": median(BARE), "limit_what": BARE}
    run.row(THOUSAND, median(THOUSAND), "events/s", **bare, target=0.7, target_of="ratio")
    run.row(HUNDRED, median(HUNDRED), "events/s", **bare, target=0.5, target_of="ratio")
    run.row(ONE, median(ONE), "events/s", **bare, target=20_000)
    run.row(f"{HALF_RATE}: p99", median(HALF_RATE, "p99_ms"), "ms", target=25, target_is="most")
    run.row("disk", median("disk", "bytes"), "bytes/event", limit=median(BARE, "bytes_per_event"),
            limit_what=BARE, target=100, target_is="most")
    run.row("memory, peak of all ingest", median("memory at top rate", "bytes") / 1e6, "MB",
            target=300, target_is="most")
    run.limit(BARE, median(BARE), "events/s")
    run.limit(BARE_WIDE, median(BARE_WIDE), "events/s")
    run.limit(APPEND, median(APPEND), "events/s")
    run.stage("server's CPU at batch 1000: all threads, flushes and compaction too",
              1000 * median(THOUSAND, "server_cpu_us_per_event"), "ns/event")
    run.stage("of which reading bodies, by the server's own clock, while all cores are busy",
              median("read", "ns"), "ns/event")
