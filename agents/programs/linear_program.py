"""A sparse linear program, written in blocks of columns and rows; costs are kept by part."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csc_array

from gridbid.agents.programs.solver import Problem, Solver

Columns = NDArray[np.int64]
"""Numbers of columns in any shape; ABSENT where there is none."""
Rows = NDArray[np.int64]
Floats = NDArray[np.float64]

ABSENT = -1


def value_of(columns: Columns, solution: Floats) -> Floats:
    """Values of columns in a solution; 0 for ABSENT ones."""
    values: Floats = np.append(solution, 0.0)[columns]  # the last place is that of ABSENT
    return values


class LinearProgram:
    """Minimise the priced columns within their bounds and rows of the form sum(coefficient * x) = or <= right."""

    def __init__(self, n_parts: int) -> None:
        self._n_columns = 0
        self._low: list[Floats] = []
        self._high: list[Floats] = []
        self._prices: list[tuple[int, Columns, Floats]] = []
        self._constants = np.zeros(n_parts)
        self._equal = _Block()
        self._at_most = _Block()

    def columns(self, low: ArrayLike, high: ArrayLike) -> Columns:
        """New columns in the shape to which their bounds broadcast."""
        lows, highs = np.broadcast_arrays(np.asarray(low, np.float64), np.asarray(high, np.float64))
        self._low.append(lows.ravel())
        self._high.append(highs.ravel())
        first, self._n_columns = self._n_columns, self._n_columns + lows.size
        return np.arange(first, self._n_columns).reshape(lows.shape)

    def columns_where(self, mask: NDArray[np.bool_], high: ArrayLike, low: ArrayLike = 0.0) -> Columns:
        """New columns where ``mask`` holds, ABSENT elsewhere; all in the shape of the mask."""
        columns = np.full(mask.shape, ABSENT, np.int64)
        bounds = (np.broadcast_to(np.asarray(bound, np.float64), mask.shape)[mask] for bound in (low, high))
        columns[mask] = self.columns(*bounds)
        return columns

    def price(self, part: int, columns: Columns, price: ArrayLike) -> None:
        """Add ``price`` for each unit of ``columns`` to a part of the cost; both broadcast, ABSENT is left out."""
        columns, prices = np.broadcast_arrays(columns, np.asarray(price, np.float64))
        present = columns != ABSENT
        self._prices.append((part, columns[present], prices[present]))

    def constant(self, part: int, cost: float) -> None:
        """Add to a part of the cost what no column can change."""
        self._constants[part] += cost

    def equal(self, right: ArrayLike) -> Rows:
        """New rows sum = right, to be filled by :meth:`put_equal`; one for each entry of ``right``."""
        return self._equal.add(right)

    def at_most(self, right: ArrayLike) -> Rows:
        """New rows sum <= right, to be filled by :meth:`put_at_most`; one for each entry of ``right``."""
        return self._at_most.add(right)

    def put_equal(self, rows: Rows, columns: Columns, coefficient: ArrayLike) -> None:
        """Enter coefficients in equality rows, all broadcast together; ABSENT columns are left out."""
        self._equal.put(rows, columns, coefficient)

    def put_at_most(self, rows: Rows, columns: Columns, coefficient: ArrayLike) -> None:
        """Enter coefficients in inequality rows, all broadcast together; ABSENT columns are left out."""
        self._at_most.put(rows, columns, coefficient)

    def problem(self) -> Problem:
        """The program in matrix form: equality rows first, then inequalities, each in the order of their making."""
        cost = np.zeros(self._n_columns)
        for _, columns, prices in self._prices:
            np.add.at(cost, columns, prices)
        equal, at_most = self._equal.right(), self._at_most.right()
        return Problem(
            cost=cost,
            low=np.concatenate([np.zeros(0), *self._low]),
            high=np.concatenate([np.zeros(0), *self._high]),
            matrix=self._matrix(equal.size, at_most.size),
            row_low=np.concatenate([equal, np.full(at_most.size, -np.inf)]),
            row_high=np.concatenate([equal, at_most]),
        )

    def solve(self, solver: Solver | None = None) -> tuple[Floats, Floats]:
        """The optimal x, and the cost by part; RuntimeError with the solver's words when there is none.

        ``solver`` goes on from the program that it solved last; without one it is a new one.
        """
        solution = (solver or Solver()).solve(self.problem())
        return solution, self.by_part(solution)

    def by_part(self, solution: Floats) -> Floats:
        """What a solution costs, (parts,)."""
        parts = self._constants.copy()
        for part, columns, prices in self._prices:
            parts[part] += prices @ solution[columns]
        return parts

    def _matrix(self, n_equal: int, n_at_most: int) -> csc_array:
        triplets = [*self._equal.triplets(0), *self._at_most.triplets(n_equal)]
        rows, columns, values = (
            (np.concatenate(part) for part in zip(*triplets, strict=True))
            if triplets
            else (np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
        )
        return csc_array((values, (rows, columns)), (n_equal + n_at_most, self._n_columns))


class _Block:
    """Rows of one kind, as triplets."""

    def __init__(self) -> None:
        self._right: list[Floats] = []
        self._triplets: list[tuple[Rows, Columns, Floats]] = []
        self._n_rows = 0

    def add(self, right: ArrayLike) -> Rows:
        values = np.asarray(right, np.float64)
        self._right.append(values.ravel())
        first, self._n_rows = self._n_rows, self._n_rows + values.size
        return np.arange(first, self._n_rows).reshape(values.shape)

    def put(self, rows: Rows, columns: Columns, coefficient: ArrayLike) -> None:
        rows, columns, values = np.broadcast_arrays(rows, columns, np.asarray(coefficient, np.float64))
        present = columns != ABSENT
        self._triplets.append((rows[present], columns[present], values[present]))

    def right(self) -> Floats:
        return np.concatenate([np.zeros(0), *self._right])

    def triplets(self, first_row: int) -> list[tuple[Rows, Columns, Floats]]:
        return [(first_row + rows, columns, values) for rows, columns, values in self._triplets]
