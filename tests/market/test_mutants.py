"""Mutation testing: each fault of mutants.toml, planted in a copy of the core, makes its differential tests fail.

The copy's tests run in a process of their own, with kernels as plain Python, so that a mutant takes a second or two.
"""

import os
import shutil
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

import gridbid.market

HERE = Path(__file__).parent
CATALOGUE = tomllib.loads((HERE / "mutants.toml").read_text(encoding="utf-8"))
MUTANTS = CATALOGUE["mutant"]

PLUGIN = """
import os
from pathlib import Path

import numba.extending
import numpy as np
from hypothesis import Phase, settings


def store(tiles, tile, row, part, vector):
    tiles[tile, row, part] = vector


def scatter(table, row, column, vector):
    table[row : row + 16, column] = vector


def scatter_pairs(table, row, column, first, second):
    table[row : row + 16, column] = np.stack([first, second], axis=-1)


# What a kernel calls beneath Python, in Python; a vector is an array of its lanes.
DOUBLES = {
    "count_leading_zeros": lambda value: 64 - int(value).bit_length(),
    "fill": lambda tiles, number: np.full(16, number, tiles.dtype),
    "load": lambda tiles, tile, row, part: tiles[tile, row, part].copy(),
    "store": store,
    "gather": lambda table, row, column: table[row : row + 16, column].copy(),
    "scatter": scatter,
    "scatter_pairs": scatter_pairs,
    "widen": lambda vector: vector.astype(np.float64),
    "narrow": lambda vector: vector.astype(np.float32),
    "multiply_add": lambda x, y, z: x * y + z,
    "select": np.where,
    "square_root": np.sqrt,
    "to_bits": lambda mask: sum(1 << lane for lane in np.flatnonzero(mask).tolist()),
    "from_bits": lambda bits: np.array([bool(bits >> lane & 1) for lane in range(16)]),
    "lane_of": lambda vector, lane: float(vector[lane]),
}
if os.environ.get("NUMBA_DISABLE_JIT") == "1":
    numba.extending.intrinsic = lambda function: DOUBLES[function.__name__]

import gridbid.market

assert Path(gridbid.market.__file__).is_relative_to(Path(__file__).parent), "not the copy"
settings.register_profile("no shrinking", derandomize=True, deadline=None, phases=[Phase.explicit, Phase.generate])
"""

PASSED, FAILED = 0, 1
"""Exit codes of pytest; others say that it could not run."""


def copy_core(folder: Path) -> Path:
    """A copy of the core that a process with ``folder`` on its path imports; the package's folder."""
    package = folder / "gridbid" / "market"
    original = Path(gridbid.market.__file__).parent
    shutil.copytree(original, package, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "planted.py").write_text(PLUGIN, encoding="utf-8")
    return package


def run_suite(name: str, folder: Path) -> tuple[int, str]:
    """Run a suite on the copy in ``folder``: pytest's exit code, and what it said."""
    suite = CATALOGUE["suites"][name]
    environment = {**os.environ, "PYTHONPATH": str(folder), "HYPOTHESIS_PROFILE": "no shrinking"}
    environment.pop("NUMBA_CACHE_DIR", None)
    environment["NUMBA_DISABLE_JIT"] = "0" if suite.get("compiled") else "1"
    # Numpy's integers warn of the overflow that the random numbers are made of.
    plugins, warnings = ["-p", "planted", "-p", "no:cacheprovider"], ["-W", "ignore::RuntimeWarning"]
    told = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "--tb=line", *plugins, *warnings, *suite["tests"]],
        check=False, cwd=HERE.parents[1], env=environment, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    return told.returncode, told.stdout + told.stderr


@cache
def passes_unmutated(suite: str, folder: Path) -> bool:
    """Whether a suite passes on a copy that nothing was planted in: else its failures would say nothing."""
    code, said = run_suite(suite, folder)
    assert code == PASSED, f"the suite {suite!r} does not pass on a plain copy of the core:\n{said}"
    return True


@pytest.fixture(scope="module")
def plain_copy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plain")
    copy_core(folder)
    return folder


def plant(mutant: dict[str, str], package: Path) -> None:
    path = package / mutant["file"]
    text = path.read_text(encoding="utf-8")
    found = text.count(mutant["old"])
    assert found == 1, (
        f"mutants.toml: {mutant['name']!r}: its old text stands {found} times in {mutant['file']}; it must stand there "
        f"once, so bring it up to date: {mutant['old']!r}"
    )
    path.write_text(text.replace(mutant["old"], mutant["new"]), encoding="utf-8")


@pytest.mark.parametrize(
    "mutant",
    [
        pytest.param(mutant, id=mutant["name"], marks=[] if mutant.get("quick") else [pytest.mark.slow])
        for mutant in MUTANTS
    ],
)
def test_mutant_is_killed(mutant, plain_copy, tmp_path):
    assert passes_unmutated(mutant["suite"], plain_copy)
    plant(mutant, copy_core(tmp_path))
    code, said = run_suite(mutant["suite"], tmp_path)
    assert code == FAILED, f"nobody noticed that {mutant['name']} ({mutant['file']}):\n{said}"


def test_every_mutant_can_be_planted(tmp_path):
    package = copy_core(tmp_path)
    for mutant in MUTANTS:
        original = (package / mutant["file"]).read_text(encoding="utf-8")
        plant(mutant, package)
        (package / mutant["file"]).write_text(original, encoding="utf-8")
    assert len({mutant["name"] for mutant in MUTANTS}) == len(MUTANTS) >= 20
