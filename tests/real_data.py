# SPDX-License-Identifier: Apache-2.0
"""Real traffic through the real program, against the figures SciPy gave for it.

Each comparison of a data set's truth.json ("pair", fault or labelled window) becomes two stretches
of time: its first part is ingested into one, its second part into another, a baseline is built on
the first and the report made on the second. Parts of a comparison interleave in time in many sets
(people and bots, cash and cards), so events are given new times, a millisecond apart; everything
else of an event stays as it is. `script/real-data` runs this and writes docs/REAL-DATA.md.
"""
import gzip
import itertools
import json
import os
import pathlib
import re
from dataclasses import dataclass, field

from harness import ROOT, rfc3339

SHARED = pathlib.Path(os.environ.get("DRIFTGUARD_SHARED", ROOT.parent / "shared")) / "data"
SETS = ("apache_semicomplete", "azure_llm_2023", "bike_sharing", "chicago_taxi", "elec2",
        "nab_known_cause", "nezha_ob_0822", "nezha_tt_0129", "openstack_api")
START = 1_577_836_800.0  # 2020-01-01T00:00:00Z; moments are seconds since 1970 here.
DAY = 86_400.0
CHUNK_LINES = 5000
ENDPOINT_MAX = 200
# The truth files' own: shares are floored at 1e-4 there.
SETTINGS = {"DRIFTGUARD_PSI_FLOOR": "1e-4", "DRIFTGUARD_PSI_CATEGORIES_MAX": "4000"}


@dataclass
class Expected:
    """What truth.json says of one field."""
    verdict: str
    d: float = None
    p: float = None
    psi: float = None
    null_rate_shift: bool = False


@dataclass
class Comparison:
    """Rows of a data set's file as baseline and as live, and what SciPy says of them."""
    number: int
    name: str
    rows_a: list
    rows_b: list
    fields: dict                    # "request.body.amount" -> Expected
    file: str = "events.jsonl.gz"
    endpoint: str = None            # Only this one is compared.
    keep: object = field(default=lambda event: True)
    service: str = None             # What the events are ingested as.
    joint: dict = None              # Only the joint distribution changes: truth.json's joint_file.


def rows_of(ranges):
    return itertools.chain.from_iterable(range(begin, end) for begin, end in ranges)


def read_truth(name):
    return json.loads((SHARED / name / "truth.json").read_text())


def read_lines(name, file="events.jsonl.gz"):
    with gzip.open(SHARED / name / file, "rt", encoding="utf-8") as lines:
        return lines.read().splitlines()


def body(event, name):
    return event["request"]["body"].get(name)


BOTS = re.compile("bot|spider|crawl|feed", re.IGNORECASE)

# Parts whose row ranges truth.json cuts short, told by what its words say: the events of each part.
SPLITS = {
    "endpoint conv -> endpoint code": (lambda e: e["endpoint"] == "conv",
                                       lambda e: e["endpoint"] == "code"),
    "conv: first half -> second half": (lambda e: e["endpoint"] == "conv",) * 2,
    "code: first half -> second half": (lambda e: e["endpoint"] == "code",) * 2,
    "cash trips -> credit-card trips": (lambda e: body(e, "payment_type") == "Cash",
                                        lambda e: body(e, "payment_type") == "Credit Card"),
    "people -> bots and feed readers": (lambda e: not BOTS.search(body(e, "user_agent") or ""),
                                        lambda e: BOTS.search(body(e, "user_agent") or "")),
}


def parts_of(pair, name):
    """The row ranges of both parts, as many rows as truth.json counts."""
    split = next((split for words, split in SPLITS.items() if pair["pair"].startswith(words)), None)
    if split is None:
        return pair["rows_a"], pair["rows_b"]
    events = [json.loads(line) for line in read_lines(name)]
    rows_a, rows_b = ([[i, i + 1] for i, event in enumerate(events) if belongs(event)]
                      for belongs in split)
    if "half" in pair["pair"]:
        rows_a, rows_b = rows_a[:pair["n_a"]], rows_b[pair["n_a"]:]
    assert (len(rows_a), len(rows_b)) == (pair["n_a"], pair["n_b"])
    return rows_a, rows_b


def expected_fields(fields):
    """Of a pair; fields that are too rare, or nearly unique, have no verdict to compare."""
    found = {}
    for pointer, truth in fields.items():
        if truth.get("verdict") not in ("drift", "weak", "stable"):
            continue
        found[pointer] = Expected(truth["verdict"], truth.get("D"), truth.get("p"),
                                  truth.get("psi") if truth["kind"] == "categorical" else None,
                                  truth.get("null_rate_shift", False))
    return found


def pair_comparisons(truth, name):
    for pair in truth["pairs"]:
        rows_a, rows_b = parts_of(pair, name)
        yield Comparison(0, pair["pair"], rows_a, rows_b, expected_fields(pair["fields"]))
    joint = truth.get("joint_file")
    if joint:
        change = joint["change_at_row"]
        fields = {f"request.body.{name}": Expected("stable", ks["D"], ks["p"])
                  for name, ks in joint["marginal_ks"].items()}
        yield Comparison(0, "joint drift only: every marginal stays", [[0, change]],
                         [[change, joint["events"]]], fields, joint["file"], joint=joint)


def series_comparisons(truth):
    """NAB: a labelled window of a series against the rows before its first window."""
    for series in truth["series"]:
        endpoint = series["endpoint"]
        for window in series["windows"]:
            ks = window.get("vs_rows_before_first_window")
            if not ks or ks["n_a"] < 50 or ks["n_b"] < 50:
                continue
            yield Comparison(0, f"{endpoint}: {window['from']}", [[0, ks["n_a"]]],
                             [window["series_rows"]],
                             {"request.body.value": Expected(ks["verdict"], ks["D"], ks["p"])},
                             keep=lambda event, e=endpoint: event["endpoint"] == e)


