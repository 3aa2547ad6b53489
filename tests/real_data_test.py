# SPDX-License-Identifier: Apache-2.0
"""Every data set of real traffic, every labelled comparison in it: D and PSI equal SciPy's, and
every drift that KS or PSI can see is found. docs/REAL-DATA.md shows the rows."""
import pytest

import real_data
from harness import Server

pytestmark = [pytest.mark.release, pytest.mark.skipif(not real_data.SHARED.is_dir(),
                                reason="the data lie beside the checkout, not in it")]


@pytest.fixture(scope="module", params=real_data.SETS)
def measured(request, tmp_path_factory):
    """All rows of one data set."""
    every = list(real_data.comparisons(request.param))
    server = Server(tmp_path_factory.mktemp(request.param), settings=real_data.SETTINGS,
                    toml=real_data.rules(every)).start()
    cache = {}
    found = [row for comparison in every for row in real_data.rows(server, comparison, cache)]
    assert server.stop() == 0, server.stderr()
    assert found
    return found


def shown(rows):
    return [(row.comparison.name, row.name, row.theirs, row.ours, row.expected.p,
             row.check.get("p_value")) for row in rows]


def test_distances_are_scipys(measured):
    assert shown(row for row in measured if not row.agrees()) == []


def test_p_values_are_scipys(measured):
    assert shown(row for row in measured if not row.p_agrees()) == []


def test_every_drift_of_a_distribution_is_found(measured):
    drifted = [row for row in measured
               if row.expected.verdict == "drift" and not row.expected.null_rate_shift
               and not row.too_few()]
    assert shown(row for row in drifted if not row.found()) == []


def test_shifts_of_the_null_rate_show_as_missing(measured):
    for row in measured:
        if row.expected.null_rate_shift:
            live = row.check["live_missing"] / (row.check["live_missing"] + row.check["live_n"])
            base = row.check["baseline_missing"] / (row.check["baseline_missing"] +
                                                    row.check["baseline_n"])
            assert abs(live - base) >= 0.05
