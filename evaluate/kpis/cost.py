"""What the weeks cost the members: J, its parts, and what trading brought."""

from collections.abc import Callable

import numpy as np

from gridbid.evaluate.bills import trading_neur
from gridbid.evaluate.kpis.figure import Floats, Kpi, Records, Weeks
from gridbid.market.types import Cost
from gridbid.market.units import NEUR_PER_EUR


def members_eur(records: Records) -> Floats:
    """J by member over all records, EUR (N,)."""
    return np.sum([record.cost_eur.sum(axis=1) for record in records], axis=0)


def profits_eur(records: Records) -> Floats:
    """What trading brought each member over all records, EUR (N,)."""
    return np.sum([trading_neur(record).sum(axis=0) for record in records], axis=0) / NEUR_PER_EUR


def _part(part: Cost) -> Callable[[Weeks], float]:
    return lambda weeks: weeks.total(lambda record: record.cost_eur[:, part].sum())


def _profit_of(kind: str) -> Callable[[Weeks], float]:
    def compute(weeks: Weeks) -> float:
        seats = np.array([seat == kind for seat in weeks.kinds], np.bool_)
        return float(profits_eur(weeks.records)[seats].sum()) if seats.any() else float("nan")

    return compute


def _fees_eur(weeks: Weeks) -> float:
    return weeks.total(lambda record: record.bought_wh.sum(axis=1) @ record.fee_neur) / NEUR_PER_EUR


def _profit_eur(weeks: Weeks) -> float:
    return float(profits_eur(weeks.records).sum())


def _j_eur(weeks: Weeks) -> float:
    return float(members_eur(weeks.records).sum())


COST = (
    Kpi("j_eur", "EUR", "lower", "J: all that follows down to stored_eur, summed", _j_eur),
    Kpi(
        *("bill_eur", "EUR", "lower"),
        "what members pay, less what they get, for trades, fees, imbalance and demand response",
        _part(Cost.BILL),
    ),
    Kpi("wear_eur", "EUR", "lower", "wear of batteries by throughput", _part(Cost.WEAR)),
    Kpi(
        *("discomfort_eur", "EUR", "lower"),
        "heat demand not served, at its penalty",
        _part(Cost.DISCOMFORT),
    ),
    Kpi(
        *("unmet_ev_eur", "EUR", "lower"),
        "energy missing in cars at departure, at its penalty",
        _part(Cost.UNMET_EV),
    ),
    Kpi(
        *("violation_eur", "EUR", "lower"),
        "breached envelopes and overloaded branches, at their penalties",
        _part(Cost.VIOLATION),
    ),
    Kpi(
        *("stored_eur", "EUR", "lower"),
        "less the increase of the value of the energy in stores",
        _part(Cost.STORED),
    ),
    Kpi(
        *("profit_eur", "EUR", "higher"),
        "own profit of all members: what the same readings would have cost without the market, less what they cost with it "
        "(without payments for demand response); the prices that members pay each other cancel",
        _profit_eur,
    ),
    Kpi("profit_prosumer_eur", "EUR", "higher", "own profit of the prosumers", _profit_of("prosumer")),
    Kpi(
        *("profit_battery_eur", "EUR", "higher"),
        "own profit of the batteries with meters of their own",
        _profit_of("battery"),
    ),
    Kpi(
        *("profit_ev_eur", "EUR", "higher"),
        "own profit of the charge points with meters of their own",
        _profit_of("ev"),
    ),
    Kpi("local_fee_eur", "EUR", "none", "network fees on what was bought in the community", _fees_eur),
)
