"""The optimum: what the whole community could have reached in a week, had it known everything (a bound, not a seat).

Inside the community the price cancels, so with N the community's net import and n_i a meter's, a slot's bill is

    feed_in N + (retail - fee - feed_in) max(0, N) + fee sum_i max(0, n_i)

since as much as possible is traded locally. J adds wear, discomfort, unmet cars, breaches, overload, and the value of
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

from gridbid.agents.programs.community_program import CommunityProgram
from gridbid.agents.programs.outlook import perfect_outlook
from gridbid.envs.timeline.calendar import DAYS_PER_WEEK
from gridbid.market.community import Community

Floats = NDArray[np.float64]


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
    n_slots = DAYS_PER_WEEK * community.rules.slots_per_day if n_slots is None else n_slots
    program = CommunityProgram(community, perfect_outlook(community, start, n_slots, sample))
    schedule, parts_eur = program.solve()
    community_kwh = schedule.net_kwh.sum(axis=1)
    import_kwh = np.maximum(0.0, community_kwh)
    return OptimumResult(
        start=start,
        sample=sample,
        j_eur=float(parts_eur.sum()),
        parts_eur=parts_eur,
        device_kwh=schedule.device_kwh,
        curtailed_kwh=schedule.curtailed_kwh,
        net_kwh=schedule.net_kwh,
        import_kwh=import_kwh,
        export_kwh=np.maximum(0.0, -community_kwh),
        traded_kwh=np.maximum(0.0, schedule.net_kwh).sum(axis=1) - import_kwh,
        wasted_kwh=schedule.wasted_kwh,
    )
