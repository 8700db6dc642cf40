"""Acting as a Safe: what its owners sign is what the contract asks for, and the contract's own error is told."""

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak
from web3 import Web3

from gridbid.chain.deployment.deploy import deploy
from gridbid.chain.deployment.deployment import Deployment
from gridbid.chain.deployment.governance import operations
from gridbid.chain.deployment.parameters import Governance
from gridbid.chain.deployment.safe import ZERO_ADDRESS, SafeTransaction
from gridbid.chain.errors import StopError
from gridbid.chain.ledgers.embedded_ledger import EmbeddedLedger
from gridbid.chain.nodes.embedded import EmbeddedProvider
from gridbid.chain.rpc.node import Node, Signer
from gridbid.market.errors import InputError
from gridbid.market.types import Terms

OWNERS = [Account.from_key(keccak(text=f"owner {number}")) for number in range(3)]
TERMS = Terms(retail=400_000, feed_in=80_000, fee=50_000, floor=80_000, price_cap=500_000)
TREASURER_CALL = ("mint", "0x" + "11" * 20, 5, bytes(32))


@pytest.fixture
def node() -> Node:
    return Node(Web3(EmbeddedProvider(1_000)))


@pytest.fixture
def deployment(node: Node) -> Deployment:
    """Both Safes belong to three owners, of whom two must sign."""
    addresses = tuple(owner.address for owner in OWNERS)
    return deploy(node, Account.create(), governance=Governance(addresses, 2, addresses, 2))


def digest_by_typed_data(transaction: SafeTransaction, chain_id: int, safe: str) -> bytes:
    """The same by eth_account's EIP-712."""
    kinds = {
        "to": "address",
        "data": "bytes",
        "operation": "uint8",
        "gasToken": "address",
        "refundReceiver": "address",
    }
    names = [
        "to",
        "value",
        "data",
        "operation",
        "safeTxGas",
        "baseGas",
        "gasPrice",
        "gasToken",
        "refundReceiver",
        "nonce",
    ]
    message = dict.fromkeys(names, 0) | {
        "to": transaction.to,
        "data": transaction.data,
        "nonce": transaction.nonce,
        "gasToken": ZERO_ADDRESS,
        "refundReceiver": ZERO_ADDRESS,
    }
    signable = encode_typed_data(
        {"chainId": chain_id, "verifyingContract": safe},
        {"SafeTx": [{"name": name, "type": kinds.get(name, "uint256")} for name in names]},
        message,
    )
    return keccak(b"\x19" + signable.version + signable.header + signable.body)


@pytest.mark.parametrize("nonce", [0, 7, 2**64])
def test_what_is_signed_is_what_the_contract_asks_for(node: Node, deployment: Deployment, nonce: int):
    safe = deployment.operations
    transaction = SafeTransaction("0x" + "ab" * 20, b"\x01\x02\x03", nonce)
    digest = transaction.digest(node.chain_id, safe.address)
    fields = (transaction.to, 0, transaction.data, 0, 0, 0, 0, ZERO_ADDRESS, ZERO_ADDRESS, nonce)
    assert node.call(safe, "getTransactionHash", *fields) == (digest,)
    assert digest_by_typed_data(transaction, node.chain_id, safe.address) == digest


@pytest.mark.parametrize("signers", [OWNERS[:2], OWNERS[1:], OWNERS[::-1], OWNERS])
def test_enough_owners_act_in_whatever_order(node: Node, deployment: Deployment, signers: list[LocalAccount]):
    account = operations(node, deployment, signers)
    for _ in range(2):
        account.transact(deployment.token, *TREASURER_CALL)
    assert node.call(deployment.token, "totalSupply") == (10,)
    assert node.call(deployment.operations, "nonce") == (2,)


def test_too_few_owners_are_told(node: Node, deployment: Deployment):
    for signers in (OWNERS[:1], [OWNERS[0], OWNERS[0]]):
        with pytest.raises(StopError, match=r"TooFewOwners: .* needs 2 signatures"):
            operations(node, deployment, signers)


def test_strangers_are_told(node: Node, deployment: Deployment):
    stranger = Account.create()
    with pytest.raises(StopError, match=f"NotAnOwner: {stranger.address}"):
        operations(node, deployment, [OWNERS[0], stranger])


def test_the_contracts_own_error_is_told_and_nothing_is_sent(node: Node, deployment: Deployment):
    account = operations(node, deployment, OWNERS)
    height = node.latest_block()["number"]
    with pytest.raises(StopError, match="ERC20InvalidReceiver"):
        account.transact(deployment.token, "mint", ZERO_ADDRESS, 5, bytes(32))
    with pytest.raises(StopError, match="ZeroAddress"):
        account.transact(deployment.registration, "register", ZERO_ADDRESS, ZERO_ADDRESS)
    with pytest.raises(StopError, match="AccessControlUnauthorizedAccount: account 0x"):
        account.transact(deployment.token, "setSupplyCap", 5)
    assert node.latest_block()["number"] == height


def test_a_signature_is_good_once(node: Node, deployment: Deployment):
    """A bystander sends the owners' signatures again: the Safe's count has gone on."""
    account = operations(node, deployment, OWNERS)
    receipt = account.transact(deployment.token, *TREASURER_CALL)
    sent = node.request("eth_getTransactionByHash", receipt["transactionHash"])["input"]
    request = {"from": Account.create().address, "to": account.address, "data": sent}
    with pytest.raises(StopError, match="Error: GS026"):
        node.request("eth_call", request, "latest")


def test_an_owner_alone_is_not_the_safe(node: Node, deployment: Deployment):
    """What an owner sends in its own name is not the Safe's."""
    with pytest.raises(StopError, match="AccessControlUnauthorizedAccount"):
        Signer(node, OWNERS[0]).transact(deployment.token, *TREASURER_CALL)


def test_who_may_do_it_anyway_needs_no_safe(market: EmbeddedLedger):
    market.publish(1, TERMS, {1: 5}, {})
    market.advance_to(1_800)
    market.submit_reading(1, 1, 0)
    nonce = market.node.call(market.deployment.operations, "nonce")
    market.settle(1, 1)
    assert market.node.call(market.deployment.operations, "nonce") == nonce


def test_owners_and_thresholds_are_checked_before():
    with pytest.raises(InputError) as raised:
        Governance(("0x12",), 2, (), 0, delay_seconds=-1)
    for fault in (
        "owners holds '0x12'",
        "threshold is 2",
        "operations_threshold is 0",
        "delay_seconds is -1",
    ):
        assert fault in str(raised.value)
    twice = (OWNERS[0].address, OWNERS[0].address.lower())
    with pytest.raises(InputError, match="owners names an account twice"):
        Governance(twice, 1, twice, 1)
