"""The linear program of a whole community: its devices, its meters, its feeder and its bill."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.agents.programs.device_blocks import (
    add_batteries,
    add_cars,
    add_curtailment,
    add_heat_pumps,
)
from gridbid.agents.programs.feeder_rows import FeederRows
from gridbid.agents.programs.linear_program import LinearProgram, Rows, value_of
from gridbid.agents.programs.outlook import Outlook
from gridbid.market.community import Community
from gridbid.market.types import Cost
from gridbid.market.units import WH_PER_KWH

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

MAX_CUT_ROUNDS = 12
"""Solutions in a row, each with tangents where the one before overloads; one to three are enough as a rule."""


class Schedule(NamedTuple):
    """A solution in kWh a slot: ``device_kwh`` (T, N, devices), ``curtailed_kwh`` and ``net_kwh`` (T, N) at the meters.

    ``wasted_kwh`` was charged and discharged at once.
    """

    device_kwh: Floats
    curtailed_kwh: Floats
    net_kwh: Floats
    wasted_kwh: float


class CommunityProgram:
    """Minimise J over an outlook of T slots; see `gridbid.agents.programs.optimum` for the formula.

    ``least_kwh`` and ``most_kwh`` (T, N) bracket every meter: what can't matter gets neither column nor row.
    """

    def __init__(self, community: Community, outlook: Outlook) -> None:
        self.community, self.outlook = community, outlook
        self.program = LinearProgram(len(Cost))
        self.import_limit_kwh = community.sites.import_limit_wh / WH_PER_KWH
        self.export_limit_kwh = community.sites.export_limit_wh / WH_PER_KWH
        take_kwh, give_kwh = _reach_kwh(community, outlook)
        self.least_kwh = outlook.net_kwh - give_kwh
        curtailable = self._where_curtailing_helps()
        self.most_kwh = outlook.net_kwh + take_kwh + np.where(curtailable, outlook.pv_kwh, 0.0)
        devices = (
            add_batteries(self.program, community, outlook),
            add_cars(self.program, community, outlook),
            add_heat_pumps(self.program, community, outlook),
        )
        self._flows = (*devices, add_curtailment(self.program, outlook, curtailable))
        self._add_bill()
        self._add_fees()
        self._add_envelopes()
        self._feeder = FeederRows(self.program, community, outlook, self._flows)
        self._feeder.begin(self.least_kwh, self.most_kwh)

    def solve(self) -> tuple[Schedule, Floats]:
        """The best schedule, and J by part in EUR, (costs,)."""
        for _ in range(MAX_CUT_ROUNDS):
            solution, parts_eur = self.program.solve()
            schedule = self._schedule(solution)
            if not self._feeder.cut(schedule.net_kwh, solution):
                break
        return schedule, parts_eur

    def _schedule(self, solution: Floats) -> Schedule:
        taken = [value_of(flow.take, solution) for flow in self._flows]
        given = [value_of(flow.give, solution) for flow in self._flows]
        device_kwh = np.stack(
            [take - give for take, give in zip(taken[:-1], given[:-1], strict=True)], axis=2
        )
        net_kwh = self.outlook.net_kwh + taken[-1] + device_kwh.sum(axis=2)
        wasted_kwh = float(sum(np.minimum(take, give).sum() for take, give in zip(taken, given, strict=True)))
        return Schedule(device_kwh, taken[-1], net_kwh, wasted_kwh)

    def _where_curtailing_helps(self) -> NDArray[np.bool_]:
        """Elsewhere a kWh of PV never costs anything: feed-in is positive and no limit on export is in reach."""
        tight_meter = -self.least_kwh > self.export_limit_kwh
        reach_kw = np.maximum(0.0, -self.least_kwh).sum(axis=1) / self.community.rules.slot_h
        reach_kva = reach_kw + self.outlook.reactive_kvar.sum(axis=1)
        tight_feeder = reach_kva > self.community.network.rating_kva.min()
        helps = tight_meter | (tight_feeder | (self.outlook.feed_in < 0.0))[:, None]
        return helps & (self.outlook.pv_kwh > 0.0)

    def _add_bill(self) -> None:
        """All energy at the feed-in price, and what the community takes in all at what retail adds to it."""
        outlook, net_kwh = self.outlook, self.outlook.net_kwh.sum(axis=1)
        for flow in self._flows:
            self.program.price(Cost.BILL, flow.take, outlook.feed_in[:, None])
            self.program.price(Cost.BILL, flow.give, -outlook.feed_in[:, None])
        self.program.constant(Cost.BILL, float(outlook.feed_in @ net_kwh))
        taken = self.program.columns(np.zeros(net_kwh.size), np.inf)
        self.program.price(Cost.BILL, taken, outlook.retail - outlook.fee - outlook.feed_in)
        rows = self.program.at_most(-net_kwh)
        self.program.put_at_most(rows, taken, -1.0)
        self._put_community(rows, np.arange(net_kwh.size), 1.0)

    def _add_fees(self) -> None:
        """The local fee on what each meter takes: a column where it could as well give, else a price or nothing."""
        fee, takes = self.outlook.fee, self.least_kwh >= 0.0
        fee_where_taken = np.where(takes, fee[:, None], 0.0)
        for flow in self._flows:
            self.program.price(Cost.BILL, flow.take, fee_where_taken)
            self.program.price(Cost.BILL, flow.give, -fee_where_taken)
        self.program.constant(Cost.BILL, float((fee_where_taken * self.outlook.net_kwh).sum()))
        slots, members = np.nonzero(~takes & (self.most_kwh > 0.0))
        taken = self.program.columns(np.zeros(slots.size), np.inf)
        self.program.price(Cost.BILL, taken, fee[slots])
        rows = self.program.at_most(-self.outlook.net_kwh[slots, members])
        self.program.put_at_most(rows, taken, -1.0)
        self._put_meters(rows, slots, members, 1.0)

    def _add_envelopes(self) -> None:
        """Every meter's import and export limit, where it is in reach; a breach is priced."""
        limits = ((self.most_kwh, self.import_limit_kwh, 1.0), (-self.least_kwh, self.export_limit_kwh, -1.0))
        for reach_kwh, limit_kwh, sign in limits:
            slots, members = np.nonzero(reach_kwh > limit_kwh)
            rows = self.program.at_most(limit_kwh[members] - sign * self.outlook.net_kwh[slots, members])
            self._price_excess(rows, self.community.penalties.envelope)
            self._put_meters(rows, slots, members, sign)

    def _price_excess(self, rows: Rows, price: float | Floats) -> None:
        excess = self.program.columns(np.zeros(rows.size), np.inf)
        self.program.price(Cost.VIOLATION, excess, price)
        self.program.put_at_most(rows, excess, -1.0)

    def _put_meters(self, rows: Rows, slots: Integers, members: Integers, sign: float) -> None:
        for flow in self._flows:
            self.program.put_at_most(rows, flow.take[slots, members], sign)
            self.program.put_at_most(rows, flow.give[slots, members], -sign)

    def _put_community(self, rows: Rows, slots: Integers, sign: float) -> None:
        for flow in self._flows:
            self.program.put_at_most(rows[:, None], flow.take[slots], sign)
            self.program.put_at_most(rows[:, None], flow.give[slots], -sign)


def _reach_kwh(community: Community, outlook: Outlook) -> tuple[Floats, Floats]:
    """Most energy in a slot that each participant's devices can take, and give, (T, N) each."""
    devices, hours, plugged = community.devices, community.rules.slot_h, outlook.cars.plugged
    take_kw = devices.battery_kw + devices.heat_pump_kw + np.where(plugged, devices.charger_kw, 0.0)
    give_kw = devices.battery_kw + np.where(plugged, devices.charger_v2g_kw, 0.0)
    return np.where(outlook.present, take_kw * hours, 0.0), np.where(outlook.present, give_kw * hours, 0.0)
