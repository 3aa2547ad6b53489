# SPDX-License-Identifier: Apache-2.0
"""The checks of features and of the service level, as a report has them."""
import collections

import numpy as np
from scipy import stats

from recompute import statistics
from recompute.events import text_of
from recompute.statistics import CannotTell, Near, near

DEFAULTS = {
    "ks_p_min": 0.05, "psi_max": 0.2, "slo_success_min": 0.995, "slo_p95_max": 2000,
    "schema_p_min": 0.001,
    "ks_samples_min": 50, "psi_floor": 1e-6, "psi_categories_max": 1000,
    "numeric_method": "ks", "categorical_method": "psi", "chisquare_p_min": 0.05,
    "jensenshannon_max": 0.1, "wasserstein_max": 0.1, "hellinger_max": 0.1, "tvd_max": 0.1,
    "cramer_von_mises_p_min": 0.05}
ALIASES = {"kolmogorovsmirnov": "ks", "chi2": "chisquare", "chisquared": "chisquare",
           "js": "jensenshannon", "jsd": "jensenshannon", "emd": "wasserstein",
           "totalvariation": "tvd", "cvm": "cramer_von_mises", "cramervonmises": "cramer_von_mises"}
TESTS = {"ks", "chisquare", "cramer_von_mises"}
OF_NUMBERS = {"ks", "wasserstein", "cramer_von_mises"}
OTHER = "__other__"
NUMBERS_MAX, CATEGORIES_MAX, NAME_BYTES_MAX = 32_768, 4096, 200  # Lossless up to these.
BINS = 10


