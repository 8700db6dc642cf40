"""The tables of docs/ against the code, and the command that makes them."""

from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from gridbid.envs.documentation import (
    BEGIN,
    END,
    FIELDS_PAGE,
    SCENARIO_PAGE,
    SCHEMA,
    SECTIONS,
    main,
    pages,
    with_keys,
)
from gridbid.envs.fields import ACTIONS, OBSERVATIONS
from gridbid.envs.specification import Specification
from gridbid.market.errors import InputError

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def folder(tmp_path):
    """A docs/ with a stale page and none for the fields."""
    (tmp_path / SCENARIO_PAGE).write_text(f"before\n\n{BEGIN}\nold\n{END}\n\nafter\n", encoding="utf-8")
    return tmp_path


def test_the_pages_are_up_to_date():
    assert [path.name for path, text in pages(DOCS).items() if path.read_text(encoding="utf-8") != text] == []


def test_every_field_has_its_row():
    page = (DOCS / FIELDS_PAGE).read_text(encoding="utf-8")
    for field in (*OBSERVATIONS, *ACTIONS):
        rows = [line for line in page.splitlines() if line.startswith(f"| `{field.name}` |")]
        assert [row for row in rows if row.endswith(f"| {field.meaning} |")], field.name


def sections_of(kind):
    """A dataclass of the schema and all those inside it."""
    found = [kind]
    for hint in get_type_hints(kind).values():
        inner = [hint, *get_args(hint)]
        found += [one for part in inner if is_dataclass(part) for one in sections_of(part)]
    return found


def test_every_section_of_the_schema_is_on_the_page():
    assert {kind for _, kind in SECTIONS} == set(sections_of(Specification))


@pytest.mark.parametrize(("title", "kind"), SECTIONS, ids=[kind.__name__ for _, kind in SECTIONS])
def test_every_key_has_a_row_with_a_meaning(title, kind):
    page = (DOCS / SCENARIO_PAGE).read_text(encoding="utf-8")
    section = page.split(f"### {title}\n")[1].split("\n###")[0].split(END)[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("| `")]
    assert [row[0].strip().strip("`") for row in rows] == [field.name for field in fields(kind)]
    assert all(row[1].strip() and row[3].strip() and row[4].strip() for row in rows)


def test_what_may_be_left_out_has_a_default_and_the_rest_is_required():
    page = (DOCS / SCENARIO_PAGE).read_text(encoding="utf-8")
    assert "| `rounds` | whole number, at least 1 and at most 60 |  | `1` |" in page
    assert "| `tick_size_neur_per_wh` | whole number, at least 1 | nEUR/Wh | `2000` |" in page
    assert "| `capacity_kwh` | number, at least 0 | kWh | required | Usable capacity. |" in page
    assert "| `heat_pump` | section |  | absent |" in page


def test_stale_pages_are_told_and_written(folder, capsys):
    assert main(["--check", str(folder)]) == 1
    assert FIELDS_PAGE in capsys.readouterr().err
    assert not (folder / FIELDS_PAGE).exists()
    assert main([str(folder)]) == 0
    assert main(["--check", str(folder)]) == 0


def test_what_stands_around_the_keys_is_kept(folder):
    main([str(folder)])
    page = (folder / SCENARIO_PAGE).read_text(encoding="utf-8")
    assert page.startswith(f"before\n\n{BEGIN}") and page.endswith(f"{END}\n\nafter\n")
    assert "\nold\n" not in page


def test_nothing_but_the_pages_is_left(folder):
    main([str(folder)])
    assert sorted(path.name for path in folder.iterdir()) == sorted([FIELDS_PAGE, SCENARIO_PAGE, SCHEMA])


def test_a_folder_that_is_not_docs_is_named(tmp_path):
    with pytest.raises(InputError, match=SCENARIO_PAGE):
        pages(tmp_path)


def test_a_page_without_marks_is_named():
    with pytest.raises(InputError, match="marks"):
        with_keys(f"{END} {BEGIN}")
