"""Plain twins of the auctions: orders in lists, matched one by one, shares as fractions. Prices are in ticks' nEUR/Wh.

Every function takes orders of one slot, one a participant, and returns a Verdict. VCG stands here alone: it needs money from
outside and is a yardstick, not a market.
"""

import math
from fractions import Fraction
from typing import NamedTuple

from gridbid.market.auctions.orders import PriceBand, SealedOrder
from gridbid.market.types import Side

Fills = dict[int, int]


class Verdict(NamedTuple):
    """Wh by participant, of those who trade; prices in nEUR/Wh, None where nothing trades."""

    filled_wh: Fills
    buy_price_neur: int | None
    sell_price_neur: int | None


NOTHING = Verdict({}, None, None)


class Crossing(NamedTuple):
    """Both sides in line, the best first, within a tick by participant; how much of each crosses."""

    buys: list[SealedOrder]
    sells: list[SealedOrder]
    bought_wh: list[int]
    sold_wh: list[int]

    @property
    def volume_wh(self) -> int:
        """What crosses, Wh."""
        return sum(self.bought_wh)


def cross(orders: list[SealedOrder]) -> Crossing:
    """Match the best buy with the best sell as long as they agree."""
    buys = sorted((o for o in orders if o.side == Side.BUY), key=lambda o: (-o.tick, o.participant))
    sells = sorted((o for o in orders if o.side == Side.SELL), key=lambda o: (o.tick, o.participant))
    bought_wh, sold_wh = [0] * len(buys), [0] * len(sells)
    i = j = 0
    while i < len(buys) and j < len(sells) and buys[i].tick >= sells[j].tick:
        quantity_wh = min(buys[i].quantity_wh - bought_wh[i], sells[j].quantity_wh - sold_wh[j])
        bought_wh[i] += quantity_wh
        sold_wh[j] += quantity_wh
        i += bought_wh[i] == buys[i].quantity_wh
        j += sold_wh[j] == sells[j].quantity_wh
    return Crossing(buys, sells, bought_wh, sold_wh)


def price(band: PriceBand, tick: int) -> int:
    """Price of a tick, nEUR/Wh."""
    return band.floor_neur + tick * band.tick_size_neur


def middle_down(low_neur: int, high_neur: int) -> int:
    """The middle of two prices, rounded down."""
    return math.floor(Fraction(low_neur + high_neur, 2))


def in_proportion(orders: list[SealedOrder], volume_wh: int) -> Fills:
    """Share a volume over orders in proportion; the running sum, by participant, is rounded down."""
    shared: Fills = {}
    turn = sorted(orders, key=lambda order: order.participant)
    total_wh = sum(order.quantity_wh for order in turn)
    passed_wh = given_wh = 0
    for order in turn:
        passed_wh += order.quantity_wh
        due_wh = math.floor(Fraction(passed_wh * volume_wh, total_wh))
        shared[order.participant] = due_wh - given_wh
        given_wh = due_wh
    return shared


def uniform_call(orders: list[SealedOrder], band: PriceBand) -> Verdict:
    """Uniform-price call, k = 1/2: see market/auctions/call.py."""
    crossing = cross(orders)
    if crossing.volume_wh == 0:
        return NOTHING
    low, high = price_interval(crossing, band)
    filled_wh = {
        **_best(crossing.buys, crossing.bought_wh),
        **_best(crossing.sells, crossing.sold_wh),
    }
    middle = middle_down(low, high)
    return Verdict(filled_wh, middle, middle)


def price_interval(crossing: Crossing, band: PriceBand) -> tuple[int, int]:
    """Lowest and highest price, nEUR/Wh, that support what crosses."""
    accepted_bid = min(o.tick for o, wh in zip(crossing.buys, crossing.bought_wh, strict=True) if wh > 0)
    accepted_ask = max(o.tick for o, wh in zip(crossing.sells, crossing.sold_wh, strict=True) if wh > 0)
    low, high = [accepted_ask], [accepted_bid]
    low += [o.tick for o, wh in zip(crossing.buys, crossing.bought_wh, strict=True) if wh < o.quantity_wh]
    high += [o.tick for o, wh in zip(crossing.sells, crossing.sold_wh, strict=True) if wh < o.quantity_wh]
    return price(band, max(low)), price(band, min(high))


