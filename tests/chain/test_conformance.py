"""The same on every chain and over every connection: pyrevm and py-evm in the process or served, and anvil."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from eth_account import Account
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak
from web3 import Web3
from web3.providers.base import JSONBaseProvider

from gridbid.chain.deployment.deploy import deploy
from gridbid.chain.deployment.deployment import Deployment
from gridbid.chain.deployment.governance import operations
from gridbid.chain.deployment.parameters import Governance, MarketParameters
from gridbid.chain.errors import LedgerError, RetryError, StopError
from gridbid.chain.ledgers.contract_ledger import ContractLedger, ParticipantKeys
from gridbid.chain.ledgers.events import Event
from gridbid.chain.ledgers.ledger import OrderRequest
from gridbid.chain.nodes.accounts import DEVELOPMENT_BALANCE_WEI, development_accounts
from gridbid.chain.nodes.anvil import AnvilOptions, start_anvil
from gridbid.chain.nodes.backend import Backend, open_provider
from gridbid.chain.nodes.server import ChainServer
from gridbid.chain.rpc.node import Node, Patience, Signer
from gridbid.chain.rpc.transport import WebSocketProvider, provider_at
from gridbid.market.types import Reject, Side, Terms

GENESIS_SECONDS = 1_900_000_000
SLOT_SECONDS = 900
SLOT = GENESIS_SECONDS // SLOT_SECONDS + 8
TERMS = Terms(retail=400_000, feed_in=80_000, fee=50_000, floor=80_000, price_cap=500_000)
CONNECTIONS = ("embedded", "embedded http", "embedded ws", "py-evm", "py-evm ws", "anvil http", "anvil ws")
ONE_EACH = ("embedded", "py-evm", "anvil http")
FAILING_CODE = "0x6012600c60003960126000f3" + "63deadbeef60e01b60005260046000fd" + "0000"
"""A contract that reverts with the four bytes deadbeef, whatever it is asked."""


@dataclass
class Chain:
    """A chain with the contracts on it, through one connection."""

    node: Node
    deployment: Deployment

    def ask(self, method: str, *params: Any) -> Any:
        return self.node.request(method, *params)

    def travel(self, seconds: int) -> None:
        """Have the next block be of that time, and make it."""
        self.ask("evm_setNextBlockTimestamp", hex(seconds))
        self.ask("evm_mine")


@pytest.fixture(scope="module")
def opened() -> Iterator[Callable[[str], Chain]]:
    """Starts each chain once, when it is first asked for, and puts the contracts on it."""
    with ExitStack() as stack:

        @cache
        def backend(name: str) -> tuple[JSONBaseProvider | None, str, str]:
            """The provider in the process, and the URLs."""
            if name == "anvil":
                anvil = start_anvil(AnvilOptions(genesis_seconds=GENESIS_SECONDS))
                stack.callback(anvil.stop)
                return None, anvil.http_url, anvil.ws_url
            provider = open_provider(Backend(name), GENESIS_SECONDS)
            server = stack.enter_context(ChainServer(provider))
            return provider, server.http_url, server.ws_url

        @cache
        def deployment(name: str) -> Deployment:
            provider, http_url, _ = backend(name)
            web3 = Web3(provider or provider_at(http_url))
            owner, deployer = development_accounts()[:2]
            return deploy(
                Node(web3, patience=Patience(poll_seconds=0.005)),
                deployer,
                MarketParameters(SLOT_SECONDS, ring_size=16),
                Governance.by_one(owner.address),
            )

        @cache
        def connection(name: str) -> Chain:
            kind, _, transport = name.partition(" ")
            provider, http_url, ws_url = backend(kind)
            web3 = Web3(provider_at({"http": http_url, "ws": ws_url}[transport]) if transport else provider)
            if isinstance(web3.provider, WebSocketProvider):
                stack.callback(web3.provider.close)
            return Chain(Node(web3, patience=Patience(poll_seconds=0.005)), deployment(kind))

        yield connection


@pytest.fixture(params=CONNECTIONS)
def chain(request: pytest.FixtureRequest, opened: Callable[[str], Chain]) -> Iterator[Chain]:
    """A chain that is afterwards as it was before."""
    chain = opened(request.param)
    snapshot = chain.ask("evm_snapshot")
    yield chain
    assert chain.ask("evm_revert", snapshot) is True


@pytest.fixture
def each(opened: Callable[[str], Chain]) -> Iterator[list[Chain]]:
    """One of each kind, all as they were before afterwards."""
    chains = [opened(name) for name in ONE_EACH]
    snapshots = [chain.ask("evm_snapshot") for chain in chains]
    yield chains
    for chain, snapshot in zip(chains, snapshots, strict=True):
        assert chain.ask("evm_revert", snapshot) is True


class Market(ContractLedger):
    """A ledger whose participants' accounts and time are the test's own; it holds the operators' Safe."""

    def __init__(self, chain: Chain) -> None:
        owner = development_accounts()[0]
        authority = operations(chain.node, chain.deployment, [owner])
        super().__init__(chain.node, chain.deployment, authority=authority)
        self.chain = chain

    def advance_to(self, seconds: int) -> None:
        self.chain.travel(seconds)

    def deposit(self, participant: int, amount_neur: int) -> None:
        account = self._signer(participant).address
        self._require_authority().transact(self.deployment.token, "mint", account, amount_neur, bytes(32))
        super().deposit(participant, amount_neur)

    def _new_keys(self) -> ParticipantKeys:
        number = len(self._signers)
        return ParticipantKeys(development_accounts()[2 + number], development_accounts()[7 + number])


