"""What a wheel would hold, and what the folders are."""

import tomllib
from importlib.metadata import entry_points
from pathlib import Path

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
FOLDERS = ("market", "chain", "envs", "agents", "evaluate", "train", "cli")


def test_every_package_is_named():
    """A folder that is missing from the list works here and is absent from the wheel."""
    packages = {
        f"gridbid.{'.'.join(path.parent.relative_to(ROOT).parts)}"
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("__init__.py")
    }
    assert packages == set(PROJECT["tool"]["setuptools"]["packages"])


def test_every_folder_says_that_it_is_typed():
    assert all((ROOT / folder / "py.typed").is_file() for folder in FOLDERS)


def test_constraints_pin_what_is_asked_for():
    pinned = {
        line.split("==")[0].lower().replace("_", "-")
        for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
        if "==" in line
    }
    extras = PROJECT["project"]["optional-dependencies"]
    wanted = PROJECT["project"]["dependencies"] + [
        r for name in ("train", "chain", "report", "simbench", "dev") for r in extras[name]
    ]
    names = {requirement.split("[")[0].split(">")[0].split("=")[0].lower() for requirement in wanted}
    assert names <= pinned, sorted(names - pinned)


def test_the_command_is_installed():
    assert [point.value for point in entry_points(group="console_scripts", name="gridbid")] == [
        "gridbid.cli.main:main"
    ]
