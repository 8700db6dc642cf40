"""The figures that a report shows, as one long table: a cell a row, so that runs of any shape fit together."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from gridbid.evaluate.report.folder.run import Run
from gridbid.evaluate.report.sections.market import market


class Cell(NamedTuple):
    """A figure: ``table`` is the report's section, ``controller`` whom it is about; ``text`` says what has no number."""

    table: str
    controller: str | None
    row: str
    column: str
    value: float | None
    text: str | None = None


SCHEMA = pa.schema(
    [
        ("run", pa.string()),
        ("table", pa.string()),
        ("controller", pa.string()),
        ("row", pa.string()),
        ("column", pa.string()),
        ("value", pa.float64()),
        ("text", pa.string()),
    ]
)


def report_table(runs: Sequence[Run]) -> pa.Table:
    """All cells of all runs; tables that a run doesn't have are absent."""
    rows = [{"run": run.name, **cell._asdict()} for run in runs for cell in cells(run)]
    return pa.Table.from_pylist(rows, SCHEMA)


def cells(run: Run) -> Iterator[Cell]:
    """All cells of a run."""
    yield from _controllers(run)
    yield from _claims(run)
    yield from _members(run)
    yield from _bills(run)
    yield from _market(run)
    yield from _stresses(run)
    yield from _exploits(run)


def _controllers(run: Run) -> Iterator[Cell]:
    summary = run.summary
    for controller, figures in summary.controllers.items():
        for name, value in figures.items():
            yield Cell("controllers", controller, "all weeks", name, value)
        yield Cell("controllers", controller, "all weeks", "score", summary.score_of(controller))
        for end, value in zip(
            ("score_low", "score_high"), summary.intervals.get(controller, ()), strict=False
        ):
            yield Cell("controllers", controller, "all weeks", end, value)
    for controller, weeks_eur in summary.j_eur_by_week.items():
        for week, j_eur in zip(summary.weeks, weeks_eur, strict=False):
            yield Cell("controllers", controller, f"week {week}", "j_eur", j_eur)


def _claims(run: Run) -> Iterator[Cell]:
    for claim in run.summary.claims:
        row = f"against {claim.against}"
        yield Cell(
            "claims", claim.controller, row, f"{claim.figure}: promised_percent", claim.promised_percent
        )
        yield Cell(
            "claims", claim.controller, row, f"{claim.figure}: reduction_percent", claim.reduction_percent
        )
        yield Cell(
            "claims", claim.controller, row, f"{claim.figure}: holds", float(claim.holds), claim.reason
        )


def _members(run: Run) -> Iterator[Cell]:
    table = run.members
    if table is None:
        return
    for part in (column for column in table if column.endswith("_eur")):
        for controller, member, value in zip(table["controller"], table["member"], table[part], strict=True):
            yield Cell("members", controller, member, part, float(value))


def _bills(run: Run) -> Iterator[Cell]:
    table = run.bills
    if table is None:
        return
    sums: dict[tuple[str, str, str], float] = {}
    for *key, amount_eur in zip(
        table["controller"], table["member"], table["line"], table["amount_eur"], strict=True
    ):
        sums[tuple(key)] = sums.get(tuple(key), 0.0) + float(amount_eur)
    for (controller, member, line), amount_eur in sums.items():
        yield Cell("bills", controller, member, line, amount_eur)


def _market(run: Run) -> Iterator[Cell]:
    found = market(run)
    if found is None:
        return
    for name, values in found.hours._asdict().items():
        if values is None:
            continue
        for hour, value in enumerate(values):
            yield Cell(
                "market", run.summary.featured, f"hour {hour}", name, None if np.isnan(value) else value
            )


def _stresses(run: Run) -> Iterator[Cell]:
    for stress in run.stresses.tried if run.stresses else ():
        for controller, weeks_eur in stress.j_eur.items():
            yield Cell("robustness", controller, stress.name, "j_eur", sum(weeks_eur))
        for name in ("bill_eur", "unmet_ev_kwh"):
            for controller, value in getattr(stress, name).items():
                yield Cell("robustness", controller, stress.name, name, value)


def _exploits(run: Run) -> Iterator[Cell]:
    found = run.exploits
    if found is None:
        return
    for row in found.rows:
        column = f"{row.responder}: gain_ct_per_kwh"
        yield Cell("exploitability", found.policy, row.member, column, row.gain_ct_per_kwh)
