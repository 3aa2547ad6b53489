# SPDX-License-Identifier: Apache-2.0
"""KS and PSI from raw values, beside SciPy, NumPy and pandas on the same arrays.

Both sides must find the same before either is timed.
"""
import math
import statistics
import time

import parts

ROUNDS = 5
FLOOR = 1e-6  # Below it a share counts as this much; as driftguard has it.


def median_ms(work):
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        taken.append(1000 * (time.perf_counter() - began))
    return statistics.median(taken)


def make_arrays(size):
    """Two samples that differ a little, and two sequences of currencies."""
    import numpy
    random = numpy.random.default_rng(1)
    samples = [random.lognormal(4 + shift, 0.8, size) for shift in (0.001, 0)]
    codes = [random.choice(["USD", "EUR", "CAD"], size, p=shares)
             for shares in ((0.69, 0.13, 0.18), (0.70, 0.12, 0.18))]
    return samples, codes


def write(folder, samples, codes):
    """The arrays as files; gives compare_stats' options."""
    options = {}
    for name, sample, texts in zip(("live", "baseline"), samples, codes):
        options[name] = folder / f"{name}.doubles"
        options[name].write_bytes(sample.tobytes())
        options[f"{name}_categories"] = folder / f"{name}.codes"
        options[f"{name}_categories"].write_text("".join(texts))
    return options


def psi(live, baseline):
    """Of two mappings from category to count."""
    total = 0
    for name in {*live, *baseline}:
        a, e = (max(side.get(name, 0) / sum(side.values()), FLOOR) for side in (live, baseline))
        total += (a - e) * math.log(a / e)
    return total


def numpy_counts(texts):
    import numpy
    names, counts = numpy.unique(texts, return_counts=True)
    return dict(zip(names.tolist(), counts.tolist()))


def pandas_counts(series):
    return series.value_counts().to_dict()


def agree(what, ours, theirs):
    if not math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-300):
        raise parts.Failure(f"{what} is {ours} here and {theirs} there")


def measure_psi(run, codes, ours):
    agree("PSI", ours["psi"], psi(*map(numpy_counts, codes)))
    run.samples.add("PSI, NumPy", {"ms": median_ms(lambda: psi(*map(numpy_counts, codes)))})
    try:
        import pandas
    except ImportError:
        run.note("pandas is left out: script/bench --peer installs it.")
        return
    series = [pandas.Series(texts.astype(object)) for texts in codes]
    agree("PSI", ours["psi"], psi(*map(pandas_counts, series)))
    run.samples.add("PSI, pandas", {"ms": median_ms(lambda: psi(*map(pandas_counts, series)))})


def measure(run):
    from scipy.stats import ks_2samp
    samples, codes = make_arrays(run.size.values)
    ours = parts.program_json("compare_stats", rounds=ROUNDS, **write(run.folder, samples, codes))
    theirs = ks_2samp(*samples, method="asymp")
    agree("D", ours["d"], theirs.statistic)
    if run.size.values > 10_000:  # Below it, ours is exact.
        agree("the p-value", ours["p_value"], theirs.pvalue)
    for name, key in (("KS", "ks_ms"), ("PSI", "psi_ms"), ("std::sort", "sort_ms")):
        run.samples.add(name, {"ms": ours[key]})
    run.samples.add("KS, SciPy", {"ms": median_ms(lambda: ks_2samp(*samples, method="asymp"))})
    measure_psi(run, codes, ours)
    add_rows(run)


def add_rows(run):
    median, size = run.samples.median, f"{run.size.values:,}"
    run.row(f"KS of two unsorted samples of {size}", median("KS", "ms"), "ms",
            limit=median("KS, SciPy", "ms"), limit_what="SciPy", target=1 / 8, target_of="ratio",
            target_is="most")
    for other in ("NumPy", "pandas"):
        if f"PSI, {other}" in run.samples:
            run.row(f"PSI of two columns of {size} texts", median("PSI", "ms"), "ms",
                    limit=median(f"PSI, {other}", "ms"), limit_what=other)
    run.limit(f"std::sort of {size} doubles", median("std::sort", "ms"), "ms")
