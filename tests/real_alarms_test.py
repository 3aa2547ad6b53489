# SPDX-License-Identifier: Apache-2.0
"""Alarms on every data set of real traffic come when docs/REAL-ALARMS.md says."""
import pytest

import real_alarms_table
import real_data

pytestmark = [pytest.mark.release, pytest.mark.skipif(not real_data.SHARED.is_dir(),
                                reason="the data lie beside the checkout, not in it")]


@pytest.mark.parametrize("name", real_data.SETS)
def test_alarms_come_when_the_table_says(name):
    measured = real_alarms_table.table(name, real_alarms_table.measure(name))
    assert measured in real_alarms_table.DOCUMENT.read_text()
