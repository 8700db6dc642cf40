"""Options that the chain's commands share."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridbid.chain.rpc.networks import LOCAL_URL, RPC_VARIABLE

if TYPE_CHECKING:
    from gridbid.chain.community_contracts import CommunityContracts
    from gridbid.chain.deployment.deployment import Deployment
    from gridbid.chain.rpc.node import Node

MAX_UINT32 = 2**32 - 1
"""Slots and participants are numbered up to here."""

Rpc = Annotated[
    str | None,
    typer.Option(
        "--rpc",
        envvar=RPC_VARIABLE,
        show_default=f"the network's, else {LOCAL_URL}",
        help="URL of a node's JSON-RPC: http, https, ws or wss.",
    ),
]

NetworkName = Annotated[
    str | None,
    typer.Option(
        "--network",
        envvar="GRIDBID_NETWORK",
        show_default="by the node's chain id",
        help="Network, such as sepolia: chain id, confirmations, highest price of gas.",
    ),
]

NetworksFile = Annotated[
    Path | None,
    typer.Option("--networks", envvar="GRIDBID_NETWORKS", help="TOML file of networks of your own."),
]

DeploymentFile = Annotated[
    Path,
    typer.Option("--deployment", envvar="GRIDBID_DEPLOYMENT", help="What `gridbid chain deploy` wrote."),
]
DEFAULT_DEPLOYMENT = Path("deployment.json")

Json = Annotated[
    str | None,
    typer.Option("--json", metavar="FILE", help="Write it as JSON to a file; - is standard output."),
]


def node_at(rpc: str | None, network: str | None, networks: Path | None) -> "Node":
    """The node that the options name, under its network's rules. Raises StopError when it is of another chain."""
    from gridbid.chain.rpc.connection import connect
    from gridbid.chain.rpc.networks import find_network, network_of, node_url
    from gridbid.chain.rpc.node import Node

    if network is not None:
        profile = find_network(network, networks)
        return connect(node_url(profile, rpc), profile)
    node = connect(rpc or LOCAL_URL)
    return node if networks is None else Node(node.web3, network_of(node.chain_id, networks))


def community_at(
    rpc: str | None, network: str | None, networks: Path | None, deployment: Path
) -> "CommunityContracts":
    """A community's contracts on the node that the options name."""
    from gridbid.chain.rpc.connection import community_on

    recorded = read_deployment(deployment)
    return community_on(node_at(rpc, network, networks), recorded)


def read_deployment(file: Path) -> "Deployment":
    """A deployment from its file."""
    from gridbid.chain.deployment.deployment import Deployment
    from gridbid.market.errors import InputError

    if not file.exists():
        raise InputError(
            f"{file}: no such deployment file; `gridbid chain deploy` writes one, --deployment names it"
        )
    return Deployment.read(file)


def write_json(target: str, document: Any) -> None:
    """Write a document to a file, or to standard output."""
    import json

    text = json.dumps(document, indent=1)
    if target == "-":
        print(text)
    else:
        Path(target).write_text(text + "\n", encoding="utf-8")
