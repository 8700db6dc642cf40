"""The grid's rows of the table of reproduced results."""

from gridbid.evaluate.reproduce.grid import grid_rows


def test_the_linear_model_and_its_envelope_are_as_elsewhere() -> None:
    rows = grid_rows()
    assert len(rows) == 6
    assert [row for row in rows if not row.holds] == []