def play(market: Market) -> tuple[list[Event], list[Any]]:
    """A short story of the market: its events, and all that is read on the way and at the end."""
    for _ in range(2):
        market.deposit(market.register(), 10 * 10**9)
    market.publish(SLOT, TERMS, {1: 5_000, 2: 5_000}, {1: 5_000, 2: 5_000})
    ask = market.place(SLOT, 1, Side.SELL, 100, 300).order
    bids = [OrderRequest(SLOT, Side.BUY, tick, quantity_wh) for tick, quantity_wh in ((120, 200), (90, 50))]
    seen: list[Any] = [market.place_many(2, bids)]
    assert ask is not None
    assert market.reduce(SLOT, 1, ask, 30)
    assert market.cancel(SLOT, 1, ask)
    assert not market.cancel(SLOT, 1, ask)
    assert market.place(SLOT, 2, Side.BUY, 100, 10**6).reject == Reject.ENVELOPE
    seen += [market.book(SLOT, side) for side in Side]
    market.advance_to(SLOT * SLOT_SECONDS)
    seen.append(market.place(SLOT, 2, Side.BUY, 100, 10).reject)
    assert seen[-1] == Reject.GATE_CLOSED
    market.advance_to((SLOT + 1) * SLOT_SECONDS)
    for participant, reading_wh in ((1, -150), (2, 260)):
        market.submit_reading(SLOT, participant, reading_wh)
        seen.append(market.settle(SLOT, participant))
    for participant in (1, 2):
        seen += [market.balance(participant), market.available(participant)]
        seen.append(market.position(SLOT, participant))
    return market.events().events, [*seen, market.supplier_balance(), market.operator_balance()]


def gas_of_all(chain: Chain) -> list[int]:
    """Gas of each transaction of the whole chain, one after the other."""
    gas = []
    for number in range(int(chain.ask("eth_blockNumber"), 16) + 1):
        block = chain.ask("eth_getBlockByNumber", hex(number), False)
        for name in block["transactions"]:
            gas.append(int(chain.ask("eth_getTransactionReceipt", name)["gasUsed"], 16))
    return gas


def test_the_same_story_ends_the_same_everywhere(each: list[Chain]):
    embedded, py_evm, anvil = (play(Market(chain)) for chain in each)
    assert embedded == py_evm == anvil
    assert [type(event).__name__ for event in embedded[0]] == [
        "Published", "Placed", "Traded", "Placed", "Reduced", "Cancelled", "Settled", "Settled",
    ]  # fmt: skip


def test_two_evms_charge_the_same_gas(each: list[Chain]):
    """The embedded one keeps storage warm between transactions, so it charges less."""
    for chain in each:
        play(Market(chain))
    embedded, py_evm, anvil = map(gas_of_all, each)
    assert py_evm == anvil
    assert len(embedded) == len(anvil)
    assert all(less <= whole for less, whole in zip(embedded, anvil, strict=True))


