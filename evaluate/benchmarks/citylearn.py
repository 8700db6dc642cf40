"""CityLearn as a yardstick: in a virtual environment of its own, since it pins old packages, and as a process of its own.

Its wheel asks for torch, torchvision, openstudio and doe_xstock, which its environment never imports: so it is installed
without what it asks for, beside the few packages that the environment does import.
"""

import subprocess
import sys
import tempfile
import venv
from types import TracebackType
from typing import Self

from gridbid.evaluate.benchmarks import citylearn_steps
from gridbid.evaluate.benchmarks.yardsticks import Unavailable, cache_folder

VERSION = "3.0.2"
_IMPORTED = (
    "numpy==1.26.4",
    "gymnasium==0.28.1",
    "pandas==2.3.3",
    "scikit-learn<1.6",
    "pyyaml",
    "simplejson",
    "platformdirs",
    "requests",
)
_MINUTES = 60


class CityLearn:
    """A running environment of ``n_buildings`` with battery and PV; Unavailable where it can't be had."""

    def __init__(self, n_buildings: int) -> None:
        self.n_buildings = n_buildings
        python = _python()
        self._folder = tempfile.TemporaryDirectory()
        self._process = subprocess.Popen(
            [python, "-I", citylearn_steps.__file__, self._folder.name, str(n_buildings)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            self._answer()
        except Unavailable:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def step(self, n_steps: int) -> float:
        """CPU nanoseconds an agent-step, over so many steps."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{n_steps}\n")
        self._process.stdin.flush()
        return self._answer() * 1e9 / (n_steps * self.n_buildings)

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()
        self._folder.cleanup()

    def _answer(self) -> float:
        assert self._process.stdout is not None and self._process.stderr is not None
        for line in self._process.stdout:
            if line.startswith("seconds "):
                return float(line.split()[1])
        reason = (self._process.stderr.read().strip() or "it ended").splitlines()[-1]
        raise Unavailable(f"CityLearn {VERSION} doesn't run: {reason}")


def _python() -> str:
    """Python of CityLearn's virtual environment, which is made on first use."""
    folder = cache_folder() / f"citylearn-{VERSION}-{sys.version_info.major}.{sys.version_info.minor}"
    ready, python = folder / ".ready", str(folder / "bin" / "python")
    if not ready.exists():
        venv.create(folder, clear=True, symlinks=True, with_pip=True)
        _install(python, "--no-deps", f"citylearn=={VERSION}")
        _install(python, *_IMPORTED)
        ready.touch()
    return python


def _install(python: str, *arguments: str) -> None:
    command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10 * _MINUTES)
    except subprocess.TimeoutExpired as slow:
        raise Unavailable(f"CityLearn {VERSION} can't be installed: pip takes too long") from slow
    if done.returncode != 0:
        reason = (done.stderr.strip() or "pip failed").splitlines()[-1]
        raise Unavailable(f"CityLearn {VERSION} can't be installed: {reason}")
