"""What stored energy is worth to the learner: a potential whose differences tell at once whether charging paid.

Shaping by gamma x next potential - potential leaves the best policy as it is (Ng, Harada, Russell: Policy invariance
under reward transformations, ICML 1999), but a kWh bought at noon for the evening is rewarded at noon. Batteries are held
to it: without the discount, charging once and never discharging would pay. Cars are not: what they need is bought anyway,
and discounting it would reward delay.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.market.community import Community
from gridbid.market.kernel import kernel
from gridbid.market.state import State
from gridbid.market.units import NEUR_PER_EUR, WH_PER_KWH

Floats = NDArray[np.float64]


class Worths(NamedTuple):
    """Prices of stored energy, EUR/kWh.

    ``battery`` (samples, T + 1): at the start of a slot, what a kWh would fetch locally at most in the mean of the
    following day. ``car`` (samples, T, charge points): the mean retail price of the stay, while a car is plugged in.
    """

    battery: Floats
    car: Floats


def stored_worths(community: Community) -> Worths:
    """Worths of a community's year."""
    to_eur = WH_PER_KWH / NEUR_PER_EUR
    retail, fee = community.series.retail * to_eur, community.series.fee[np.newaxis] * to_eur
    sums, fee_sums = _running_sums(retail), _running_sums(fee)
    places = np.arange(retail.shape[1] + 1)
    begins = np.minimum(places, retail.shape[1] - 1)
    ends = np.minimum(begins + community.rules.slots_per_day, retail.shape[1])
    local_sums = sums - fee_sums
    battery = (local_sums[:, ends] - local_sums[:, begins]) / (ends - begins)
    car = np.zeros(community.series.car_departure.shape)
    _write_stays(community.series.car_departure, community.series.car_arrival_kwh, sums, car)
    return Worths(battery, car)


def _running_sums(price: NDArray[np.floating]) -> Floats:
    """Sums of a price (samples, T) over the slots before each, (samples, T + 1)."""
    return np.concatenate([np.zeros((price.shape[0], 1)), np.cumsum(price, axis=1)], axis=1)


@kernel
def _write_stays(
    departure: NDArray[np.int32], arrival_kwh: NDArray[np.float32], sums: Floats, car: Floats
) -> None:
    """Write the mean price of each stay into its slots; ``sums`` are running sums of the price (samples, T + 1)."""
    n_samples, n_slots, n_columns = car.shape
    for sample in range(n_samples):
        for column in range(n_columns):
            price = 0.0
            for slot in range(n_slots):
                if arrival_kwh[sample, slot, column] >= 0.0:
                    gone = min(np.int64(departure[sample, slot, column]), n_slots)
                    price = (sums[sample, gone] - sums[sample, slot]) / (gone - slot)
                if departure[sample, slot, column] > slot:
                    car[sample, slot, column] = price


@kernel
def write_potentials(
    community: Community,
    state: State,
    worths: Worths,
    slots: NDArray[np.int64],
    potential_eur: Floats,
    held_eur: Floats,
) -> None:
    """Write each participant's potential (B, N), EUR, at the end of slot ``slots`` (B,); -1 leaves a community as it is.

    A battery's energy counts at its worth less what J says already; what a car still needs counts against it.
    ``held_eur`` (B, N) is a battery's whole worth.
    """
    devices, series = community.devices, community.series
    for b in range(slots.size):
        slot, sample = slots[b], state.clock.sample[b]
        if slot < 0:
            continue
        worth = worths.battery[sample, slot + 1]
        for i in range(potential_eur.shape[1]):
            given_kwh = state.stores.battery_kwh[b, i] * devices.discharge_efficiency[i]
            held_eur[b, i] = worth * given_kwh
            potential = (worth - community.penalties.stored_energy_value) * given_kwh
            column = series.car_column[i]
            if column >= 0 and series.car_departure[sample, slot, column] > slot + 1:
                missing_kwh = max(
                    0.0, series.car_target_kwh[sample, slot, column] - state.stores.car_kwh[b, i]
                )
                potential -= worths.car[sample, slot, column] * missing_kwh / devices.charger_efficiency[i]
            potential_eur[b, i] = potential
