"""How the figures came about: what was run, on which data, and what each figure means."""

from dataclasses import dataclass

from gridbid.evaluate.kpis import KPIS
from gridbid.evaluate.report.controllers import words
from gridbid.evaluate.report.figures import figure_display
from gridbid.evaluate.report.folder.run import Run

_FACTS = {
    "files": "Data files",
    "draws": "Weather, prices and cars, SHA-256",
    "split": "Split",
    "seed": "Seed",
    "n_slots": "Slots of an episode",
    "prices": "Prices from",
    "sessions": "Charging sessions from",
    "controllers": "Controllers",
    "versions": "Versions",
    "commit": "Commit",
    "created": "Frozen at",
}
_SAID_BEFORE = ("format", "scenario", "weeks", "samples")


@dataclass(frozen=True)
class Definition:
    """A key figure, its unit and its formula in words."""

    label: str
    name: str
    unit: str
    meaning: str


@dataclass(frozen=True)
class Method:
    """Facts as what they are and lines that tell them, and the definitions of all key figures of the run."""

    facts: list[tuple[str, list[str]]]
    definitions: list[Definition]


def method(run: Run) -> Method:
    """The section of a run; older runs have no manifest, and few facts."""
    present = {name for figures in run.summary.controllers.values() for name in figures}
    facts = [
        (_FACTS.get(name, words(name)), _lines(value))
        for name, value in run.summary.manifest.items()
        if name not in _SAID_BEFORE
    ]
    return Method(
        facts=[(what, lines) for what, lines in facts if lines],
        definitions=[
            Definition(figure_display(kpi.name).label, kpi.name, kpi.unit, kpi.meaning)
            for kpi in KPIS
            if kpi.name in present
        ],
    )


def _lines(value: object) -> list[str]:
    """A value of the manifest, told in a line for each of its items; nothing where there is nothing to tell."""
    items = value if isinstance(value, list) and any(isinstance(item, dict) for item in value) else [value]
    return [told for item in items if (told := _told(item))]


def _told(value: object) -> str:
    if isinstance(value, dict):
        return _object(value)
    if isinstance(value, list):
        return ", ".join(_told(item) for item in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _object(value: dict[str, object]) -> str:
    """Names and values; of a file its part and its hash, which say which one it is; nothing that the name says already."""
    if "sha256" in value:
        return f"{value.get('part', value.get('path', ''))}: {value['sha256']}"
    parts = {name: told for name, item in value.items() if (told := _told(item))}
    name = parts.pop("name", "")
    rest = [f"{part.replace('_', ' ')}\u00a0{told}" for part, told in parts.items() if told != name]
    return "; ".join([name, *rest] if name else rest)
