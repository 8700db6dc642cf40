"""How results look in a terminal."""

import math

from rich.table import Column, Table

from gridbid.cli.terminal import console
from gridbid.evaluate.parity import ParityReport
from gridbid.evaluate.protocol import Evaluation
from gridbid.evaluate.statistics import Interval

_COLUMNS = (
    ("j_eur", "J EUR"),
    ("bill_eur", "bill EUR"),
    ("co2_kg", "CO2 kg"),
    ("peak_kw", "peak kW"),
    ("overload_kwh", "overload kWh"),
)


def show_table(evaluation: Evaluation) -> None:
    """The controllers, dearest first, with S and its interval."""
    table = Table(
        Column("controller", no_wrap=True),
        *(Column(title, justify="right") for _, title in _COLUMNS),
        Column("S [95 %]", justify="right", no_wrap=True),
        box=None,
        header_style="bold",
    )
    for name in sorted(evaluation.table, key=lambda name: -evaluation.table[name]["j_eur"]):
        figures = evaluation.table[name]
        cells = [_number(figures.get(key, math.nan)) for key, _ in _COLUMNS]
        shown = f"[bold]{name}[/]" if name == "learned" else name
        table.add_row(shown, *cells, _score(evaluation.scores[name]))
    console.print(table)
    weeks = ", ".join(str(week) for week in evaluation.weeks)
    console.print(
        f"    [dim]Weeks {weeks}. J = bill + wear + discomfort + unmet EV energy + violations - energy left in stores; "
        "S = 0 is the rule, S = 1 the optimum, which knows the future.[/]"
    )


def scores_by_name(evaluation: Evaluation) -> dict[str, float | None]:
    """S by controller; null where it has no meaning."""
    return {
        name: score.estimate if math.isfinite(score.estimate) else None
        for name, score in evaluation.scores.items()
    }


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
    return f"{score.estimate:.2f} [{score.low:.2f}, {score.high:.2f}]"


def _number(value: float) -> str:
    return f"{value:,.0f}" if math.isfinite(value) else ""
