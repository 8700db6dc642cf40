"""A reproduced result: our figure beside theirs, and what is accepted."""

import math
from collections.abc import Callable, Iterable
from typing import NamedTuple


class Row(NamedTuple):
    """One figure, ours beside the published one; it holds when ours lies within ``least`` and ``most``.

    ``published`` is text where a source gives a range or words.
    """

    name: str
    ours: float
    published: float | str
    least: float
    most: float
    source: str

    @property
    def holds(self) -> bool:
        """Whether our figure is one that is accepted."""
        return self.least <= self.ours <= self.most

    @property
    def accepted(self) -> str:
        """The accepted interval in words."""
        if self.least == self.most:
            return "exactly this"
        if math.isinf(self.most):
            return f"at least {_shown(self.least)}"
        if math.isinf(self.least):
            return f"at most {_shown(self.most)}"
        return f"{_shown(self.least)} to {_shown(self.most)}"


class Section(NamedTuple):
    """Rows of one subject, with the test that holds them."""

    title: str
    rows: Callable[[], list[Row]]
    test: str
    """Path of the test file, from the repository's root."""


def near(name: str, ours: float, published: float, tolerance: float, source: str) -> Row:
    """Accepted within ``tolerance`` of the published figure."""
    return Row(name, float(ours), published, published - tolerance, published + tolerance, source)


def exactly(name: str, ours: float, published: float, source: str) -> Row:
    """Accepted if equal, to the last bit."""
    return Row(name, float(ours), published, published, published, source)


def at_least(name: str, ours: float, published: float | str, bound: float, source: str) -> Row:
    """Accepted from ``bound`` upwards."""
    return Row(name, float(ours), published, bound, math.inf, source)


def at_most(name: str, ours: float, published: float | str, bound: float, source: str) -> Row:
    """Accepted up to ``bound``."""
    return Row(name, float(ours), published, -math.inf, bound, source)


def markdown(rows: Iterable[Row]) -> str:
    """The rows as a Markdown table."""
    lines = ["| what | ours | theirs | accepted | source |", "| --- | --- | --- | --- | --- |"]
    lines += [
        f"| {row.name} | {_measured(row.ours)} | {_shown(row.published)} | {row.accepted} | {row.source} |"
        for row in rows
    ]
    return "\n".join(lines)


def _measured(figure: float) -> str:
    """Four digits, zeros too, unless it is a whole number: 1.000 is nearly one, 1 is one."""
    return f"{figure:.0f}" if figure.is_integer() else f"{figure:#.4g}"


def _shown(figure: float | str) -> str:
    return figure if isinstance(figure, str) else f"{figure:.4g}"
