# SPDX-License-Identifier: Apache-2.0
"""Alarms on every data set of real traffic come when docs/REAL-ALARMS.md says."""
import re

import pytest

import real_alarms_table
import real_data

pytestmark = [pytest.mark.release, pytest.mark.skipif(not real_data.SHARED.is_dir(),
                                reason="the data lie beside the checkout, not in it")]


@pytest.mark.parametrize("name", real_data.SETS)
def test_alarms_come_when_the_table_says(name):
    measured = real_alarms_table.table(name, *real_alarms_table.measure(name))
    assert measured in real_alarms_table.DOCUMENT.read_text()


@pytest.mark.parametrize("of", ["fields", "pairs"])
def test_the_totals_are_the_sums_of_the_sets(of):
    """Each set's summary is held above; they count the same things in the same order."""
    lines = re.findall(rf"^.*\d+ {of}, \d+ of them watched\..*$",
                       real_alarms_table.DOCUMENT.read_text(), re.MULTILINE)
    total, *sets = [list(map(int, re.findall(r"\d+", line))) for line in lines]
    assert len(sets) > 1
    assert total == [sum(column) for column in zip(*sets, strict=True)]
