"""Ex-post pools: what was metered is settled at once, with no orders.

Each Wh that finds its match in the community has one local price; the supplier sells what is missing and buys what is over,
at retail and feed-in. A side's bill is divided over the side in proportion to
quantity, payments rounded up and receipts down; what that leaves is at least 0 and less than the number of participants,
and goes to the account RESIDUE. So all cash of the slot sums to 0.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gridbid.market.auctions.orders import integers, price_faults
from gridbid.market.auctions.rounding import MAX_SIDE_WH, share_of_cash_down, share_of_cash_up
from gridbid.market.errors import InputError
from gridbid.market.kernel import kernel
from gridbid.market.types import Account
from gridbid.market.units import MAX_QUANTITY_WH

Integers = NDArray[np.int64]
_SUPPLIER, _OPERATOR, _OUTSIDE, _RESIDUE = (
    int(account) for account in (Account.SUPPLIER, Account.OPERATOR, Account.OUTSIDE, Account.RESIDUE)
)


class PoolTerms(NamedTuple):
    """A slot's prices, nEUR/Wh: the supplier sells at retail and buys at feed-in; a buyer pays the fee on local energy.

    feed_in + fee <= retail (rule 8), so nobody loses by trading locally.
    """

    retail_neur: int
    feed_in_neur: int
    fee_neur: int = 0


class PoolResult(NamedTuple):
    """What a pool decides, for participants in the order in which they were given.

    - ``cash_neur``: int64 (n,), what changes each balance; with supplier, operator and residue it sums to 0.
    - ``local_wh``: what is traded within the community; ``local_price_neur``: its price, nEUR/Wh, without the fee.
    """

    cash_neur: Integers
    local_wh: int
    local_price_neur: int
    supplier_neur: int
    operator_neur: int
    residue_neur: int


@kernel
def demand_and_supply(net_wh: Integers, b: int) -> tuple[int, int]:
    """Sum of community b's readings above 0, and of those below, Wh."""
    demand_wh = supply_wh = 0
    for i in range(net_wh.shape[1]):
        demand_wh += max(net_wh[b, i], 0)
        supply_wh += max(-net_wh[b, i], 0)
    return demand_wh, supply_wh


@kernel
def settle_pool(
    net_wh: Integers, b: int, price_neur: int, terms: PoolTerms, cash_neur: Integers, accounts_neur: Integers
) -> None:
    """Settle community b's readings (B, N; import > 0) at a local price.

    Writes cash (B, N), what changes each balance, and accounts (B, 4), by ``Account``.
    """
    demand_wh, supply_wh = demand_and_supply(net_wh, b)
    local_wh = min(demand_wh, supply_wh)
    owed_neur = local_wh * (price_neur + terms.fee_neur) + (demand_wh - local_wh) * terms.retail_neur
    for i in range(net_wh.shape[1]):
        if net_wh[b, i] >= 0:
            cash_neur[b, i] = -share_of_cash_up(net_wh[b, i], owed_neur, demand_wh) if net_wh[b, i] > 0 else 0
    pay_for_supply(net_wh, b, local_wh, price_neur, terms, cash_neur)
    close_accounts(net_wh, b, local_wh, terms, cash_neur, accounts_neur)


@kernel
def pay_for_supply(
    net_wh: Integers, b: int, local_wh: int, price_neur: int, terms: PoolTerms, cash_neur: Integers
) -> None:
    """Write what sellers receive: together, the local price for what is traded locally and feed-in for the rest."""
    _, supply_wh = demand_and_supply(net_wh, b)
    due_neur = local_wh * price_neur + (supply_wh - local_wh) * terms.feed_in_neur
    for i in range(net_wh.shape[1]):
        if net_wh[b, i] < 0:
            cash_neur[b, i] = share_of_cash_down(-net_wh[b, i], due_neur, supply_wh)


@kernel
def close_accounts(
    net_wh: Integers, b: int, local_wh: int, terms: PoolTerms, cash_neur: Integers, accounts_neur: Integers
) -> None:
    """Write what supplier and operator receive, and the residue that makes all cash of the slot sum to 0."""
    demand_wh, supply_wh = demand_and_supply(net_wh, b)
    supplier_neur = (demand_wh - local_wh) * terms.retail_neur - (supply_wh - local_wh) * terms.feed_in_neur
    operator_neur = local_wh * terms.fee_neur
    residue_neur = -supplier_neur - operator_neur
    for i in range(net_wh.shape[1]):
        residue_neur -= cash_neur[b, i]
    accounts_neur[b, _SUPPLIER], accounts_neur[b, _OPERATOR] = supplier_neur, operator_neur
    accounts_neur[b, _OUTSIDE], accounts_neur[b, _RESIDUE] = 0, residue_neur


def readings(net_wh: ArrayLike, terms: PoolTerms) -> tuple[Integers, list[str]]:
    """Readings as a batch of one, int64 (1, n), and what is wrong with them or with the terms."""
    net, faults = integers(net_wh, "net_wh", (None,))
    faults += [
        f"net_wh[{i}] is {net[i]}, expected above {-MAX_QUANTITY_WH} and below {MAX_QUANTITY_WH}"
        for i in np.flatnonzero((net <= -MAX_QUANTITY_WH) | (net >= MAX_QUANTITY_WH))
    ]
    if not faults:
        for name, total_wh in (("above", int(net.clip(min=0).sum())), ("below", -int(net.clip(max=0).sum()))):
            if total_wh >= MAX_SIDE_WH:
                faults.append(
                    f"the readings {name} 0 are {total_wh} Wh together, expected less than {MAX_SIDE_WH}"
                )
    return net[None, :], faults + _terms_faults(terms)


def settled(
    net_wh: ArrayLike, terms: PoolTerms, local_price: Callable[[int, int, PoolTerms], int]
) -> PoolResult:
    """Check readings and terms, and settle them at the local price that a rule makes of (demand, supply, terms)."""
    net, faults = readings(net_wh, terms)
    if faults:
        raise InputError("; ".join(faults))
    demand_wh, supply_wh = demand_and_supply(net, 0)
    price_neur = local_price(demand_wh, supply_wh, terms)
    cash_neur, accounts_neur = np.zeros_like(net), np.zeros((1, len(Account)), np.int64)
    settle_pool(net, 0, price_neur, terms, cash_neur, accounts_neur)
    return pool_result(cash_neur, accounts_neur, min(demand_wh, supply_wh), price_neur)


def pool_result(cash_neur: Integers, accounts_neur: Integers, local_wh: int, price_neur: int) -> PoolResult:
    """The outcome of a batch of one."""
    supplier, operator, _, residue = (int(account) for account in accounts_neur[0])
    return PoolResult(cash_neur[0], int(local_wh), int(price_neur), supplier, operator, residue)


def _terms_faults(terms: PoolTerms) -> list[str]:
    faults = price_faults(terms._asdict())
    if not faults and terms.fee_neur < 0:
        faults.append(f"fee_neur is {terms.fee_neur}, expected at least 0")
    if not faults and terms.feed_in_neur + terms.fee_neur > terms.retail_neur:
        faults.append(
            f"feed_in_neur + fee_neur is {terms.feed_in_neur + terms.fee_neur}, "
            f"expected at most retail_neur, {terms.retail_neur}"
        )
    return faults
