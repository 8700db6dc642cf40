"""Each member's bill, line by line, beside what the rule would have made of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gridbid.evaluate.report.charts.members import CENT_EUR
from gridbid.evaluate.report.controllers import RULE, words
from gridbid.evaluate.report.folder.columns import Columns
from gridbid.evaluate.report.folder.run import Run
from gridbid.evaluate.report.sections.members import rows_by_member


@dataclass(frozen=True)
class Amount:
    """One line's sum over the weeks: energy, what a kWh cost in the mean (None where there is none), and the money."""

    energy_kwh: float | None
    price_ct: float | None
    amount_eur: float


@dataclass(frozen=True)
class Line:
    """A line of a bill under both controllers."""

    name: str
    rule: Amount
    featured: Amount


@dataclass(frozen=True)
class Bill:
    """One member's bill; ``adds_up`` says whether its lines come to the member's settled bill, None if that is unknown."""

    member: str
    lines: list[Line]
    rule_eur: float
    featured_eur: float
    adds_up: bool | None

    @property
    def change_eur(self) -> float:
        """How much higher the bill is than under the rule; up to a cent is no change."""
        change = self.featured_eur - self.rule_eur
        return change if abs(change) > CENT_EUR else 0.0


@dataclass(frozen=True)
class Bills:
    """All bills, in the order of the table."""

    bills: list[Bill]
    community: Bill
    n_weeks: int

    @property
    def all_add_up(self) -> bool | None:
        """Whether every bill's lines come to what was settled; None if that is unknown."""
        known = [bill.adds_up for bill in self.bills if bill.adds_up is not None]
        return all(known) if known else None


def bills(run: Run) -> Bills | None:
    """Bills of the members that both controllers bill; None where no lines were kept."""
    table, featured = run.bills, run.summary.featured
    if table is None or featured is None:
        return None
    then, now = _of(table, RULE), _of(table, featured)
    names = [name for name in dict.fromkeys(now["member"]) if name in set(then["member"])]
    if not names:
        return None
    return Bills(
        bills=[_bill(run, name, _member(then, name), _member(now, name)) for name in names],
        community=_bill(run, None, then, now),
        n_weeks=np.unique(now["week"]).size,
    )


def _bill(run: Run, member: str | None, then: Columns, now: Columns) -> Bill:
    names = dict.fromkeys([*now["line"], *then["line"]])
    lines = [Line(words(name), _amount(then, name), _amount(now, name)) for name in names]
    rule_eur, featured_eur = float(then["amount_eur"].sum()), float(now["amount_eur"].sum())
    return Bill(
        member=(member or "all members").replace("_", " "),
        lines=[line for line in lines if _says_something(line)],
        rule_eur=rule_eur,
        featured_eur=featured_eur,
        adds_up=None if member is None else _adds_up(run, member, featured_eur),
    )


def _says_something(line: Line) -> bool:
    sides = (line.rule, line.featured)
    return any(abs(side.amount_eur) >= CENT_EUR / 2 for side in sides)


def _amount(table: Columns, line: str) -> Amount:
    """The line's energy and money, and its price in the mean over the energy."""
    chosen = table["line"] == line
    amount_eur = float(table["amount_eur"][chosen].sum())
    energy_kwh, price_ct = table["energy_kwh"][chosen], table["price_ct"][chosen]
    if not np.isfinite(energy_kwh).any():
        return Amount(None, None, amount_eur)
    priced = np.isfinite(price_ct) & (energy_kwh > 0)
    mean_ct = float(np.average(price_ct[priced], weights=energy_kwh[priced])) if priced.any() else None
    return Amount(float(np.nansum(energy_kwh)), mean_ct, amount_eur)


def _adds_up(run: Run, member: str, lines_eur: float) -> bool | None:
    """Whether lines come to the settled bill; of several samples only the first has lines."""
    if run.summary.samples > 1 or run.members is None or run.summary.featured is None:
        return None
    row = rows_by_member(run.members, run.summary.featured).get(member)
    return None if row is None else bool(abs(run.members["bill_eur"][row] - lines_eur) <= CENT_EUR)


def _of(table: Columns, controller: str) -> Columns:
    return _rows(table, table["controller"] == controller)


def _member(table: Columns, member: str) -> Columns:
    return _rows(table, table["member"] == member)


def _rows(table: Columns, chosen: NDArray[np.bool_]) -> Columns:
    return {name: column[chosen] for name, column in table.items()}
