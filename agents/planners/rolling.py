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
from gridbid.envs.fields import METERED

Singles = NDArray[np.float32]


class RollingPolicy(ABC):
    """A coordinator: it decides for all of a community's rows together, and plans for those that it is asked for.

    It plans anew every ``every`` slots and keeps to the plan in between. Communities are planned for in ``workers`` threads,
    one for each processor by default.
    """

    name: str

    def __init__(self, every: int, workers: int | None) -> None:
        self._every = every
        self._workers = workers or os.cpu_count() or 1
        self._pool: ThreadPoolExecutor | None = None
        self._plans: list[Plan | None] = []
        self._ages = np.zeros(0, np.int64)

    @abstractmethod
    def _make_plan(self, community: int, rows: SeenRows) -> Plan:
        """A plan whose first ``every`` steps are slots, the first of them the one that trades."""

    def reset(self, seed: int) -> None:
        """Nothing is drawn; plans are forgotten."""
        self._plans, self._ages = [], np.zeros(0, np.int64)

    def forget(self, mask: NDArray[np.bool_]) -> None:
        """Plan anew in the masked communities."""
        for community in np.flatnonzero(mask[: len(self._plans)]):
            self._plans[community] = None

    def act(self, observations: Observations) -> Actions:
        """Actions for every metered row that is asked for."""
        asked = {kind: observations[kind] for kind in METERED if kind in observations}
        if not asked:
            return {}
        batch = next(iter(asked.values())).shape[0]
        if len(self._plans) != batch:
            self._plans, self._ages = [None] * batch, np.zeros(batch, np.int64)
        rows = [SeenRows({kind: values[b] for kind, values in asked.items()}) for b in range(batch)]
        if self._workers == 1 or batch == 1:
            decided = [self._decide(b, rows[b]) for b in range(batch)]
        else:
            self._pool = self._pool or ThreadPoolExecutor(self._workers)
            decided = list(self._pool.map(self._decide, range(batch), rows))
        return {kind: np.stack([actions[kind] for actions in decided]) for kind in asked}

    def _decide(self, community: int, rows: SeenRows) -> Mapping[str, Singles]:
        plan = self._plans[community]
        if rows["round"].max(initial=0.0) == 0.0:
            self._ages[community] += 1
        if plan is None or self._ages[community] >= self._every or plan.curtail.shape[1] != sum(rows.sizes):
            plan = self._plans[community] = self._make_plan(community, rows)
            self._ages[community] = 0
        return act_on(plan, int(self._ages[community]), rows)
