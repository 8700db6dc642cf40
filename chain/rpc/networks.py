"""Networks that contracts may stand on: chain ids, confirmations, fees. Whose node is asked is the user's to say."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

from gridbid.chain.errors import StopError

DEVELOPMENT_CHAIN_ID = 31_337
"""Of chains that are worth nothing; every tool's default."""
RPC_VARIABLE = "GRIDBID_RPC_URL"
"""Where a node's URL is looked for when none is given."""
LOCAL_URL = "http://127.0.0.1:8545"
"""Where ``gridbid chain up`` and most tools serve a chain for development."""
URL_SCHEMES = ("http://", "https://", "ws://", "wss://")


class FeeStrategy(StrEnum):
    """How a transaction's fees are found."""

    DYNAMIC = "dynamic"
    """EIP-1559, from the base fees and tips of the last blocks."""
    LEGACY = "legacy"
    """One gas price, the node's suggestion."""


@dataclass(frozen=True)
class Network:
    """What is known of a network beforehand."""

    name: str
    chain_id: int
    confirmations: int = 1
    """Blocks that must hold a transaction, its own included, before it counts."""
    fee_strategy: FeeStrategy = FeeStrategy.DYNAMIC
    max_fee_gwei: float | None = None
    """Nothing is sent at a higher price for a unit of gas; None: at any price."""
    block_time_seconds: float = 1.0
    rpc_url: str = ""
    """Of a node; empty: the user says."""
    explorer_url: str = ""
    """Begin of the address of a page about a transaction; empty: there is none."""
    is_test: bool = False
    """Whether its coins are worth nothing."""
    is_rollup: bool = False
    """Whether another chain's fee for the data comes on top."""

    def __post_init__(self) -> None:
        faults = []
        if not self.name:
            faults.append("name is empty")
        for field, least in (("chain_id", 1), ("confirmations", 1)):
            value = getattr(self, field)
            if not isinstance(value, int) or isinstance(value, bool) or value < least:
                faults.append(f"{field} is {value!r}; it must be a whole number from {least} on")
        for field in ("max_fee_gwei", "block_time_seconds"):
            value = getattr(self, field)
            if value is not None and (not isinstance(value, int | float) or not value > 0):
                faults.append(f"{field} is {value!r}; it must be a positive number")
        if self.fee_strategy not in tuple(FeeStrategy):
            faults.append(f"fee_strategy is {self.fee_strategy!r}; it must be {' or '.join(FeeStrategy)}")
        if self.rpc_url and not self.rpc_url.startswith(URL_SCHEMES):
            faults.append(f"rpc_url is {self.rpc_url!r}; it must begin with {', '.join(URL_SCHEMES)}")
        if faults:
            raise StopError("BadNetwork", f"{self.name or 'unnamed'}: {'; '.join(faults)}")


BUILT_IN = (
    Network("embedded", DEVELOPMENT_CHAIN_ID, rpc_url=LOCAL_URL, is_test=True),
    Network("anvil", DEVELOPMENT_CHAIN_ID, rpc_url=LOCAL_URL, is_test=True),
    Network(
        "mainnet", 1, 6, max_fee_gwei=100, block_time_seconds=12, explorer_url="https://etherscan.io/tx/"
    ),
    Network(
        "sepolia",
        11_155_111,
        2,
        max_fee_gwei=100,
        block_time_seconds=12,
        explorer_url="https://sepolia.etherscan.io/tx/",
        is_test=True,
    ),
    Network(
        "gnosis", 100, 6, max_fee_gwei=50, block_time_seconds=5, explorer_url="https://gnosisscan.io/tx/"
    ),
    Network(
        "base",
        8_453,
        6,
        max_fee_gwei=5,
        block_time_seconds=2,
        explorer_url="https://basescan.org/tx/",
        is_rollup=True,
    ),
    Network(
        "arbitrum",
        42_161,
        12,
        max_fee_gwei=5,
        block_time_seconds=0.25,
        explorer_url="https://arbiscan.io/tx/",
        is_rollup=True,
    ),
    Network(
        "optimism",
        10,
        6,
        max_fee_gwei=5,
        block_time_seconds=2,
        explorer_url="https://optimistic.etherscan.io/tx/",
        is_rollup=True,
    ),
    Network(
        "polygon",
        137,
        32,
        max_fee_gwei=1_000,
        block_time_seconds=2,
        explorer_url="https://polygonscan.com/tx/",
    ),
)


def read_networks(path: Path | None = None) -> dict[str, Network]:
    """The built-in networks and those of a TOML file, by name; the file's win.

    A file has a table for each network, ``[networks.NAME]``, with the fields of Network but for the name. Raises
    StopError that names every fault.
    """
    networks = {network.name: network for network in BUILT_IN}
    if path is None:
        return networks
    try:
        document = tomllib.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise StopError("BadNetwork", f"{path} is no file of networks: {error}") from error
    tables = document.get("networks")
    if not isinstance(tables, dict) or not all(isinstance(table, dict) for table in tables.values()):
        raise StopError("BadNetwork", f"{path} has no tables [networks.NAME]")
    return networks | _networks(tables)


def find_network(name: str, path: Path | None = None) -> Network:
    """A network by its name. Raises StopError that lists those there are."""
    networks = read_networks(path)
    if name not in networks:
        raise StopError("UnknownNetwork", f"{name}; there are {', '.join(networks)}")
    return networks[name]


def network_of(chain_id: int, path: Path | None = None) -> Network:
    """The network of a chain id, built in or of a file; for an unknown one, a cautious guess."""
    known = {network.chain_id: network for network in read_networks(path).values()}
    return known.get(chain_id) or Network(f"chain {chain_id}", chain_id, confirmations=2)


def node_url(network: Network, given: str | None = None) -> str:
    """The node to ask: as given, else by the environment, else the network's. Raises StopError when nobody says."""
    url = given or os.environ.get(RPC_VARIABLE) or network.rpc_url
    if not url:
        raise StopError("NoUrl", f"no node of {network.name} is known: give its URL, or set {RPC_VARIABLE}")
    if not url.startswith(URL_SCHEMES):
        raise StopError("BadUrl", f"{url} is no node's URL; it must begin with {', '.join(URL_SCHEMES)}")
    return url


def _networks(tables: Mapping[str, Mapping[str, Any]]) -> dict[str, Network]:
    networks, faults = {}, []
    known = {field.name for field in fields(Network)} - {"name"}
    for name, table in tables.items():
        unknown = sorted(set(table) - known)
        if unknown:
            faults.append(f"{name}: there is no field {', no field '.join(unknown)}")
        elif "chain_id" not in table:
            faults.append(f"{name}: chain_id is missing")
        else:
            try:
                networks[name] = Network(name, **table)
            except StopError as error:
                faults.append(error.detail)
    if faults:
        raise StopError("BadNetwork", "; ".join(faults))
    return networks
