"""Takes a linear program apart where nothing links its columns: what solves the parts solves the whole."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array
from scipy.sparse.csgraph import connected_components

from gridbid.agents.programs.solver import Problem

Integers = NDArray[np.int64]
Part = tuple[Integers, Problem]
"""Some of a problem's columns, and the problem that they make by themselves."""


def independent_parts(problem: Problem) -> list[Part]:
    """Parts that share no row, with columns and rows in the order of the whole; columns that stand in no row are one."""
    columns, column_ends, rows, row_ends = _grouped(problem.matrix)
    place_of_row = np.empty(rows.size, np.int64)
    place_of_row[rows] = np.arange(rows.size)
    matrix = problem.matrix[:, columns]
    parts = []
    for (first, last), (first_row, last_row) in zip(pairwise(column_ends), pairwise(row_ends), strict=True):
        mine, wanted = columns[first:last], rows[first_row:last_row]
        entries = slice(matrix.indptr[first], matrix.indptr[last])
        places = place_of_row[matrix.indices[entries]] - first_row
        starts = matrix.indptr[first : last + 1] - matrix.indptr[first]
        part = Problem(
            cost=problem.cost[mine],
            low=problem.low[mine],
            high=problem.high[mine],
            matrix=csc_array((matrix.data[entries], places, starts), (wanted.size, mine.size)),
            row_low=problem.row_low[wanted],
            row_high=problem.row_high[wanted],
        )
        parts.append((mine, part))
    return [part for part in parts if part[0].size]


def _grouped(matrix: csc_array) -> tuple[Integers, list[int], Integers, list[int]]:
    """Columns by part, and where each part ends; the same of the rows."""
    n_rows, n_columns = matrix.shape
    links = csr_array(
        (np.ones(matrix.nnz), matrix.indices + n_columns, matrix.indptr), (n_columns, n_columns + n_rows)
    )
    links.resize(n_columns + n_rows, n_columns + n_rows)
    n_parts, labels = connected_components(links, directed=False)
    of_column, of_row = labels[:n_columns], labels[n_columns:]
    of_column[np.diff(matrix.indptr) == 0] = n_parts
    return *_sorted(of_column, n_parts), *_sorted(of_row, n_parts)


def _sorted(labels: NDArray[np.int32], n_parts: int) -> tuple[Integers, list[int]]:
    order = np.argsort(labels, kind="stable")
    ends = np.searchsorted(labels[order], np.arange(n_parts + 1), "right")
    return order, [0, *ends.tolist()]
