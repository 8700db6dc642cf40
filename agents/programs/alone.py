"""Alone: what each site could have reached in a week by itself, had it known everything (a bound, not a seat).

There is no local market: every meter buys at retail and sells at feed-in. Nobody thinks of the feeder, so overload is no
part of the bound; when the schedules are played, the engine prices it.
"""

import numpy as np

from gridbid.agents.programs.bill import add_envelopes, add_own_bills
from gridbid.agents.programs.meters import Meters
from gridbid.agents.programs.optimum import OptimumResult, result_of, slots_of_a_week
from gridbid.agents.programs.outlook import perfect_outlook
from gridbid.agents.programs.plant import plant_of
from gridbid.market.community import Community


def solve_alone(
    community: Community, start: int, n_slots: int | None = None, sample: int = 0
) -> OptimumResult:
    """The sum of all sites' best, in the episode that the engine begins at slot ``start``; see `optimum.solve_week`."""
    outlook = perfect_outlook(community, start, n_slots or slots_of_a_week(community), sample)
    meters = Meters(plant_of(community), outlook)
    add_own_bills(meters)
    add_envelopes(meters)
    solution, parts_eur = meters.program.solve()
    return result_of(meters.schedule(solution), parts_eur, start, sample, np.zeros(outlook.hours.size))
