"""Anvil starts, keeps what it is told to keep, and ends with whoever started it."""

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from web3 import HTTPProvider, Web3

from gridbid.chain.errors import StopError
from gridbid.chain.nodes.anvil import AnvilOptions, running_anvil, start_anvil


def connected(url: str) -> Web3:
    return Web3(HTTPProvider(url))


def is_reachable(port: int) -> bool:
    with socket.socket() as connection:
        connection.settimeout(1.0)
        return connection.connect_ex(("127.0.0.1", port)) == 0


def test_it_answers_and_stops():
    with running_anvil(AnvilOptions(chain_id=4_242, genesis_seconds=1_000)) as node:
        web3 = connected(node.http_url)
        assert (node.chain_id, web3.eth.chain_id) == (4_242, 4_242)
        assert web3.eth.get_block(0)["timestamp"] == 1_000
        assert node.is_running
    assert not node.is_running
    assert not is_reachable(node.port)


def test_a_state_file_carries_the_chain_over(tmp_path: Path):
    options = AnvilOptions(state_file=tmp_path / "state.json")
    with running_anvil(options) as node:
        web3 = connected(node.http_url)
        payer, payee = web3.eth.accounts[:2]
        name = web3.eth.send_transaction({"from": payer, "to": payee, "value": 7})
        paid_wei = web3.eth.get_balance(payee)
    with running_anvil(options) as node:
        web3 = connected(node.http_url)
        assert web3.eth.get_balance(payee) == paid_wei
        assert web3.eth.get_transaction_receipt(name)["blockNumber"] == 1


def test_it_ends_with_the_process_that_started_it():
    killed = "import os, signal; from gridbid.chain.nodes.anvil import start_anvil\n"
    killed += "print(start_anvil().port, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    ended = subprocess.run([sys.executable, "-c", killed], capture_output=True, text=True, check=False)
    assert ended.returncode == -signal.SIGKILL
    port = int(ended.stdout)
    deadline = time.monotonic() + 10.0
    while is_reachable(port):
        assert time.monotonic() < deadline, "anvil outlived its starter"
        time.sleep(0.05)


def test_what_it_refuses_is_said():
    with pytest.raises(StopError, match=r"AnvilFailed: .*nonsense"):
        start_anvil(AnvilOptions(hardfork="nonsense"))


def test_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    from gridbid.chain.nodes import anvil

    (tmp_path / "node_modules").mkdir()
    monkeypatch.setattr(anvil, "_PACKAGES", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StopError, match=r"NoAnvil: .*install Foundry"):
        start_anvil()
