# SPDX-License-Identifier: Apache-2.0
"""What a run of measurements is handed from group to group: sizes, samples, tables."""
import dataclasses
import pathlib
import statistics

from table import Row


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
    report_rollups: int = 100_000_000
    reports: int = 300
    reports_per_second: int = 50
    peer_windows: tuple = (1_000, 10_000, 100_000, 1_000_000)
    peer_reports: int = 20
    start_events: int = 10_000_000
    starts: int = 5
    wide_services: int = 1000
    wide_seconds: float = 15
    values: int = 1_000_000
    bench_seconds: float = 0.1


SMOKE = Size(seconds=0.4, warmup=0.1, rounds=1, quiet_seconds_max=0.5, limit_rows=20_000,
             copy_rows=10_000, report_events=20_000, report_rollups=200_000, reports=20,
             peer_windows=(1_000,), peer_reports=2, start_events=20_000, starts=1,
             wide_services=10, wide_seconds=0.5, values=20_000, bench_seconds=0.001)


# What is printed of a sample as it comes, so that a person sees the run go on.
SHOWN = (("events_per_s", "{:,.0f}/s"), ("p50_ms", "p50 {:.3g} ms"), ("p99_ms", "p99 {:.3g} ms"),
         ("ms", "{:,.1f} ms"), ("ns", "{:,.0f} ns"), ("bytes", "{:,.0f} bytes"),
         ("events", "{:,} events"))


class Samples:
    """All that was measured, by name; a name has one sample a round."""

    def __init__(self):
        self.all = {}

    def add(self, name, figures):
        self.all.setdefault(name, []).append(figures)
        shown = [form.format(figures[key]) for key, form in SHOWN if key in figures]
        print(f"  {name}: {', '.join(shown)}", flush=True)

    def __contains__(self, name):
        return name in self.all

    def median(self, name, key="events_per_s"):
        return statistics.median(figures[key] for figures in self.all[name])

    def total(self, key, *names):
        return sum(figures.get(key, 0) for name in names for figures in self.all.get(name, []))


class Run:
    """One run: where it works, how much it does, what it has found so far."""

    def __init__(self, folder, size):
        self.folder = pathlib.Path(folder)
        self.size = size
        self.samples = Samples()
        self.rows = []     # What is measured beside its limit and its target.
        self.limits = []   # Limits of this machine that no row of its own stands beside.
        self.stages = []   # Where the time of one event goes.
        self.notes = []    # What was left out, and why.

    def row(self, *arguments, **options):
        self.rows.append(Row(*arguments, **options))

    def limit(self, *arguments, **options):
        self.limits.append(Row(*arguments, **options))

    def stage(self, *arguments, **options):
        self.stages.append(Row(*arguments, **options))

    def note(self, text):
        print(f"  {text}", flush=True)
        self.notes.append(text)
