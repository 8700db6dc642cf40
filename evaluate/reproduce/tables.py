"""All reproduced results: ``python -m gridbid.evaluate.reproduce [[--check] docs/validation.md]``.

Without a page the tables are printed; with one they are written between its marks, or compared with what stands there. The
exit status is 1 when a result is not reproduced or the page is not up to date. A subject joins by a `Section`.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from gridbid.evaluate.reproduce import adaptive_traders, convergence, grid, mechanisms, zero_intelligence
from gridbid.evaluate.reproduce.rows import Row, Section, markdown
from gridbid.market.errors import InputError

COMMAND = "python -m gridbid.evaluate.reproduce"
BEGIN, END = "<!-- reproduced: begin -->", "<!-- reproduced: end -->"

_TRADERS = "tests/evaluate/test_reproduce_zero_intelligence.py"
_CONVERGENCE = "tests/evaluate/test_reproduce_convergence.py"
_ADAPTIVE = "tests/evaluate/test_reproduce_adaptive_traders.py"

SECTIONS: tuple[Section, ...] = (
    Section("Cliff's symmetric market", zero_intelligence.equilibrium_rows, _TRADERS),
    Section("ZI-C in Cliff's symmetric market", zero_intelligence.symmetric_rows, _TRADERS),
    Section("ZI-C with several units each", zero_intelligence.thick_rows, _TRADERS),
    Section("ZI-U: an exact identity", zero_intelligence.unconstrained_rows, _TRADERS),
    Section("Structure", zero_intelligence.structure_rows, _TRADERS),
    Section("ZIP over ten days", convergence.symmetric_rows, _CONVERGENCE),
    Section("Where zero intelligence is not enough", convergence.asymmetric_rows, _CONVERGENCE),
    Section("GD and AA over ten days", adaptive_traders.symmetric_rows, _ADAPTIVE),
    Section("GD and AA in other markets", adaptive_traders.elsewhere_rows, _ADAPTIVE),
    Section("Truthful, GD and AA: individual rationality", adaptive_traders.rationality_rows, _ADAPTIVE),
    Section("Sealed auctions", mechanisms.auction_rows, "tests/evaluate/test_reproduce_mechanisms.py"),
    Section("Pools", mechanisms.pool_rows, "tests/evaluate/test_reproduce_mechanisms.py"),
    Section("Linear grid model and envelopes", grid.grid_rows, "tests/evaluate/test_reproduce_grid.py"),
)


class Result(NamedTuple):
    """A section and the rows that it gave."""

    section: Section
    rows: list[Row]


def reproduce(sections: Sequence[Section] = SECTIONS) -> list[Result]:
    """Compute every section's rows."""
    return [Result(section, section.rows()) for section in sections]


def as_markdown(results: Sequence[Result]) -> str:
    """The sections as they stand on the page, which is one folder below the root."""
    return "\n\n".join(
        f"### {section.title}\n\n{markdown(rows)}\n\nTest: [`{section.test}`](../{section.test})"
        for section, rows in results
    )


def with_tables(page: str, text: str) -> str:
    """The page with ``text`` between its marks."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise InputError(f"the marks {BEGIN} and {END} are not both there, in this order")
    return f"{before}{BEGIN}\n\n{text}\n\n{END}{after}"


def main(arguments: Sequence[str] | None = None, sections: Sequence[Section] = SECTIONS) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog=COMMAND, description="Reproduce published results and print them.")
    parser.add_argument(
        "--check", action="store_true", help="compare the page with the tables, write nothing"
    )
    parser.add_argument("page", nargs="?", type=Path, help="write the tables into this page instead")
    chosen = parser.parse_args(arguments)
    if chosen.page is not None and not chosen.page.is_file():
        parser.error(f"{chosen.page} is not a file")
    results = reproduce(sections)
    text = as_markdown(results)
    failed = [row for result in results for row in result.rows if not row.holds]
    for row in failed:
        print(f"{row.name}: {row.ours} is not {row.accepted} ({row.published})", file=sys.stderr)
    stale = False
    if chosen.page is None:
        print(text)
    else:
        page = chosen.page.read_text(encoding="utf-8")
        stale = chosen.check and with_tables(page, text) != page
        if stale:
            print(f"{chosen.page} is not up to date; run {COMMAND} {chosen.page}", file=sys.stderr)
        if not chosen.check:
            chosen.page.write_text(with_tables(page, text), encoding="utf-8")
    return 1 if failed or stale else 0
