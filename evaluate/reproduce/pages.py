"""The tables of Markdown pages: where each stands, what it says, and how to put another in its place."""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from gridbid.market.errors import InputError

ROOT = Path(__file__).resolve().parents[2]
"""Of the repository; pages are named from here."""

_SILENT = re.compile(r"`[^`]*`|\]\([^)]*\)|<[^>]*>")
"""Code, targets of links and tags: digits in them are no figures."""


class Place(NamedTuple):
    """Where a table stands: page, nearest heading above it, and which of the tables under that heading, from 0."""

    page: str
    heading: str
    nth: int = 0

    def __str__(self) -> str:
        return f"{self.page}, {self.heading!r}" + (f", table {self.nth + 1}" if self.nth else "")


class PageTable(NamedTuple):
    """A table of a page: its lines [first, end) and their text."""

    place: Place
    first: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The table as Markdown."""
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


def tables_of(page: str, text: str) -> list[PageTable]:
    """All tables of a page in their order; what stands in code blocks is none."""
    tables: list[PageTable] = []
    counts: dict[str, int] = {}
    for heading, first, lines in _blocks(text):
        index = counts.get(heading, 0)
        counts[heading] = index + 1
        tables.append(PageTable(Place(page, heading, index), first, tuple(lines)))
    return tables


def find_table(place: Place, text: str) -> PageTable:
    """The table at a place. InputError when the page has none there."""
    for table in tables_of(place.page, text):
        if table.place == place:
            return table
    raise InputError(f"{place}: the page has no such table")


def with_table(place: Place, text: str, table: str) -> str:
    """The page with another table at a place."""
    old = find_table(place, text)
    lines = text.split("\n")
    return "\n".join([*lines[: old.first], *table.split("\n"), *lines[old.first + len(old.lines) :]])


def markdown_table(
    head: Sequence[str], rows: Iterable[Sequence[str]], numbers_from: int | None = None
) -> str:
    """A Markdown table; columns from ``numbers_from`` on are aligned to the right."""
    words = len(head) if numbers_from is None else numbers_from
    rule = ["---"] * words + ["---:"] * (len(head) - words)
    lines = (f"| {' | '.join(cells)} |" for cells in (head, rule, *rows))
    return "\n".join(line.replace("|  ", "| ") for line in lines)


def _blocks(text: str) -> Iterator[tuple[str, int, list[str]]]:
    """(heading, first line, lines) of every run of table lines outside code."""
    heading, in_code, block = "", False, list[str]()
    for number, line in enumerate([*text.split("\n"), ""]):
        if line.startswith("```"):
            in_code = not in_code
        if not in_code and line.startswith("|"):
            block.append(line)
            continue
        if block:
            yield heading, number - len(block), block
            block = []
        if not in_code and line.startswith("#"):
            heading = line.lstrip("# ")