def _best(line: list[SealedOrder], traded_wh: list[int]) -> Fills:
    """Fills of a side's line: the tick that is traded in part is shared in proportion."""
    last_tick = [order.tick for order, wh in zip(line, traded_wh, strict=True) if wh > 0][-1]
    at_last = [order for order in line if order.tick == last_tick]
    better = {
        order.participant: wh
        for order, wh in zip(line, traded_wh, strict=True)
        if wh > 0 and order.tick != last_tick
    }
    return {**better, **in_proportion(at_last, sum(traded_wh) - sum(better.values()))}


def mcafee(orders: list[SealedOrder], band: PriceBand) -> Verdict:
    """McAfee's auction for orders of one size: see market/auctions/mcafee.py."""
    crossing = cross(orders)
    if crossing.volume_wh == 0:
        return NOTHING
    k = _number_that_cross(crossing.bought_wh)
    buys, sells = crossing.buys, crossing.sells
    if k < len(buys) and k < len(sells):
        middle = middle_down(price(band, buys[k].tick), price(band, sells[k].tick))
        if price(band, sells[k - 1].tick) <= middle <= price(band, buys[k - 1].tick):
            filled_wh = {order.participant: order.quantity_wh for order in buys[:k] + sells[:k]}
            return Verdict(filled_wh, middle, middle)
    return trade_reduction(orders, band)


def trade_reduction(orders: list[SealedOrder], band: PriceBand) -> Verdict:
    """Trade reduction for orders of any size: see market/auctions/trade_reduction.py."""
    crossing = cross(orders)
    if crossing.volume_wh == 0:
        return NOTHING
    last_buy = _number_that_cross(crossing.bought_wh) - 1
    last_sell = _number_that_cross(crossing.sold_wh) - 1
    buys, sells = crossing.buys[:last_buy], crossing.sells[:last_sell]
    volume_wh = min(sum(o.quantity_wh for o in buys), sum(o.quantity_wh for o in sells))
    if volume_wh == 0:
        return NOTHING
    return Verdict(
        {**in_proportion(buys, volume_wh), **in_proportion(sells, volume_wh)},
        price(band, crossing.buys[last_buy].tick),
        price(band, crossing.sells[last_sell].tick),
    )


def sbba(orders: list[SealedOrder], band: PriceBand) -> Verdict:
    """Strongly budget-balanced auction for orders of one size: see market/auctions/sbba.py."""
    crossing = cross(orders)
    if crossing.volume_wh == 0:
        return NOTHING
    buys, sells = crossing.buys, crossing.sells
    k = _number_that_cross(crossing.bought_wh)
    everybody = k < len(sells) and sells[k].tick <= buys[k - 1].tick
    n_buyers = k if everybody else k - 1
    if n_buyers == 0:
        return NOTHING
    common = price(band, sells[k].tick if everybody else buys[k - 1].tick)
    volume_wh = sum(o.quantity_wh for o in buys[:n_buyers])
    filled_wh = {o.participant: o.quantity_wh for o in buys[:n_buyers]}
    return Verdict({**filled_wh, **in_proportion(sells[:k], volume_wh)}, common, common)


def _number_that_cross(traded_wh: list[int]) -> int:
    return sum(wh > 0 for wh in traded_wh)


def welfare(orders: list[SealedOrder], filled_wh: Fills, band: PriceBand) -> int:
    """What buyers would pay at most less what sellers ask at least, for what they trade, nEUR."""
    return sum(
        filled_wh.get(o.participant, 0) * price(band, o.tick) * (1 if o.side == Side.BUY else -1)
        for o in orders
    )


def vcg_payments(orders: list[SealedOrder], band: PriceBand) -> dict[int, int]:
    """What each participant pays (a seller: less than 0), nEUR: the welfare that it takes from the others.

    Volume and fills are those of the call. The payments sum to 0 or less: somebody else pays the deficit.
    """
    filled_wh = uniform_call(orders, band).filled_wh
    total_neur = welfare(orders, filled_wh, band)
    payments = {}
    for order in orders:
        others = [other for other in orders if other.participant != order.participant]
        without_neur = welfare(others, uniform_call(others, band).filled_wh, band)
        payments[order.participant] = without_neur - (total_neur - welfare([order], filled_wh, band))
    return payments
