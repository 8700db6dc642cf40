"""The faces in a virtual environment of their own: the newest Gymnasium and PettingZoo, without Ray and torch."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("market", "chain", "envs", "agents", "evaluate", "train", "cli")
NEWEST = ("gymnasium", "pettingzoo")
CHECKS = (
    "test_aec.py",
    "test_parallel_env.py",
    "test_registration.py",
    "test_single_policy.py",
    "test_vector.py",
)
VERSIONS = """
import importlib.util, gymnasium, pettingzoo
assert not importlib.util.find_spec("ray") and not importlib.util.find_spec("torch")
print(gymnasium.__version__, pettingzoo.__version__)
"""


def run(*command, path=None):
    """Run a command outside of this interpreter's environment; fail with all that it printed."""
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    settings = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}
    if path is not None:
        settings["PYTHONPATH"] = str(path)
    done = subprocess.run(
        [str(part) for part in command],
        env=kept | settings,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def link_packages(folder):
    """A folder that ``gridbid`` is imported from: links to this tree's."""
    package = folder / "gridbid"
    package.mkdir(parents=True)
    for name in FOLDERS:
        (package / name).symlink_to(ROOT / name)
    return folder


def requirements(folder):
    """What a plain install brings and the tests need, with the project's constraints but for what is to be newest."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    constraints = folder / "constraints.txt"
    lines = (ROOT / "constraints.txt").read_text().splitlines(keepends=True)
    constraints.write_text("".join(line for line in lines if not line.lower().startswith(NEWEST)))
    return ["-c", constraints, *project["dependencies"], "pytest", "hypothesis"]


@pytest.mark.slow
def test_the_faces_fit_the_newest_gymnasium_and_pettingzoo(tmp_path):
    run(sys.executable, "-m", "venv", tmp_path / "venv")
    python = tmp_path / "venv" / "bin" / "python"
    run(python, "-m", "pip", "install", "-q", "--upgrade", *requirements(tmp_path))
    packages = link_packages(tmp_path / "packages")
    gymnasium, _ = run(python, "-W", "ignore", "-c", VERSIONS).split()
    assert tuple(map(int, gymnasium.split(".")[:2])) >= (1, 3)
    checks = [ROOT / "tests" / "envs" / name for name in CHECKS]
    told = run(python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *checks, path=packages)
    assert " passed" in told and "failed" not in told
