"""Model predictive control of a community, from what its seats observe and nothing else."""

from gridbid.agents.planners.facts import Facts
from gridbid.agents.planners.plan import Plan, plan_of
from gridbid.agents.planners.rolling import RollingPolicy
from gridbid.agents.planners.seen_outlook import FIRST_SLOTS, leading_slots, seen_outlook, seen_plant
from gridbid.agents.planners.seen_rows import SeenRows
from gridbid.agents.programs.bill import add_community_bill, add_envelopes
from gridbid.agents.programs.meters import Meters, Schedule
from gridbid.agents.programs.outlook import Outlook
from gridbid.agents.programs.plant import Plant
from gridbid.agents.programs.solver import Solver
from gridbid.agents.programs.transformer import add_transformer
from gridbid.market.errors import InputError

HEADROOM = 0.97
"""Share of the transformer's rating that a plan uses: feeder losses and forecast errors have the rest."""


def plan_community(plant: Plant, outlook: Outlook, transformer_kva: float, solver: Solver) -> Schedule:
    """The cheapest schedule over the outlook, local trade and the transformer's limit included."""
    rating_kva = HEADROOM * transformer_kva
    meters = Meters(plant, outlook, rating_kva, steady=True)
    add_community_bill(meters)
    add_envelopes(meters)
    add_transformer(meters, rating_kva)
    solution, _ = meters.program.solve(solver)
    return meters.schedule(solution)


class MpcPolicy(RollingPolicy):
    """Minimises what J will say of the next 24 hours; see `gridbid.agents.planners.seen_outlook` for what it knows."""

    name = "mpc"

    def __init__(self, facts: Facts | None = None, every: int = 1, workers: int | None = None) -> None:
        super().__init__(every, workers)
        self._told = facts
        self._go_by(facts or Facts())

    def configure(self, facts: Facts) -> None:
        """Learn a scenario's constants, unless they were given from the beginning. InputError as at the beginning."""
        self._go_by(self._told or facts)

    def _go_by(self, facts: Facts) -> None:
        slots = min(FIRST_SLOTS, leading_slots(facts))
        if self._every > slots:
            raise InputError(f"every={self._every}: a plan begins with {slots} slots, expected that at most")
        self._facts = facts

    def _make_plan(self, community: int, rows: SeenRows, solver: Solver) -> Plan:
        plant = seen_plant(rows, self._facts)
        outlook = seen_outlook(rows, plant, self._facts)
        schedule = plan_community(plant, outlook, self._facts.transformer_kva, solver)
        return plan_of(schedule, plant, outlook, together=True)
