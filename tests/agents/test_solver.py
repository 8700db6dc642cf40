"""Going on from the last solution, and solving in parts, against solving afresh."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.sparse import csc_array

from gridbid.agents.programs.independent_parts import independent_parts
from gridbid.agents.programs.solver import Problem, Solver


def random_problem(random: np.random.Generator, n_rows: int = 12, n_columns: int = 20) -> Problem:
    """Feasible, as 0 is, and bounded."""
    matrix = random.uniform(-1.0, 1.0, (n_rows, n_columns)) * (random.random((n_rows, n_columns)) < 0.3)
    return with_numbers(random, csc_array(matrix))


def with_numbers(random: np.random.Generator, matrix: csc_array) -> Problem:
    n_rows, n_columns = matrix.shape
    return Problem(
        cost=random.uniform(-1.0, 1.0, n_columns),
        low=-random.random(n_columns),
        high=random.random(n_columns),
        matrix=matrix,
        row_low=np.full(n_rows, -np.inf),
        row_high=random.random(n_rows),
    )


def least_cost(problem: Problem) -> float:
    """By SciPy."""
    bounds = np.column_stack([problem.low, problem.high])
    result = linprog(problem.cost, problem.matrix, problem.row_high, bounds=bounds)
    assert result.status == 0
    return float(result.fun)


def test_nothing_to_decide_is_solved_already():
    """Also after another problem, and before one."""
    random, solver = np.random.default_rng(0), Solver()
    nothing = with_numbers(random, csc_array((0, 0)))
    for problem in (nothing, random_problem(random), nothing, random_problem(random)):
        solution = solver.solve(problem)
        assert solution.size == problem.cost.size
    assert problem.cost @ solution == pytest.approx(least_cost(problem))


@given(st.integers(0, 10_000))
def test_a_warm_start_finds_what_a_cold_one_finds(seed):
    """New numbers on the same rows, new coefficients, more rows and columns, and then a problem of another size."""
    random = np.random.default_rng(seed)
    first = random_problem(random)
    changed = with_numbers(random, first.matrix)
    moved = random_problem(random)
    grown = random_problem(random, 15, 24)
    solver = Solver()
    for problem in (first, changed, moved, grown, first):
        solution = solver.solve(problem)
        assert problem.cost @ solution == pytest.approx(least_cost(problem), abs=1e-6)
        assert (solution >= problem.low - 1e-7).all() and (solution <= problem.high + 1e-7).all()
        assert (problem.matrix @ solution <= problem.row_high + 1e-7).all()


def test_a_forgetful_solver_repeats_itself_to_the_bit():
    random = np.random.default_rng(5)
    problems = [random_problem(random) for _ in range(3)]
    fresh = [Solver().solve(problem) for problem in problems]
    solver = Solver()
    for problem, expected in zip(problems, fresh, strict=True):
        solver.forget()
        assert solver.solve(problem).tolist() == expected.tolist()


@given(st.integers(0, 10_000))
def test_parts_make_up_the_whole(seed):
    random = np.random.default_rng(seed)
    problem = random_problem(random, 30, 40)
    problem = problem._replace(matrix=csc_array(problem.matrix.multiply(random.random((30, 40)) < 0.15)))
    parts = independent_parts(problem)
    columns = np.concatenate([mine for mine, _ in parts])
    assert sorted(columns.tolist()) == list(range(40))
    solution = np.zeros(40)
    for mine, part in parts:
        solution[mine] = Solver(presolve=False).solve(part)
    assert problem.cost @ solution == pytest.approx(least_cost(problem), abs=1e-6)
    assert (problem.matrix @ solution <= problem.row_high + 1e-7).all()


def test_a_problem_without_an_answer_says_so_and_does_no_lasting_harm():
    random = np.random.default_rng(1)
    problem = random_problem(random)
    solver = Solver()
    solver.solve(problem)
    with pytest.raises(RuntimeError, match=r"20 columns: infeasible"):
        solver.solve(problem._replace(row_high=np.full(12, -99.0)))
    assert problem.cost @ solver.solve(problem) == pytest.approx(least_cost(problem), abs=1e-6)
