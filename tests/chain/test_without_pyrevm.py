"""Where pyrevm has no wheel, py-evm takes its place."""

import subprocess
import sys

SCRIPT = """
import sys
sys.modules["pyrevm"] = None
{without_py_evm}
from gridbid.chain.embedded import EmbeddedProvider
from gridbid.chain.embedded_ledger import EmbeddedLedger
from gridbid.chain.errors import StopError
from gridbid.chain.nodes.backend import default_backend
try:
    EmbeddedProvider()
except StopError as error:
    print(error)
try:
    print(default_backend())
    ledger = EmbeddedLedger()
    ledger.deposit(ledger.register(), 7)
    print(ledger.balance(1))
except StopError as error:
    print(error)
"""


def said(without_py_evm: str = "") -> list[str]:
    script = SCRIPT.format(without_py_evm=without_py_evm)
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return ended.stdout.splitlines()


def test_py_evm_stands_in():
    assert said() == [
        "NoPyrevm: it has no wheel for this platform; choose py-evm or anvil",
        "py-evm",
        "7",
    ]


def test_without_any_it_is_told_what_to_install():
    lines = said('sys.modules["eth_tester"] = None')
    assert lines[1].startswith("NoEvm: neither pyrevm nor py-evm is installed: pip install pyrevm")
