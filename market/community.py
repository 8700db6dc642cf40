"""What a community is made of, as the engine wants it: flat arrays by participant and by slot of a year.

B communities share these; what differs between them (which week, which sample of prices and cars) is in
:class:`gridbid.market.state.State`. N participants with a meter; the utility has none and isn't among them.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.market.forecast import Forecast
from gridbid.market.grid.network import Network

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Integers = NDArray[np.int64]


class Devices(NamedTuple):
    """Devices by participant, float64 (N,); ratings are 0 where a participant lacks one, efficiencies and COPs never are.

    Efficiencies are one-way; ``heat_store_kwh`` and ``heat_loss_per_h`` are thermal; wear is for each kWh of throughput.
    """

    battery_kwh: Floats
    battery_kw: Floats
    battery_initial_kwh: Floats
    charge_efficiency: Floats
    discharge_efficiency: Floats
    wear_eur_per_kwh: Floats
    charger_kw: Floats
    charger_v2g_kw: Floats
    charger_efficiency: Floats
    car_kwh: Floats
    heat_pump_kw: Floats
    cop: Floats
    heat_store_kwh: Floats
    heat_loss_per_h: Floats


class Sites(NamedTuple):
    """Where participants are connected and what their envelopes allow, int64 (N,)."""

    bus: Integers
    import_limit_wh: Integers
    export_limit_wh: Integers


class Penalties(NamedTuple):
    """Prices in J for what is not on the bill, EUR/kWh (heat: per thermal kWh)."""

    unmet_ev: float
    discomfort: float
    envelope: float
    overload: float
    stored_energy_value: float


class MarketRules(NamedTuple):
    """Parameters of the book and the slot; prices in nEUR/Wh."""

    slot_h: float
    slots_per_day: int
    n_ticks: int
    tick_size: int
    max_fills: int
    rounds: int


class Series(NamedTuple):
    """A local year of T slots; S samples of what is random (prices, carbon, cars).

    - ``load_kw``, ``pv_kw``, ``heat_kw``: float32 (T, N), base load, available generation, thermal demand.
    - ``net_kw``, ``net_hour_kw``: float32 (T, N), load less PV, and its mean over the hour of slots from t on.
    - ``forecast``: how net load, PV and heat demand are forecast.
    - ``retail``, ``feed_in``, ``wholesale``: int64 (S, T), nEUR/Wh, as published (feed_in + fee <= retail).
    - ``fee``: int64 (T,), nEUR/Wh, the local network fee, which a buyer pays on top of the price.
    - ``carbon_g_per_kwh``: float32 (S, T).
    - ``present``: bool (T, N), or (1, N) for always: who is a member in a slot. Who is not has neither load, PV, heat demand
      nor car in the series: :func:`presence.without_absent`.
    - ``car_column``: int64 (N,), column of a participant's charge point, -1 without one.
    - ``car_departure``: int32 (S, T, C), slot in which the car has gone, while it is plugged in; else -1.
    - ``car_arrival_kwh``: float32 (S, T, C), battery energy in the slot in which it plugs in; else -1.
    - ``car_target_kwh``: float32 (S, T, C), battery energy wanted at departure, while it is plugged in.
    - ``local_hour``, ``day_of_year``: float32 (T,); ``weekend``: bool (T,).
    """

    load_kw: Singles
    pv_kw: Singles
    heat_kw: Singles
    net_kw: Singles
    net_hour_kw: Singles
    forecast: Forecast
    retail: Integers
    feed_in: Integers
    wholesale: Integers
    fee: Integers
    carbon_g_per_kwh: Singles
    present: NDArray[np.bool_]
    car_column: Integers
    car_departure: NDArray[np.int32]
    car_arrival_kwh: Singles
    car_target_kwh: Singles
    local_hour: Singles
    day_of_year: Singles
    weekend: NDArray[np.bool_]


class Community(NamedTuple):
    """Everything the engine needs to know and never changes."""

    devices: Devices
    sites: Sites
    penalties: Penalties
    rules: MarketRules
    series: Series
    network: Network
    load_tan_phi: float

    @property
    def n_participants(self) -> int:
        """Participants with a meter."""
        return self.sites.bus.size
