"""What a node's user is told when something is wrong, on anvil: one clear line each."""

import threading
import time
from collections.abc import Iterator

import pytest
from eth_account import Account
from eth_account.signers.local import LocalAccount
from web3 import Web3

from gridbid.chain.deployment.deploy import deploy
from gridbid.chain.deployment.deployment import Deployment
from gridbid.chain.deployment.governance import operations
from gridbid.chain.deployment.parameters import Governance
from gridbid.chain.errors import LedgerError, RetryError, StopError
from gridbid.chain.nodes.accounts import development_accounts
from gridbid.chain.nodes.anvil import AnvilNode, running_anvil
from gridbid.chain.nodes.embedded import EmbeddedProvider
from gridbid.chain.nodes.server import ChainServer
from gridbid.chain.rpc.fees import GWEI, Fees
from gridbid.chain.rpc.interface import Interface
from gridbid.chain.rpc.networks import FeeStrategy, Network, find_network
from gridbid.chain.rpc.node import Node, Patience, Signer
from gridbid.chain.rpc.transport import provider_at

BRIEF = Patience(receipt_timeout_seconds=0.5, poll_seconds=0.01, attempts=2, first_pause_seconds=0.01)
OWNER, DEPLOYER, SOMEONE, OTHER = development_accounts()[:4]


@pytest.fixture(scope="module")
def anvil() -> Iterator[AnvilNode]:
    with running_anvil() as anvil:
        yield anvil


@pytest.fixture
def node(anvil: AnvilNode) -> Node:
    return connected(anvil.http_url)


@pytest.fixture(scope="module")
def deployment(anvil: AnvilNode) -> Deployment:
    return deploy(connected(anvil.http_url), DEPLOYER, governance=Governance.by_one(OWNER.address))


@pytest.fixture
def still(anvil: AnvilNode, node: Node) -> Iterator[Node]:
    """A node that makes no block unless it is told to."""
    node.request("evm_setAutomine", False)
    yield node
    node.request("anvil_dropAllTransactions")
    node.request("evm_setAutomine", True)


def connected(url: str, network: Network | None = None, patience: Patience = BRIEF) -> Node:
    return Node(Web3(provider_at(url)), network, patience)


def send(node: Node, account: LocalAccount, nonce: int, price_gwei: float, value_wei: int = 1) -> str:
    price_wei = int(price_gwei * GWEI)
    transaction = {"chainId": 31_337, "nonce": nonce, "gas": 21_000, "to": OTHER.address, "value": value_wei}
    raw = account.sign_transaction({**transaction, "gasPrice": price_wei}).raw_transaction
    return str(node.request("eth_sendRawTransaction", "0x" + bytes(raw).hex()))


def nonce_of(node: Node, account: LocalAccount) -> int:
    return int(node.request("eth_getTransactionCount", account.address, "latest"), 16)


def test_a_node_of_another_chain(anvil: AnvilNode):
    with pytest.raises(StopError, match="WrongChain: the node is on chain 31337; sepolia is chain 11155111"):
        connected(anvil.http_url, find_network("sepolia"))


def test_no_contract_at_the_address(node: Node):
    token = Interface("EnergyToken", "0x" + "22" * 20)
    message = f"MissingContract: EnergyToken: there is no code at {token.address} on chain 31337"
    with pytest.raises(StopError, match=message):
        node.call(token, "totalSupply")
    with pytest.raises(StopError, match=message):
        node.require_contract(token)


def test_an_account_that_cannot_pay(node: Node, deployment: Deployment):
    pauper = Account.create()
    with pytest.raises(StopError, match=rf"InsufficientFunds: {pauper.address} has 0 ether on anvil"):
        Signer(node, pauper).transact(deployment.token, "approve", OTHER.address, 1)


def test_a_library_contracts_error(node: Node, deployment: Deployment):
    with pytest.raises(RetryError, match=r"ERC20InsufficientBalance: sender 0x.*, balance 0, needed 5"):
        Signer(node, SOMEONE).transact(deployment.token, "transfer", OTHER.address, 5)


def test_an_error_behind_the_safe(node: Node, deployment: Deployment):
    safe = operations(node, deployment, [OWNER])
    with pytest.raises(LedgerError, match=r"^ERC20InvalidReceiver: receiver 0x0{40}$"):
        safe.transact(deployment.token, "mint", "0x" + "00" * 20, 1, bytes(32))


def test_too_little_offered_to_replace(still: Node):
    nonce = nonce_of(still, SOMEONE)
    send(still, SOMEONE, nonce, 1_000)
    with pytest.raises(RetryError, match="Underpriced: replacement transaction underpriced"):
        send(still, SOMEONE, nonce, 1_000, value_wei=2)


def test_less_than_the_base_fee(node: Node, deployment: Deployment):
    node.request("anvil_setNextBlockBaseFeePerGas", hex(5 * GWEI))
    node.request("evm_mine")
    with pytest.raises(RetryError, match="Underpriced: "):
        Signer(node, SOMEONE, Fees(1, 1)).transact(deployment.token, "approve", OTHER.address, 1)


