"""What an episode of the twin is given: where it stands in the year, and the data that it may read."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gridbid.market.community import Community
from gridbid.market.forecast import LAST_KNOWN
from gridbid.market.naive.records import Stores
from gridbid.market.types import ForecastKind


class Car(NamedTuple):
    """A car that is plugged in: the slot in which it will have gone, and what it wants by then."""

    departure: int
    target_kwh: float


class Weather(NamedTuple):
    """What no participant decides in a slot, kWh: load less PV, PV, and heat demand (thermal)."""

    net_kwh: float
    pv_kwh: float
    heat_kwh: float


@dataclass(frozen=True)
class Episode:
    """Slots ``start`` to ``end`` - 1 of a community, under one sample of prices and cars."""

    community: Community
    start: int
    end: int
    sample: int
    seed: int
    identity: int

    def is_present(self, i: int, slot: int) -> bool:
        """Whether participant i is a member in a slot."""
        present = self.community.series.present
        return bool(present[slot if len(present) > 1 else 0, i])

    # --- cars

    def car(self, i: int, slot: int) -> Car | None:
        """Participant i's car that is plugged in in a slot."""
        column = int(self.community.series.car_column[i])
        if column < 0:
            return None
        departure = int(self.community.series.car_departure[self.sample, slot, column])
        target_kwh = float(self.community.series.car_target_kwh[self.sample, slot, column])
        return Car(departure, target_kwh) if departure >= 0 else None

    def seen_car(self, i: int, slot: int) -> Car | None:
        """The car that is known in the rounds for a slot: the one plugged in at the start of the slot before."""
        return self.car(i, max(slot - 1, self.start))

    def arrival_kwh(self, i: int, slot: int) -> float | None:
        """What a car brings that plugs in at the start of a slot."""
        column = int(self.community.series.car_column[i])
        if column < 0:
            return None
        brings_kwh = float(self.community.series.car_arrival_kwh[self.sample, slot, column])
        return brings_kwh if brings_kwh >= 0.0 else None

    # --- load, PV, heat

    def weather(self, i: int, slot: int) -> Weather:
        """Participant i's slot as it really is."""
        series, hours = self.community.series, self.community.rules.slot_h
        net, pv, heat = (
            float(table[slot, i]) * hours for table in (series.net_kw, series.pv_kw, series.heat_kw)
        )
        return Weather(net, pv, heat)

    def forecast(self, i: int, slot: int, ahead: int) -> Weather:
        """What is issued in the rounds for ``slot`` about the slot ``ahead`` of it (-1 or 0)."""
        if not self.is_present(i, slot + ahead):
            return Weather(0.0, 0.0, 0.0)
        series, forecast = self.community.series, self.community.series.forecast
        net, pv, heat = (
            self._forecast_kwh(table_kw, error_kw, i, slot, ahead)
            for table_kw, error_kw in (
                (series.net_kw, forecast.net_error_kw),
                (series.pv_kw, forecast.pv_error_kw),
                (series.heat_kw, forecast.heat_error_kw),
            )
        )
        return Weather(net, max(0.0, pv), max(0.0, heat))

    def _forecast_kwh(
        self, table_kw: np.ndarray, error_kw: np.ndarray, i: int, slot: int, ahead: int
    ) -> float:
        """By the scenario's model: what was, what comes, or what comes with an error."""
        forecast, hours = self.community.series.forecast, self.community.rules.slot_h
        if forecast.kind == ForecastKind.PERSISTENCE:
            return self._persistence_kw(table_kw[:, i], slot, ahead) * hours
        kw = float(table_kw[slot + ahead, i])
        if forecast.kind == ForecastKind.NOISY:
            kw += float(forecast.growth[ahead + LAST_KNOWN]) * float(error_kw[slot + ahead, i])
        return kw * hours

    def _persistence_kw(self, series_kw: np.ndarray, slot: int, ahead: int) -> float:
        """Yesterday's value, moved by how far the last known reading differs from yesterday's."""
        known, day = slot - LAST_KNOWN, self.community.rules.slots_per_day
        deviation_kw = float(series_kw[known]) - float(series_kw[known - day])
        # The published weight, to its last digit: whoever follows a position meets whole Wh, and is a Wh off beyond it.
        decay = float(self.community.series.forecast.decay[ahead + LAST_KNOWN])
        return float(series_kw[slot + ahead - day]) + decay * deviation_kw

    # --- the beginning

    def first_stores(self, i: int) -> Stores:
        """Participant i's stores when the episode begins."""
        devices = self.community.devices
        return Stores(
            battery_kwh=float(devices.battery_initial_kwh[i]),
            car_kwh=self._first_car_kwh(i),
            heat_kwh=0.5 * float(devices.heat_store_kwh[i]),
        )

    def _first_car_kwh(self, i: int) -> float:
        """A car that plugged in earlier has charged at full power so far, up to its target."""
        car = self.car(i, self.start)
        if car is None:
            return 0.0
        slot, brings_kwh = self.start, self.arrival_kwh(i, self.start)
        while brings_kwh is None:
            slot -= 1
            brings_kwh = self.arrival_kwh(i, slot)
        devices, hours = self.community.devices, self.community.rules.slot_h
        charged_kwh = (
            (self.start - slot) * float(devices.charger_kw[i]) * float(devices.charger_efficiency[i]) * hours
        )
        return min(brings_kwh + charged_kwh, max(brings_kwh, car.target_kwh))
