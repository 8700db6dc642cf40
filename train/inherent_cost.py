"""What a participant pays whatever it decides: taken out of the rewards, the learner isn't blamed for weather and arrivals.

A control variate: it depends on no action, so the best policy stays the best, and most of the returns' variance goes.
"""

import numpy as np
from numpy.typing import NDArray

from gridbid.market.community import Community
from gridbid.market.kernel import kernel
from gridbid.market.units import NEUR_PER_EUR, WH_PER_KWH

Floats = NDArray[np.float64]


def inherent_cost_eur(community: Community) -> NDArray[np.float32]:
    """Cost of each slot, EUR (samples, T, N), for a participant that controls nothing and doesn't trade.

    Its inflexible load, PV and heat are settled at retail and feed-in; the energy that a car is due is paid when it
    arrives, at the mean retail price of its stay.
    """
    cost = np.zeros((*community.series.retail.shape, community.n_participants), np.float32)
    retail = community.series.retail * (WH_PER_KWH / NEUR_PER_EUR)
    feed_in = community.series.feed_in * (WH_PER_KWH / NEUR_PER_EUR)
    _add_bills(community, retail, feed_in, cost)
    _add_arrivals(community, retail, cost)
    return cost


@kernel
def _add_bills(community: Community, retail: Floats, feed_in: Floats, cost: NDArray[np.float32]) -> None:
    """Net load and heat at what the supplier asks or pays, EUR/kWh (samples, T)."""
    series, devices, hours = community.series, community.devices, community.rules.slot_h
    for sample in range(retail.shape[0]):
        for slot in range(retail.shape[1]):
            for i in range(cost.shape[2]):
                net_kw = np.float64(series.net_kw[slot, i]) + series.heat_kw[slot, i] / devices.cop[i]
                price = retail[sample, slot] if net_kw > 0.0 else feed_in[sample, slot]
                cost[sample, slot, i] += price * net_kw * hours


@kernel
def _add_arrivals(community: Community, retail: Floats, cost: NDArray[np.float32]) -> None:
    """What arriving cars are due, at the mean price of their stay."""
    series, devices = community.series, community.devices
    for sample in range(retail.shape[0]):
        for i in range(cost.shape[2]):
            column = series.car_column[i]
            if column < 0:
                continue
            for slot in range(retail.shape[1]):
                arrival_kwh = np.float64(series.car_arrival_kwh[sample, slot, column])
                if arrival_kwh < 0.0:
                    continue
                departure = min(np.int64(series.car_departure[sample, slot, column]), retail.shape[1])
                due_kwh = max(0.0, series.car_target_kwh[sample, slot, column] - arrival_kwh)
                price = 0.0
                for stay in range(slot, departure):
                    price += retail[sample, stay] / (departure - slot)
                cost[sample, slot, i] += price * due_kwh / devices.charger_efficiency[i]
