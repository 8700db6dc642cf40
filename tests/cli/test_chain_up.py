"""`gridbid chain up` serves a chain until it is interrupted, and goes on with it the next time."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from web3 import Web3

from gridbid.chain.rpc.node import Node
from gridbid.chain.rpc.transport import provider_at


@contextmanager
def chain_up(*options: str | Path) -> Iterator[tuple[Node, str]]:
    """A node on the chain that the command serves, and what the command has said by then."""
    command = [sys.executable, "-m", "gridbid.cli", "chain", "up", "--port", "0", *map(str, options)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        said = ""
        while "until Ctrl-C" not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
        try:
            url = re.search(r"http://127\.0\.0\.1:\d+", said)
            assert url is not None
            yield Node(Web3(provider_at(url[0]))), said
        finally:
            process.send_signal(signal.SIGINT)
            said = process.stdout.read()
            assert process.wait() == 0
            assert said.startswith("Stopped")


@pytest.mark.parametrize("backend", ["embedded", "anvil"])
def test_it_goes_on_where_it_stopped(tmp_path: Path, backend: str):
    state, deployment = tmp_path / "chain.state", tmp_path / "deployment.json"
    options = ("--backend", backend, "--state", state, "--deploy", deployment)
    with chain_up(*options) as (node, said):
        assert "Chain 31337, by" in said
        assert "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266" in said
        assert deployment.exists()
        height = int(node.request("eth_blockNumber"), 16)
        assert height > 10
    with chain_up(*options) as (node, said):
        assert "The contracts of" in said
        assert int(node.request("eth_blockNumber"), 16) == height


def test_py_evm_keeps_no_state(tmp_path: Path):
    command = [sys.executable, "-m", "gridbid.cli", "chain", "up", "--port", "0", "--backend", "py-evm"]
    ended = subprocess.run([*command, "--state", tmp_path / "x"], capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "NoLog: py-evm keeps no log" in ended.stderr