def test_it_names_itself(chain: Chain):
    assert chain.node.chain_id == int(chain.ask("eth_chainId"), 16) == 31_337
    assert chain.ask("net_version") == "31337"
    assert [name.lower() for name in chain.ask("eth_accounts")] == [
        account.address.lower() for account in development_accounts()
    ]
    assert chain.ask("web3_clientVersion")


def test_blocks_are_found_by_number_and_hash(chain: Chain):
    transfer(chain)
    latest = chain.ask("eth_getBlockByNumber", "latest", False)
    assert chain.ask("eth_getBlockByNumber", latest["number"], False) == latest
    by_hash = chain.ask("eth_getBlockByHash", latest["hash"], True)
    assert by_hash["hash"] == latest["hash"]
    assert [entry["hash"] for entry in by_hash["transactions"]] == latest["transactions"]
    parent = chain.ask("eth_getBlockByNumber", hex(int(latest["number"], 16) - 1), False)
    assert parent["hash"] == latest["parentHash"]
    assert int(parent["timestamp"], 16) <= int(latest["timestamp"], 16)
    assert int(chain.ask("eth_getBlockByNumber", "earliest", False)["number"], 16) == 0
    assert chain.ask("eth_getBlockByNumber", "0xffffff", False) is None
    assert chain.ask("eth_getBlockByHash", "0x" + "11" * 32, False) is None


def transfer(chain: Chain, value_wei: int = 5, **change: Any) -> str:
    """Send ether from account 5 to account 6 in a transaction signed here; return its hash."""
    sender, payee = development_accounts()[5:7]
    transaction = {
        "type": 2,
        "chainId": 31_337,
        "nonce": int(chain.ask("eth_getTransactionCount", sender.address, "latest"), 16),
        "gas": 21_000,
        "to": payee.address,
        "value": value_wei,
        "maxFeePerGas": 10**10,
        "maxPriorityFeePerGas": 0,
        "data": b"",
        **change,
    }
    transaction = {name: value for name, value in transaction.items() if value is not None}
    raw = sender.sign_transaction(transaction).raw_transaction
    name = str(chain.ask("eth_sendRawTransaction", "0x" + bytes(raw).hex()))
    chain.node.receipt(name)
    return name


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({}, 2),
        ({"type": None, "maxFeePerGas": None, "maxPriorityFeePerGas": None, "gasPrice": 10**10}, 0),
    ],
)
def test_both_kinds_of_transactions_leave_a_receipt(chain: Chain, change: dict[str, Any], kind: int):
    sender, payee = development_accounts()[5:7]
    name = transfer(chain, **change)
    receipt, sent = chain.node.receipt(name), chain.ask("eth_getTransactionByHash", name)
    block = chain.ask("eth_getBlockByNumber", "latest", False)
    assert block["transactions"] == [name]
    assert {field: receipt[field] for field in ("transactionHash", "blockHash", "blockNumber")} == {
        "transactionHash": name,
        "blockHash": block["hash"],
        "blockNumber": block["number"],
    }
    numbers = {field: int(receipt[field], 16) for field in ("status", "gasUsed", "cumulativeGasUsed", "type")}
    assert numbers == {"status": 1, "gasUsed": 21_000, "cumulativeGasUsed": 21_000, "type": kind}
    assert (receipt["contractAddress"], receipt["logs"]) == (None, [])
    assert "effectiveGasPrice" in receipt
    assert "logsBloom" in receipt
    assert to_checksum_address(receipt["from"]) == to_checksum_address(sent["from"]) == sender.address
    assert to_checksum_address(receipt["to"]) == to_checksum_address(sent["to"]) == payee.address
    assert (int(sent["value"], 16), sent["input"], int(sent["type"], 16)) == (5, "0x", kind)
    assert int(chain.ask("eth_getBalance", payee.address, "latest"), 16) == DEVELOPMENT_BALANCE_WEI + 5


def test_an_unlocked_account_needs_no_signature(chain: Chain):
    sender, payee = (account.address for account in development_accounts()[5:7])
    name = chain.ask("eth_sendTransaction", {"from": sender, "to": payee, "value": "0x7", "gas": "0x5208"})
    assert int(chain.node.receipt(name)["status"], 16) == 1
    assert int(chain.ask("eth_getBalance", payee, "latest"), 16) == DEVELOPMENT_BALANCE_WEI + 7


