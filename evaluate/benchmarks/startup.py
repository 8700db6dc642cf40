"""How long a process takes until it trades: importing the core, and the first steps with compiled kernels at hand."""

import os
import statistics
import subprocess
import sys

from gridbid.evaluate.benchmarks.measure import BLOCKS, Measure

IMPORT_LIMIT_S, FIRST_STEP_LIMIT_S = 0.4, 0.6

_TIMED = """
import time
{prepare}
begin = time.process_time()
{timed}
print(time.process_time() - begin)
"""
_PREPARE_ENGINE = """
import numpy as np
from gridbid.market.engine import Engine
from gridbid.market.naive.communities import random_community
from gridbid.market.types import Control
community = random_community(np.random.default_rng(0), n=20, n_buses=10)
share, controls = np.full((4, 20), 0.5), np.zeros((4, 20, len(Control)))
"""
# The second step is the first that delivers: only then has every kernel run.
_FIRST_STEPS = """
engine = Engine(community, 4)
engine.reset(200, 4)
for _ in range(2):
    engine.step(share, share, share, controls)
"""
_IMPORT_NUMBA = _TIMED.format(prepare="", timed="import numba")
_IMPORT_ENGINE = _TIMED.format(prepare="", timed="import gridbid.market.engine")
_FIRST_STEP = _TIMED.format(prepare=_PREPARE_ENGINE, timed=_FIRST_STEPS)


def startup_measures() -> list[Measure]:
    """Import and first step, each beside something of its own kind and beside the seconds that it may take."""
    numba_s, import_s, step_s = _medians([_IMPORT_NUMBA, _IMPORT_ENGINE, _FIRST_STEP])
    return [
        _measure("import gridbid.market.engine (beside import numba)", import_s, numba_s, None),
        _measure("import gridbid.market.engine (beside its limit)", import_s, IMPORT_LIMIT_S, 1.0),
        _measure("first step, warm cache (beside import gridbid.market.engine)", step_s, import_s, None),
        _measure("first step, warm cache (beside its limit)", step_s, FIRST_STEP_LIMIT_S, 1.0),
    ]


def _measure(name: str, ours_s: float, yardstick_s: float, reach: float | None) -> Measure:
    return Measure(name, ours_s, yardstick_s, "s", yardstick_s / ours_s, reach)


def _medians(scripts: list[str]) -> list[float]:
    """Seconds of CPU that each script says it took, medians of several processes, in turn after one to warm up."""
    for script in scripts:
        _run(script)
    rounds = [[_run(script) for script in scripts] for _ in range(BLOCKS)]
    return [statistics.median(taken) for taken in zip(*rounds, strict=True)]


def _run(script: str) -> float:
    # With Python's own compiled files, which any process but one told otherwise keeps.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=environment
    )
    return float(told.stdout)
