"""Members' bills line by line, from the integers that were settled; all in Wh and nEUR, so the lines sum to the cash exactly.

What a member pays is positive, what it gets is negative: a bill is minus the cash.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.compile import CompiledScenario
from gridbid.envs.timeline.tariffs import retail_lines
from gridbid.evaluate.records.record import WeekRecord
from gridbid.market.errors import InputError
from gridbid.market.types import Account, Cost
from gridbid.market.units import NEUR_PER_EUR, NEUR_PER_WH_PER_CT_PER_KWH

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Parts = Mapping[str, Integers]
"""Parts of the published retail price by name, nEUR/Wh, int64 (samples, slots of the year) each."""

FROM_SUPPLIER = "bought from the supplier"
TO_SUPPLIER = "sold to the supplier"
BOUGHT_LOCALLY = "bought in the community"
SOLD_LOCALLY = "sold in the community"
NETWORK_FEE = "network fee on what was bought in the community"
DEMAND_RESPONSE = "demand response"
TARIFF_SHIFT = "utility's shift of the tariff"
_CREDITS = (TO_SUPPLIER, SOLD_LOCALLY, DEMAND_RESPONSE)


class Bills(NamedTuple):
    """Bills of N members: ``energy_wh`` (never below 0) and ``amount_neur``, int64 (N, lines)."""

    lines: tuple[str, ...]
    energy_wh: Integers
    amount_neur: Integers

    @property
    def total_neur(self) -> Integers:
        """What each member pays altogether, (N,)."""
        return self.amount_neur.sum(axis=1)

    @property
    def price_ct(self) -> Floats:
        """Mean price of each line, ct/kWh (N, lines), of credits what the member got; nan without energy."""
        signs = np.array([-1.0 if line in _CREDITS else 1.0 for line in self.lines])
        per_wh = np.full(self.energy_wh.shape, np.nan)
        np.divide(self.amount_neur * signs, self.energy_wh, out=per_wh, where=self.energy_wh > 0)
        return per_wh / NEUR_PER_WH_PER_CT_PER_KWH


class _Line(NamedTuple):
    energy_wh: Integers
    amount_neur: Integers


def bills(records: Sequence[WeekRecord], parts: Parts | None = None) -> Bills:
    """Every member's bill over all records; with ``parts`` the supplier's price is shown part by part.

    Reading less position is bought from the supplier at retail, or sold to it at feed-in; who buys in the community pays its
    price and the network fee on top; events of demand response pay what was settled for them.
    """
    if not records:
        raise InputError("records: empty; expected at least one week")
    weeks = [_lines(record, parts or {}) for record in records]
    return Bills(
        lines=tuple(weeks[0]),
        energy_wh=np.sum([_columns(week, 0) for week in weeks], axis=0),
        amount_neur=np.sum([_columns(week, 1) for week in weeks], axis=0),
    )


def tariff_parts(compiled: CompiledScenario) -> Parts:
    """The lines that a scenario's retail price is made of."""
    return retail_lines(compiled.scenario.tariff, compiled.year, compiled.year.spot_ct)


def supplier_neur(record: WeekRecord, imbalance_wh: Integers) -> Integers:
    """What members pay the supplier for imbalances (T, N): a shortage at retail, a surplus at feed-in."""
    price = np.where(imbalance_wh > 0, record.retail_neur[:, None], record.feed_in_neur[:, None])
    paid_neur: Integers = imbalance_wh * price
    return paid_neur


def imbalances_wh(record: WeekRecord) -> Integers:
    """Reading less position (T, N)."""
    return record.reading_wh - record.bought_wh + record.sold_wh


def trading_neur(record: WeekRecord) -> Integers:
    """What trading brought each member in each slot (T, N): the same readings without the market cost that much more."""
    saved_neur = supplier_neur(record, record.reading_wh) - supplier_neur(record, imbalances_wh(record))
    fees_neur: Integers = record.bought_wh * record.fee_neur[:, None]
    return saved_neur - fees_neur + record.received_neur - record.paid_neur


def alone_eur(records: Sequence[WeekRecord]) -> Floats:
    """J of each member (N,) if it had acted as recorded, but with the supplier as its only partner and without events.

    Of the rule's records it is the cheap yardstick of what a member has without a community.
    """
    return np.sum([_alone_eur(record) for record in records], axis=0)


def others_neur(records: Sequence[WeekRecord]) -> dict[str, int]:
    """What supplier, operator, outside and residue paid, as members' bills: with these they sum to 0."""
    accounts_neur = np.sum([record.accounts_neur for record in records], axis=0)
    return {account.name.lower(): -int(accounts_neur[account]) for account in Account}


def _alone_eur(record: WeekRecord) -> Floats:
    bill_eur = supplier_neur(record, record.reading_wh).sum(axis=0) / NEUR_PER_EUR
    return bill_eur + record.cost_eur.sum(axis=1) - record.cost_eur[:, Cost.BILL]


def _columns(lines: Mapping[str, _Line], place: int) -> Integers:
    return np.stack([line[place] for line in lines.values()], axis=1)


def _lines(record: WeekRecord, parts: Parts) -> dict[str, _Line]:
    """Lines of one week by name, (N,) each."""
    shortage_wh = np.maximum(0, imbalances_wh(record))
    surplus_wh = np.maximum(0, -imbalances_wh(record))
    bought_wh, sold_wh = record.bought_wh.sum(axis=0), record.sold_wh.sum(axis=0)
    return {
        **_supplied(record, shortage_wh, parts),
        TO_SUPPLIER: _Line(surplus_wh.sum(axis=0), -(surplus_wh.T @ record.feed_in_neur)),
        BOUGHT_LOCALLY: _Line(bought_wh, record.paid_neur.sum(axis=0)),
        SOLD_LOCALLY: _Line(sold_wh, -record.received_neur.sum(axis=0)),
        NETWORK_FEE: _Line(bought_wh, record.bought_wh.T @ record.fee_neur),
        DEMAND_RESPONSE: _Line(_sum_of_events(record, "delivered_wh"), -_sum_of_events(record, "paid_neur")),
    }


def _supplied(record: WeekRecord, shortage_wh: Integers, parts: Parts) -> dict[str, _Line]:
    """What was bought from the supplier: one line, or one for each part of its price and for what was added to it."""
    energy_wh = shortage_wh.sum(axis=0)
    if not parts:
        return {FROM_SUPPLIER: _Line(energy_wh, shortage_wh.T @ record.retail_neur)}
    span = slice(record.start, record.start + record.retail_neur.size)
    prices = {name: part[record.sample, span] for name, part in parts.items()}
    prices[TARIFF_SHIFT] = record.retail_neur - np.sum(list(prices.values()), axis=0)
    return {
        f"{FROM_SUPPLIER}: {name}": _Line(energy_wh, shortage_wh.T @ price) for name, price in prices.items()
    }


def _sum_of_events(record: WeekRecord, name: str) -> Integers:
    nobody = np.zeros(record.cash_neur.size, np.int64)
    return np.sum([nobody, *(getattr(event, name) for event in record.events)], axis=0)
