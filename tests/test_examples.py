"""The examples of docs/examples run as they stand, and the pages that quote them quote them to the letter."""

import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "docs" / "examples"
QUOTED_IN = {
    "researcher.py": "README.md",
    "engineer.py": "README.md",
    "community_operator.py": "README.md",
    "cheapest_hours.py": "docs/add-a-policy.md",
}
DETERMINED = ("community_operator.py", "cheapest_hours.py", "engineer.py")
"""What these print is shown as well."""


def test_every_example_is_quoted():
    assert {path.name for path in EXAMPLES.glob("*.py")} == set(QUOTED_IN)


@pytest.mark.parametrize("name", QUOTED_IN)
def test_a_page_quotes_the_example_verbatim(name):
    page = (ROOT / QUOTED_IN[name]).read_text(encoding="utf-8")
    assert f"```python\n{(EXAMPLES / name).read_text(encoding='utf-8')}```\n" in page


@pytest.mark.parametrize("name", QUOTED_IN)
def test_an_example_runs_and_prints(name, capsys):
    runpy.run_path(str(EXAMPLES / name), run_name="__main__")
    printed = capsys.readouterr().out
    assert printed.strip()
    if name in DETERMINED:
        assert f"```text\n{printed}```\n" in (ROOT / QUOTED_IN[name]).read_text(encoding="utf-8")