def duration(ks):
    return {"response.duration_ms": Expected(ks["verdict"], ks["D"], ks["p"])}


def fault_comparisons(truth):
    """Nezha: the spans of a fault against all fault-free ones, by service and endpoint."""
    for fault in truth["faults"]:
        name = f"{fault['fault']} in {fault['service']}, {fault['inject_time']}"
        baseline, rows = truth["baseline"]["row_ranges"], [fault["rows"]]
        root = fault.get("root_duration_ms")
        if root and root["verdict"] in ("drift", "weak", "stable"):
            yield Comparison(0, f"{name}: roots", baseline, rows, duration(root),
                             keep=lambda event: event["request"]["body"]["root"])
        for drift in fault["duration_drift_by_service_endpoint"]:
            if drift["n_b"] < 50:
                continue
            service, endpoint = drift["service"], drift["endpoint"]
            yield Comparison(0, f"{name}: {service} {endpoint}", baseline, rows, duration(drift),
                             keep=lambda event, s=service, e=endpoint:
                             event["service"] == s and event["endpoint"] == e)


def comparisons(name):
    truth = read_truth(name)
    if "pairs" in truth:
        found = pair_comparisons(truth, name)
    elif "series" in truth:
        found = series_comparisons(truth)
    else:
        found = fault_comparisons(truth)
    for number, comparison in enumerate(found, 1):
        comparison.number = number
        comparison.service = f"{name} {number}"
        yield comparison


def rules(every):
    """driftguard.toml: kinds as truth.json has them, and names for fields outside bodies."""
    kinds = {}
    for comparison in every:
        for dotted, expected in comparison.fields.items():
            kinds[dotted] = "categorical" if expected.psi is not None else "numeric"
    return "".join(f'[[features]]\npointer = "/{dotted.replace(".", "/")}"\n'
                   f'name = "{dotted}"\nkind = "{kind}"\n' for dotted, kind in kinds.items())


def send(server, service, events, begin, step=0.001):
    """Ingests the events `step` seconds apart from `begin` on; gives the moment after the last."""
    lines, moment = [], begin
    for event in events:
        event["service"], event["ts"] = service, rfc3339(moment)
        event["endpoint"] = event["endpoint"][:ENDPOINT_MAX]  # One URL of an attack is longer.
        lines.append(json.dumps(event))
        moment += step
    for i in range(0, len(lines), CHUNK_LINES):
        body = "\n".join(lines[i:i + CHUNK_LINES]).encode()
        server.store(body, content_type="application/x-ndjson")
    return moment


def parts(comparison, cache):
    """The events of both parts, one after another."""
    set_name = comparison.service.split()[0]
    key = (set_name, comparison.file)
    if key not in cache:
        cache.clear()
        cache[key] = [json.loads(line) for line in read_lines(set_name, comparison.file)]
    events = cache[key]
    if set_name == "nab_known_cause":  # Rows are counted within the series there.
        events = [event for event in events if comparison.keep(event)]
    return tuple((dict(events[i]) for i in rows_of(ranges) if comparison.keep(events[i]))
                 for ranges in (comparison.rows_a, comparison.rows_b))


def run(server, comparison, cache):
    """Ingests both parts, builds the baseline on one and gives the report on the other."""
    first, second = parts(comparison, cache)
    middle = START + DAY
    end = send(server, comparison.service, first, START)
    assert end < middle
    server.build_baseline(comparison.service, START, middle)
    end = send(server, comparison.service, second, middle)
    return server.report(service=comparison.service, **{"from": rfc3339(middle),
                                                         "to": rfc3339(end)})


@dataclass
class Row:
    """One field of one comparison: what SciPy says, what driftguard says."""
    comparison: Comparison
    name: str
    expected: Expected
    check: dict

    @property
    def measure(self):
        return "D" if self.expected.psi is None else "PSI"

    @property
    def theirs(self):
        return self.expected.d if self.expected.psi is None else self.expected.psi

    @property
    def ours(self):
        return self.check.get("d" if self.expected.psi is None else "psi")

    def agrees(self):
        """To the six digits that truth.json gives."""
        tolerance = 1e-5 * abs(self.theirs) + 1e-9
        return self.ours is not None and abs(self.ours - self.theirs) <= tolerance

    def p_agrees(self):
        """Where there is one to compare. SciPy is exact up to 10,000 values a side at any D;
        driftguard turns asymptotic where that would take more than 2e7 steps, at tiny p."""
        ours, theirs = self.check.get("p_value"), self.expected.p
        if self.expected.psi is not None or theirs is None or theirs == 0:
            return True
        sizes = self.check["live_n"], self.check["baseline_n"]
        if self.check["method"] == "asymptotic" and max(sizes) <= 10_000:
            return theirs < 1e-100 and ours < 1e-100
        return abs(ours - theirs) <= 1e-4 * theirs + 1e-300

    def found(self):
        return not self.check["ok"]

    def too_few(self):
        """Fewer than 50 values on a side: the contract's check gives no verdict then."""
        return self.check.get("insufficient_samples", False)


def rows(server, comparison, cache):
    report = run(server, comparison, cache)
    for name, expected in comparison.fields.items():
        suffix = "_ks" if expected.psi is None else "_psi"
        yield Row(comparison, name, expected, report["checks"].get(name + suffix, {"ok": True}))
