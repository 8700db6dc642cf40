"""HiGHS, which goes on from where it stopped: a linear program much like the last one takes a few steps from its solution.

Huangfu, Hall: Parallelizing the dual revised simplex method, Math. Program. Comput. 10:119, 2018.
"""

from typing import NamedTuple

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array

Floats = NDArray[np.float64]

_SOLVED = (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kModelEmpty)


class Problem(NamedTuple):
    """Minimise ``cost`` x within ``low`` <= x <= ``high`` and ``row_low`` <= ``matrix`` x <= ``row_high``; float64."""

    cost: Floats
    low: Floats
    high: Floats
    matrix: csc_array
    row_low: Floats
    row_high: Floats


class Solver:
    """Solves problem after problem by the dual simplex method, on one thread, outside Python's lock.

    A problem that has grown out of the last one, by columns and rows after those that were there, or that differs from it
    in its numbers alone, begins with the last one's basis. Where no basis fits, it begins anew, with ``presolve`` if wanted:
    tiny problems are done sooner without.
    """

    def __init__(self, presolve: bool = True) -> None:
        self._highs = highspy.Highs()  # type: ignore[no-untyped-call]  # highspy types it in part
        for option, value in (("output_flag", False), ("threads", 1), ("parallel", "off")):
            self._highs.setOptionValue(option, value)
        if not presolve:
            self._highs.setOptionValue("presolve", "off")
        self._presolve = presolve
        self._last: Problem | None = None

    def __reduce__(self) -> tuple[type["Solver"], tuple[bool]]:
        """A copy begins anew: HiGHS can't be copied."""
        return Solver, (self._presolve,)

    def forget(self) -> None:
        """Begin the next problem without a basis, as a new solver would."""
        self._highs.clearModel()
        self._last = None

    def solve(self, problem: Problem) -> Floats:
        """The optimal x; RuntimeError with the solver's words when there is none."""
        if self._last is not None and _same_matrix(self._last.matrix, problem.matrix):
            self._change(problem)
        else:
            self._pass(problem)
        self._last = problem
        status = self._run()
        if status not in _SOLVED:
            self._highs.clearSolver()  # a basis may lead into numerical trouble that a fresh start avoids
            status = self._run()
        if status not in _SOLVED:
            words = self._highs.modelStatusToString(status).lower()
            self.forget()
            raise RuntimeError(f"linear program of {problem.cost.size} columns: {words}")
        return np.array(self._highs.getSolution().col_value)

    def _run(self) -> highspy.HighsModelStatus:
        # The base class's: highspy's own wrapper polls for interrupts from a second thread.
        highspy._core._Highs.run(self._highs)
        return self._highs.getModelStatus()

    def _change(self, problem: Problem) -> None:
        columns = np.arange(problem.cost.size, dtype=np.int32)
        rows = np.arange(problem.row_low.size, dtype=np.int32)
        self._highs.changeColsCost(columns.size, columns, problem.cost)
        self._highs.changeColsBounds(columns.size, columns, problem.low, problem.high)
        # highspy's stubs lack the next one.
        self._highs.changeRowsBounds(rows.size, rows, problem.row_low, problem.row_high)  # type: ignore[attr-defined]

    def _pass(self, problem: Problem) -> None:
        basis = self._grown_basis(problem)
        model = highspy.HighsLp()
        model.num_row_, model.num_col_ = problem.matrix.shape
        model.col_cost_, model.col_lower_, model.col_upper_ = problem.cost, problem.low, problem.high
        model.row_lower_, model.row_upper_ = problem.row_low, problem.row_high
        entries = model.a_matrix_
        entries.format_ = highspy.MatrixFormat.kColwise
        entries.num_row_, entries.num_col_ = problem.matrix.shape
        entries.start_ = problem.matrix.indptr.astype(np.int32)
        entries.index_ = problem.matrix.indices.astype(np.int32)
        entries.value_ = problem.matrix.data
        self._highs.passModel(model)
        if basis is not None:
            self._highs.setBasis(basis)

    def _grown_basis(self, problem: Problem) -> highspy.HighsBasis | None:
        """The last basis, with new columns at their lower bounds and new rows slack; None where none fits."""
        basis = self._highs.getBasis()
        columns, rows = list(basis.col_status), list(basis.row_status)
        new_columns = problem.cost.size - len(columns)
        new_rows = problem.row_low.size - len(rows)
        if self._last is None or not basis.valid or new_columns < 0 or new_rows < 0:
            return None
        grown = highspy.HighsBasis()
        grown.col_status = columns + [highspy.HighsBasisStatus.kLower] * new_columns
        grown.row_status = rows + [highspy.HighsBasisStatus.kBasic] * new_rows
        grown.valid = True
        return grown


def _same_matrix(one: csc_array, other: csc_array) -> bool:
    return (
        one.shape == other.shape
        and np.array_equal(one.indptr, other.indptr)
        and np.array_equal(one.indices, other.indices)
        and np.array_equal(one.data, other.data)
    )
