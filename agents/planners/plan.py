"""A plan, and the actions that carry it out."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.agents.baselines.columns import unit_box
from gridbid.agents.planners.seen_rows import SeenRows
from gridbid.agents.policy import Actions
from gridbid.agents.programs.meters import Schedule
from gridbid.agents.programs.outlook import Outlook
from gridbid.agents.programs.plant import Plant
from gridbid.market.types import Device

Floats = NDArray[np.float64]

_SMALL_KW = 0.05
"""Less than this counts as balanced."""


class Plan(NamedTuple):
    """Set points for T steps of N seats: each device relative to its power (T, N, devices), and PV held back (T, N).

    ``balance_kw`` (T, N): what those whom a seat trades with take in all, itself included. ``inflexible_kw`` (T, N): net
    load without devices, where the planner knows it; None where it rests on the issued forecast.
    """

    set_points: Floats
    curtail: Floats
    balance_kw: Floats
    inflexible_kw: Floats | None = None


def plan_of(
    schedule: Schedule, plant: Plant, outlook: Outlook, *, together: bool, known: bool = False
) -> Plan:
    """A schedule as set points; ``together``, all trade with each other, else nobody does; ``known``, the outlook is true."""
    devices, hours = plant.devices, outlook.hours[:, None]
    device_kw = schedule.device_kwh / hours[:, :, None]
    charger_kw = np.where(device_kw[:, :, Device.CHARGER] < 0.0, devices.charger_v2g_kw, devices.charger_kw)
    rated_kw = np.stack(np.broadcast_arrays(devices.battery_kw, charger_kw, devices.heat_pump_kw), axis=2)
    net_kw = schedule.net_kwh / hours
    if together:
        net_kw = np.broadcast_to(net_kw.sum(axis=1, keepdims=True), net_kw.shape)
    return Plan(
        set_points=_ratio(device_kw, rated_kw),
        curtail=_ratio(schedule.curtailed_kwh, outlook.pv_kwh),
        balance_kw=net_kw,
        inflexible_kw=outlook.net_kwh / hours if known else None,
    )


def act_on(plan: Plan, step: int, rows: SeenRows) -> Actions:
    """Carry out a step of a plan, (n, action) by kind: the whole need is offered at its true value.

    Delivery follows the position where a battery stands behind the meter and the plan says that the whole need is traded: a
    buyer's while all together don't import, a seller's while they don't export. Then the battery makes up for an error of
    the forecast. Elsewhere it follows the plan, or a need that nobody met would keep the battery still. Who knows the
    inflexible load follows the plan, too, and offers the share of the forecast's need that is the true one.
    """
    set_points = plan.set_points[step]
    need_kw = _need_kw(rows, set_points, plan.curtail[step])
    balance_kw = plan.balance_kw[step]
    offer, follow = np.ones_like(need_kw), rows["battery_kw"] > 0.0
    if plan.inflexible_kw is None:
        follow &= np.where(need_kw > 0.0, balance_kw <= _SMALL_KW, balance_kw >= -_SMALL_KW)
    else:
        true_need_kw = need_kw + plan.inflexible_kw[step] - rows["net_forecast"] * rows["site_kw"]
        offer = np.divide(true_need_kw, need_kw, out=np.zeros_like(need_kw), where=need_kw != 0.0)
        follow &= False
    values = {
        "offer": offer,
        "limit": np.where(need_kw > 0.0, 1.0, 0.0),
        "follow": follow.astype(np.float64),
        "battery": set_points[:, Device.BATTERY],
        "charger": set_points[:, Device.CHARGER],
        "heat_pump": set_points[:, Device.HEAT_PUMP],
        "curtail": plan.curtail[step],
    }
    by_kind = {name: rows.split(value) for name, value in values.items()}
    return {
        kind: unit_box(kind, (size,), {name: split[kind] for name, split in by_kind.items()})
        for kind, size in zip(rows.kinds, rows.sizes, strict=True)
    }


def _need_kw(rows: SeenRows, set_points: Floats, curtail: Floats) -> Floats:
    """What is left to trade, as the issued forecast has it."""
    rated = np.stack([rows["battery_kw"], rows["charger_kw"], rows["heat_pump_kw"]], axis=1)
    share = rows["net_forecast"] + curtail * rows["pv_forecast"] + (rated * set_points).sum(axis=1)
    need_kw: Floats = (share - rows["position"]) * rows["site_kw"]
    return need_kw


def _ratio(part: Floats, whole: Floats) -> Floats:
    ratio: Floats = np.divide(
        part, whole, out=np.zeros(np.broadcast_shapes(part.shape, whole.shape)), where=whole > 0.0
    )
    return ratio
