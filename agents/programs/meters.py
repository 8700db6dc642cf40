"""What N meters can come to in T steps: inflexible load and devices, in the columns of a linear program."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.agents.programs.device_blocks import (
    add_batteries,
    add_cars,
    add_curtailment,
    add_heat_pumps,
)
from gridbid.agents.programs.linear_program import LinearProgram, Rows, value_of
from gridbid.agents.programs.outlook import Outlook
from gridbid.agents.programs.plant import Plant
from gridbid.market.types import Cost

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Integers = NDArray[np.int64]


class Schedule(NamedTuple):
    """A solution in kWh a step: ``device_kwh`` (T, N, devices), ``curtailed_kwh`` and ``net_kwh`` (T, N) at the meters.

    ``wasted_kwh`` was charged and discharged at once.
    """

    device_kwh: Floats
    curtailed_kwh: Floats
    net_kwh: Floats
    wasted_kwh: float


class Meters:
    """The devices' blocks of a new program, and rows about what they come to at the meters.

    ``least_kwh`` and ``most_kwh`` (T, N) bracket every meter: what can't matter needs neither column nor row. PV may be
    held back where it could help, given that no branch of the feeder carries less than ``rating_kva``. A ``steady`` program
    has columns and rows for all of a participant's steps or for none, so that the next one has them, too, and goes on from
    its solution.
    """

    def __init__(
        self, plant: Plant, outlook: Outlook, rating_kva: float = np.inf, *, steady: bool = False
    ) -> None:
        self.plant, self.outlook = plant, outlook
        self.program = LinearProgram(len(Cost))
        self._steady = steady
        take_kwh, give_kwh = _reach_kwh(plant, outlook)
        self.least_kwh = outlook.net_kwh - give_kwh
        curtailable = self.throughout(self._where_curtailing_helps(rating_kva))
        self.most_kwh = outlook.net_kwh + take_kwh + np.where(curtailable, outlook.pv_kwh, 0.0)
        devices = (
            add_batteries(self.program, plant, outlook),
            add_cars(self.program, plant, outlook),
            add_heat_pumps(self.program, plant, outlook),
        )
        self.flows = (*devices, add_curtailment(self.program, outlook, curtailable))

    def throughout(self, mask: Flags) -> Flags:
        """Where columns or rows are to stand that ``mask`` (T, N) calls for."""
        return np.broadcast_to(mask.any(axis=0), mask.shape) if self._steady else mask

    def put(self, rows: Rows, steps: Integers, members: Integers, sign: float) -> None:
        """Enter, in each of the rows (K,), what a member's devices take in a step."""
        for flow in self.flows:
            self.program.put_at_most(rows, flow.take[steps, members], sign)
            self.program.put_at_most(rows, flow.give[steps, members], -sign)

    def put_sum(self, rows: Rows, steps: Integers, weight: Floats | float) -> None:
        """Enter, in each of the rows (K,), what all devices take in a step; weights (K, N)."""
        for flow in self.flows:
            self.program.put_at_most(rows[:, None], flow.take[steps], weight)
            self.program.put_at_most(rows[:, None], flow.give[steps], -weight)

    def price(self, price_eur_per_kwh: Floats) -> None:
        """Put a price, (T, 1) or (T, N), on what the meters take, inflexible load included."""
        for flow in self.flows:
            self.program.price(Cost.BILL, flow.take, price_eur_per_kwh)
            self.program.price(Cost.BILL, flow.give, -price_eur_per_kwh)
        self.program.constant(Cost.BILL, float((price_eur_per_kwh * self.outlook.net_kwh).sum()))

    def excess(self, rows: Rows, price: float) -> Integers:
        """Columns that loosen the rows at a price: a breach."""
        columns = self.program.columns(np.zeros(rows.shape), np.inf)
        self.program.price(Cost.VIOLATION, columns, price)
        self.program.put_at_most(rows, columns, -1.0)
        return columns

    def schedule(self, solution: Floats) -> Schedule:
        """What a solution means."""
        taken = [value_of(flow.take, solution) for flow in self.flows]
        given = [value_of(flow.give, solution) for flow in self.flows]
        device_kwh = np.stack(
            [take - give for take, give in zip(taken[:-1], given[:-1], strict=True)], axis=2
        )
        net_kwh = self.outlook.net_kwh + taken[-1] + device_kwh.sum(axis=2)
        wasted_kwh = float(sum(np.minimum(take, give).sum() for take, give in zip(taken, given, strict=True)))
        return Schedule(device_kwh, taken[-1], net_kwh, wasted_kwh)

    def _where_curtailing_helps(self, rating_kva: float) -> Flags:
        """Elsewhere a kWh of PV never costs anything: feed-in is positive and no limit on export is in reach."""
        outlook, hours = self.outlook, self.outlook.hours[:, None]
        tight_meter = -self.least_kwh > self.plant.export_limit_kw * hours
        reach_kw = np.maximum(0.0, -self.least_kwh).sum(axis=1)
        tight_feeder = (
            reach_kw + outlook.reactive_kvar.sum(axis=1) * outlook.hours > rating_kva * outlook.hours
        )
        helps = tight_meter | (tight_feeder | (outlook.feed_in < 0.0))[:, None]
        return helps & (outlook.pv_kwh > 0.0)


def _reach_kwh(plant: Plant, outlook: Outlook) -> tuple[Floats, Floats]:
    """Most energy in a step that each participant's devices can take, and give, (T, N) each."""
    devices, hours, plugged_h = plant.devices, outlook.hours[:, None], outlook.cars.plugged_h
    take_kwh = (devices.battery_kw + devices.heat_pump_kw) * hours + devices.charger_kw * plugged_h
    give_kwh = devices.battery_kw * hours + devices.charger_v2g_kw * plugged_h
    return np.where(outlook.present, take_kwh, 0.0), np.where(outlook.present, give_kwh, 0.0)