def test_a_used_nonce_is_refused(chain: Chain):
    transfer(chain)
    with pytest.raises(RetryError, match="WrongNonce"):
        transfer(chain, nonce=0, value_wei=6)


def test_another_chains_transaction_is_refused(chain: Chain):
    with pytest.raises(LedgerError) as raised:
        transfer(chain, chainId=5)
    assert isinstance(raised.value, StopError)


def test_a_revert_brings_the_contracts_own_error(chain: Chain):
    stranger = Signer(chain.node, development_accounts()[5])
    with pytest.raises(StopError, match=r"AccessControlUnauthorizedAccount: account 0x"):
        stranger.transact(chain.deployment.token, "mint", stranger.address, 1, bytes(32))
    block = chain.ask("eth_getBlockByNumber", "latest", False)
    receipt = chain.ask("eth_getTransactionReceipt", block["transactions"][0])
    assert (int(receipt["status"], 16), receipt["logs"]) == (0, [])


def test_unknown_error_data_are_shown(chain: Chain):
    signer = Signer(chain.node, development_accounts()[5])
    address = signer.deploy(bytes.fromhex(FAILING_CODE[2:]))["contractAddress"]
    with pytest.raises(StopError, match="Unknown: 0xdeadbeef"):
        chain.ask("eth_call", {"to": address, "from": signer.address}, "latest")


def test_an_estimate_suffices(chain: Chain):
    """Of a call that writes new words, and gets nothing back."""
    signer, token = Signer(chain.node, development_accounts()[5]), chain.deployment.token
    data = "0x" + token.encode_call("approve", Account.from_key("0x" + "07" * 32).address, 9).hex()
    request = {"from": signer.address, "to": token.address, "data": data}
    gas = int(chain.ask("eth_estimateGas", request), 16)
    receipt = chain.node.receipt(transfer(chain, 0, to=token.address, data=data, gas=gas))
    assert int(receipt["status"], 16) == 1
    assert int(receipt["gasUsed"], 16) <= gas


def approve(chain: Chain, amounts: list[int]) -> list[dict[str, Any]]:
    """Let account 6 take what account 5 doesn't have; the receipts."""
    signer, spender = Signer(chain.node, development_accounts()[5]), development_accounts()[6]
    return [signer.transact(chain.deployment.token, "approve", spender.address, amount) for amount in amounts]


def amounts_of(logs: list[dict[str, Any]]) -> list[int]:
    return [int(log["data"], 16) for log in logs]


def test_logs_are_found_by_range_address_and_topic(chain: Chain):
    receipts = approve(chain, [1, 2, 3])
    token = chain.deployment.token.address
    first, second, third = (receipt["blockNumber"] for receipt in receipts)
    approval = "0x" + keccak(text="Approval(address,address,uint256)").hex()

    def amounts(**query: Any) -> list[int]:
        return amounts_of(chain.ask("eth_getLogs", {"address": token, **query}))

    assert amounts(fromBlock=first, toBlock="latest", topics=[approval]) == [1, 2, 3]
    assert amounts(fromBlock=second, toBlock=second) == [2]
    assert amounts(blockHash=receipts[2]["blockHash"]) == [3]
    assert amounts(fromBlock=first, toBlock=third, topics=["0x" + "11" * 32]) == []
    assert amounts(fromBlock=first, toBlock=third, topics=[["0x" + "11" * 32, approval]]) == [1, 2, 3]
    owner = "0x" + development_accounts()[5].address[2:].lower().rjust(64, "0")
    assert amounts(fromBlock=first, toBlock=third, topics=[None, owner]) == [1, 2, 3]
    assert chain.ask("eth_getLogs", {"fromBlock": first, "address": "0x" + "22" * 20}) == []
    log = receipts[0]["logs"][0]
    assert (log["transactionHash"], log["removed"]) == (receipts[0]["transactionHash"], False)
    assert (int(log["logIndex"], 16), int(log["transactionIndex"], 16)) == (0, 0)


