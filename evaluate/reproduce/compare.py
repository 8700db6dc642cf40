"""Compares a table with the page's, cell by cell: words to the letter, numbers within a relative tolerance."""

import math
import re
from collections.abc import Collection
from itertools import zip_longest

_NUMBER = re.compile(r"(?<![\w.])[-−]?(?:\d{1,3}(?: \d{3})+|\d+)?(?:\.\d+)?(?:e[-+]?\d+)?(?![\w])")


def differences(ours: str, shown: str, relative: float = 0.0, measured: Collection[str] = ()) -> list[str]:
    """What differs between two Markdown tables, a line each; empty when nothing does.

    With ``relative`` 0 cells are compared to the letter. Columns with a head in ``measured`` are not compared.
    """
    faults = []
    head = _cells(ours.split("\n")[0])
    for number, (mine, theirs) in enumerate(zip_longest(ours.split("\n"), shown.split("\n"), fillvalue="")):
        if number == 1:
            continue
        left, right = _cells(mine), _cells(theirs)
        if len(left) != len(right):
            faults.append(f"line {number + 1}: {mine or 'nothing'}\n  the page: {theirs or 'nothing'}")
            continue
        faults += [
            f"{left[0]}, {head[column]}: {one}, the page shows {other}"
            for column, (one, other) in enumerate(zip(left, right, strict=True))
            if not _same(one, other, relative) and head[column] not in measured
        ]
    return faults


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def _same(ours: str, shown: str, relative: float) -> bool:
    if ours == shown:
        return True
    if relative == 0.0:
        return False
    words = [_NUMBER.sub(_blank, cell) for cell in (ours, shown)]
    mine, theirs = (_numbers(cell) for cell in (ours, shown))
    return (
        words[0] == words[1]
        and len(mine) == len(theirs)
        and all(math.isclose(one, other, rel_tol=relative) for one, other in zip(mine, theirs, strict=True))
    )


def _blank(found: re.Match[str]) -> str:
    return "#" if found.group() else ""


def _numbers(cell: str) -> list[float]:
    found = (match.group() for match in _NUMBER.finditer(cell))
    return [float(text.replace(" ", "").replace("−", "-")) for text in found if re.search(r"\d", text)]
