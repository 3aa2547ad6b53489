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


def rows(server, comparison, cache):
    counts, (middle, change, end) = stream(server, comparison, cache)
    answer = server.get("/v1/backtest", service=comparison.service,
                        **{"from": rfc3339(middle), "to": rfc3339(end)})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    fired = {}
    for incident in told["incidents"]:
        for alarm in incident["alarms"]:
            fired.setdefault(alarm["name"], []).append(seconds(alarm["fired_at"]))
    at_end = {alarm["name"]: alarm for alarm in told["alarms"]}
    for name, expected in comparison.fields.items():
        alarm = at_end.get(name)
        moments = fired.get(name, []) + (fired.get(name + "_missing", [])
                                         if expected.null_rate_shift else [])
        # The bucket that holds the change ends up to ten seconds after it.
        early = [moment for moment in moments if moment < change]
        late = sorted(moment for moment in moments if moment >= change)
        reason = alarm["reason"] if alarm else "not in the baseline's first tenth"
        refused = alarm is None or "The baseline" in reason
        yield Row(comparison, name, expected, counts, not refused, reason, len(early),
                  (late[0] - change) / STEP if late else None)
