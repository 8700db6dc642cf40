"""Each site for itself: a plan of the next 24 hours from its own observation, as if there were no local market."""

import numpy as np

from gridbid.agents.planners.facts import Facts
from gridbid.agents.planners.plan import Plan, plan_of
from gridbid.agents.planners.rolling import RollingPolicy
from gridbid.agents.planners.seen_outlook import seen_outlook, seen_plant
from gridbid.agents.planners.seen_rows import SeenRows
from gridbid.agents.programs.bill import add_envelopes, add_own_bills
from gridbid.agents.programs.meters import Meters
from gridbid.agents.programs.solver import Solver, independent_parts


class SelfishPolicy(RollingPolicy):
    """Buys at retail and sells at feed-in in its plan; what the plan leaves is offered truthfully to the neighbours.

    The programs of a community's sites are written as one and solved one by one, each from the beginning: a row's action
    depends on its observation alone.
    """

    name = "selfish_lp"

    def __init__(self, facts: Facts | None = None, workers: int | None = None) -> None:
        super().__init__(1, workers)
        self._told, self._facts = facts, facts or Facts()

    def configure(self, facts: Facts) -> None:
        """Learn a scenario's constants, unless they were given from the beginning."""
        self._facts = self._told or facts

    def _make_solver(self) -> Solver:
        return Solver(presolve=False)

    def _make_plan(self, community: int, rows: SeenRows, solver: Solver) -> Plan:
        plant = seen_plant(rows, self._facts)
        outlook = seen_outlook(rows, plant, self._facts)
        meters = Meters(plant, outlook, steady=True)
        add_own_bills(meters)
        add_envelopes(meters)
        problem = meters.program.problem()
        solution = np.zeros(problem.cost.size)
        for columns, part in independent_parts(problem):
            solver.forget()
            solution[columns] = solver.solve(part)
        return plan_of(meters.schedule(solution), plant, outlook, together=False)
