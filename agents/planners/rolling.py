"""Rolling plans: each community's linear program is solved again as the clock moves on, from its last solution."""

import os
from abc import ABC, abstractmethod
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from gridbid.agents.planners.plan import Plan, act_on
from gridbid.agents.planners.seen_rows import SeenRows
from gridbid.agents.policy import Actions, Observations
from gridbid.agents.programs.solver import Solver
from gridbid.envs.fields import METERED
from gridbid.market.errors import InputError

Singles = NDArray[np.float32]


class RollingPolicy(ABC):
    """A coordinator: it decides for all of a community's rows together, and plans for those that it is asked for.

    It plans anew every ``every`` slots and keeps to the plan in between. Communities are planned for in ``workers`` threads,
    one for each processor by default.
    """

    name: str

    def __init__(self, every: int, workers: int | None) -> None:
        if every < 1 or (workers is not None and workers < 1):
            raise InputError(f"every={every}, workers={workers}: there has to be at least one of each")
        self._every = every
        self._workers = workers or os.cpu_count() or 1
        self._pool: ThreadPoolExecutor | None = None
        self._begin(0)

    @abstractmethod
    def _make_plan(self, community: int, rows: SeenRows, solver: Solver) -> Plan:
        """A plan whose first ``every`` steps are slots, the first of them the one that trades."""

    def _make_solver(self) -> Solver:
        """What solves a community's programs from now on."""
        return Solver()

    def reset(self, seed: int) -> None:
        """Nothing is drawn; plans and solutions are forgotten."""
        self._begin(0)

    def forget(self, mask: NDArray[np.bool_]) -> None:
        """Plan anew in the masked communities."""
        for community in np.flatnonzero(mask[: len(self._plans)]):
            self._plans[community] = None
            self._solvers[community] = self._make_solver()

    def _begin(self, batch: int) -> None:
        self._plans: list[Plan | None] = [None] * batch
        self._solvers = [self._make_solver() for _ in range(batch)]
        self._ages = np.zeros(batch, np.int64)

    def act(self, observations: Observations) -> Actions:
        """Actions for every metered row that is asked for."""
        asked = {kind: observations[kind] for kind in METERED if kind in observations}
        if not asked:
            return {}
        batch = next(iter(asked.values())).shape[0]
        if len(self._plans) != batch:
            self._begin(batch)
        rows = [SeenRows({kind: values[b] for kind, values in asked.items()}) for b in range(batch)]
        if self._workers == 1 or batch == 1:
            decided = [self._decide(b, rows[b]) for b in range(batch)]
        else:
            self._pool = self._pool or ThreadPoolExecutor(self._workers)
            decided = list(self._pool.map(self._decide, range(batch), rows))
        return {kind: np.stack([actions[kind] for actions in decided]) for kind in asked}

    def _decide(self, community: int, rows: SeenRows) -> Mapping[str, Singles]:
        if rows["round"].max(initial=0.0) == 0.0:
            self._ages[community] += 1
        plan = self._plans[community]
        if plan is None or self._is_over(community) or plan.curtail.shape[1] != sum(rows.sizes):
            plan = self._plans[community] = self._make_plan(community, rows, self._solvers[community])
            self._ages[community] = 0
        return act_on(plan, int(self._ages[community]), rows)

    def _is_over(self, community: int) -> bool:
        return self._every == 1 or bool(self._ages[community] >= self._every)
