"""What each member pays: all of them in one picture, and each one's bill line by line."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gridbid.evaluate.report.charts.canvas import Chart
from gridbid.evaluate.report.charts.members import CENT_EUR, Member, members_chart
from gridbid.evaluate.report.controllers import RULE, controller_label
from gridbid.evaluate.report.figures import figure_display
from gridbid.evaluate.report.folder.columns import Columns
from gridbid.evaluate.report.folder.run import Run
from gridbid.evaluate.report.formatting import number


@dataclass(frozen=True)
class Members:
    """Members under both controllers.

    ``pay_more`` names higher bills, ``pay_less`` counts lower ones, ``highest_rise`` is the member whose bill grew most, ``worse_off`` counts higher J.
    """

    chart: Chart
    n_members: int
    pay_more: list[str]
    pay_less: int
    highest_rise: Member
    worse_off: int
    header: list[str]
    rows: list[list[str]]


def members(run: Run) -> Members | None:
    """Members that rule and featured controller both bill: by kind, the highest bill of the rule first."""
    table, featured = run.members, run.summary.featured
    if table is None or featured is None:
        return None
    before, after = rows_by_member(table, RULE), rows_by_member(table, featured)
    kind, bill_eur = table["kind"], table["bill_eur"]
    names = sorted(
        before.keys() & after.keys(), key=lambda name: (kind[before[name]], -bill_eur[before[name]])
    )
    if not names:
        return None
    then, now = [before[name] for name in names], [after[name] for name in names]
    cost_eur = costs_eur(table)
    shown = [name.replace("_", " ") for name in names]
    bills = [Member(*bill) for bill in zip(shown, bill_eur[then], bill_eur[now], strict=True)]
    pay_more = [member.name for member in bills if member.change_eur > 0]
    label = controller_label(featured)
    alt = f"Bills of {len(bills)} members, rule and {label}; {len(pay_more)} pay more than under the rule"
    columns = {"J: rule": cost_eur[then], f"J: {label.lower()}": cost_eur[now], "Bill: rule": bill_eur[then]}
    columns |= {figure_display(part).label: table[part][now] for part in _parts(table)}
    return Members(
        chart=members_chart(bills, label, alt),
        n_members=len(bills),
        pay_more=pay_more,
        pay_less=sum(member.change_eur < 0 for member in bills),
        highest_rise=max(bills, key=lambda member: member.change_eur),
        worse_off=int(np.sum(cost_eur[now] - cost_eur[then] > CENT_EUR)),
        header=list(columns),
        rows=[
            [name, *(number(float(column[row]), 2) for column in columns.values())]
            for row, name in enumerate(shown)
        ],
    )


def rows_by_member(table: Columns, controller: str) -> dict[str, int]:
    """Row of each member under a controller."""
    return {table["member"][row]: int(row) for row in np.flatnonzero(table["controller"] == controller)}


def costs_eur(table: Columns) -> NDArray[np.float64]:
    """J of each row: its parts together."""
    return np.sum([table[part] for part in _parts(table)], axis=0)


def _parts(table: Columns) -> list[str]:
    return [column for column in table if column.endswith("_eur") and column != "j_eur"]
