"""The contracts pass the tests that are written in Solidity: one a contract of tests, run by forge."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LEAST_NUMBER_OF_TESTS = 100


def test_all_tests_in_solidity_pass() -> None:
    run = subprocess.run(
        [sys.executable, str(ROOT / "tests/solidity/forge.py"), "test", "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    start = run.stdout.find("{")
    assert start >= 0, run.stdout + run.stderr
    results = {
        f"{contract.rpartition(':')[2]}.{name}": result
        for contract, suite in json.loads(run.stdout[start:]).items()
        for name, result in suite["test_results"].items()
    }
    faults = {
        name: result["reason"] or result["counterexample"]
        for name, result in results.items()
        if result["status"] != "Success"
    }
    assert not faults
    assert run.returncode == 0, run.stderr
    assert len(results) >= LEAST_NUMBER_OF_TESTS
