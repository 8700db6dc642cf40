"""``gridbid reproduce``: any table of the pages from scratch, beside what the page shows."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gridbid.evaluate.reproduce.registry import Entry

EXAMPLES = """
Examples: `gridbid reproduce --list` | `gridbid reproduce mechanisms` | `gridbid reproduce validation --check` |
`gridbid reproduce benchmark-rural`
"""
_DIFFERS = 1


def reproduce(
    table: Annotated[
        list[str] | None, typer.Argument(help="Names, or what they begin with; `all` for all.")
    ] = None,
    list_all: Annotated[
        bool, typer.Option("--list", help="Name every table, with its page and where its figures come from.")
    ] = False,
    check: Annotated[bool, typer.Option("--check", help="Say only what differs from the pages.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Put what is computed into the pages.")] = False,
    pages: Annotated[
        Path | None, typer.Option(help="A checkout with the pages; the program's own by default.")
    ] = None,
) -> None:
    """Compute tables of the pages anew and compare them with what the pages show; exit code 1 when one differs.

    Tables of measured speed depend on the machine: their command is named, and nothing is compared.
    """
    from gridbid.evaluate.reproduce.pages import ROOT
    from gridbid.evaluate.reproduce.registry import find_entries, tables

    if list_all or not table:
        _list(tables())
        return
    entries = tables() if table == ["all"] else [entry for name in table for entry in find_entries(name)]
    root = pages or ROOT
    same = {entry.name: _compare(entry, root, quiet=check, write=write) for entry in entries}
    differ = [name for name, is_same in same.items() if not is_same]
    if differ:
        typer.echo(f"differ: {', '.join(differ)}", err=True)
        raise typer.Exit(_DIFFERS)


def _list(entries: "tuple[Entry, ...]") -> None:
    for entry in entries:
        how = "not compared" if entry.compute is None else f"compared {_closeness(entry)}"
        facts = ", ".join(fact for fact in (entry.place.page, how, entry.takes) if fact)
        typer.echo(f"{entry.name}\n    {facts}\n    {entry.command}")


def _closeness(entry: "Entry") -> str:
    return f"within {entry.relative:.1%}" if entry.relative else "to the letter"


def _compare(entry: "Entry", root: Path, *, quiet: bool, write: bool) -> bool:
    """Show the table, and whether the page shows the same; a page that is written does."""
    from gridbid.evaluate.reproduce.registry import compare_entry, write_entry

    if entry.compute is None:
        typer.echo(f"{entry.name}: measured, not compared: {entry.command}")
        return True
    ours, faults = compare_entry(entry, root)
    if not quiet:
        typer.echo(f"{entry.name} ({entry.place})\n\n{ours}\n")
    if faults and write:
        write_entry(entry, ours, root)
        typer.echo(f"{entry.name}: written into {entry.place.page}")
        return True
    for fault in faults:
        typer.echo(f"{entry.name}: {fault}", err=True)
    if not faults:
        typer.echo(f"{entry.name}: as the page shows it, {_closeness(entry)}")
    return not faults
