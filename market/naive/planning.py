"""Plain twin of planning: from an action to a plan and an order, with what is known in the rounds for a slot alone."""

import math

from gridbid.market.naive.devices import (
    NOTHING,
    Range,
    battery_range,
    car_range,
    heat_range,
    share_out,
    stores_after,
)
from gridbid.market.naive.episode import Car, Episode, Weather
from gridbid.market.naive.records import Action, Member, Order, Plan, Stores
from gridbid.market.naive.tariff import Prices
from gridbid.market.types import Side
from gridbid.market.units import MAX_QUANTITY_WH, WH_PER_KWH


def site_ranges(
    episode: Episode, i: int, stores: Stores, car: Car | None, slot: int, heat_kwh: float
) -> list[Range]:
    """What participant i's devices allow in a slot; a car that has gone by then allows nothing, nor does an absent site."""
    community = episode.community
    if not episode.is_present(i, slot):
        return [NOTHING] * 3
    charge_point = NOTHING
    if car is not None and car.departure > slot:
        charge_point = car_range(community, i, stores.car_kwh, car.target_kwh, car.departure - slot - 1)
    return [
        battery_range(community, i, stores.battery_kwh),
        charge_point,
        heat_range(community, i, stores.heat_kwh, heat_kwh),
    ]


def dispatch(plan: Plan, ranges: list[Range], weather: Weather, curtailed_kwh: float) -> list[float]:
    """Energy by device: D = (1 - phi) E + phi (P - n), E the part of the plan that is feasible."""
    planned_kwh = 0.0
    for one, kwh in zip(ranges, plan.energy_kwh, strict=True):
        planned_kwh += one.nearest(kwh)
    to_position_kwh = plan.position_wh / WH_PER_KWH - weather.net_kwh - curtailed_kwh
    flexible_kwh = (1.0 - plan.follow) * planned_kwh + plan.follow * to_position_kwh
    return share_out(list(plan.energy_kwh), ranges, flexible_kwh)


def projected_stores(episode: Episode, i: int, member: Member, slot: int) -> Stores:
    """Stores at the start of ``slot`` as they will be if the slot before goes by its plan and its forecast."""
    before = member.stores
    if slot == episode.start:
        return Stores(before.battery_kwh, _car_at_start(episode, i, member, slot), before.heat_kwh)
    stores = Stores(before.battery_kwh, _car_at_start(episode, i, member, slot - 1), before.heat_kwh)
    if not episode.is_present(i, slot - 1):
        return stores
    car, weather = episode.seen_car(i, slot), episode.forecast(i, slot, -1)
    ranges = site_ranges(episode, i, stores, car, slot - 1, weather.heat_kwh)
    energy = dispatch(member.delivery, ranges, weather, member.delivery.curtail * weather.pv_kwh)
    after, _ = stores_after(episode.community, i, stores, car is not None, weather.heat_kwh, energy)
    return after


def _car_at_start(episode: Episode, i: int, member: Member, slot: int) -> float:
    brings_kwh = episode.arrival_kwh(i, slot)
    return member.stores.car_kwh if brings_kwh is None else brings_kwh


def commit(episode: Episode, i: int, member: Member, slot: int, prices: Prices, action: Action) -> Order:
    """Write participant i's plan for the slot that trades; return the order that its need asks for."""
    stores = projected_stores(episode, i, member, slot)
    weather = episode.forecast(i, slot, 0)
    ranges = site_ranges(episode, i, stores, episode.seen_car(i, slot), slot, weather.heat_kwh)
    plan, hours = member.trading, episode.community.rules.slot_h
    plan.follow, plan.curtail = action.follow, max(0.0, action.controls[3])
    asked_kwh = [
        u * kw * hours for u, kw in zip(action.controls[:3], _rated_kw(episode, i, action), strict=True)
    ]
    battery, charger, heat_pump = (one.nearest(kwh) for one, kwh in zip(ranges, asked_kwh, strict=True))
    plan.energy_kwh = (battery, charger, heat_pump)
    plan.trimmed_kwh = sum(abs(kwh - asked) for kwh, asked in zip(plan.energy_kwh, asked_kwh, strict=True))
    need_kwh = weather.net_kwh + plan.curtail * weather.pv_kwh + battery + charger + heat_pump
    need_kwh -= plan.position_wh / WH_PER_KWH
    side = Side.BUY if need_kwh > 0.0 else Side.SELL
    wanted_wh = math.floor(action.offer * abs(need_kwh) * WH_PER_KWH)
    quantity_wh = max(0, min(wanted_wh, room_wh(episode, i, plan, side)))
    return Order(int(side), _limit_tick(episode, prices, action.limit, side), quantity_wh)


def room_wh(episode: Episode, i: int, plan: Plan, side: int) -> int:
    """Wh that an order may still add on a side: the envelope's, and the market's own bound."""
    sites = episode.community.sites
    limit_wh = int(sites.import_limit_wh[i] if side == Side.BUY else sites.export_limit_wh[i])
    toward_wh = plan.position_wh if side == Side.BUY else -plan.position_wh
    return min(limit_wh, MAX_QUANTITY_WH - 1) - toward_wh


def _rated_kw(episode: Episode, i: int, action: Action) -> tuple[float, float, float]:
    devices = episode.community.devices
    charger_kw = devices.charger_kw[i] if action.controls[1] > 0.0 else devices.charger_v2g_kw[i]
    return float(devices.battery_kw[i]), float(charger_kw), float(devices.heat_pump_kw[i])


def _limit_tick(episode: Episode, prices: Prices, limit: float, side: Side) -> int:
    """feed_in + limit * (retail - fee - feed_in) in ticks above the floor, which is feed_in: buys down, sells up."""
    rules = episode.community.rules
    above_neur = limit * (prices.retail - prices.fee - prices.feed_in)
    if side == Side.BUY:
        tick = math.floor(above_neur) // rules.tick_size
    else:
        tick = -(-math.ceil(above_neur) // rules.tick_size)
    return min(max(tick, 0), rules.n_ticks - 1)
