"""The optimum: what the whole community could have reached in a week, had it known everything (a bound, not a seat).

The bill is that of `gridbid.agents.programs.bill` for a community. J adds wear, discomfort, unmet cars, breaches, overload, and the value of
what is left in stores: the same terms, prices, limits and initial state as the engine's. The feeder is the full power
flow, by tangents. Where the program is looser than the engine, it is so in favour of the bound:

- a store could charge and discharge at once (`OptimumResult.wasted_kwh` says how much it did);
- a member may breach its envelope at the price of it, where the engine would first cut what isn't due;
- tangents may leave `feeder_rows.TOLERANCE_EUR` of overload unpaid;
- energies are real numbers, readings are whole Wh.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gridbid.agents.programs.bill import add_community_bill, add_envelopes
from gridbid.agents.programs.feeder_rows import FeederRows
from gridbid.agents.programs.meters import Meters, Schedule
from gridbid.agents.programs.outlook import perfect_outlook
from gridbid.agents.programs.plant import plant_of
from gridbid.agents.programs.solver import Solver
from gridbid.envs.timeline.calendar import DAYS_PER_WEEK
from gridbid.market.community import Community

Floats = NDArray[np.float64]

MAX_CUT_ROUNDS = 12
"""Solutions in a row, each with tangents where the one before overloads; one to three are enough as a rule."""


@dataclass(frozen=True)
class OptimumResult:
    """The best a community could do over T slots from ``start``, with perfect foresight.

    ``parts_eur`` is (costs,), in the order of `market.types.Cost`, and sums to ``j_eur``. Energies in kWh a slot:
    ``device_kwh`` (T, N, devices) and ``curtailed_kwh`` (T, N), ``net_kwh`` (T, N) at the meters; ``import_kwh``,
    ``export_kwh``, ``traded_kwh`` (T,) of the community. ``wasted_kwh`` was charged and discharged at once.
    """

    start: int
    sample: int
    j_eur: float
    parts_eur: Floats
    device_kwh: Floats
    curtailed_kwh: Floats
    net_kwh: Floats
    import_kwh: Floats
    export_kwh: Floats
    traded_kwh: Floats
    wasted_kwh: float


def solve_week(
    community: Community, start: int, n_slots: int | None = None, sample: int = 0
) -> OptimumResult:
    """The optimum of the episode that the engine begins at slot ``start`` with ``sample``'s prices and cars: a week by default."""
    outlook = perfect_outlook(community, start, n_slots or slots_of_a_week(community), sample)
    meters = Meters(plant_of(community), outlook, community.network.rating_kva.min())
    add_community_bill(meters)
    add_envelopes(meters)
    schedule, parts_eur = _solve(meters, FeederRows(meters, community))
    import_kwh = np.maximum(0.0, schedule.net_kwh.sum(axis=1))
    traded_kwh = np.maximum(0.0, schedule.net_kwh).sum(axis=1) - import_kwh
    return result_of(schedule, parts_eur, start, sample, traded_kwh)


def slots_of_a_week(community: Community) -> int:
    """Slots of an episode by default."""
    return DAYS_PER_WEEK * community.rules.slots_per_day


def result_of(
    schedule: Schedule, parts_eur: Floats, start: int, sample: int, traded_kwh: Floats
) -> OptimumResult:
    """A schedule as the result of a bound in which ``traded_kwh`` (T,) is traded locally."""
    return OptimumResult(
        start=start,
        sample=sample,
        j_eur=float(parts_eur.sum()),
        parts_eur=parts_eur,
        device_kwh=schedule.device_kwh,
        curtailed_kwh=schedule.curtailed_kwh,
        net_kwh=schedule.net_kwh,
        import_kwh=np.maximum(0.0, schedule.net_kwh).sum(axis=1) - traded_kwh,
        export_kwh=np.maximum(0.0, -schedule.net_kwh).sum(axis=1) - traded_kwh,
        traded_kwh=traded_kwh,
        wasted_kwh=schedule.wasted_kwh,
    )


def _solve(meters: Meters, feeder: FeederRows) -> tuple[Schedule, Floats]:
    """Solve until no branch is overloaded for free; each time from the solution before."""
    solver = Solver()
    for _ in range(MAX_CUT_ROUNDS):
        solution, parts_eur = meters.program.solve(solver)
        schedule = meters.schedule(solution)
        if not feeder.cut(schedule.net_kwh, solution):
            break
    return schedule, parts_eur
