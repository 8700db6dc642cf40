"""A chain in the process goes on where its log ends."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from web3 import Web3

from gridbid.chain.artifact import load
from gridbid.chain.deployment.deploy import MarketParameters, deploy
from gridbid.chain.errors import StopError
from gridbid.chain.nodes.accounts import development_accounts
from gridbid.chain.nodes.embedded import EmbeddedProvider
from gridbid.chain.rpc.node import Node

Opener = Callable[..., EmbeddedProvider]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "chain.log"


@pytest.fixture
def opened(log: Path) -> Iterator[Opener]:
    """Makes a provider over the log; all are closed at the end."""
    providers: list[EmbeddedProvider] = []

    def opener(**options: Any) -> EmbeddedProvider:
        providers.append(EmbeddedProvider(log=log, **options))
        return providers[-1]

    yield opener
    for provider in providers:
        provider.close()


def everything(provider: EmbeddedProvider) -> tuple[object, ...]:
    """All that a chain's history tells."""
    history = provider.chain.history
    return history.blocks, history.transactions, history.receipts, history.logs, provider.chain.now


def test_the_whole_history_comes_back(opened: Opener):
    first = opened(now=1_000)
    web3 = Web3(first)
    deployment = deploy(Node(web3), development_accounts()[0], MarketParameters(ring_size=4))
    payer, payee = web3.eth.accounts[:2]
    web3.eth.send_transaction({"from": payer, "to": payee, "value": 5})
    first.make_request("evm_increaseTime", [60])
    snapshot = first.make_request("evm_snapshot", [])["result"]
    web3.eth.send_transaction({"from": payer, "to": payee, "value": 7})
    first.make_request("evm_revert", [snapshot])
    first.make_request("evm_mine", [])
    first.make_request("anvil_setBalance", [payee, hex(99)])
    first.close()

    second = opened()
    assert everything(second) == everything(first)
    assert second.chain.balance(payee) == 99
    token = Web3(second).eth.contract(deployment.token.address, abi=load("EnergyToken").abi)
    assert token.functions.symbol().call()
    second.make_request("evm_mine", [])
    second.close()
    third = opened()
    assert everything(third) == everything(second)


def test_only_what_changes_the_chain_is_written(opened: Opener, log: Path):
    provider = opened()
    provider.make_request("eth_blockNumber", [])
    provider.make_request("eth_sendRawTransaction", ["0x02"])
    assert len(log.read_text().splitlines()) == 1


def test_a_line_that_breaks_off_is_left_out_and_said(
    opened: Opener, log: Path, caplog: pytest.LogCaptureFixture
):
    provider = opened()
    provider.make_request("evm_mine", [])
    provider.make_request("evm_mine", [])
    provider.close()
    content = log.read_bytes()
    log.write_bytes(content[:-4])
    again = opened()
    assert "the last line breaks off" in caplog.text
    assert again.chain.height == 1
    again.make_request("evm_mine", [])
    assert log.read_bytes() == content


def test_a_chain_has_one_writer(opened: Opener):
    opened()
    with pytest.raises(StopError, match=r"LogInUse: .*another process"):
        opened()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"chain_id": 5}, "OtherLog: .*chain_id is 5, not 31337"),
        ({"version": 2}, "OtherLog: .*version is 2, not 1"),
        ({"format": "diary"}, "BadLog: .*is no log of a chain"),
    ],
)
def test_another_chains_log_is_refused(opened: Opener, log: Path, change: dict[str, object], message: str):
    opened().close()
    log.write_text(json.dumps({**json.loads(log.read_text()), **change}) + "\n")
    with pytest.raises(StopError, match=message):
        opened()


@pytest.mark.parametrize("line", ["{", "{}", '[1, "evm_mine"]'])
def test_a_broken_line_in_the_middle_stops(opened: Opener, log: Path, line: str):
    opened().close()
    log.write_text(log.read_text() + line + "\n")
    with pytest.raises(StopError, match=r"BadLog: .*line 2"):
        opened()


def test_time_runs_on_by_the_clock(opened: Opener):
    wall = [5_000.0]
    provider = opened(clock=lambda: wall[0])
    provider.make_request("evm_mine", [])
    wall[0] = 5_010.5
    provider.make_request("evm_mine", [])
    provider.make_request("evm_increaseTime", [100])
    wall[0] = 5_020.0
    provider.make_request("evm_mine", [])
    times = [int(block["timestamp"], 16) for block in provider.chain.history.blocks]
    assert times == [5_000, 5_000, 5_010, 5_120]
    provider.close()
    again = opened(clock=lambda: wall[0])
    assert everything(again) == everything(provider)
