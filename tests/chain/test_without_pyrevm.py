"""Where pyrevm has no wheel, py-evm takes its place."""

import subprocess
import sys

SCRIPT = """
import sys
sys.modules["pyrevm"] = None
sys.modules["eth_tester"] = None
from gridbid.chain.nodes.embedded import EmbeddedProvider
from gridbid.chain.ledgers.embedded_ledger import EmbeddedLedger
from gridbid.chain.errors import StopError

for make in (EmbeddedProvider, EmbeddedLedger):
    try:
        make()
    except StopError as error:
        print(error)

del sys.modules["eth_tester"]
ledger = EmbeddedLedger()
ledger.deposit(ledger.register(), 7)
print(ledger.node.request("web3_clientVersion"), ledger.balance(1))
"""


def test_py_evm_stands_in_and_without_any_it_is_told_what_to_install():
    ended = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    no_pyrevm, no_evm, on_py_evm = ended.stdout.splitlines()
    assert no_pyrevm == "NoPyrevm: it has no wheel for this platform; choose py-evm or anvil"
    assert no_evm.startswith("NoEvm: neither pyrevm nor py-evm is installed: pip install pyrevm")
    assert on_py_evm == "gridbid/py-evm 7"
