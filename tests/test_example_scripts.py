"""The scripts of examples/ run as they stand, on a tiny budget, and say what they learnt."""

import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
BUDGETS = {
    "pettingzoo_loop.py": ["--timesteps", "12"],
    "gymnasium_loop.py": ["--timesteps", "400"],
    "cleanrl_style_ppo.py": ["--timesteps", "256", "--num-envs", "4", "--slots", "24", "--num-steps", "16"],
    "sb3_ppo.py": ["--timesteps", "128", "--num-envs", "4", "--slots", "16", "--num-steps", "16"],
    "rllib_ppo.py": ["--timesteps", "1", "--slots", "8"],
}
APART = ("rllib_ppo.py",)
"""What starts servers of its own runs in a process of its own."""
FIGURE = r"[+-]\d+\.\d+"


def output_of(name, capsys, monkeypatch):
    script = EXAMPLES / name
    if name in APART:
        command = [sys.executable, str(script), *BUDGETS[name]]
        told = subprocess.run(command, capture_output=True, text=True, check=False)
        assert told.returncode == 0, told.stderr
        return told.stdout
    monkeypatch.setattr(sys, "argv", [str(script), *BUDGETS[name]])
    runpy.run_path(str(script), run_name="__main__")
    return capsys.readouterr().out


def test_every_script_has_a_budget_and_a_line_in_the_readme():
    scripts = {path.name for path in EXAMPLES.glob("*.py")}
    assert scripts == set(BUDGETS)
    readme = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    assert [name for name in scripts if f"[`{name}`]({name})" not in readme] == []


@pytest.mark.parametrize("name", BUDGETS)
def test_a_script_runs_and_says_what_it_learnt(name, capsys, monkeypatch):
    printed = output_of(name, capsys, monkeypatch).splitlines()
    if name == "pettingzoo_loop.py":
        assert [line.split()[0] for line in printed] == ["random", "still", "rule"]
        assert all(len(re.findall(FIGURE, line)) == 4 for line in printed)
    else:
        assert re.match(rf"learned to save {FIGURE} EUR a day ", printed[-1])
        assert any(re.search(rf"\d+ steps  .*{FIGURE} EUR a day", line) for line in printed)


@pytest.mark.parametrize("name", BUDGETS)
def test_a_script_stays_short(name):
    assert len((EXAMPLES / name).read_text(encoding="utf-8").splitlines()) < 200
