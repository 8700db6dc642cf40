"""The compiled contracts as they are shipped: users need no compiler."""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

ARTIFACT_FOLDER = Path(__file__).parent / "artifacts"

OWN_CONTRACTS = (
    "EnergyToken",
    "ConsumerRegistration",
    "UtilityVerification",
    "ModelRegistry",
    "MeterOracle",
    "EnergyTradingExtension",
    "EnergyTrading",
    "ClosingAuction",
    "OrderRelay",
)
"""Contracts of this project; each has a source of its name below contracts/."""

EXTENSIONS = {"EnergyTrading": "EnergyTradingExtension"}
"""Contracts that run another one's code on their own storage: its functions are theirs too."""

THIRD_PARTY_SOURCES = {
    "EthereumDIDRegistry": "ethr-did-registry/contracts/EthereumDIDRegistry.sol",
    "TimelockController": "@openzeppelin/contracts/governance/TimelockController.sol",
    "Safe": "@safe-global/safe-contracts/contracts/Safe.sol",
    "SafeProxyFactory": "@safe-global/safe-contracts/contracts/proxies/SafeProxyFactory.sol",
    "SafeProxy": "@safe-global/safe-contracts/contracts/proxies/SafeProxy.sol",
    "SimulateTxAccessor": "@safe-global/safe-contracts/contracts/accessors/SimulateTxAccessor.sol",
    "CompatibilityFallbackHandler": (
        "@safe-global/safe-contracts/contracts/handler/CompatibilityFallbackHandler.sol"
    ),
}
"""Contracts that are deployed as others wrote them, and their sources in npm's packages. Licences: artifacts/LICENSES.md."""

CONTRACT_NAMES = (*OWN_CONTRACTS, *THIRD_PARTY_SOURCES)


class Artifact(NamedTuple):
    """One contract, ready to be deployed."""

    name: str
    abi: list[dict[str, Any]]
    bytecode: str
    """What a deployment sends, hex; constructor arguments follow it."""
    deployed_bytecode: str
    """What then stands on the chain, hex, its immutables still zero."""
    immutables: tuple[tuple[int, int], ...]
    """Start and length, bytes, of each place in the deployed code that its constructor fills in."""
    storage_layout: dict[str, list[dict[str, Any]]]
    """Variables in storage, by the contract that is told ("storage") and by struct: label, slot, offset, type."""
    build_hash: str
    """SHA-256 over the compiler's settings and the versions of the compiler and the packages, hex."""


@cache
def load(name: str) -> Artifact:
    """The artifact of a contract. Raises ValueError for a name that is none of CONTRACT_NAMES."""
    if name not in CONTRACT_NAMES:
        raise ValueError(f"contract {name!r} is unknown; there are {', '.join(CONTRACT_NAMES)}")
    document = json.loads((ARTIFACT_FOLDER / f"{name}.json").read_text())
    build = json.dumps([document["settings"], document["packages"]], sort_keys=True)
    return Artifact(
        name,
        document["abi"],
        document["bytecode"],
        document["deployedBytecode"],
        tuple((start, length) for start, length in document["immutables"]),
        document["storageLayout"],
        hashlib.sha256(build.encode()).hexdigest(),
    )


def source_of(name: str) -> str:
    """Source unit of a contract: a path below contracts/, or within npm's packages."""
    return THIRD_PARTY_SOURCES.get(name, f"{name}.sol")
