# SPDX-License-Identifier: Apache-2.0
"""Prints, or writes to docs/REAL-ALARMS.md, when alarms come on real traffic; see real_alarms.py.
Usage: real_alarms_table.py [--write] [SET]"""
import argparse
import tempfile

import real_alarms
import real_data
from harness import ROOT, Server

DOCUMENT = ROOT / "docs/REAL-ALARMS.md"
HEAD = """# Alarms on real traffic

When alarms come on nine public data sets, against the moment of the known change, and how many come
without one. Each comparison of `truth.json` becomes one stream, an event a second: the first three
fifths of its first part are the baseline, then comes the rest of it (*quiet*), then the second part
(*changed*). One configuration for all sets, the program's own; nothing is tuned. Written by
`script/real-alarms --write`; `tests/real_alarms_test.py` holds the program to every row.

`truth` is the data set's verdict on the second part ([REAL-DATA.md](REAL-DATA.md)). *after N
events*: the alarm fired so long after the change; a bucket of ten seconds has to end first.
*none*: it did not. *before the change*: it fired while nothing was known to change; some of these
are real all the same, because seasons, weekdays and prices move within the first part too.
*refused*: the baseline drifts or wobbles within itself so much that an alarm against it could not
keep its promise, and says so; then nothing is watched. A baseline of hours of a year in an hour
(`bike_sharing`) is such a case; in its own time it would be a year of traffic. The comparisons of
`nezha_*` share their fault-free spans, so that one early alarm there is counted in many rows.
"""


def line(row):
    name = row.comparison.name.replace("|", "\\|")
    nulls = " (nulls)" if row.expected.null_rate_shift else ""
    counts = " / ".join(f"{count:,}" for count in row.counts)
    return f"| {name} | {row.name} | {counts} | {row.expected.verdict}{nulls} | {row.verdict()} |"


def measure(name):
    every = list(real_data.comparisons(name))
    with tempfile.TemporaryDirectory(prefix="driftguard-real-") as folder:
        server = Server(folder, toml=real_data.rules(every)).start()
        cache = {}
        rows = [row for comparison in every for row in real_alarms.rows(server, comparison, cache)]
        server.stop()
    return rows


def summary(rows):
    watched = [row for row in rows if row.admitted]
    drifts = [row for row in watched if row.expected.verdict == "drift"]
    found = sum(row.after is not None or row.before > 0 for row in drifts)
    stable = [row for row in watched if row.expected.verdict == "stable"]
    false = sum(row.after is not None or row.before > 0 for row in stable)
    early = sum(row.before > 0 for row in watched)
    return (f"{len(rows)} fields, {len(watched)} of them watched. Drifts that raised an alarm: "
            f"{found} of {len(drifts)}; stable fields that did: {false} of {len(stable)}. "
            f"Alarms while nothing was known to change: {early} of {len(watched)}.")


def table(name, rows):
    head = [f"\n## {name}\n", summary(rows) + "\n",
            "| comparison | field | events: baseline / quiet / changed | truth | alarm |",
            "|---|---|---|---|---|"]
    return "\n".join(head + [line(row) for row in rows]) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write docs/REAL-ALARMS.md")
    parser.add_argument("set", nargs="?", choices=real_data.SETS)
    asked = parser.parse_args()
    measured = {name: measure(name) for name in ([asked.set] if asked.set else real_data.SETS)}
    tables = "".join(table(name, rows) for name, rows in measured.items())
    everything = summary([row for rows in measured.values() for row in rows])
    if asked.write:
        DOCUMENT.write_text(f"{HEAD}\nAll sets: {everything}\n{tables}")
    else:
        print(tables + "\n" + everything)


if __name__ == "__main__":
    main()
