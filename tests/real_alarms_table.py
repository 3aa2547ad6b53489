# SPDX-License-Identifier: Apache-2.0
"""Prints, or writes to docs/REAL-ALARMS.md, when alarms come on real traffic; see real_alarms.py.
Usage: real_alarms_table.py [--write] [SET]"""
import argparse
import tempfile

import real_alarms
import real_data
from harness import ROOT, Server

DOCUMENT = ROOT / "docs/REAL-ALARMS.md"
NAMED_MAX = 4  # Pairs of a comparison; the others are counted.
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

The second table of a set is of *pairs*, alarms of whether two fields go together
([ALARMS.md](ALARMS.md)); comparisons of which no pair fired are left out, and at most the first
four pairs are named. In brackets is what is known of the second part: *joint*, that one of the two
fields was permuted, so that each field stays as it was and the two do not go together any more;
else the graver verdict on the two fields (*unknown*: there is none). Of each permuted field a third
table shows how it was correlated with others, before and after; *not split* is one that had a
single value in the baseline's first tenth. A pair waits while one of its fields drifts by itself.
But a field whose own baseline is refused cannot be seen to drift, and then its move shows in its
pairs: most alarms marked *drift* are of this kind, and what is marked *stable* in `chicago_taxi`,
whose rows come month by month. Those before the change in `bike_sharing` are one weekend of other
weather, in three comparisons with the same first part.
"""


def line(row):
    name = row.comparison.name.replace("|", "\\|")
    nulls = " (nulls)" if row.expected.null_rate_shift else ""
    counts = " / ".join(f"{count:,}" for count in row.counts)
    return f"| {name} | {row.name} | {counts} | {row.expected.verdict}{nulls} | {row.verdict()} |"


def measure(name):
    """The rows of a set's fields, and what its pairs said."""
    every = list(real_data.comparisons(name))
    with tempfile.TemporaryDirectory(prefix="driftguard-real-") as folder:
        server = Server(folder, toml=real_data.rules(every)).start()
        cache = {}
        told = [real_alarms.evaluate(server, comparison, cache) for comparison in every]
        server.stop()
    return [row for rows, _ in told for row in rows], [pairs for _, pairs in told]


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


def summary_of_pairs(every):
    total = sum(len(pairs.reasons) for pairs in every)
    watched = sum(len(pairs.watched) for pairs in every)
    early = sum(len(pairs.before) for pairs in every)
    late = [pairs.truth(name) for pairs in every for name in pairs.after]
    joint = [pairs for pairs in every if pairs.comparison.joint]
    found = sum(any(map(pairs.permuted, pairs.after)) for pairs in joint)
    return (f"{total} pairs, {watched} of them watched. Alarms while nothing was known to change: "
            f"{early} of {watched}. After the change {len(late)} came: {late.count('joint')} where "
            f"only the joint distribution changes, {late.count('drift')} with a field that drifts, "
            f"{late.count('weak')} with a weak one, {late.count('unknown')} with a field of no "
            f"verdict, {late.count('stable')} with two stable fields. "
            f"Joint-only comparisons found: {found} of {len(joint)}.")


def short(pair):
    return f"`{pair.replace('request.body.', '')}`"


def named(names):
    more = f", and {len(names) - NAMED_MAX} more" if len(names) > NAMED_MAX else ""
    return ", ".join(names[:NAMED_MAX]) + more if names else "none"


def pair_line(pairs):
    name = pairs.comparison.name.replace("|", "\\|")
    before = named([short(pair) for pair in pairs.before])
    after = named([f"{short(pair)} after {events:,.0f} events ({pairs.truth(pair)})"
                   for pair, events in pairs.after.items()])
    return f"| {name} | {len(pairs.watched)} of {len(pairs.reasons)} | {before} | {after} |"


def joint_lines(pairs):
    """Each pair that truth.json says is torn apart."""
    joint = pairs.comparison.joint
    for other, correlation in joint["correlation_with_permuted_field"].items():
        pair = "~".join(sorted((joint["permuted_field"], f"request.body.{other}")))
        before, after = (round(correlation[when], 2) + 0.0 for when in ("before", "after"))
        yield f"| {short(pair)} | {before:.2f} | {after:.2f} | {pairs.verdict(pair)} |"


def pair_tables(every):
    if not any(pairs.reasons for pairs in every):
        return []
    lines = ["\nPairs: " + summary_of_pairs(every)]
    fired = [pair_line(pairs) for pairs in every if pairs.before or pairs.after]
    if fired:
        lines += ["\n| comparison | pairs watched | before the change | after it |",
                  "|---|---|---|---|"] + fired
    torn = [line for pairs in every if pairs.comparison.joint for line in joint_lines(pairs)]
    if torn:
        lines += ["\n| joint drift only: pair | correlation before | after | alarm |",
                  "|---|---|---|---|"] + torn
    return lines


def table(name, rows, pairs):
    head = [f"\n## {name}\n", summary(rows) + "\n",
            "| comparison | field | events: baseline / quiet / changed | truth | alarm |",
            "|---|---|---|---|---|"]
    return "\n".join(head + [line(row) for row in rows] + pair_tables(pairs)) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write docs/REAL-ALARMS.md")
    parser.add_argument("set", nargs="?", choices=real_data.SETS)
    asked = parser.parse_args()
    measured = {name: measure(name) for name in ([asked.set] if asked.set else real_data.SETS)}
    tables = "".join(table(name, *told) for name, told in measured.items())
    fields = summary([row for rows, _ in measured.values() for row in rows])
    pairs = summary_of_pairs([every for _, told in measured.values() for every in told])
    totals = f"All sets: {fields}\n\nAll pairs: {pairs}\n"
    if asked.write:
        DOCUMENT.write_text(f"{HEAD}\n{totals}{tables}")
    else:
        print(tables + "\n" + totals)


if __name__ == "__main__":
    main()
