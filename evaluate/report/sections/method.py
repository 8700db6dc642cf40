"""How the figures came about: what was run, on which data, and what each figure means."""

from dataclasses import dataclass

from gridbid.evaluate.kpis import KPIS
from gridbid.evaluate.report.controllers import words
from gridbid.evaluate.report.figures import figure_display
from gridbid.evaluate.report.folder.run import Run
from gridbid.evaluate.report.formatting import number


@dataclass(frozen=True)
class Definition:
    """A key figure, its unit and its formula in words."""

    label: str
    name: str
    unit: str
    meaning: str


@dataclass(frozen=True)
class Method:
    """Facts as (what, value) in the order of the manifest, and the definitions of all key figures of the run."""

    facts: list[tuple[str, str]]
    definitions: list[Definition]


def method(run: Run) -> Method:
    """The section of a run; older runs have no manifest, and few facts."""
    present = {name for figures in run.summary.controllers.values() for name in figures}
    return Method(
        facts=[(words(name), _told(value)) for name, value in run.summary.manifest.items()],
        definitions=[
            Definition(figure_display(kpi.name).label, kpi.name, kpi.unit, kpi.meaning)
            for kpi in KPIS
            if kpi.name in present
        ],
    )


def _told(value: object) -> str:
    """A value of the manifest in a line: lists with commas, objects as name and value."""
    if isinstance(value, dict):
        return "; ".join(f"{name}\u00a0{_told(item)}" for name, item in value.items())
    if isinstance(value, list):
        return ", ".join(_told(item) for item in value)
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "–"}[value]
    return number(value, 0 if value == int(value) else 4) if isinstance(value, float) else str(value)
