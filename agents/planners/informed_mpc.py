"""Rolling plans of yardsticks that look into the environment: what better forecasts would be worth."""

from collections.abc import Sequence

import numpy as np

from gridbid.agents.planners.mpc import plan_community
from gridbid.agents.planners.plan import Plan, plan_of
from gridbid.agents.planners.rolling import RollingPolicy
from gridbid.agents.planners.seen_rows import SeenRows
from gridbid.agents.planners.truth import Truth
from gridbid.agents.policy import Actions, Observations
from gridbid.agents.programs.outlook import Foresight, Stores
from gridbid.agents.programs.solver import Solver
from gridbid.envs.batch_env import BatchEnv
from gridbid.market.errors import InputError
from gridbid.market.grid.network import source_rating_kva


class InformedMpc(RollingPolicy):
    """Knows devices, prices, stores and the transformer as they are, and of the 24 hours ahead what ``foresight`` says."""

    def __init__(self, name: str, foresight: Foresight, every: int, workers: int | None) -> None:
        super().__init__(every, workers)
        self.name = name
        self._foresight = foresight
        self._truth: Truth | None = None
        self._stores: Sequence[Stores] = ()

    def attach(self, env: BatchEnv) -> None:
        """Look into this environment from now on."""
        self._truth = Truth(env)

    def act(self, observations: Observations) -> Actions:
        """Actions for every metered row that is asked for. InputError where there is nothing to look into."""
        if self._truth is None:
            raise InputError(
                f"policy {self.name!r} looks into an environment: attach it to one first; it can't be a bot"
            )
        self._stores = self._truth.stores()
        return super().act(observations)

    def _make_plan(self, community: int, rows: SeenRows, solver: Solver) -> Plan:
        assert self._truth is not None
        env = self._truth.env
        members = np.concatenate([env.seats[kind] for kind in rows.kinds])
        plant = self._truth.plant(members)
        n_slots = env.community.rules.slots_per_day
        outlook = self._truth.outlook(community, members, self._stores[community], n_slots, self._foresight)
        schedule = plan_community(plant, outlook, source_rating_kva(env.community.network), solver)
        known = self._foresight is Foresight.DAY
        return plan_of(schedule, plant, outlook, together=True, known=known)


class MpcPerfect(InformedMpc):
    """Knows all that comes in 24 hours, cars that are to come included."""

    def __init__(self, every: int = 4, workers: int | None = None) -> None:
        super().__init__("mpc_perfect", Foresight.DAY, every, workers)


class MpcPersistence(InformedMpc):
    """Takes load, PV and heat demand for yesterday's, slot by slot; cars that are to come are unknown."""

    def __init__(self, every: int = 4, workers: int | None = None) -> None:
        super().__init__("mpc_persistence", Foresight.YESTERDAY, every, workers)