def compared_names(live, baseline, most):
    """The heaviest of the baseline, and the heaviest newcomers, of which a tenth has a place."""
    heavier = lambda counts: lambda name: (-counts[name], name.encode())
    old = sorted(baseline, key=heavier(baseline))
    new = sorted(set(live) - set(baseline), key=heavier(live))
    for_new = min(len(new), max(most // 10, most - min(most, len(old))))
    return set(old[:min(len(old), most - for_new)]) | set(new[:for_new])


def folded(counts, names):
    kept = {name: count for name, count in counts.items() if name in names}
    other = sum(count for name, count in counts.items() if name not in names)
    return {**kept, OTHER: kept.get(OTHER, 0) + other} if other else kept


def binned(live, baseline):
    ordered = np.sort(baseline)
    ranks = [-(-k * len(ordered) // BINS) for k in range(1, BINS)] if len(ordered) else []
    edges = sorted({float(ordered[rank - 1]) for rank in ranks} - {float(ordered[-1])}) \
        if len(ordered) else []
    names = [f"({text_of(edges[i - 1]) if i else '-inf'}, "
             f"{text_of(edges[i]) + ']' if i < len(edges) else 'inf)'}"
             for i in range(len(edges) + 1)]
    sides = [collections.Counter(names[i] for i in np.searchsorted(edges, side, "left"))
             for side in (live, baseline)]
    return sides[0], sides[1], edges


def table_members(live, baseline, edges):
    members = {"live_counts": dict(live), "baseline_counts": dict(baseline),
               "new_categories": sorted(set(live) - set(baseline), key=str.encode),
               "vanished_categories": sorted(set(baseline) - set(live), key=str.encode)}
    return {**members, "edges": edges} if edges else members


def aligned(live, baseline):
    names = sorted(set(live) | set(baseline))
    return tuple(np.array([side.get(name, 0) for name in names], float)
                 for side in (live, baseline))


class Feature:
    def __init__(self, pointer, live, baseline, rules, config):
        self.pointer, self.config = pointer, config
        self.rule = rules.get(pointer, {})
        self.live, self.baseline = live.total(pointer), baseline.total(pointer)
        self.populations = live.population(pointer, baseline), baseline.population(pointer, live)
        self.numeric = self.kind()
        if self.numeric is None:
            return
        chosen = config["numeric_method" if self.numeric else "categorical_method"]
        self.measure = method_of(self.rule.get("method", chosen))
        self.direction = self.rule.get("direction", "both")
        for place in (self.live, self.baseline):
            if len(set(place.numbers)) > NUMBERS_MAX or len(place.texts) > CATEGORIES_MAX \
                    or any(len(name.encode()) > NAME_BYTES_MAX for name in place.texts):
                raise CannotTell(f"{pointer} is beyond a lossless summary")

    def kind(self):
        """Whether it is numeric; None for what is no feature."""
        declared = self.rule.get("kind")
        if declared is None and method_of(self.rule.get("method", "psi")) in OF_NUMBERS:
            declared = "numeric"
        if declared is not None:
            return declared == "numeric"
        for place in (self.baseline, self.live):
            texts = place.texts.total()
            if place.numbers or texts:
                return len(place.numbers) >= texts
        return None

    def sizes(self):
        if self.numeric:
            return len(self.live.numbers), len(self.baseline.numbers)
        return self.live.texts.total(), self.baseline.texts.total()

    def presence(self):
        members = {}
        n = self.sizes()
        for i, (side, place) in enumerate((("live", self.live), ("baseline", self.baseline))):
            present = len(place.numbers) + place.texts.total() + place.others
            members[f"{side}_missing"] = self.populations[i] - present
            members[f"{side}_type_mismatches"] = present - n[i]
        return members

    def threshold(self):
        key = self.measure + ("_p_min" if self.measure in TESTS else "_max")
        return self.rule.get("threshold", self.config[key])

    def samples_min(self):
        return self.rule.get("min_samples", 1 if self.measure == "psi"
                             else self.config["ks_samples_min"])

    def table(self):
        """Counts of both sides as they are compared, and the edges of bins."""
        if self.numeric:
            return binned(self.live.numbers, self.baseline.numbers)
        names = compared_names(self.live.texts, self.baseline.texts,
                               self.config["psi_categories_max"])
        return folded(self.live.texts, names), folded(self.baseline.texts, names), []

    def check(self, has_baseline):
        made = {"ks": self.ks, "psi": self.psi}.get(self.measure, self.other)(has_baseline)
        n, m = self.sizes()
        made |= {"live_n": n, "baseline_n": m, **self.presence()}
        insufficient = n < self.samples_min() or has_baseline and m < self.samples_min()
        flags = {"insufficient_samples": insufficient, "insufficient_baseline": not has_baseline,
                 "critical": self.rule.get("critical"), "muted": self.rule.get("muted")}
        fails = not insufficient and has_baseline and self.fails(made)
        muted = bool(self.rule.get("muted"))
        flags["would_fail"] = fails and muted
        if self.direction != "both":
            made["direction"] = self.direction
        return made | {name: True for name, flag in flags.items() if flag} \
            | {"ok": not fails or muted}

    def fails(self, made):
        figure = made["p_value"] if self.measure in TESTS else made.get("psi", made.get("value"))
        figure = figure.value if isinstance(figure, Near) else figure
        if figure is None:
            return self.measure == "wasserstein"  # A constant that moved.
        return figure < self.threshold() if self.measure in TESTS else figure > self.threshold()

    def ks(self, has_baseline):
        made = {"p_value": None, "d": None, "p_min": self.threshold(), **self.medians()}
        if self.live.numbers and self.baseline.numbers:
            made |= statistics.ks(self.live.numbers, self.baseline.numbers, self.direction, made)
        return made

    def psi(self, has_baseline):
        live, baseline, edges = self.table()
        made = {"psi": None, "p_value": None, "expected_psi": None, "psi_max": self.threshold(),
                **table_members(live, baseline, edges)}
        if live and baseline:
            return made | statistics.psi(aligned(live, baseline), self.config["psi_floor"])
        return made | {"new_categories": [], "vanished_categories": []}

    def other(self, has_baseline):
        made = {"measure": self.measure, "value": None, "threshold": self.threshold()}
        if self.measure in TESTS:
            made["p_value"] = None
        if self.measure == "wasserstein":
            made |= {"distance": None, "scale": None}
        if self.numeric:
            made |= self.medians()
        sides = self.live.numbers, self.baseline.numbers
        if self.measure in OF_NUMBERS:
            if all(sides):
                made |= statistics.cramer_von_mises(*sides) if self.measure != "wasserstein" \
                    else statistics.wasserstein(*sides, self.direction)
            return made
        live, baseline, edges = self.table()
        made |= table_members(live, baseline, edges)
        if live and baseline:
            table = aligned(live, baseline)
            made |= statistics.chisquare(table) if self.measure == "chisquare" \
                else statistics.share_distance(self.measure, table)
            if OTHER in live and OTHER in baseline and self.measure != "chisquare":
                made |= self.bracket(live, baseline)
        return made

    def bracket(self, live, baseline):
        """Categories under __other__ may have nothing in common."""
        apart = ({**live, "live " + OTHER: live[OTHER]}, {**baseline})
        del apart[0][OTHER]
        low = statistics.share_distance(self.measure, aligned(live, baseline))["value"].value
        high = statistics.share_distance(self.measure, aligned(*apart))["value"].value
        made = {"value_low": near(low), "value_high": near(high)} if high > low else {}
        if low <= self.threshold() < high:
            made["undecided_by_resolution"] = True
        return made

    def medians(self):
        return {"live_median": statistics.median(self.live.numbers),
                "baseline_median": statistics.median(self.baseline.numbers)}


def method_of(name):
    plain = "".join(letter for letter in name.lower() if letter not in "_- ")
    return ALIASES.get(plain, plain)


def success_rate(live, config):
    total = len(live.statuses)
    good = sum(200 <= status < 300 for status in live.statuses)
    made = {"ok": True, "success_rate": None, "min": config["slo_success_min"], "total": total,
            "interval_95": [0.0, 1.0]}
    if total == 0:
        return made | {"insufficient_samples": True}
    interval = stats.binomtest(good, total).proportion_ci(method="wilson")
    return made | {"ok": good / total >= config["slo_success_min"], "success_rate": good / total,
                   "interval_95": [near(float(interval.low)), near(float(interval.high))]}


def latency(live, config):
    n = len(live.durations)
    made = {"ok": True, "p95": None, "max": config["slo_p95_max"], "live_n": n,
            "interval_95": [None, None]}
    if n == 0:
        return made | {"insufficient_samples": True}
    ordered = np.sort(live.durations)
    p95 = statistics.nearest_rank(ordered, 95, 100)
    low = int(stats.binom.ppf(0.025, n, 0.95))
    high = int(stats.binom.ppf(0.975, n, 0.95)) + 1
    return made | {"ok": p95 <= config["slo_p95_max"], "p95": p95,
                   "interval_95": [float(ordered[low - 1]) if low >= 1 else None,
                                   float(ordered[high - 1]) if high <= n else None]}
