# SPDX-License-Identifier: Apache-2.0
"""Measures driftguard beside its limits and its peer, in one run: see docs/PERFORMANCE.md.

Each figure of throughput is the median of some rounds; within a round, what is measured and its
limit follow each other, so that a machine that is slow for a while is slow for both.
"""
import argparse
import dataclasses
import os
import signal
import sys

import page
import parts
import table
from groups import ingest, memory, numbers, postgres, reports, stages, startup
from samples import SMOKE, Run, Size

LATEST = parts.ROOT / "bench/results/latest.json"
GROUPS = {"stages": stages, "numbers": numbers, "ingest": ingest, "reports": reports,
          "startup": startup, "memory": memory, "postgres": postgres}


def arguments():
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__.split("\n\n")[0])
    parser.add_argument("groups", nargs="*", metavar="GROUP",
                        help=f"what to measure, of {', '.join(GROUPS)} (default: all)")
    parser.add_argument("--smoke", action="store_true",
                        help="everything for a moment: that it runs, not how fast")
    parser.add_argument("--seconds", type=float, default=Size.seconds,
                        help="how long each ingest is measured, three times (default: 5)")
    parser.add_argument("--peer", action="store_true",
                        help="install what the peer needs (done by script/bench)")
    parser.add_argument("--write-docs", action="store_true",
                        help="put the tables into docs/PERFORMANCE.md")
    chosen = parser.parse_args()
    for name in chosen.groups:
        if name not in GROUPS:
            parser.error(f"no group {name}; there are {', '.join(GROUPS)}")
    if chosen.write_docs and (chosen.smoke or chosen.groups):
        parser.error("--write-docs wants a whole run")
    return chosen


def measure(run, names):
    for name, group in GROUPS.items():
        if name in names:
            print(f"{name}:", flush=True)
            group.measure(run)


def main():
    chosen = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    size = SMOKE if chosen.smoke else dataclasses.replace(Size(), seconds=chosen.seconds)
    facts = table.machine(parts.ROOT)
    try:
        with parts.scratch_folder() as folder:
            run = Run(folder, size)
            measure(run, chosen.groups or list(GROUPS))
        facts["load_average_after"] = os.getloadavg()[0]
    except parts.Failure as failure:
        sys.exit(f"script/bench: {failure}")
    if chosen.smoke:
        print(f"\n{len(run.rows)} rows; a smoke run's figures mean nothing.")
        return
    print(f"\n{page.text_of(facts, run)}")
    table.write_json(LATEST, facts, run)
    print(f"Written to {LATEST.relative_to(parts.ROOT)}.")
    if chosen.write_docs:
        page.write(facts, run)


if __name__ == "__main__":
    main()
