"""Kernels are compiled anew when any source of the core changes, not only their own file."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import gridbid.market

CALLER = """
from gridbid.market.kernel import kernel
from gridbid.market.rules import unit_lock

@kernel
def lock():
    return unit_lock(0, 10, 5, 0)

print(lock())
"""


def test_a_changed_callee_is_never_served_from_the_cache(tmp_path):
    package = tmp_path / "gridbid" / "market"
    shutil.copytree(
        Path(gridbid.market.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__")
    )
    script = tmp_path / "caller.py"
    script.write_text(CALLER, encoding="utf-8")

    def run():
        # The copy is found first, without the editable install's own finder.
        environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
        hide = f"import sys; sys.meta_path = [f for f in sys.meta_path if 'editable' not in str(f)]; sys.path.insert(0, {str(tmp_path)!r}); "
        told = subprocess.run(
            [sys.executable, "-c", hide + f"import runpy; runpy.run_path({str(script)!r})"],
            capture_output=True, text=True, env=environment, check=True,
        )  # fmt: skip
        return int(told.stdout)

    assert run() == 15
    rules = package / "rules.py"
    rules.write_text(
        rules.read_text(encoding="utf-8").replace("price + fee)", "price + 2 * fee)"), encoding="utf-8"
    )
    assert run() == 20
