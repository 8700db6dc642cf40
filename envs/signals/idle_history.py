"""The past that meters would have shown if nobody had controlled anything: what baselines rest on by default.

Batteries rest, cars charge at full power when they come until they have what they want, heat is made when it is asked for.
It is computed from the series alone, so that a reset costs little; `BatchEnv.pre_roll` plays the days under a policy.
"""

import numpy as np
from numpy.typing import NDArray

from gridbid.market.community import Community, Floats, Integers
from gridbid.market.demand_response.history import History, forget, record_slot
from gridbid.market.demand_response.local_days import LocalDays
from gridbid.market.kernel import kernel
from gridbid.market.response import EngineResponse
from gridbid.market.state import Clock
from gridbid.market.units import register_wh

DAYS = 35
"""Days that fill a history: ten weekend days lie in five weeks."""


def roll_idle(
    community: Community, response: EngineResponse, clock: Clock, chosen: NDArray[np.bool_]
) -> None:
    """Give the chosen communities (B,) the idle history of the days before their start, as far as the year has them."""
    days, n = response.core.days, community.n_participants
    first = np.searchsorted(days.day, days.day[clock.start] - DAYS).astype(np.int64)
    _roll(
        community,
        response.core.history,
        days,
        first,
        clock.start,
        clock.sample,
        chosen,
        np.zeros((chosen.size, n), np.int64),
        np.zeros((2, n)),
    )


@kernel
def _roll(
    community: Community,
    history: History,
    days: LocalDays,
    first: Integers,
    start: Integers,
    sample: Integers,
    chosen: NDArray[np.bool_],
    reading_wh: Integers,
    sums_kwh: Floats,
) -> None:
    """``reading_wh`` (B, N) and ``sums_kwh`` (2, N), meters and cars, are scratch."""
    meter_kwh, car_kwh = sums_kwh[0], sums_kwh[1]
    for b in range(chosen.size):
        if not chosen[b]:
            continue
        forget(history, b)
        meter_kwh[:] = 0.0
        car_kwh[:] = np.inf  # of a car that came before the first day nothing is known: it has charged
        for slot in range(first[b], start[b]):
            for i in range(meter_kwh.size):
                used_kwh = _idle_kwh(community, sample[b], slot, i, car_kwh)
                reading_wh[b, i] = register_wh(meter_kwh[i] + used_kwh) - register_wh(meter_kwh[i])
                meter_kwh[i] += used_kwh
            record_slot(history, days, b, slot, reading_wh)


@kernel
def _idle_kwh(community: Community, sample: int, slot: int, i: int, car_kwh: Floats) -> float:
    """Net load, heat and charging in a slot, kWh; ``car_kwh`` (N,), the energy in the cars, is changed."""
    series, devices, hours = community.series, community.devices, community.rules.slot_h
    used_kwh = np.float64(series.net_kw[slot, i]) * hours
    used_kwh += min(np.float64(series.heat_kw[slot, i]) / devices.cop[i], devices.heat_pump_kw[i]) * hours
    column = series.car_column[i]
    if column < 0 or series.car_departure[sample, slot, column] <= slot:
        return used_kwh
    if series.car_arrival_kwh[sample, slot, column] >= 0.0:
        car_kwh[i] = series.car_arrival_kwh[sample, slot, column]
    missing_kwh = max(0.0, np.float64(series.car_target_kwh[sample, slot, column]) - car_kwh[i])
    charged_kwh = min(devices.charger_kw[i] * hours, missing_kwh / devices.charger_efficiency[i])
    car_kwh[i] += charged_kwh * devices.charger_efficiency[i]
    return used_kwh + charged_kwh
