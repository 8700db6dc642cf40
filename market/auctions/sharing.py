"""Sharing keys of energy communities: who is allotted how much of what the community feeds in, slot by slot.

- static: each participant's fixed share, in millionths; what it doesn't consume is surplus.
- iterated static: what some leave is shared among those who still need it by their keys, round by round.
- dynamic: in proportion to consumption.

Shares are rounded down to whole Wh. What that leaves, less than 1 Wh a participant (in each case, for the iterated key it is
what the last round leaves), is surplus too, and the supplier buys the surplus at feed-in. Allotted energy has an agreed
price, the same for all; sellers share what comes in by what they fed in.
Source: the keys of Brussels' and Luxembourg's network operators (Sibelga: fixed in one or several rounds, pro rata; Creos).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from gridbid.market.auctions.orders import integers, price_faults
from gridbid.market.auctions.pool import (
    Integers,
    PoolResult,
    PoolTerms,
    close_accounts,
    demand_and_supply,
    pay_for_supply,
    pool_result,
    readings,
)
from gridbid.market.errors import InputError
from gridbid.market.kernel import kernel
from gridbid.market.types import Account

WHOLE_PPM = 1_000_000


class SharingResult(NamedTuple):
    """What a key decides: ``allotted_wh``, int64 (n,), in the order given; what is over; and what it costs."""

    allotted_wh: Integers
    surplus_wh: int
    settlement: PoolResult


@kernel
def share_static_down(net_wh: Integers, b: int, key_ppm: Integers, allotted_wh: Integers) -> None:
    """Allot community b's supply by fixed shares (N,), each at most its consumption; writes allotted (B, N)."""
    _, supply_wh = demand_and_supply(net_wh, b)
    for i in range(net_wh.shape[1]):
        allotted_wh[b, i] = min(max(net_wh[b, i], 0), supply_wh * key_ppm[i] // WHOLE_PPM)


@kernel
def share_static_in_rounds_down(net_wh: Integers, b: int, key_ppm: Integers, allotted_wh: Integers) -> None:
    """Allot community b's supply by keys (N,) among those who need more, until a round satisfies nobody.

    Each round but the last satisfies somebody, so there are no more rounds than participants, and one.
    """
    n_participants = net_wh.shape[1]
    for i in range(n_participants):
        allotted_wh[b, i] = 0
    _, left_wh = demand_and_supply(net_wh, b)
    satisfied = True
    while satisfied and left_wh > 0:
        satisfied = False
        keys_ppm = 0
        for i in range(n_participants):
            if net_wh[b, i] > allotted_wh[b, i]:
                keys_ppm += key_ppm[i]
        if keys_ppm == 0:
            break
        round_wh = left_wh
        for i in range(n_participants):
            need_wh = net_wh[b, i] - allotted_wh[b, i]
            share_wh = round_wh * key_ppm[i] // keys_ppm
            if need_wh > 0 and share_wh > 0:
                satisfied = satisfied or share_wh >= need_wh
                allotted_wh[b, i] += min(need_wh, share_wh)
                left_wh -= min(need_wh, share_wh)


@kernel
def share_dynamic_down(net_wh: Integers, b: int, allotted_wh: Integers) -> None:
    """Allot community b's supply in proportion to consumption; writes allotted (B, N)."""
    demand_wh, supply_wh = demand_and_supply(net_wh, b)
    shared_wh = min(demand_wh, supply_wh)
    for i in range(net_wh.shape[1]):
        allotted_wh[b, i] = net_wh[b, i] * shared_wh // demand_wh if net_wh[b, i] > 0 else 0


@kernel
def settle_shares(
    net_wh: Integers,
    b: int,
    allotted_wh: Integers,
    price_neur: int,
    terms: PoolTerms,
    cash_neur: Integers,
    accounts_neur: Integers,
) -> None:
    """Settle community b's readings (B, N) with what each was allotted at an agreed price; writes as ``settle_pool`` does."""
    local_wh = 0
    for i in range(net_wh.shape[1]):
        shared_wh = allotted_wh[b, i]
        local_wh += shared_wh
        if net_wh[b, i] >= 0:
            from_supplier_wh = net_wh[b, i] - shared_wh
            cash_neur[b, i] = (
                -shared_wh * (price_neur + terms.fee_neur) - from_supplier_wh * terms.retail_neur
            )
    pay_for_supply(net_wh, b, local_wh, price_neur, terms, cash_neur)
    close_accounts(net_wh, b, local_wh, terms, cash_neur, accounts_neur)


def static_key(net_wh: ArrayLike, key_ppm: ArrayLike, price_neur: int, terms: PoolTerms) -> SharingResult:
    """Share readings (n,), import > 0, by fixed shares (n,) in millionths. Raises InputError, naming every fault."""
    net, key = _checked(net_wh, key_ppm, price_neur, terms)
    allotted_wh = np.zeros_like(net)
    share_static_down(net, 0, key, allotted_wh)
    return _settled(net, allotted_wh, price_neur, terms)


def iterated_static_key(
    net_wh: ArrayLike, key_ppm: ArrayLike, price_neur: int, terms: PoolTerms
) -> SharingResult:
    """Share readings (n,), import > 0, by fixed shares (n,), round by round. Raises InputError, naming every fault."""
    net, key = _checked(net_wh, key_ppm, price_neur, terms)
    allotted_wh = np.zeros_like(net)
    share_static_in_rounds_down(net, 0, key, allotted_wh)
    return _settled(net, allotted_wh, price_neur, terms)


def dynamic_key(net_wh: ArrayLike, price_neur: int, terms: PoolTerms) -> SharingResult:
    """Share readings (n,), import > 0, in proportion to consumption. Raises InputError, naming every fault."""
    net, _ = _checked(net_wh, None, price_neur, terms)
    allotted_wh = np.zeros_like(net)
    share_dynamic_down(net, 0, allotted_wh)
    return _settled(net, allotted_wh, price_neur, terms)


def _checked(
    net_wh: ArrayLike, key_ppm: ArrayLike | None, price_neur: int, terms: PoolTerms
) -> tuple[Integers, Integers]:
    """Readings (1, n) and key (n,), checked; the dynamic rule has no key."""
    net, faults = readings(net_wh, terms)
    faults += price_faults({"price_neur": price_neur})
    most = terms.retail_neur - terms.fee_neur
    if not faults and not terms.feed_in_neur <= price_neur <= most:
        faults.append(
            f"price_neur is {price_neur}, expected {terms.feed_in_neur} (feed-in) to {most} (retail less the fee)"
        )
    key = np.zeros(0, np.int64)
    if key_ppm is not None:
        key, faults_of_key = integers(key_ppm, "key_ppm", (np.size(net_wh),))
        faults += faults_of_key or _key_faults(key)
    if faults:
        raise InputError("; ".join(faults))
    return net, key


def _key_faults(key_ppm: Integers) -> list[str]:
    faults = [
        f"key_ppm[{i}] is {key_ppm[i]}, expected 0 to {WHOLE_PPM}"
        for i in np.flatnonzero((key_ppm < 0) | (key_ppm > WHOLE_PPM))
    ]
    if not faults and key_ppm.sum() > WHOLE_PPM:
        faults.append(f"the keys are {key_ppm.sum()} millionths together, expected at most {WHOLE_PPM}")
    return faults


def _settled(net: Integers, allotted_wh: Integers, price_neur: int, terms: PoolTerms) -> SharingResult:
    cash_neur, accounts_neur = np.zeros_like(net), np.zeros((1, len(Account)), np.int64)
    settle_shares(net, 0, allotted_wh, price_neur, terms, cash_neur, accounts_neur)
    local_wh = int(allotted_wh.sum())
    surplus_wh = int(-net.clip(max=0).sum()) - local_wh
    return SharingResult(
        allotted_wh[0], surplus_wh, pool_result(cash_neur, accounts_neur, local_wh, price_neur)
    )
