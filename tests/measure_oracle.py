# SPDX-License-Identifier: Apache-2.0
"""What SciPy says of raw values: the oracle of src/report/measure_oracle_test.cpp.

measure_oracle.py FOLDER reads FOLDER/index (cases and questions) and FOLDER/values (their doubles)
and writes FOLDER/answers: the value of each question and, of tests, its p-value; null where SciPy
gives none.
"""
import json
import pathlib
import sys
import warnings

import numpy as np
from scipy import special, stats
from scipy.spatial import distance

PSI_FLOOR = 1e-6
BINS = 10
ALTERNATIVES = {"both": "two-sided", "increase": "less", "decrease": "greater"}


def ks(live, baseline, question):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = stats.ks_2samp(live, baseline, alternative=ALTERNATIVES[question["direction"]],
                               method="exact" if question["exact"] else "asymp")
    failed = any(w.category is RuntimeWarning for w in caught)
    return {"value": found.statistic, "p": None if failed else found.pvalue}


def wasserstein(live, baseline, question):
    values = np.sort(np.concatenate([live, baseline]))
    steps = np.diff(values)
    live_below = np.searchsorted(np.sort(live), values[:-1], "right") / len(live)
    baseline_below = np.searchsorted(np.sort(baseline), values[:-1], "right") / len(baseline)
    moved = {"both": stats.wasserstein_distance(live, baseline),
             "increase": np.sum(np.maximum(baseline_below - live_below, 0) * steps),
             "decrease": np.sum(np.maximum(live_below - baseline_below, 0) * steps)}
    amount = moved[question["direction"]]
    if np.ptp(baseline) == 0:
        return {"value": 0.0 if amount == 0 else None}
    return {"value": amount / np.std(baseline)}


def cramer_von_mises(live, baseline):
    found = stats.cramervonmises_2samp(live, baseline, method="asymptotic")
    n, m = len(live), len(baseline)
    product, total = n * m, n + m
    mean = (1 + 1 / total) / 6
    variance = (total + 1) * (4 * product * total - 3 * (n**2 + m**2) - 2 * product)
    variance /= 45 * total**2 * 4 * product
    p = limit_tail(1 / 6 + (found.statistic - mean) / np.sqrt(45 * variance))
    # SciPy ends the same series early; beside that they are one.
    assert abs(p - found.pvalue) < 1e-7 * max(1, found.statistic**0.5), (p, found)
    return {"value": found.statistic, "p": p}


def limit_tail(x):
    """scipy.stats' own series (_cdf_cvm_inf), summed to the end."""
    if x < 0.003:
        return 1.0
    if x > 8:
        return 0.0
    y = 4 * np.arange(200) + 1
    q = y**2 / (16 * x)
    k = np.arange(200)
    terms = (np.exp(special.gammaln(k + 0.5) - special.gammaln(k + 1)) / (np.pi**1.5 * np.sqrt(x))
             * np.sqrt(y) * np.exp(-q) * special.kv(0.25, q))
    return max(0.0, 1 - terms.sum())


def counts(live, baseline, question, numeric):
    """Both sides counted by bins or by categories."""
    if numeric:
        ordered = np.sort(baseline)
        ranks = [-(-k * len(ordered) // BINS) for k in range(1, BINS)]
        edges = sorted({ordered[max(rank, 1) - 1] for rank in ranks} - {ordered[-1]})
        if question["lossless"]:
            assert edges == question["edges"], (edges, question["edges"])
        bins = len(question["edges"]) + 1
        return [np.bincount(np.searchsorted(question["edges"], side, "left"), minlength=bins)
                for side in (live, baseline)]
    names = {}
    if "named" in question:
        names = {int(name): place for place, name in enumerate(question["named"])
                 if name != "__other__"}
        others = len(names)
        place = lambda value: names.get(value, others)
    else:
        place = int
    sides = [[place(int(value)) for value in side] for side in (live, baseline)]
    size = max(max(side) for side in sides) + 1
    return [np.bincount(side, minlength=size) for side in sides]


def raw_counts(live, baseline):
    size = int(max(live.max(), baseline.max())) + 1
    return [np.bincount(side.astype(int), minlength=size) for side in (live, baseline)]


def of_shares(live, baseline, question, numeric):
    measure = question["measure"]
    # A distance's interval holds that of all categories; the tests are of the table they show.
    whole = measure in ("jensenshannon", "hellinger", "tvd") and not numeric
    a, e = raw_counts(live, baseline) if whole else counts(live, baseline, question, numeric)
    used = (a + e) > 0
    a, e = a[used], e[used]
    n, m = a.sum(), e.sum()
    if measure == "chisquare":
        found = stats.chi2_contingency(np.array([a, e]), correction=False)
        return {"value": found[0], "p": found[1]}
    if measure == "psi":
        live_shares = np.maximum(a / n, PSI_FLOOR)
        baseline_shares = np.maximum(e / m, PSI_FLOOR)
        value = np.sum((live_shares - baseline_shares) * np.log(live_shares / baseline_shares))
        smooth = [(side + 0.5) / (side.sum() + 0.5 * len(side)) for side in (a, e)]
        jeffreys = np.sum((smooth[0] - smooth[1]) * np.log(smooth[0] / smooth[1]))
        p = stats.chi2.sf(jeffreys / (1 / n + 1 / m), len(a) - 1) if len(a) > 1 else 1.0
        return {"value": value, "p": p}
    if measure == "jensenshannon":
        return {"value": float(np.nan_to_num(distance.jensenshannon(a / n, e / m, base=2)))}
    if measure == "hellinger":
        return {"value": np.linalg.norm(np.sqrt(a / n) - np.sqrt(e / m)) / np.sqrt(2)}
    return {"value": distance.cityblock(a / n, e / m) / 2}


def answer(live, baseline, question, numeric):
    measure = question["measure"]
    if measure == "ks":
        return ks(live, baseline, question)
    if measure == "wasserstein":
        return wasserstein(live, baseline, question)
    if measure == "cramer_von_mises":
        return cramer_von_mises(live, baseline)
    return of_shares(live, baseline, question, numeric)


def main(folder):
    values = np.fromfile(folder / "values")
    place = 0
    answers = []
    for case in json.loads((folder / "index").read_text()):
        live = values[place:place + case["live"]]
        baseline = values[place + case["live"]:place + case["live"] + case["baseline"]]
        place += case["live"] + case["baseline"]
        for question in case["questions"]:
            found = answer(live, baseline, question, case["numeric"])
            answers.append({key: None if value is None else float(value)
                            for key, value in found.items()})
    (folder / "answers").write_text(json.dumps(answers))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
