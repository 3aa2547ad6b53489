# SPDX-License-Identifier: Apache-2.0
"""Alarms on real traffic: when they come, against the moment of the known change.

Each comparison of a data set (real_data.py) becomes one stream, an event a second, whatever the
times in the source: the first three fifths of its first part are the baseline, the rest of it is
live traffic in which nothing is known to change, then comes the second part. `GET /v1/backtest`
evaluates the live stretch. One configuration for all sets: the program's own.
`script/real-alarms` runs this and writes the table of docs/REAL-ALARMS.md.
"""
import datetime
from dataclasses import dataclass

import real_data
from harness import rfc3339

BASELINE_SHARE = 0.6
STEP = 1.0      # Seconds between events.
BUCKET = 10.0   # A bucket's alarm comes with its end.


@dataclass
class Row:
    """One field of one comparison."""
    comparison: real_data.Comparison
    name: str
    expected: real_data.Expected
    counts: tuple       # Events of the baseline, of live traffic before the change, and after it.
    admitted: bool      # The baseline is steady, and has enough values, for this field.
    why: str            # The alarm's own words at the end.
    before: int         # Times it fired before the change.
    after: float        # Events from the change to the alarm; None: it did not fire.

    def verdict(self):
        if self.before:
            return "before the change"
        if self.after is not None:
            return f"after {self.after:.0f} events"
        return "none" if self.admitted else "refused"


def seconds(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def stream(server, comparison, cache):
    """Ingests it; gives the sizes of baseline, quiet and changed part, and where they part."""
    first, second = map(list, real_data.parts(comparison, cache))
    cut = int(len(first) * BASELINE_SHARE)
    middle = real_data.START + cut * STEP
    change = real_data.START + len(first) * STEP
    real_data.send(server, comparison.service, first, real_data.START, STEP)
    server.build_baseline(comparison.service, real_data.START, middle)
    end = real_data.send(server, comparison.service, second, change, STEP)
    return (cut, len(first) - cut, len(second)), (middle, change, end)


def evaluate(server, comparison, cache):
    """What the alarms said of one comparison: a row of each field, and the pairs."""
    counts, (middle, change, end) = stream(server, comparison, cache)
    answer = server.get("/v1/backtest", service=comparison.service,
                        **{"from": rfc3339(middle), "to": rfc3339(end)})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    fired = {}
    for incident in told["incidents"]:
        for alarm in incident["alarms"]:
            fired.setdefault(alarm["name"], []).append((seconds(alarm["fired_at"]) - change) / STEP)
    at_end = {alarm["name"]: alarm["reason"] for alarm in told["alarms"]}
    return list(rows(comparison, counts, fired, at_end)), pairs_of(comparison, fired, at_end)


def refused(reason):
    return "The baseline" in reason


def rows(comparison, counts, fired, at_end):
    for name, expected in comparison.fields.items():
        moments = fired.get(name, []) + (fired.get(name + "_missing", [])
                                         if expected.null_rate_shift else [])
        # The bucket that holds the change ends up to ten seconds after it.
        late = [moment for moment in moments if moment >= 0]
        reason = at_end.get(name, "The baseline has none of it in its first tenth.")
        yield Row(comparison, name, expected, counts, not refused(reason), reason,
                  len(moments) - len(late), min(late, default=None))


@dataclass
class Pairs:
    """Of one comparison: what was said of whether two fields go together."""
    comparison: real_data.Comparison
    reasons: dict       # By name, "a~b": the alarm's own words at the end.
    before: list        # Names of those that fired before the change, the first one first.
    after: dict         # Events from the change to the alarm, by name, in that order.

    @property
    def watched(self):
        return [name for name, reason in self.reasons.items() if not refused(reason)]

    def permuted(self, name):
        """Whether truth.json says that this pair is torn apart and that nothing else changes."""
        joint = self.comparison.joint
        return joint is not None and joint["permuted_field"] in name.split("~")

    def truth(self, name):
        """joint; or drift, weak, stable: the graver verdict on its two fields."""
        if self.permuted(name):
            return "joint"
        fields = [self.comparison.fields.get(field) for field in name.split("~")]
        verdicts = [field.verdict if field else "unknown" for field in fields]
        return next(verdict for verdict in ("drift", "weak", "unknown", "stable")
                    if verdict in verdicts)

    def verdict(self, name):
        if name in self.before:
            return "before the change"
        if name in self.after:
            return f"after {self.after[name]:,.0f} events"
        if name not in self.reasons:
            return "not split"
        return "none" if name in self.watched else "refused"


def pairs_of(comparison, fired, at_end):
    moments = sorted((moment, name) for name, every in fired.items() if "~" in name
                     for moment in every)
    early = list(dict.fromkeys(name for moment, name in moments if moment < 0))
    late = {}
    for moment, name in moments:
        if moment >= 0:
            late.setdefault(name, moment)
    reasons = {name: reason for name, reason in at_end.items() if "~" in name}
    return Pairs(comparison, reasons, early, late)
