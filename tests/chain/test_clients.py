"""The typed clients say what the ABIs say, and speak to contracts that run."""

import dataclasses
import importlib
import inspect

import pytest

from gridbid.chain.artifact import load
from gridbid.chain.client import ContractClient
from gridbid.chain.clients.energy_token import EnergyToken, Minted, Transfer
from gridbid.chain.clients.energy_trading import EnergyTrading, SlotOpened
from gridbid.chain.clients.meter_oracle import MeterOracle
from gridbid.chain.clients.types import Conditions, GridState, OrderRequest, Quality, SeatLimits, Side, Terms
from gridbid.chain.compilation.client_source import ClientSource
from gridbid.chain.compilation.client_types import snake_case
from gridbid.chain.compilation.generate_clients import CLIENT_CONTRACTS, CLIENT_FOLDER, client_texts
from gridbid.chain.compilation.natspec import enums, natspec
from gridbid.chain.errors import SkipError
from gridbid.chain.rpc.node import Signer

TERMS = Terms(retail=300_000, feed_in=78_600, fee=50_000, floor=78_600, price_cap=300_000)


def client_class(contract: str) -> type[ContractClient]:
    return getattr(importlib.import_module(f"gridbid.chain.clients.{snake_case(contract)}"), contract)


def test_the_files_are_what_the_artifacts_make():
    texts = client_texts()
    assert {path: path.read_text() for path in CLIENT_FOLDER.glob("[!_]*.py")} == texts


@pytest.mark.parametrize("contract", CLIENT_CONTRACTS)
def test_every_function_and_event_is_there(contract):
    client, abi = client_class(contract), load(contract).abi
    methods = ClientSource(load(contract), {}).method_names()
    assert len(methods) == sum(entry["type"] == "function" for entry in abi)
    for name, entry in methods.items():
        parameters = inspect.signature(getattr(client, name)).parameters
        sent = entry["stateMutability"] not in ("view", "pure")
        assert len(parameters) == 1 + len(entry["inputs"]) + (2 if sent else 1)
        assert ("by" in parameters) == sent
        assert getattr(client, name).__doc__
    told = {entry["name"]: len(entry["inputs"]) for entry in abi if entry["type"] == "event"}
    assert {event.NAME: len(event.FIELDS) for event in client.EVENTS} == told
    for event in client.EVENTS:
        assert len(dataclasses.fields(event)) == len(event.FIELDS)


def test_names_are_pythons():
    assert [snake_case(name) for name in ("openSlot", "KEEPER_ROLE", "eip712Domain", "from", "tokenURI")] == [
        "open_slot",
        "keeper_role",
        "eip712_domain",
        "from_",
        "token_uri",
    ]


def test_calls_and_events_on_contracts_that_run(market):
    trading = EnergyTrading(market.node, market.deployment.market.address)
    authority = market._authority
    limits = [SeatLimits(1, 2_500, 0, 0), SeatLimits(2, 0, 7_500, 0)]
    receipt = trading.open_slot(10, TERMS, Conditions(640_000, GridState.CONGESTED), limits, by=authority)
    opened = [trading.decode(log) for log in receipt["logs"] if trading.decode(log)]
    assert opened == [SlotOpened(10, *TERMS, 640_000, GridState.CONGESTED)]
    assert opened[0].grid_state is GridState.CONGESTED
    assert trading.terms_of(10) == (TERMS, 2)
    assert trading.terms_of(10).terms.feed_in == 78_600
    seller, buyer = market._signers[2], market._signers[1]
    assert isinstance(seller, Signer)
    trading.place_many([OrderRequest(10, Side.SELL, 20, 2_000, True)], by=seller)
    trading.place(10, Side.BUY, 40, 1_200, True, by=buyer)
    assert trading.best(10).ask == (20, 800)
    assert [order.quantity_wh for order in trading.orders(10, Side.SELL)] == [800]
    assert trading.position_of(10, 1).bought_wh == 1_200
    with pytest.raises(SkipError, match="AlreadyPublished: slot 10"):
        trading.open_slot(10, TERMS, Conditions(0, GridState.NORMAL), [], by=authority)


def test_an_enum_comes_back_as_one(market):
    oracle = MeterOracle(market.node, market.deployment.oracle.address)
    assert oracle.reading_of(1, 10).quality is Quality.NONE


def test_a_log_of_another_contract_or_event_is_none_of_ours(market):
    token = EnergyToken(market.node, market.deployment.token.address)
    reference = b"\x07" * 32
    receipt = token.mint(market._authority.address, 5, reference, by=market._authority)
    told = [token.decode(log) for log in receipt["logs"] if token.decode(log)]
    address = market._authority.address.lower()
    assert told == [Transfer("0x" + "00" * 20, address, 5), Minted(address, 5, reference)]
    log = receipt["logs"][0]
    assert EnergyTrading(market.node, market.deployment.market.address).decode(log) is None
    with pytest.raises(ValueError, match="another event than SlotOpened"):
        SlotOpened.decode(log)


def test_words_are_the_notice_or_else_the_first_ones_for_developers():
    userdoc = {"methods": {"a()": {"notice": "Do\n a."}}, "errors": {"E()": [{"notice": "Bad."}]}}
    devdoc = {"methods": {"a()": {"details": "No."}, "b()": {"details": "Do b. Then rest."}}}
    assert natspec(userdoc, devdoc) == {"E()": "Bad.", "a()": "Do a.", "b()": "Do b."}


def test_enums_are_named_by_their_contract():
    text = "interface I {\n  enum A { X, // not Y\n Z }\n}\ncontract C { }\nabstract contract D {\n    enum A { W }\n}"
    assert enums({"i.sol": text}) == {"D.A": ["W"], "I.A": ["X", "Z"]}
