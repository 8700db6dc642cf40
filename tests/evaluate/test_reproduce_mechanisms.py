"""The mechanisms' rows of the table of reproduced results."""

from gridbid.evaluate.reproduce.mechanisms import auction_rows, pool_rows


def test_auctions_and_pools_give_the_worked_figures() -> None:
    rows = [*auction_rows(), *pool_rows()]
    assert len(rows) == 13
    assert [row for row in rows if not row.holds] == []
