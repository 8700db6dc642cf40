"""Plain twins of the pools and the sharing keys: readings in lists, prices and shares as exact fractions."""

import math
from fractions import Fraction
from typing import NamedTuple

from gridbid.market.auctions.pool import PoolTerms


class PoolBill(NamedTuple):
    """Cash by participant, and what the other accounts receive, nEUR."""

    cash_neur: list[int]
    supplier_neur: int
    operator_neur: int
    residue_neur: int


def mid_market_price(demand_wh: int, supply_wh: int, terms: PoolTerms) -> Fraction:
    """Exact local price of the mid-market rate."""
    return Fraction(terms.feed_in_neur + terms.retail_neur - terms.fee_neur, 2)


def supply_demand_price(demand_wh: int, supply_wh: int, terms: PoolTerms) -> Fraction:
    """Exact local price by the supply-demand ratio."""
    low, high = Fraction(terms.feed_in_neur), Fraction(terms.retail_neur - terms.fee_neur)
    if low <= 0 or demand_wh == 0:
        return low
    ratio = Fraction(supply_wh, demand_wh)
    return low if ratio >= 1 else high * low / ((high - low) * ratio + low)


def settle_pool(net_wh: list[int], price_neur: int, terms: PoolTerms) -> PoolBill:
    """Settle readings at a local price: a side's average price, payments rounded up and receipts down."""
    demand_wh, supply_wh = _sides(net_wh)
    local_wh = min(demand_wh, supply_wh)
    cost = local_wh * (price_neur + terms.fee_neur) + (demand_wh - local_wh) * terms.retail_neur
    cash = [-math.ceil(wh * Fraction(cost, demand_wh)) if wh > 0 else 0 for wh in net_wh]
    return _closed(net_wh, cash, local_wh, price_neur, terms)


def settle_shares(net_wh: list[int], allotted_wh: list[int], price_neur: int, terms: PoolTerms) -> PoolBill:
    """Settle readings with what each was allotted at an agreed price."""
    cash = [
        -share * (price_neur + terms.fee_neur) - (wh - share) * terms.retail_neur if wh > 0 else 0
        for wh, share in zip(net_wh, allotted_wh, strict=True)
    ]
    return _closed(net_wh, cash, sum(allotted_wh), price_neur, terms)


def share_static(net_wh: list[int], key_ppm: list[int]) -> list[int]:
    """Fixed shares, rounded down."""
    _, supply_wh = _sides(net_wh)
    return [
        min(max(wh, 0), math.floor(supply_wh * Fraction(key, 1_000_000)))
        for wh, key in zip(net_wh, key_ppm, strict=True)
    ]


def share_static_in_rounds(net_wh: list[int], key_ppm: list[int]) -> list[int]:
    """Fixed shares, rounded down, of what the rounds before left, among those who need more."""
    allotted = [0] * len(net_wh)
    while True:
        left_wh = _sides(net_wh)[1] - sum(allotted)
        needy = [i for i, wh in enumerate(net_wh) if wh > allotted[i] and key_ppm[i] > 0]
        whole = sum(key_ppm[i] for i in needy)
        shares = {i: math.floor(left_wh * Fraction(key_ppm[i], whole)) for i in needy}
        for i, share in shares.items():
            allotted[i] = min(net_wh[i], allotted[i] + share)
        if all(allotted[i] < net_wh[i] for i in needy):
            return allotted


def share_dynamic(net_wh: list[int]) -> list[int]:
    """Shares in proportion to consumption, rounded down; everybody is served when there is enough."""
    demand_wh, supply_wh = _sides(net_wh)
    enough = supply_wh >= demand_wh
    return [
        0 if wh <= 0 else wh if enough else math.floor(wh * Fraction(supply_wh, demand_wh)) for wh in net_wh
    ]


def _sides(net_wh: list[int]) -> tuple[int, int]:
    return sum(wh for wh in net_wh if wh > 0), -sum(wh for wh in net_wh if wh < 0)


def _closed(net_wh: list[int], cash: list[int], local_wh: int, price_neur: int, terms: PoolTerms) -> PoolBill:
    """Add what sellers receive, and what the other accounts do."""
    demand_wh, supply_wh = _sides(net_wh)
    income = local_wh * price_neur + (supply_wh - local_wh) * terms.feed_in_neur
    cash = [
        math.floor(-wh * Fraction(income, supply_wh)) if wh < 0 else paid
        for wh, paid in zip(net_wh, cash, strict=True)
    ]
    supplier = (demand_wh - local_wh) * terms.retail_neur - (supply_wh - local_wh) * terms.feed_in_neur
    operator = local_wh * terms.fee_neur
    return PoolBill(cash, supplier, operator, -sum(cash) - supplier - operator)
