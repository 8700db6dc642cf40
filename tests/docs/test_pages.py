"""What the pages say: their examples run, their figures are right, their links lead somewhere."""

import doctest
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)\s]*)?\)|<img src=\"([^\"]+)\"")


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def with_session() -> list[Path]:
    return [page for page in PAGES if ">>> " in page.read_text(encoding="utf-8")]


@pytest.mark.parametrize("page", with_session(), ids=named)
def test_sessions_print_what_the_page_shows(page):
    outcome = doctest.testfile(str(page), module_relative=False, encoding="utf-8", verbose=False)
    assert outcome.attempted > 0
    assert outcome.failed == 0


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_somewhere(page):
    targets = [first or second for first, second in LINK.findall(page.read_text(encoding="utf-8"))]
    local = [target for target in targets if "://" not in target]
    assert [target for target in local if not (page.parent / target).exists()] == []


def test_every_decision_is_listed_once_and_has_its_three_parts():
    folder = ROOT / "docs" / "decisions"
    listed = LINK.findall((folder / "README.md").read_text(encoding="utf-8"))
    decisions = sorted(page.name for page in folder.glob("[0-9]*.md"))
    assert [first for first, _ in listed] == decisions
    for name in decisions:
        text = (folder / name).read_text(encoding="utf-8")
        assert [
            part for part in ("**Context.**", "**Decision.**", "**Consequence.**") if part not in text
        ] == []


def test_every_page_is_reached_from_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    pages = [f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md")] + ["docs/decisions/"]
    assert [page for page in pages if f"({page}" not in readme] == []
