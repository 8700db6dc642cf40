"""Profiles of a built-in scenario, for what the data of an importer know nothing of."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.importers.findings import Findings
from gridbid.envs.importers.local_year import lay_on_year, plan_days
from gridbid.envs.importers.meter_data import RegularSeries
from gridbid.envs.importers.sites import UnitProfile
from gridbid.envs.scenario import load_scenario
from gridbid.envs.specification import HeatPump, Licence
from gridbid.envs.timeline.calendar import Calendar, year_calendar

DONOR = "rural"
HOUSEHOLD = "H0"
"""How the names of household profiles begin."""


class Donor:
    """The donor's profiles laid on a calendar; of each kind they are given in turn."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._scenario = load_scenario(DONOR)
        self._laid: dict[str, NDArray[np.float32]] = {}
        self._given = {"load": 0, "pv": 0, "heat_pump": 0}

    @property
    def licences(self) -> tuple[Licence, ...]:
        """Terms of what was given, if anything was."""
        kinds = [kind for kind, count in self._given.items() if count]
        covers = f"profiles from the scenario {DONOR} ({', '.join(kinds)})"
        return tuple(replace(entry, covers=covers) for entry in self._scenario.licences if kinds)

    def load(self) -> UnitProfile:
        """The next household's profile."""
        loads = {seat.load.profile for seat in self._scenario.metered if seat.load is not None}
        return self._give("load", sorted(name for name in loads if name.startswith(HOUSEHOLD)))

    def pv(self) -> UnitProfile:
        """The next profile of PV."""
        return self._give("pv", sorted({s.pv.profile for s in self._scenario.metered if s.pv is not None}))

    def heat_pump(self, power_kw: float) -> tuple[HeatPump, UnitProfile]:
        """A heat pump of this power with the next profile; COP and store for its power as the donor's."""
        pumps = {s.heat_pump.profile: s.heat_pump for s in self._scenario.metered if s.heat_pump is not None}
        profile = self._give("heat_pump", sorted(pumps))
        like = pumps[profile.name]
        store_kwh = round(like.store_kwh / like.power_kw * power_kw, 3)
        return HeatPump(power_kw, like.cop, store_kwh, profile.name), profile

    def _give(self, kind: str, names: list[str]) -> UnitProfile:
        name = names[self._given[kind] % len(names)]
        self._given[kind] += 1
        if name not in self._laid:
            self._laid[name] = self._lay(self._scenario.profiles[name])
        return UnitProfile(name, self._laid[name])

    def _lay(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        own = year_calendar(self._scenario.year, self._scenario.timezone, self._scenario.profile_seconds)
        start_s, next_s = own.utc_start[:2].astype(np.int64).tolist()
        series = RegularSeries(start_s, next_s - start_s, values.astype(np.float64)[:, None])
        plan = plan_days(series, self._calendar, Findings(DONOR))
        assert plan is not None  # a whole year has every weekday
        return np.maximum(0.0, lay_on_year(series, plan, self._calendar)[:, 0]).astype(np.float32)
