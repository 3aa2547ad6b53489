# SPDX-License-Identifier: Apache-2.0
"""Every statistic of a report, by SciPy's functions or by its definition."""
import collections
import math
import warnings

import numpy as np
from scipy import special, stats
from scipy.spatial import distance

ALTERNATIVES = {"both": "two-sided", "increase": "less", "decrease": "greater"}


class CannotTell(Exception):
    """What the events do not tell alone."""


class Near(collections.namedtuple("Near", "value absolute")):
    """A number whose last digits cancel."""


def near(value):
    return None if value is None else Near(value, 1e-9)


def nearest_rank(values, numerator, denominator):
    ordered = np.sort(values)
    return float(ordered[max(1, -(-numerator * len(ordered) // denominator)) - 1])


def median(values):
    return nearest_rank(values, 1, 2) if values else None


def exact_tail(t, m, n, sided):
    """The share of lattice paths that reach a gap of t, where SciPy gives up: the recursion of
    Viehmann (arXiv 2102.08037), all of whose terms are positive."""
    reached = np.zeros(m + 1)
    for k in range(m + n + 1):
        i = np.arange(max(0, k - n), min(m, k) + 1)
        j = k - i
        gap = i * n - j * m
        before = reached.copy()
        if k > 0:
            from_i = np.where(i > 0, before[np.maximum(i - 1, 0)], 0)
            reached[i] = i / k * from_i + j / k * np.where(j > 0, before[i], 0)
        reached[i[(np.abs(gap) if sided == "two-sided" else gap) >= t]] = 1
    return float(reached[m])


def ks(live, baseline, direction, check):
    n, m = len(live), len(baseline)
    values = np.unique(np.concatenate([live, baseline]))
    above = (np.searchsorted(np.sort(live), values, "right").astype(object) * m
             - np.searchsorted(np.sort(baseline), values, "right").astype(object) * n)
    gaps = {"both": abs(above), "increase": -above, "decrease": above}[direction]
    t = max(0, max(gaps))
    at = float(values[list(gaps).index(t)]) if t > 0 else float(values[0])
    small = max(m, n) <= 10_000 and (m * n <= 10_000_000
                                     or direction == "both" and 2 * t <= 20_000_000)
    method = "exact" if small or t == m * n else "asymptotic"
    alternative = ALTERNATIVES[direction]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        p = stats.ks_2samp(live, baseline, alternative=alternative,
                           method="exact" if method == "exact" else "asymp").pvalue
    if any(w.category is RuntimeWarning for w in caught):
        p = exact_tail(t, m, n, alternative)
    return {"p_value": float(p), "d": t / (m * n), "method": method, "d_error": 0.0, "at": at}


def psi(table, floor):
    a, e = table
    n, m = a.sum(), e.sum()
    live, baseline = np.maximum(a / n, floor), np.maximum(e / m, floor)
    smooth = [(side + 0.5) / (side.sum() + 0.5 * len(side)) for side in (a, e)]
    jeffreys = float(np.sum((smooth[0] - smooth[1]) * np.log(smooth[0] / smooth[1])))
    noise = 1 / n + 1 / m
    return {"psi": near(float(np.sum((live - baseline) * np.log(live / baseline)))),
            "p_value": Near(float(stats.chi2.sf(jeffreys / noise, len(a) - 1)), 1e-12)
            if len(a) > 1 else 1.0,
            "expected_psi": float((len(a) - 1) * noise)}


def chisquare(table):
    statistic, p, degrees, expected = stats.chi2_contingency(np.array(table), correction=False)
    return {"value": near(float(statistic)), "p_value": Near(float(p), 1e-300),
            "degrees": degrees, "sparse_cells": int((expected < 5).sum())}


def share_distance(measure, table):
    a, e = table
    n, m = a.sum(), e.sum()
    live, baseline, pooled = a / n, e / m, (a + e) / (n + m)
    noise = 1 / n + 1 / m
    if measure == "jensenshannon":
        value = float(np.nan_to_num(distance.jensenshannon(live, baseline, base=2)))
        expected = math.sqrt((len(a) - 1) * noise / (8 * math.log(2)))
    elif measure == "hellinger":
        value = float(np.linalg.norm(np.sqrt(live) - np.sqrt(baseline)) / math.sqrt(2))
        expected = math.sqrt((len(a) - 1) * noise / 8)
    else:
        value = float(distance.cityblock(live, baseline) / 2)
        expected = float(np.sum(np.sqrt(2 * pooled * (1 - pooled) * noise / math.pi)) / 2)
    return {"value": near(value), "expected": near(min(1.0, expected))}


def wasserstein(live, baseline, direction):
    values = np.sort(np.concatenate([live, baseline]))
    below = [np.searchsorted(np.sort(side), values[:-1], "right") / len(side)
             for side in (live, baseline)]
    moved = {"both": stats.wasserstein_distance(live, baseline),
             "increase": np.sum(np.maximum(below[1] - below[0], 0) * np.diff(values)),
             "decrease": np.sum(np.maximum(below[0] - below[1], 0) * np.diff(values))}
    amount = float(moved[direction])
    scale = 0.0 if np.ptp(baseline) == 0 else float(np.std(baseline))
    value = amount / scale if scale else 0.0 if amount == 0 else None
    return {"value": near(value), "distance": Near(amount, 1e-9 * max(1, scale)),
            "scale": near(scale)}


def cramer_von_mises(live, baseline):
    n, m = len(live), len(baseline)
    if min(n, m) < 2:
        raise CannotTell("SciPy's Cramér-von Mises needs two values on either side")
    statistic = stats.cramervonmises_2samp(live, baseline, method="asymptotic").statistic
    k, total = n * m, n + m
    mean = (1 + 1 / total) / 6
    variance = (total + 1) * (4 * k * total - 3 * (n**2 + m**2) - 2 * k) / (45 * total**2 * 4 * k)
    x = 1 / 6 + (statistic - mean) / math.sqrt(45 * variance)
    # SciPy's own series for the limit law, which it ends at terms below 1e-7.
    p = 1.0 if x < 0.003 else 0.0
    if 0.003 <= x <= 8:
        i = np.arange(200)
        y = 4 * i + 1
        q = y**2 / (16 * x)
        terms = np.exp(special.gammaln(i + 0.5) - special.gammaln(i + 1) - q) * np.sqrt(y)
        terms *= special.kv(0.25, q) / (np.pi**1.5 * math.sqrt(x))
        p = max(0.0, 1 - float(terms.sum()))
    return {"value": near(float(statistic)), "p_value": near(p)}
