"""From an action to a plan and an order (design section 5): what a participant means to use, and what it offers.

It rests on the slot's outlook and on what is published; the live bots call the same kernel.
"""

import math

import numpy as np
from numpy.typing import NDArray

from gridbid.market.community import Community, Devices
from gridbid.market.kernel import allocating_kernel, kernel
from gridbid.market.rules import envelope_room_wh, limit_tick
from gridbid.market.state import Arena, State, state_of
from gridbid.market.tariff import feed_in_price, retail_price
from gridbid.market.types import Control, Device
from gridbid.market.units import WH_PER_KWH, floor_wh

_BATTERY, _CHARGER = int(Device.BATTERY), int(Device.CHARGER)
_CURTAIL = int(Control.CURTAIL)
_N_DEVICES = len(Device)

Floats = NDArray[np.float64]


@kernel
def _rated_kw(devices: Devices, i: int, d: int, set_point: float) -> float:
    if d == _BATTERY:
        return devices.battery_kw[i]
    if d == _CHARGER:
        return devices.charger_kw[i] if set_point > 0.0 else devices.charger_v2g_kw[i]
    return devices.heat_pump_kw[i]


@kernel
def commit_plan(
    community: Community,
    state: State,
    b: int,
    i: int,
    retail: int,
    fee: int,
    floor: int,
    offer: float,
    limit: float,
    follow: float,
    controls: Floats,
) -> None:
    """Commit participant i's (E, phi) for the slot that trades, and write the order that its need asks for.

    ``retail``, ``fee`` and ``floor`` are the slot's, nEUR/Wh; ``controls`` is (controls,).
    """
    rules, trading, orders, outlook = community.rules, state.trading, state.orders, state.outlook
    curtail = max(0.0, controls[_CURTAIL])
    trading.curtail[b, i] = curtail
    trading.follow[b, i] = follow
    need_kwh = outlook.net_kwh[b, i] + curtail * outlook.pv_kwh[b, i]
    trimmed_kwh = 0.0
    for d in range(_N_DEVICES):
        asked_kwh = controls[d] * _rated_kw(community.devices, i, d, controls[d]) * rules.slot_h
        planned_kwh = min(max(asked_kwh, outlook.least_kwh[b, i, d]), outlook.most_kwh[b, i, d])
        trading.plan_kwh[b, i, d] = planned_kwh
        need_kwh += planned_kwh
        trimmed_kwh += abs(planned_kwh - asked_kwh)
    trading.trimmed_kwh[b, i] = trimmed_kwh
    position_wh = trading.bought_wh[b, i] - trading.sold_wh[b, i]
    need_kwh -= position_wh / WH_PER_KWH
    side = 0 if need_kwh > 0.0 else 1
    reach_wh = community.sites.import_limit_wh[i] if side == 0 else community.sites.export_limit_wh[i]
    room_wh = envelope_room_wh(side, position_wh, 0, reach_wh)
    width = limit * (retail - fee - floor)
    price = floor + (math.floor(width) if side == 0 else math.ceil(width))
    orders.side[b, i] = side
    orders.tick[b, i] = limit_tick(price, side, floor, rules.tick_size, rules.n_ticks)
    orders.quantity_wh[b, i] = max(0, min(floor_wh(offer * abs(need_kwh)), room_wh))


@kernel
def commit_plans(
    community: Community, state: State, b: int, offer: Floats, limit: Floats, follow: Floats, controls: Floats
) -> None:
    """Commit all of community b's plans: ``offer`` (q), ``limit`` (lam), ``follow`` (phi) (B, N), ``controls`` (B, N, controls)."""
    slot = state.clock.slot[b]
    retail, floor = retail_price(community, state, b, slot), feed_in_price(community, state, b, slot)
    fee = community.series.fee[slot]
    for i in range(offer.shape[1]):
        commit_plan(
            community,
            state,
            b,
            i,
            retail,
            fee,
            floor,
            offer[b, i],
            limit[b, i],
            follow[b, i],
            controls[b, i],
        )


@allocating_kernel
def commit_one(
    community: Community, arena: Arena, i: int, offer: float, limit: float, follow: float, controls: Floats
) -> None:
    """Commit one participant's plan in the first community: what a bot does at its own site."""
    state = state_of(arena)
    slot = state.clock.slot[0]
    retail, floor = retail_price(community, state, 0, slot), feed_in_price(community, state, 0, slot)
    fee = community.series.fee[slot]
    commit_plan(community, state, 0, i, retail, fee, floor, offer, limit, follow, controls)
