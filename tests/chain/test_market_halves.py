"""EnergyTrading stands in two codes: they share one storage, and show one face."""

import pytest
from eth_account import Account
from eth_utils.abi import function_abi_to_4byte_selector
from eth_utils.address import to_checksum_address

from gridbid.chain.artifact import load
from gridbid.chain.errors import RetryError, StopError
from gridbid.chain.ledgers.embedded_ledger import EmbeddedLedger
from gridbid.chain.rpc.interface import Interface
from gridbid.chain.rpc.node import Signer


def selectors(name: str) -> set[bytes]:
    return {function_abi_to_4byte_selector(entry) for entry in load(name).abi if entry["type"] == "function"}  # type: ignore[arg-type]  # an ABI entry, by its type field


def extension_of(market: EmbeddedLedger) -> Interface:
    address = market.node.call(market.market, "extension")[0]
    return Interface("EnergyTradingExtension", to_checksum_address(address))


def test_both_halves_lay_out_storage_alike():
    market, extension = load("EnergyTrading").storage_layout, load("EnergyTradingExtension").storage_layout
    assert market == extension
    assert len(market["storage"]) > 5
    assert [field["label"] for field in market["struct Slots.Seat"]] == ["terms", "position", "excess"]


def test_the_market_answers_to_all_that_its_extension_does():
    functions = [entry["name"] for entry in load("EnergyTrading").abi if entry["type"] == "function"]
    assert selectors("EnergyTradingExtension") < selectors("EnergyTrading")
    assert {"place", "settle", "termsOf", "withdraw"} <= set(functions)
    assert len(functions) == len(set(functions)) == len(selectors("EnergyTrading"))


def test_what_is_fixed_is_the_same_in_both(market: EmbeddedLedger):
    extension = extension_of(market)
    for name in ("slotSeconds", "tickSize", "ringSize", "token", "registration"):
        assert market.node.call(market.market, name) == market.node.call(extension, name)


def test_a_function_that_is_in_neither_half_is_refused_by_its_selector(market: EmbeddedLedger):
    with pytest.raises(StopError, match="UnknownFunction: selector 0xdeadbeef"):
        market.node.request("eth_call", {"to": market.market.address, "data": "0xdeadbeef00"}, "latest")


def test_a_call_of_nothing_is_refused(market: EmbeddedLedger):
    with pytest.raises(StopError, match="UnknownFunction"):
        market.node.request("eth_call", {"to": market.market.address, "data": "0x"}, "latest")


def test_the_extension_alone_is_paused_and_has_no_roles(market: EmbeddedLedger):
    extension = extension_of(market)
    stranger = Signer(market.node, Account.create())
    with pytest.raises(RetryError, match="EnforcedPause"):
        stranger.transact(extension, "deposit", 1, 0)
    for function in ("pause", "unpause"):
        with pytest.raises(StopError, match="AccessControlUnauthorizedAccount"):
            market._require_authority().transact(extension, function)