def changes(chain: Chain, name: str) -> list[Any]:
    """What a filter hands out, once it does: anvil's filters learn of a block after its receipts are there."""
    for _ in range(100):
        if found := chain.ask("eth_getFilterChanges", name):
            return list(found)
        time.sleep(0.05)
    return []


def test_filters_hand_out_what_is_new(chain: Chain):
    logs = chain.ask("eth_newFilter", {"address": chain.deployment.token.address})
    blocks = chain.ask("eth_newBlockFilter")
    receipts = approve(chain, [4])
    assert amounts_of(changes(chain, logs)) == [4]
    assert chain.ask("eth_getFilterChanges", logs) == []
    assert changes(chain, blocks) == [receipts[0]["blockHash"]]
    assert chain.ask("eth_uninstallFilter", logs) is True
    assert chain.ask("eth_uninstallFilter", logs) is False


def test_going_back_undoes_everything(chain: Chain):
    sender, payee = (account.address for account in development_accounts()[5:7])
    snapshot = chain.ask("evm_snapshot")
    height = chain.ask("eth_blockNumber")
    name = transfer(chain)
    assert chain.ask("evm_revert", snapshot) is True
    assert chain.ask("eth_blockNumber") == height
    assert int(chain.ask("eth_getBalance", payee, "latest"), 16) == DEVELOPMENT_BALANCE_WEI
    assert int(chain.ask("eth_getTransactionCount", sender, "latest"), 16) == 0
    assert chain.ask("eth_getTransactionReceipt", name) is None
    assert chain.ask("evm_revert", snapshot) is False


def test_time_is_set(chain: Chain):
    later = int(chain.ask("eth_getBlockByNumber", "latest", False)["timestamp"], 16) + 5_000
    chain.travel(later)
    assert int(chain.ask("eth_getBlockByNumber", "latest", False)["timestamp"], 16) == later
    chain.ask("evm_increaseTime", hex(100))
    chain.ask("evm_mine")
    assert int(chain.ask("eth_getBlockByNumber", "latest", False)["timestamp"], 16) >= later + 100


def test_code_and_storage_are_read(chain: Chain):
    token = chain.deployment.token
    record = chain.deployment.contracts["EnergyToken"]
    code = chain.ask("eth_getCode", token.address, "latest")
    assert "0x" + keccak(hexstr=code).hex() == record.code_hash
    total = int(chain.ask("eth_getStorageAt", token.address, "0x2", "latest"), 16)
    assert total == chain.node.call(token, "totalSupply")[0]


def test_unknown_methods_and_wrong_parameters_have_their_codes(chain: Chain):
    make = chain.node.web3.provider.make_request
    # Over WebSocket anvil takes an unknown method for wrong parameters.
    assert make("eth_nothing", [])["error"]["code"] in (-32_601, -32_602)
    assert make("eth_getBalance", ["nobody", "latest"])["error"]["code"] == -32_602


def test_fees_can_be_suggested(chain: Chain):
    fees = chain.node.suggested_fees(anew=True)
    base_fee_wei = int(chain.ask("eth_getBlockByNumber", "latest", False)["baseFeePerGas"], 16)
    assert fees.max_fee_per_gas_wei >= base_fee_wei >= 0
    assert 0 <= fees.max_priority_fee_per_gas_wei <= fees.max_fee_per_gas_wei


@pytest.mark.parametrize("name", [name for name in CONNECTIONS if name.endswith("ws")])
def test_subscriptions_tell_of_blocks_and_logs(opened: Callable[[str], Chain], name: str):
    chain = opened(name)
    socket = chain.node.web3.provider
    assert isinstance(socket, WebSocketProvider)
    heads = chain.ask("eth_subscribe", "newHeads")
    logs = chain.ask("eth_subscribe", "logs", {"address": chain.deployment.token.address})
    receipts = approve(chain, [7])
    news = [socket.next_news(10.0) for _ in range(2)]
    by_subscription = {entry["subscription"]: entry["result"] for entry in news}
    assert by_subscription[heads]["hash"] == receipts[0]["blockHash"]
    assert amounts_of([by_subscription[logs]]) == [7]
    assert chain.ask("eth_unsubscribe", heads) is True
    assert chain.ask("eth_unsubscribe", logs) is True
    approve(chain, [8])
    with pytest.raises(TimeoutError):
        socket.next_news(0.2)