def test_suggested_fees_that_have_become_too_low_are_asked_for_anew(node: Node, deployment: Deployment):
    signer = Signer(node, SOMEONE)
    signer.transact(deployment.token, "approve", OTHER.address, 1)
    dear_wei = 5 * node.suggested_fees().max_fee_per_gas_wei
    node.request("anvil_setNextBlockBaseFeePerGas", hex(dear_wei))
    node.request("evm_mine")
    signer.transact(deployment.token, "approve", OTHER.address, 2)
    assert node.suggested_fees().max_fee_per_gas_wei > dear_wei


@pytest.mark.parametrize("fees", [None, Fees(100 * GWEI, GWEI)])
def test_two_who_send_with_one_key_count_on_from_each_other(
    node: Node, deployment: Deployment, fees: Fees | None
):
    """One counts on from where the other has come."""
    first, second = Signer(node, SOMEONE, fees), Signer(node, SOMEONE, fees)
    before = nonce_of(node, SOMEONE)
    for amount, signer in enumerate((first, second, first, second)):
        signer.transact(deployment.token, "approve", OTHER.address, amount)
    assert nonce_of(node, SOMEONE) == before + 4


def test_one_that_another_took_the_place_of(still: Node):
    nonce = nonce_of(still, SOMEONE)
    first = send(still, SOMEONE, nonce, 1_000)
    second = send(still, SOMEONE, nonce, 2_000, value_wei=2)
    still.request("evm_mine")
    assert still.receipt(second)["transactionHash"] == second
    with pytest.raises(RetryError, match=f"Replaced: {first} is gone after 0.5 s"):
        still.receipt(first)


def test_one_that_waits(still: Node):
    name = send(still, SOMEONE, nonce_of(still, SOMEONE), 1_000)
    with pytest.raises(
        RetryError, match=f"NoReceipt: {name} still waits after 0.5 s: its fee may be too low"
    ):
        still.receipt(name)


def test_the_same_one_twice_is_sent_once(still: Node):
    name = send(still, SOMEONE, nonce := nonce_of(still, SOMEONE), 1_000)
    with pytest.raises(RetryError, match="AlreadyKnown"):
        send(still, SOMEONE, nonce, 1_000)
    still.request("evm_mine")
    assert int(still.receipt(name)["status"], 16) == 1


def test_confirmations_are_waited_for(anvil: AnvilNode, node: Node):
    deep = connected(anvil.http_url, Network("deep", 31_337, confirmations=3))
    name = send(node, SOMEONE, nonce_of(node, SOMEONE), 1_000)
    with pytest.raises(RetryError, match=f"NotConfirmed: {name} stands in a block, but not long enough"):
        deep.receipt(name)
    node.request("evm_mine")
    node.request("evm_mine")
    receipt = deep.receipt(name)
    height = int(node.request("eth_blockNumber"), 16)
    assert height - int(receipt["blockNumber"], 16) + 1 == 3


def test_fees_stay_under_the_networks_cap(anvil: AnvilNode, node: Node):
    node.request("anvil_setNextBlockBaseFeePerGas", hex(2 * GWEI))
    node.request("evm_mine")
    capped = connected(anvil.http_url, Network("capped", 31_337, max_fee_gwei=3))
    assert capped.suggested_fees().max_fee_per_gas_wei == 3 * GWEI
    poor = connected(anvil.http_url, Network("poor", 31_337, max_fee_gwei=1))
    with pytest.raises(RetryError, match=r"FeesTooHigh: poor asks .* Gwei for a unit of gas; the cap is 1"):
        poor.suggested_fees()


def test_fees_of_the_old_kind(anvil: AnvilNode, node: Node, deployment: Deployment):
    legacy = connected(anvil.http_url, Network("old", 31_337, fee_strategy=FeeStrategy.LEGACY))
    receipt = Signer(legacy, SOMEONE).transact(deployment.token, "approve", OTHER.address, 3)
    assert int(receipt["type"], 16) == 0
    assert int(receipt["effectiveGasPrice"], 16) <= legacy.suggested_fees().max_fee_per_gas_wei


def test_nobody_there():
    with running_anvil() as gone:
        url, ws_url = gone.http_url, gone.ws_url
    for dead in (url, ws_url):
        with pytest.raises(RetryError, match="ConnectionLost: eth_chainId: "):
            connected(dead)


@pytest.mark.parametrize("kind", ["http_url", "ws_url"])
def test_a_node_that_comes_back_is_asked_again(kind: str):
    provider = EmbeddedProvider()
    first = ChainServer(provider)
    first.start()
    patient = Patience(attempts=8, first_pause_seconds=0.05)
    node = connected(getattr(first, kind), patience=patient)
    first.stop()
    second = ChainServer(provider, first.port)
    starting = threading.Timer(0.3, second.start)
    starting.start()
    begin = time.monotonic()
    assert node.request("eth_blockNumber") == "0x0"
    assert time.monotonic() - begin >= 0.2
    starting.join()
    if kind == "ws_url":
        node.web3.provider.close()
    second.stop()


def test_what_is_no_url_of_a_node_is_told():
    with pytest.raises(StopError, match="BadUrl: 'ftp://x' is no URL of a node"):
        provider_at("ftp://x")
