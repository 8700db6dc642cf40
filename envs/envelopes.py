"""Operating envelopes of a scenario's seats on its own feeder."""

import numpy as np

from gridbid.envs.scenario import Scenario
from gridbid.envs.timeline.calendar import SECONDS_PER_HOUR
from gridbid.market.grid.envelopes import Allocation, Background, Envelopes, operating_envelopes
from gridbid.market.grid.limits import HIGHEST_PU, LOWEST_PU


def scenario_envelopes(
    scenario: Scenario,
    allocation: Allocation,
    *,
    lowest_pu: float = LOWEST_PU,
    highest_pu: float = HIGHEST_PU,
) -> Envelopes:
    """Envelopes of the metered seats, in order, that hold in every slot of the year; each at most the seat's own limits.

    A reading is all that a seat takes or gives, so there is no background but reactive power: the base loads', as the
    engine has it, between its least and its most in the year. InputError where that alone violates a limit.
    """
    seats, n_buses = scenario.metered, scenario.network.parent.size
    least_kvar, most_kvar = np.zeros(n_buses), np.zeros(n_buses)
    for seat in seats:
        if seat.load is not None:
            reactive_kvar = seat.load.rated_kw * scenario.grid.load_tan_phi
            profile = scenario.profiles[seat.load.profile]
            least_kvar[seat.bus] += reactive_kvar * float(profile.min())
            most_kvar[seat.bus] += reactive_kvar * float(profile.max())
    return operating_envelopes(
        scenario.network,
        [seat.bus for seat in seats],
        [seat.import_limit_kw for seat in seats],
        [seat.export_limit_kw for seat in seats],
        slot_h=scenario.slot_seconds / SECONDS_PER_HOUR,
        allocation=allocation,
        background=Background(least_kvar=least_kvar, most_kvar=most_kvar),
        lowest_pu=lowest_pu,
        highest_pu=highest_pu,
    )
