"""Every table of figures in the pages is named and, where the program can, computed anew; differences are told and mended."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gridbid.evaluate.reproduce import benchmark
from gridbid.evaluate.reproduce.compare import differences
from gridbid.evaluate.reproduce.pages import (
    Place,
    find_passage,
    markdown_table,
    page_names,
    read_page,
    tables_of,
    with_passage,
)
from gridbid.evaluate.reproduce.registry import (
    BY_HAND,
    DEFINITIONS,
    WRITTEN_BY_CODE,
    compare_entry,
    find_entries,
    slug,
    tables,
)
from gridbid.market.errors import InputError

ROOT = Path(__file__).parents[2]
TABLE = "| what | figure |\n| --- | ---: |\n| one | 1.00 |\n| `two` | 16 608 of 209 952 |"


def tables_with_figures():
    return [
        table.place
        for page in page_names()
        if page not in WRITTEN_BY_CODE
        for table in tables_of(page, read_page(page))
        if table.has_figures
    ]


def gridbid(*arguments, cwd):
    command = [sys.executable, "-m", "gridbid.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)


# --- the pages and the registry


def test_every_table_of_figures_is_named_and_says_where_its_figures_come_from():
    named = [entry.place for entry in tables() if not entry.printed]
    found = tables_with_figures()
    assert [str(place) for place in found if place not in (*named, *DEFINITIONS)] == []
    assert [str(place) for place in (*named, *DEFINITIONS) if place not in found] == []
    assert len(set(named)) == len(named)
    assert not set(named) & set(DEFINITIONS)


def test_every_printed_text_that_is_named_is_there():
    for entry in tables():
        if entry.printed:
            assert find_passage(entry.place, read_page(entry.place.page), printed=True).lines


def test_commands_of_tables_are_commands():
    known = (
        r"gridbid reproduce [a-z0-9-]+",
        r"gridbid bench \w+( --size full)?",
        r"gridbid demo",
        BY_HAND,
        r"pytest -m '.*' (tests/\S+\.py ?)+",
    )
    for entry in tables():
        assert any(re.fullmatch(form, entry.command) for form in known), entry.command
        for test in re.findall(r"tests/\S+\.py", entry.command):
            assert (ROOT / test).is_file()
        assert (entry.compute is None) == (entry.command != f"gridbid reproduce {entry.name}")


@pytest.mark.parametrize(
    "name", ["mechanisms", "envelopes", "validation-pools", "benchmark-tasks", "readme-operator"]
)
def test_a_page_shows_what_is_computed(name):
    (entry,) = find_entries(name)
    assert compare_entry(entry)[1] == []


def test_a_group_is_named_by_what_its_names_begin_with():
    assert len(find_entries("gaming")) == 3
    assert [entry.name for entry in find_entries("mechanisms")] == ["mechanisms"]
    with pytest.raises(InputError, match=r"nonsense.*mechanisms"):
        find_entries("nonsense")


def test_a_measured_table_is_not_computed():
    with pytest.raises(InputError, match="gridbid bench core"):
        compare_entry(find_entries("speed-book")[0])


# --- the benchmark's page


def test_the_benchmark_page_is_what_its_results_say():
    assert benchmark.main(["--check"]) == 0


def test_the_benchmark_page_has_a_section_for_every_task():
    results = benchmark.kept_results()
    assert list(results) == ["tiny", "rural", "suburb", "village", "town"]
    for place, table in benchmark.places().items():
        assert find_passage(place, read_page(place.page)).text == table


def test_kept_results_are_of_the_frozen_suite_and_their_scores_of_their_weeks():
    suite = benchmark.load_suite()
    frozen = {task.name: task for task in suite.tasks}
    for name, result in benchmark.kept_results().items():
        assert (result.suite, result.suite_sha256) == (suite.version, suite.sha256)
        assert result.task == frozen[name]
        j = {controller: sum(played.j_eur) for controller, played in result.controllers.items()}
        for controller, played in result.controllers.items():
            assert len(played.j_eur) == len(result.task.weeks)
            scored = (j["rule"] - j[controller]) / (j["rule"] - j["optimum"])
            assert played.s.estimate == pytest.approx(scored, abs=1e-5)


@pytest.mark.slow
def test_a_kept_result_is_reproduced():
    for kind in benchmark.KINDS:
        (entry,) = find_entries(f"benchmark-tiny-{kind}")
        assert compare_entry(entry)[1] == []


# --- tables of a page


def test_tables_are_found_by_heading_and_order_and_not_in_code():
    text = f"# One\n\n{TABLE}\n\nwords\n\n{TABLE}\n\n```text\n# no heading\n| no | table |\n```\n\n## Two `x`\n\n{TABLE}"
    assert [table.place for table in tables_of("page", text)] == [
        Place("page", "One"),
        Place("page", "One", 1),
        Place("page", "Two `x`"),
    ]
    assert find_passage(Place("page", "One", 1), text).text == TABLE
    assert find_passage(Place("page", "One"), text, printed=True).lines == ("# no heading", "| no | table |")
    with pytest.raises(InputError, match=r"page, 'Three'.*no such table"):
        find_passage(Place("page", "Three"), text)
    with pytest.raises(InputError, match=r"page, 'Two `x`'.*no such text"):
        find_passage(Place("page", "Two `x`"), text, printed=True)


@pytest.mark.parametrize(
    ("cell", "has_figures"),
    [("1.5", True), ("half a dozen", False), ("`x1`", False), ("[a](b-2.md)", False), ("10⁻⁹", True)],
)
def test_a_figure_is_a_digit_outside_code_and_links(cell, has_figures):
    (table,) = tables_of("page", f"| head 1 |\n| --- |\n| {cell} |")
    assert table.has_figures == has_figures


def test_a_table_is_put_in_its_place_and_nothing_else_changes():
    other = TABLE.replace("1.00", "2.00") + "\n| more | 3 |"
    text = f"before\n\n{TABLE}\n\nafter\n\n{TABLE}\n"
    assert with_passage(Place("page", "", 1), text, other) == f"before\n\n{TABLE}\n\nafter\n\n{other}\n"
    assert with_passage(Place("page", ""), text, TABLE) == text


def test_a_table_is_written_as_the_pages_have_it():
    assert markdown_table(("what", "figure"), [("one", "1.00"), ("", "2")], numbers_from=1) == (
        "| what | figure |\n| --- | ---: |\n| one | 1.00 |\n| | 2 |"
    )


# --- what differs


@pytest.mark.parametrize(
    ("ours", "relative", "told"),
    [
        (TABLE, 0.0, []),
        (TABLE.replace("1.00", "1.01"), 0.0, ["one, figure: 1.01, the page shows 1.00"]),
        (TABLE.replace("1.00", "1.01"), 0.02, []),
        (TABLE.replace("1.00", "1.03"), 0.02, ["one, figure: 1.03, the page shows 1.00"]),
        (TABLE.replace("16 608", "16 609"), 0.001, []),
        (
            TABLE.replace("16 608", "26 608"),
            0.001,
            ["`two`, figure: 26 608 of 209 952, the page shows 16 608 of 209 952"],
        ),
        (
            TABLE.replace(" of ", " in "),
            0.5,
            ["`two`, figure: 16 608 in 209 952, the page shows 16 608 of 209 952"],
        ),
        (TABLE.replace("one", "uno"), 0.5, ["uno, what: uno, the page shows one"]),
        (TABLE.replace("1.00", "-1.00"), 0.5, ["one, figure: -1.00, the page shows 1.00"]),
        (TABLE + "\n| three | 3 |", 0.5, ["line 5: | three | 3 |\n  the page: nothing"]),
        (TABLE.replace("figure", "number"), 0.5, ["what, number: number, the page shows figure"]),
    ],
)
def test_differences_are_named_by_row_and_column(ours, relative, told):
    assert differences(ours, TABLE, relative) == told


def test_measured_columns_are_not_compared():
    assert differences(TABLE.replace("1.00", "9.00"), TABLE, measured=("figure",)) == []
    assert differences(TABLE.replace("one", "uno"), TABLE, measured=("figure",)) != []


@pytest.mark.parametrize(
    ("ours", "shown", "same"),
    [
        ("0.40 [0.37, 0.43]", "0.401 [0.37, 0.43]", True),
        ("0.40 [0.37, 0.43]", "0.40", False),
        (".654 .929", ".653 .929", True),
        ("−2.1", "-2.1", True),
        ("1e-9", "1.001e-9", True),
        ("h2o", "h3o", False),
        ("", "0", False),
    ],
)
def test_numbers_in_cells_are_compared_one_by_one(ours, shown, same):
    head = "| a |\n| --- |\n"
    assert (differences(f"{head}| {ours} |", f"{head}| {shown} |", 0.01) == []) == same


def test_a_title_makes_a_name():
    assert slug("Cliff's symmetric market: α, 2 of 3") == "cliffs-symmetric-market-2-of-3"


# --- the command


@pytest.fixture
def checkout(tmp_path):
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    return tmp_path


def test_the_command_finds_a_changed_figure_and_mends_it(checkout):
    page = checkout / "docs" / "validation.md"
    right = page.read_text(encoding="utf-8")
    page.write_text(
        right.replace("| 23.06 | 23.06 | 23.06 to", "| 24.06 | 23.06 | 23.06 to"), encoding="utf-8"
    )
    told = gridbid("reproduce", "validation-pools", "--check", "--pages", str(checkout), cwd=checkout)
    assert told.returncode == 1
    assert "buyers pay, ours: 23.06, the page shows 24.06" in told.stderr
    told = gridbid("reproduce", "validation-pools", "--write", "--pages", str(checkout), cwd=checkout)
    assert told.returncode == 0, told.stderr
    assert page.read_text(encoding="utf-8") == right


def test_the_command_shows_tables_and_names_what_is_measured(tmp_path):
    told = gridbid("reproduce", "validation-pools", "speed-book", cwd=tmp_path)
    assert told.returncode == 0, told.stderr
    assert "| mid-market rate, 30 for 50 kWh: buyers pay | 30.40 |" in told.stdout
    assert "speed-book: measured, not compared: gridbid bench core" in told.stdout


def test_the_command_lists_all_tables(tmp_path):
    told = gridbid("reproduce", "--list", cwd=tmp_path)
    assert told.returncode == 0
    assert [entry.name for entry in tables() if entry.name not in told.stdout] == []
    refused = gridbid("reproduce", "nonsense", cwd=tmp_path)
    assert refused.returncode == 2
    assert refused.stderr.startswith("gridbid: ")
