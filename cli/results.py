"""How results look in a terminal."""

import math

from rich.table import Table

from gridbid.cli.terminal import console
from gridbid.evaluate.parity import ParityReport
from gridbid.evaluate.protocol import Evaluation

_COLUMNS = (
    ("j_eur", "J EUR", 0),
    ("bill_eur", "bill EUR", 0),
    ("co2_kg", "CO2 kg", 0),
    ("peak_kw", "peak kW", 0),
    ("self_consumption", "own sun used", 2),
    ("overload_kwh", "overload kWh", 0),
    ("traded_kwh", "traded kWh", 0),
)


def show_table(evaluation: Evaluation) -> None:
    """The controllers, dearest first, with S and its interval."""
    table = Table(
        "controller",
        *(title for _, title, _ in _COLUMNS),
        "S",
        "95 % interval",
        box=None,
        header_style="bold",
    )
    for column in table.columns[1:]:
        column.justify = "right"
    for name in sorted(evaluation.table, key=lambda name: -evaluation.table[name]["j_eur"]):
        figures, score = evaluation.table[name], evaluation.scores[name]
        cells = [_number(figures.get(key, math.nan), digits) for key, _, digits in _COLUMNS]
        interval = f"{score.low:.2f} to {score.high:.2f}" if math.isfinite(score.low) else ""
        table.add_row(
            f"[bold]{name}[/]" if name == "learned" else name, *cells, _number(score.estimate, 2), interval
        )
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


def _number(value: float, digits: int) -> str:
    return f"{value:,.{digits}f}" if math.isfinite(value) else ""
