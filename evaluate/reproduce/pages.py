"""The tables and printed texts of Markdown pages: where each stands, what it says, and how to put another in its place."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from gridbid.market.errors import InputError

ROOT = Path(__file__).resolve().parents[2]
"""Of the repository; pages are named from here."""

_SILENT = re.compile(r"`[^`]*`|\]\([^)]*\)|<[^>]*>")
"""Code, targets of links and tags: digits in them are no figures."""


class Place(NamedTuple):
    """Where a table, or a text in a ```text block, stands: page, nearest heading above it, and which under it, from 0."""

    page: str
    heading: str
    nth: int = 0

    def __str__(self) -> str:
        return f"{self.page}, {self.heading!r}" + (f", number {self.nth + 1}" if self.nth else "")


class Passage(NamedTuple):
    """A table or a printed text of a page: its first line, and its lines."""

    place: Place
    first: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """Its lines as they stand."""
        return "\n".join(self.lines)

    @property
    def has_figures(self) -> bool:
        """Whether a cell below the head has a digit outside code, links and tags."""
        return any(re.search(r"\d", _SILENT.sub("", line)) for line in self.lines[2:])


def page_names(root: Path = ROOT) -> tuple[str, ...]:
    """README and the pages of docs that a user reads; decisions are history."""
    paths = [root / "README.md", *sorted((root / "docs").glob("*.md"))]
    return tuple(path.relative_to(root).as_posix() for path in paths)


def read_page(page: str, root: Path = ROOT) -> str:
    """A page's text. InputError when the program runs without its pages."""
    path = root / page
    if not path.is_file():
        raise InputError(f"{page}: not there; tables are compared in a checkout of the repository")
    return path.read_text(encoding="utf-8")


def tables_of(page: str, text: str) -> list[Passage]:
    """All tables of a page in their order; what stands in code blocks is none."""
    return _numbered(page, _runs_of(text, lambda line, block: not block and line.startswith("|")))


def texts_of(page: str, text: str) -> list[Passage]:
    """All texts of a page that stand in ```text blocks."""
    return _numbered(page, _runs_of(text, lambda line, block: block == "text"))


def find_passage(place: Place, text: str, *, printed: bool = False) -> Passage:
    """The table, or the ``printed`` text, at a place. InputError when the page has none there."""
    for passage in (texts_of if printed else tables_of)(place.page, text):
        if passage.place == place:
            return passage
    raise InputError(f"{place}: the page has no such {'text' if printed else 'table'}")


def with_passage(place: Place, text: str, passage: str, *, printed: bool = False) -> str:
    """The page with another table, or another ``printed`` text, at a place."""
    old = find_passage(place, text, printed=printed)
    lines = text.split("\n")
    return "\n".join([*lines[: old.first], *passage.split("\n"), *lines[old.first + len(old.lines) :]])


def markdown_table(
    head: Sequence[str], rows: Iterable[Sequence[str]], numbers_from: int | None = None
) -> str:
    """A Markdown table; columns from ``numbers_from`` on are aligned to the right."""
    words = len(head) if numbers_from is None else numbers_from
    rule = ["---"] * words + ["---:"] * (len(head) - words)
    lines = (f"| {' | '.join(cells)} |" for cells in (head, rule, *rows))
    return "\n".join(line.replace("|  ", "| ") for line in lines)


def _numbered(page: str, runs: Iterator[tuple[str, int, list[str]]]) -> list[Passage]:
    passages: list[Passage] = []
    counts: dict[str, int] = {}
    for heading, first, lines in runs:
        nth = counts.get(heading, 0)
        counts[heading] = nth + 1
        passages.append(Passage(Place(page, heading, nth), first, tuple(lines)))
    return passages


def _runs_of(text: str, belongs: Callable[[str, str], bool]) -> Iterator[tuple[str, int, list[str]]]:
    """(heading, first line, lines) of every run of lines that belong, by the line and the language of its code block."""
    heading, block, run = "", "", list[str]()
    for number, line in enumerate([*text.split("\n"), ""]):
        fence = line.startswith("```")
        if not fence and belongs(line, block):
            run.append(line)
            continue
        if run:
            yield heading, number - len(run), run
            run = []
        if fence:
            block = "" if block else line[3:] or "code"
        elif not block and line.startswith("#"):
            heading = line.lstrip("# ")
