"""The way to a node and to a community's contracts on it; what is wrong with either is said in one line."""

from web3 import Web3

from gridbid.chain.community_contracts import CommunityContracts
from gridbid.chain.deployment.deployment import Deployment
from gridbid.chain.errors import LedgerError, StopError
from gridbid.chain.rpc.fees import Fees
from gridbid.chain.rpc.networks import Network
from gridbid.chain.rpc.node import Node
from gridbid.chain.rpc.transport import provider_at

WEI_PER_ETHER = 10**18
WEI_PER_GWEI = 10**9


def connect(url: str, network: Network | None = None) -> Node:
    """A node by the URL of its JSON-RPC.

    Raises StopError when nothing answers there, or something else does, or a node of another network.
    """
    provider = provider_at(url)
    try:
        return Node(Web3(provider), network)
    except LedgerError as error:
        if error.name == "WrongChain":
            raise
        raise StopError("NoNode", f"no Ethereum node answers at {url}; is it running there?") from error


def community_on(node: Node, deployment: Deployment) -> CommunityContracts:
    """A community's contracts, where they are. Raises StopError for another chain, or when they aren't there."""
    deployment.require_chain(node.chain_id)
    for name, record in deployment.contracts.items():
        if node.request("eth_getCode", record.address, "latest") in ("0x", None):
            raise StopError(
                "MissingContract",
                f"{name} is not at {record.address} on chain {node.chain_id}: "
                "the node has another history than the one that the deployment file was written on",
            )
    return CommunityContracts(node, deployment)


def present_fees(node: Node) -> Fees:
    """What a transaction has to offer now to be taken soon. Raises RetryError above the network's cap."""
    return node.suggested_fees()


def require_ether(node: Node, address: str, gas: int, fees: Fees) -> None:
    """Raise StopError unless an account can pay for that much gas."""
    held = int(node.request("eth_getBalance", address, "latest"), 16)
    needed = gas * fees.max_fee_per_gas_wei
    if held < needed:
        raise StopError(
            "InsufficientFunds",
            f"{address} holds {held / WEI_PER_ETHER:.6f} ether; {needed / WEI_PER_ETHER:.6f} are needed for "
            f"{gas:,} gas at up to {fees.max_fee_per_gas_wei / WEI_PER_GWEI:.3f} gwei",
        )
