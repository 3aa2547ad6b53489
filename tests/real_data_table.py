# SPDX-License-Identifier: Apache-2.0
"""Prints, or writes to docs/REAL-DATA.md, what driftguard says of real traffic beside what SciPy
says; see real_data.py. Usage: real_data_table.py [--write] [SET [NUMBER]]"""
import argparse
import tempfile

import real_data
from harness import ROOT, Server

HEAD = """# Real traffic

What driftguard reports on ten public data sets, beside the figures that SciPy 1.10 gives for the
same rows. Each comparison takes two parts of a set (`truth.json` says which, and how it is known
that something changed), builds a baseline on the first and makes the report on the second; the
events get new times, because the parts of many sets interleave. The data lie beside the checkout,
in `../shared/data`; each set's `SOURCE.txt` names its origin and licence.

`truth` is the data set's own verdict: *drift* for D >= 0.15 with p < 1e-6 or PSI >= 0.25, *stable*
for D < 0.05 or p > 0.01, or PSI < 0.1, *weak* between. driftguard's verdict is the check's, by the
seed's rule (p < 0.05, PSI > 0.2): it is `fail` for every *drift*, and for many a *weak* and some
a *stable* one, because with thousands of values a small difference is significant. That is what
the alarms are for. `few` means fewer than 50 values on a side: no verdict by contract.

Set `stripe_2017_2021` holds schema changes, nothing that KS or PSI measures; it is imported by the
tests, and has no rows here. PSI is computed here with the sets' floor, 1e-4
(`DRIFTGUARD_PSI_FLOOR`). Written by `script/real-data --write`; `tests/real_data_test.py` holds
every row to six digits.
"""


def verdict(row):
    if row.too_few():
        return "few"
    return "fail" if row.found() else "ok"


def number(value):
    return "-" if value is None else f"{value:.6g}"


def line(row):
    c = row.comparison
    name = c.name.replace("|", "\\|")
    return (f"| {name} | {row.name} | {row.measure} {number(row.theirs)} | {number(row.ours)} "
            f"| {number(row.expected.p)} | {number(row.check.get('p_value'))} "
            f"| {row.expected.verdict}{' (nulls)' if row.expected.null_rate_shift else ''} "
            f"| {verdict(row)} | `script/real-data {c.service}` |")


def table(name, only):
    every = list(real_data.comparisons(name))
    with tempfile.TemporaryDirectory(prefix="driftguard-real-") as folder:
        server = Server(folder, settings=real_data.SETTINGS, toml=real_data.rules(every)).start()
        cache = {}
        rows = [row for c in every if only in (None, c.number)
                for row in real_data.rows(server, c, cache)]
        server.stop()
    drifts = [row for row in rows if row.expected.verdict == "drift" and not row.too_few()
              and not row.expected.null_rate_shift]
    found = sum(row.found() for row in drifts)
    equal = sum(row.agrees() for row in rows)
    lines = [f"\n## {name}\n",
             f"{len(rows)} rows; D or PSI equal to SciPy's in {equal}; "
             f"{found} of {len(drifts)} drifts found.\n",
             "| comparison | field | SciPy | driftguard | p SciPy | p driftguard | truth | check "
             "| command |", "|---|---|---|---|---|---|---|---|---|"]
    return "\n".join(lines + [line(row) for row in rows]) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write docs/REAL-DATA.md")
    parser.add_argument("set", nargs="?", choices=real_data.SETS)
    parser.add_argument("number", nargs="?", type=int, help="only this comparison")
    asked = parser.parse_args()
    tables = [table(name, asked.number) for name in ([asked.set] if asked.set else real_data.SETS)]
    if asked.write:
        (ROOT / "docs/REAL-DATA.md").write_text(HEAD + "".join(tables))
    else:
        print("".join(tables))


if __name__ == "__main__":
    main()
