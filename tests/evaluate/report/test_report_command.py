"""One run's page or several side by side, and the Parquet beside it."""

import re

import pyarrow.parquet as pq
import pytest

from gridbid.evaluate.report import write_pages
from gridbid.evaluate.report.folder.node import ReportError
from gridbid.market.errors import InputError


@pytest.fixture
def other_run(sample, tmp_path):
    """A second run, on other weeks and without a learned policy."""

    def change(summary):
        summary["weeks"] = [3, 16]
        del summary["controllers"]["learned"], summary["S"], summary["S_interval"]

    run = tmp_path / "other"
    run.mkdir()
    sample.write_summary(run, change)
    return run


def test_a_report_s_tables_hold_its_figures(whole_run):
    rows = pq.read_table(whole_run / "report.parquet").to_pylist()
    assert {row["table"] for row in rows} == {
        "controllers",
        "claims",
        "members",
        "bills",
        "market",
        "robustness",
        "exploitability",
    }

    def value(table, controller, row, column):
        found = [
            cell["value"]
            for cell in rows
            if (cell["table"], cell["controller"], cell["row"], cell["column"])
            == (table, controller, row, column)
        ]
        assert len(found) == 1
        return found[0]

    assert value("controllers", "learned", "all weeks", "co2_kg") == 2107.3
    assert value("controllers", "rule", "week 20", "j_eur") == pytest.approx(0.2 * 1587.25)
    assert value("robustness", "rule", "price_shock", "j_eur") == pytest.approx(1.2 * 1587.25)
    assert value("exploitability", "learned", "prosumer_0", "zip: gain_ct_per_kwh") == 0.45
    bill = sum(
        cell["value"]
        for cell in rows
        if (cell["table"], cell["controller"], cell["row"]) == ("bills", "rule", "ev_3")
    )
    assert bill == pytest.approx(value("members", "rule", "ev_3", "bill_eur"))


def test_a_page_and_its_tables_go_into_the_run_s_folder_or_where_they_are_told(other_run, tmp_path):
    assert write_pages([other_run]) == (other_run / "report.html", other_run / "report.parquet")
    page, tables = write_pages([other_run], tmp_path / "deep" / "one.html")
    assert (page, tables) == (tmp_path / "deep" / "one.html", tmp_path / "deep" / "one.parquet")
    assert page.read_bytes() == (other_run / "report.html").read_bytes()


def test_runs_stand_side_by_side(sample, whole_run, other_run, tmp_path):
    page, tables = write_pages([whole_run, other_run], tmp_path / "both.html")
    shown = sample.read(page)
    assert re.findall(r'<th scope="col">(demo|other)</th>', shown.source)[:2] == ["demo", "other"]
    assert "Learned has a score of 0.66 (95 % interval 0.61 to 0.70)" in shown.text
    assert "These runs don’t share their weeks: compare scores with care" in shown.text
    rung = re.search(r'<th scope="row">Learned</th>(.*?)</tr>', shown.source, re.DOTALL)[1]
    assert re.findall(r"<td>\s*(1.410|–)", rung) == ["1\u202f410", "–"]
    assert "0 in 1342 trades" in shown.text
    assert {row["run"] for row in pq.read_table(tables).to_pylist()} == {"demo", "other"}
    assert not {tag for tag, _ in shown.tags} & {"script", "link", "img", "iframe"}


def test_runs_on_the_same_ground_say_so(sample, whole_run, tmp_path):
    twin = tmp_path / "twin"
    twin.mkdir()
    sample.write_summary(twin)
    page, _ = write_pages([whole_run, twin], tmp_path / "both.html")
    assert "All runs met the same scenario, weeks, prices and cars" in sample.read(page).text


def test_no_run_or_the_same_twice_is_refused(whole_run):
    with pytest.raises(InputError, match="runs: none; expected at least one folder"):
        write_pages([])
    with pytest.raises(InputError, match="expected at least one folder, and each once"):
        write_pages([whole_run, whole_run / ".." / whole_run.name])


def test_a_run_without_a_summary_leaves_no_page(sample, whole_run, tmp_path):
    with pytest.raises(ReportError, match=r"summary\.json is missing"):
        write_pages([whole_run, tmp_path], tmp_path / "both.html")
    assert list(tmp_path.iterdir()) == []
