"""The report of a run: one HTML file that needs nothing else, drawn from what the run left in its folder.

Only ``summary.json`` is required; what else is absent is left out with a sentence, what is malformed is refused with
one. Words stand in ``templates/``, what they are about in :mod:`gridbid.evaluate.report.sections`, charts in
:mod:`gridbid.evaluate.report.charts`.
"""

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from gridbid.evaluate.files import write_table, write_text
from gridbid.evaluate.report import formatting
from gridbid.evaluate.report.charts.palette import PALETTE
from gridbid.evaluate.report.comparison import compare
from gridbid.evaluate.report.controllers import controller_label
from gridbid.evaluate.report.figures import figure_display
from gridbid.evaluate.report.folder.run import Run
from gridbid.evaluate.report.sections.bills import bills
from gridbid.evaluate.report.sections.books import books
from gridbid.evaluate.report.sections.carbon import carbon
from gridbid.evaluate.report.sections.chain import chain
from gridbid.evaluate.report.sections.exploitability import exploitability
from gridbid.evaluate.report.sections.fairness import fairness, fairness_figures
from gridbid.evaluate.report.sections.feeder import feeder
from gridbid.evaluate.report.sections.ladder import ladder
from gridbid.evaluate.report.sections.learning import learning
from gridbid.evaluate.report.sections.market import market, market_figures
from gridbid.evaluate.report.sections.members import members
from gridbid.evaluate.report.sections.method import method
from gridbid.evaluate.report.sections.overview import verdict
from gridbid.evaluate.report.sections.robustness import robustness
from gridbid.evaluate.report.sections.week import week
from gridbid.evaluate.report.tables import report_table
from gridbid.market.errors import InputError


class Section(NamedTuple):
    """A section of the page: its id, which is its template's name as well, its title, and what its template is given."""

    name: str
    title: str
    contents: dict[str, Callable[[Run], object]]


SECTIONS = (
    Section("ladder", "Ladder", {"ladder": ladder}),
    Section("week", "A week", {"week": week, "feeder": feeder}),
    Section("market", "Market", {"market": market, "market_figures": market_figures, "chain": chain}),
    Section("members", "Members", {"members": members, "bills": bills}),
    Section("carbon", "Carbon", {"carbon": carbon}),
    Section("fairness", "Fairness", {"fairness": fairness, "fairness_figures": fairness_figures}),
    Section("robustness", "Robustness", {"robustness": robustness}),
    Section("exploitability", "Exploitability", {"exploitability": exploitability}),
    Section("learning", "Learning", {"learning": learning}),
    Section("books", "Books", {"books": books}),
    Section("method", "Method", {"method": method}),
    Section("next", "What next", {}),
)


def write_report(run: Path) -> Path:
    """Write ``run/report.html`` from what the run left in its folder, and return its path.

    Raises:
        ReportError: a file is missing, unreadable or holds a wrong value, which the message names.
            An older report stays as it was.
    """
    return write_text(run / "report.html", page(Run.read(run)))


def write_pages(folders: Sequence[Path], out: Path | None = None) -> tuple[Path, Path]:
    """Write one run's report, or several runs side by side, and its tables beside it; return both paths.

    ``out`` is ``report.html`` in the run's folder by default, ``comparison.html`` here for several. Raises as `write_report`.
    """
    names = [folder.resolve() for folder in folders]
    if not folders or len(set(names)) < len(names):
        told = ", ".join(map(str, folders)) or "none"
        raise InputError(f"runs: {told}; expected at least one folder, and each once")
    runs = [Run.read(folder) for folder in folders]
    path = out or (folders[0] / "report.html" if len(runs) == 1 else Path("comparison.html"))
    table = report_table(runs)
    path.parent.mkdir(parents=True, exist_ok=True)
    text = page(runs[0]) if len(runs) == 1 else comparison_page(runs)
    return write_text(path, text), write_table(path.with_suffix(".parquet"), table)


def page(run: Run) -> str:
    """The page of one run."""
    contents = {name: make(run) for section in SECTIONS for name, make in section.contents.items()}
    return _render(
        "page.html.j2",
        run=run,
        summary=run.summary,
        verdict=verdict(run.summary),
        sections=SECTIONS,
        **contents,
    )


def comparison_page(runs: Sequence[Run]) -> str:
    """The page of several runs side by side."""
    return _render("comparison.html.j2", runs=runs, compared=compare(runs))


def _render(template: str, **context: Any) -> str:
    return _environment().get_template(template).render(palette=PALETTE, **context)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        number=formatting.number,
        quantity=formatting.quantity,
        rough_digits=formatting.rough_digits,
        percent=formatting.percent,
        signed=formatting.signed,
        signed_percent=formatting.signed_percent,
        duration=formatting.duration,
        capital=formatting.capital,
        label=controller_label,
        figure_label=lambda name: figure_display(name).label,
    )
    return environment
