"""The grid's rows of the table of reproduced results."""

import pytest

from gridbid.evaluate.reproduce.grid import Row, grid_rows


@pytest.mark.parametrize("row", grid_rows(), ids=lambda row: row.name)
def test_ours_is_theirs_within_the_tolerance(row: Row) -> None:
    assert abs(row.ours - row.published) <= row.tolerance
    assert row.source
