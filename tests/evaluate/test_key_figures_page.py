"""docs/key-figures.md against the registry, and the command that writes it."""

import pytest

from gridbid.evaluate.kpis import KPIS, documentation


def test_the_page_is_up_to_date():
    assert documentation.main(["--check"]) == 0
    assert documentation.PAGE.read_text(encoding="utf-8") == documentation.page()


def test_every_figure_has_one_row():
    rows = documentation.page().splitlines()
    for kpi in KPIS:
        (row,) = (row for row in rows if row.startswith(f"| `{kpi.name}` |"))
        assert row == f"| `{kpi.name}` | {kpi.unit} | {kpi.better} | {kpi.meaning} |"
        assert row.count("|") == 5


def test_a_stale_page_is_told_and_written_anew(tmp_path, monkeypatch, capsys):
    page = tmp_path / "key-figures.md"
    monkeypatch.setattr(documentation, "PAGE", page)
    page.write_text("old", encoding="utf-8")
    assert documentation.main(["--check"]) == 1
    assert "not up to date" in capsys.readouterr().err
    assert page.read_text(encoding="utf-8") == "old"
    assert documentation.main([]) == 0
    assert page.read_text(encoding="utf-8") == documentation.page()
    assert list(tmp_path.iterdir()) == [page]


@pytest.mark.parametrize("subject", documentation.NOTES)
def test_notes_stand_at_subjects_that_there_are(subject):
    assert subject in documentation.SUBJECTS
