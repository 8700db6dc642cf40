"""The program builder on problems with known answers."""

import numpy as np
import pytest

from gridbid.agents.programs.linear_program import ABSENT, LinearProgram, value_of


def test_a_diet_with_known_answer():
    """Buy x at 2 and y at 3 so that x + y = 4 and x <= 3: x = 3, y = 1, costs 6 and 3."""
    program = LinearProgram(2)
    x, y = program.columns(0.0, np.inf), program.columns(0.0, np.inf)
    program.price(0, x, 2.0)
    program.price(1, y, 3.0)
    rows = program.equal([4.0])
    program.put_equal(rows, x, 1.0)
    program.put_equal(rows, y, 1.0)
    program.put_at_most(program.at_most([3.0]), x, 1.0)
    solution, parts = program.solve()
    assert solution == pytest.approx([3.0, 1.0])
    assert parts == pytest.approx([6.0, 3.0])


def test_blocks_broadcast_and_absent_columns_drop_out():
    """Fill the allowed entries of a (2, 3) table to its bounds: -1 each."""
    program = LinearProgram(1)
    mask = np.array([[True, False, True], [False, True, True]])
    table = program.columns_where(mask, high=np.array([1.0, 2.0, 3.0]))
    program.price(0, table, -1.0)
    program.constant(0, 100.0)
    rows = program.at_most([3.5, 9.0])
    program.put_at_most(rows[:, None], table, 1.0)
    solution, parts = program.solve()
    values = value_of(table, solution)
    assert values[~mask].tolist() == [0.0, 0.0]
    assert values.sum(axis=1) == pytest.approx([3.5, 5.0])
    assert parts == pytest.approx([100.0 - 8.5])
    assert (table == ABSENT).sum() == 2


def test_prices_on_one_column_add_up():
    program = LinearProgram(3)
    x = program.columns(1.0, 5.0)
    for part, price in enumerate([1.0, 2.0, -0.5]):
        program.price(part, x, price)
    solution, parts = program.solve()
    assert solution == pytest.approx([1.0])
    assert parts == pytest.approx([1.0, 2.0, -0.5])


def test_no_answer_is_an_error_in_words():
    program = LinearProgram(1)
    program.put_equal(program.equal([2.0]), program.columns(0.0, 1.0), 1.0)
    with pytest.raises(RuntimeError, match=r"1 columns.*infeasible"):
        program.solve()


def test_without_any_column_all_are_absent():
    assert value_of(np.full((2, 3), ABSENT), np.zeros(0)).tolist() == [[0.0] * 3] * 2
