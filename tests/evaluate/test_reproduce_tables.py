"""The tables of reproduced results: every row holds, the page shows them, the command tells when not."""

from pathlib import Path

import pytest

from gridbid.evaluate.reproduce.rows import Section, at_least, at_most, exactly, markdown, near
from gridbid.evaluate.reproduce.tables import BEGIN, END, SECTIONS, as_markdown, main, reproduce, with_tables
from gridbid.market.errors import InputError

ROOT = Path(__file__).parents[2]
HEAD = "| what | ours | theirs | accepted | source |\n| --- | --- | --- | --- | --- |\n"

GOOD = Section("Good", lambda: [near("one", 1.004, 1.0, 0.01, "a book")], "tests/test_one.py")
BAD = Section("Bad", lambda: [exactly("two", 3.0, 2.0, "arithmetic")], "tests/test_two.py")


@pytest.fixture(scope="module")
def results():
    return reproduce()


@pytest.fixture
def page(tmp_path):
    path = tmp_path / "page.md"
    path.write_text(f"before\n\n{BEGIN}\nold\n{END}\n\nafter\n", encoding="utf-8")
    return path


def test_every_result_is_reproduced(results):
    assert [row for result in results for row in result.rows if not row.holds] == []


def test_the_page_shows_what_the_code_gives(results):
    page = (ROOT / "docs" / "validation.md").read_text(encoding="utf-8")
    assert with_tables(page, as_markdown(results)) == page


def test_sections_have_rows_a_title_of_their_own_and_a_test(results):
    assert len({section.title for section in SECTIONS}) == len(SECTIONS) > 0
    for section, rows in results:
        assert len({row.name for row in rows}) == len(rows) > 0
        assert (ROOT / section.test).is_file()
        assert all(row.source for row in rows)


@pytest.mark.parametrize(
    ("row", "line", "holds"),
    [
        (near("a", 0.96434, 0.9629, 0.004, "s"), "| a | 0.9643 | 0.9629 | 0.9589 to 0.9669 | s |", True),
        (near("a", 0.9671, 0.9629, 0.004, "s"), "| a | 0.9671 | 0.9629 | 0.9589 to 0.9669 | s |", False),
        (exactly("b", 5, 5, "s"), "| b | 5 | 5 | exactly this | s |", True),
        (exactly("b", 0.0, 1e-9, "s"), "| b | 0 | 1e-09 | exactly this | s |", False),
        (
            at_least("c", 0.99998, "0.97 to 1", 0.97, "s"),
            "| c | 1.000 | 0.97 to 1 | at least 0.97 | s |",
            True,
        ),
        (at_least("c", 0.9, 1.0, 0.97, "s"), "| c | 0.9000 | 1 | at least 0.97 | s |", False),
        (at_most("d", 1.455, 1.2, 3.0, "s"), "| d | 1.455 | 1.2 | at most 3 | s |", True),
        (at_most("d", float("nan"), 1.2, 3.0, "s"), "| d | nan | 1.2 | at most 3 | s |", False),
    ],
)
def test_a_row_says_what_is_accepted_and_whether_it_holds(row, line, holds):
    assert markdown([row]) == HEAD + line
    assert row.holds == holds


def test_the_command_prints_the_tables(capsys):
    assert main([], [GOOD]) == 0
    assert capsys.readouterr().out == (
        f"### Good\n\n{HEAD}| one | 1.004 | 1 | 0.99 to 1.01 | a book |\n\n"
        "Test: [`tests/test_one.py`](../tests/test_one.py)\n"
    )


def test_a_result_that_is_not_reproduced_is_named(capsys):
    assert main([], [GOOD, BAD]) == 1
    assert capsys.readouterr().err == "two: 3.0 is not exactly this (2.0)\n"


def test_a_stale_page_is_told_and_written(page, capsys):
    assert main(["--check", str(page)], [GOOD]) == 1
    assert "not up to date" in capsys.readouterr().err
    assert main([str(page)], [GOOD]) == 0
    assert main(["--check", str(page)], [GOOD]) == 0
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"before\n\n{BEGIN}\n\n### Good\n") and text.endswith(f"\n\n{END}\n\nafter\n")


def test_a_page_that_is_not_there_or_has_no_marks_is_named(tmp_path, capsys):
    with pytest.raises(SystemExit):
        main([str(tmp_path / "none.md")], [GOOD])
    assert "none.md is not a file" in capsys.readouterr().err
    with pytest.raises(InputError, match="marks"):
        with_tables(f"{END} {BEGIN}", "text")
