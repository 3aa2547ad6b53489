# SPDX-License-Identifier: Apache-2.0
"""Where the time of one event goes: the benchmarks beside the code, run one after the other.

Processor time, batches of 1,000 payments with four features. What a stage costs is what it costs
alone or, for those that have no benchmark of their own, what a longer way costs less a shorter one.
"""
import micro

PROGRAMS = ("ingest_bench", "rollup_bench", "stats_bench", "store_rocksdb_bench")
COMMIT = "commit_batches/rows:1000/rollups:1/real_time"
API = "API's CPU: read, hand over, group commit, answer; no HTTP, no store"


def measure(run):
    found = {}
    for program in PROGRAMS:
        found.update(micro.run_program(run, program, DRIFTGUARD_BENCH_DIR=str(run.folder)))
    add_rows(run, {name: 1e9 * result["per_event"] for name, result in found.items()
                   if "per_event" in result})
    elapsed = 1e9 / found[COMMIT]["items_per_second"]
    run.stage("commit of 1,000 events and two deltas into RocksDB, synced: elapsed", elapsed,
              "ns/event")


def add_rows(run, ns):
    parse = ns["parse_alone"]
    stages = {
        "parse: the whole body, simdjson": parse,
        "slice: where each event's text lies": ns["slice"],
        "fields: read and checked": ns["fields"],
        "observe: keys, duplicates among them": ns["observe"],
        "fold: values to their buckets": max(0, ns["observe_and_fold"] - ns["observe"]),
        "summaries: sort and count": ns["take_summaries/1000"],
        "encode: the rollup as bytes": ns["encode_rollup/1000"],
    }
    stages["the rest of reading: rows, buffers"] = max(0, ns["read"] - sum(stages.values()))
    stages["hand over: queue, group commit, answer"] = max(
        0, ns["whole_way/process_time"] - ns["read"])
    for name, figure in stages.items():
        run.stage(name, figure, "ns/event")
    run.stage("all of these, measured as one", ns["whole_way/process_time"], "ns/event")
    run.row(API, ns["whole_way/process_time"], "ns/event", limit=parse,
            limit_what="simdjson alone", target=600, target_is="most")
    run.limit("simdjson's DOM alone, batches of 1,000", parse, "ns/event")
