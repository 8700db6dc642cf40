"""A sparse linear program, written in blocks of columns and rows, solved by HiGHS."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linprog
from scipy.sparse import csc_array

Columns = NDArray[np.int64]
"""Numbers of columns in any shape; ABSENT where there is none."""

ABSENT = -1


class LinearProgram:
    """Minimise cost @ x over low <= x <= high and rows of the form sum(coefficient * x) = or <= right."""

    def __init__(self) -> None:
        self._low: list[NDArray[np.float64]] = []
        self._high: list[NDArray[np.float64]] = []
        self._cost: list[NDArray[np.float64]] = []
        self._n_columns = 0
        self._equal = _Rows()
        self._at_most = _Rows()

    def columns(self, low: ArrayLike, high: ArrayLike, cost: ArrayLike) -> Columns:
        """New columns in the shape to which bounds and costs broadcast."""
        bounds = np.broadcast_arrays(*(np.asarray(a, np.float64) for a in (low, high, cost)))
        for block, values in zip((self._low, self._high, self._cost), bounds, strict=True):
            block.append(values.ravel())
        first, self._n_columns = self._n_columns, self._n_columns + bounds[0].size
        return np.arange(first, self._n_columns).reshape(bounds[0].shape)

    def columns_where(self, mask: NDArray[np.bool_], high: ArrayLike, cost: ArrayLike) -> Columns:
        """New columns from 0 to ``high`` where ``mask`` holds, ABSENT elsewhere; all in the shape of the mask."""
        columns = np.full(mask.shape, ABSENT, np.int64)
        pick = [np.broadcast_to(np.asarray(a, np.float64), mask.shape)[mask] for a in (high, cost)]
        columns[mask] = self.columns(0.0, *pick)
        return columns

    def equal(self, right: ArrayLike) -> NDArray[np.int64]:
        """New rows sum = right, to be filled by :meth:`put_equal`; one for each entry of ``right``."""
        return self._equal.add(right)

    def at_most(self, right: ArrayLike) -> NDArray[np.int64]:
        """New rows sum <= right, to be filled by :meth:`put_at_most`; one for each entry of ``right``."""
        return self._at_most.add(right)

    def put_equal(self, rows: NDArray[np.int64], columns: Columns, coefficient: ArrayLike) -> None:
        """Enter coefficients in equality rows, all broadcast together; ABSENT columns are left out."""
        self._equal.put(rows, columns, coefficient)

    def put_at_most(self, rows: NDArray[np.int64], columns: Columns, coefficient: ArrayLike) -> None:
        """Enter coefficients in inequality rows, all broadcast together; ABSENT columns are left out."""
        self._at_most.put(rows, columns, coefficient)

    def solve(self) -> tuple[NDArray[np.float64], float]:
        """The optimal x and its cost; RuntimeError with the solver's words when there is none."""
        a_equal, b_equal = self._equal.matrix(self._n_columns)
        a_most, b_most = self._at_most.matrix(self._n_columns)
        bounds = np.column_stack([np.concatenate(self._low), np.concatenate(self._high)])
        cost = np.concatenate(self._cost)
        result = linprog(cost, a_most, b_most, a_equal, b_equal, bounds, method="highs-ds")
        if result.status != 0:
            raise RuntimeError(f"linear program of {cost.size} columns: {result.message}")
        return result.x, float(result.fun)


class _Rows:
    """Rows of one kind as triplets."""

    def __init__(self) -> None:
        self._right: list[NDArray[np.float64]] = []
        self._triplets: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]] = []
        self._n_rows = 0

    def add(self, right: ArrayLike) -> NDArray[np.int64]:
        values = np.asarray(right, np.float64)
        self._right.append(values.ravel())
        first, self._n_rows = self._n_rows, self._n_rows + values.size
        return np.arange(first, self._n_rows).reshape(values.shape)

    def put(self, rows: NDArray[np.int64], columns: Columns, coefficient: ArrayLike) -> None:
        rows, columns, values = np.broadcast_arrays(rows, columns, np.asarray(coefficient, np.float64))
        present = columns != ABSENT
        self._triplets.append((rows[present], columns[present], values[present]))

    def matrix(self, n_columns: int) -> tuple[csc_array, NDArray[np.float64]]:
        if not self._n_rows:
            return csc_array((0, n_columns)), np.zeros(0)
        rows, columns, values = (np.concatenate(part) for part in zip(*self._triplets, strict=True))
        return csc_array((values, (rows, columns)), (self._n_rows, n_columns)), np.concatenate(self._right)
