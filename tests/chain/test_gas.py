"""What actions cost is what chain/gas.json says, and no more than was allowed."""

import pytest

from gridbid.chain.gas_bench import snapshot
from gridbid.chain.gas_bench.__main__ import main
from gridbid.chain.gas_bench.breakdown import COLD_LOAD, SET
from gridbid.chain.gas_bench.limits import LIMITS
from gridbid.chain.gas_bench.measure import explain


def test_what_is_kept_is_what_is_measured(capsys: pytest.CaptureFixture[str]):
    assert main(["--check"]) == 0, capsys.readouterr().err


@pytest.mark.parametrize("key", LIMITS)
def test_figures_are_within_their_limits(key: str):
    assert snapshot.read()[key] <= LIMITS[key]


def test_the_parts_of_a_figure_add_up_to_it():
    """The first figures are enough: whoever is registered writes new words, and nothing is given back.

    A new word costs 20 000, and 2 100 more where the transaction has not read it before.
    """
    parts = explain("register")
    assert sum(parts.values()) == snapshot.read()["register"]
    assert parts["refund"] == 0
    new_words, rest = divmod(parts["SSTORE new word"], SET)
    cold_words, rest = divmod(rest, COLD_LOAD)
    assert rest == 0 and cold_words <= new_words


def test_what_has_changed_is_told_line_by_line():
    kept, measured = {"rest": 5, "gone": 1, "same": 2}, {"rest": 4, "new": 3, "same": 2}
    assert snapshot.changes(kept, measured) == ["gone: gone, it was 1", "new: new, 3", "rest: 5 -> 4 (-1)"]
