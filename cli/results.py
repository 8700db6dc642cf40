"""How results look in a terminal."""

import math
from collections.abc import Sequence

from rich.table import Column, Table

from gridbid.cli.terminal import console, weeks_told
from gridbid.evaluate.parity import ParityReport
from gridbid.evaluate.protocol import Evaluation
from gridbid.evaluate.protocol.claims import PROMISES, Claim
from gridbid.evaluate.protocol.standings import Comparison
from gridbid.evaluate.statistics import Interval

_COLUMNS = (
    ("j_eur", "J EUR"),
    ("bill_eur", "bill EUR"),
    ("co2_kg", "CO2 kg"),
    ("peak_kw", "peak kW"),
    ("overload_kwh", "overload kWh"),
)
_PROMISED = {"bill_eur": "bill", "j_eur": "J", "co2_kg": "carbon"}
_TABLES_OF_CLAIMS = 2
"""So many controllers are shown rung by rung, the cheapest; all are in the file."""


def show_table(evaluation: Evaluation) -> None:
    """The controllers, dearest first, with S and its interval."""
    table = _table(
        "controller",
        *(Column(title, justify="right") for _, title in _COLUMNS),
        Column("S [95 %]", justify="right", no_wrap=True),
    )
    subjects = {verdict.controller for verdict in evaluation.verdicts}
    names = _dearest_first(evaluation)
    columns = [_numbers([evaluation.table[name].get(key, math.nan) for name in names]) for key, _ in _COLUMNS]
    for name, cells in zip(names, zip(*columns, strict=True), strict=True):
        runs = evaluation.runs_eur[name].shape[0]
        shown = f"[bold]{name}[/]" if name in subjects else name
        table.add_row(f"{shown} x{runs}" if runs > 1 else shown, *cells, _score(evaluation.scores[name]))
    console.print(table)
    console.print(
        f"    [dim]{weeks_told(evaluation.weeks)}. J = bill + wear + discomfort + unmet EV energy + violations - energy left in stores; "
        "S = 0 is the rule, S = 1 the optimum, which knows the future.[/]"
    )


def show_evaluation(evaluation: Evaluation) -> None:
    """All that an evaluation has to tell in a terminal: figures, comparisons by week, what of the promise holds."""
    show_table(evaluation)
    if len(evaluation.weeks) > 1:
        _show_comparisons(evaluation)
        _show_claims(evaluation)


def _show_comparisons(evaluation: Evaluation) -> None:
    """J by week less a yardstick's, each with its interval and the p of the sign-flip test."""
    yardsticks = list(dict.fromkeys(other for found in evaluation.comparisons.values() for other in found))
    titles = [f"J - J of {other}, EUR a week [95 %]" for other in yardsticks]
    table = _table("controller", *(column for title in titles for column in _difference_columns(title)))
    for name in _dearest_first(evaluation):
        found = evaluation.comparisons[name]
        cells = [cell for other in yardsticks for cell in _difference_cells(found.get(other))]
        if any(cells):
            table.add_row(name, *cells)
    console.print(table)
    console.print(
        "    [dim]p: how often chance alone would make so large a difference; with "
        f"{len(evaluation.weeks)} weeks it can't be below {2.0 ** (1 - len(evaluation.weeks)):.2g}.[/]"
    )


def _show_claims(evaluation: Evaluation) -> None:
    """How much less each subject needs than every rung, and whether the promise holds."""
    promised = ", ".join(f"{percent:g} % less {_PROMISED[name]}" for name, percent in PROMISES.items())
    cheapest_first = sorted(evaluation.verdicts, key=lambda one: evaluation.table[one.controller]["j_eur"])
    for verdict in cheapest_first[:_TABLES_OF_CLAIMS]:
        told = "[green]holds[/]" if verdict.holds else "[yellow]doesn't hold[/]"
        console.print(f"    [bold]{verdict.controller}[/], {promised}: {told}. {verdict.reason}")
        ours = [claim for claim in evaluation.claims if claim.controller == verdict.controller]
        titles = (Column(f"{_PROMISED[name]}, %", justify="right", no_wrap=True) for name in PROMISES)
        table = _table("less than", *titles)
        for rung in dict.fromkeys(claim.against for claim in ours):
            table.add_row(rung, *(_claim(claim) for claim in ours if claim.against == rung))
        console.print(table)


def _claim(claim: Claim) -> str:
    found = claim.reduction
    if not math.isfinite(found.estimate):
        return "no %"
    told = f"{found.estimate:.0f}" if not math.isfinite(found.low) else _with_interval(found)
    return f"[green]{told}[/]" if claim.holds else told


def _with_interval(found: Interval, digits: int = 1) -> str:
    """An estimate with its interval; decimals of large figures tell nothing."""
    digits = digits if max(abs(found.low), abs(found.high)) < 100.0 else 0
    return f"{found.estimate:.{digits}f} [{found.low:.{digits}f}, {found.high:.{digits}f}]"


def _table(first: str, *columns: Column) -> Table:
    """A table without lines; its first column has names."""
    return Table(
        Column(first, no_wrap=True),
        *columns,
        box=None,
        header_style="bold",
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )


def _difference_columns(title: str) -> tuple[Column, Column]:
    return Column(title, justify="right"), Column("p", justify="right")


def _difference_cells(comparison: Comparison | None) -> tuple[str, str]:
    if comparison is None:
        return "", ""
    mean = comparison.difference.mean
    told = f"{mean.estimate:+,.1f} [{mean.low:+,.1f}, {mean.high:+,.1f}]"
    shown = f"[bold]{told}[/]" if mean.excludes_zero else told
    return shown, f"{comparison.difference.p_value:.3f}"


def _dearest_first(evaluation: Evaluation) -> list[str]:
    return sorted(evaluation.table, key=lambda name: -evaluation.table[name]["j_eur"])


def show_parity(parity: ParityReport, residuals: dict[str, int]) -> None:
    """Days side by side, and whether the books closed."""
    table = Table("day", "fills", "settlements", "mismatches", box=None, header_style="bold")
    for day in parity.days:
        table.add_row(day.name, str(day.fills), str(day.settlements), str(day.mismatches))
        for example in day.examples:
            table.add_row(f"  [red]{example}[/]", "", "", "")
    console.print(table)
    verdict = (
        "[green]0 mismatches[/]" if parity.mismatches == 0 else f"[red]{parity.mismatches} mismatches[/]"
    )
    console.print(
        f"    {parity.fills} fills compared: {verdict}. Unaccounted for: "
        f"{residuals['energy_wh']} Wh, {residuals['cash_neur']} nEUR."
    )


def _score(score: Interval) -> str:
    if not math.isfinite(score.estimate):
        return ""
    if not math.isfinite(score.low) or score.low == score.high:
        return f"{score.estimate:.2f}"
    return _with_interval(score, 2)


def _numbers(values: Sequence[float]) -> list[str]:
    """A column; decimals where no figure reaches a hundred."""
    digits = 2 if all(abs(value) < 100.0 for value in values if math.isfinite(value)) else 0
    return [f"{value:,.{digits}f}" if math.isfinite(value) else "" for value in values]
