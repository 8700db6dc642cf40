"""The compiled contracts as they are shipped: users need no compiler."""

import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

ARTIFACT_FOLDER = Path(__file__).parent / "artifacts"
CONTRACT_NAMES = (
    "EnergyToken",
    "ConsumerRegistration",
    "MeterOracle",
    "EnergyTradingExtension",
    "EnergyTrading",
)
EXTENSIONS = {"EnergyTrading": "EnergyTradingExtension"}
"""Contracts that run another one's code on their own storage: its functions are theirs too."""


class Artifact(NamedTuple):
    """One contract, ready to be deployed."""

    name: str
    abi: list[dict[str, Any]]
    bytecode: str
    """What a deployment sends, hex; constructor arguments follow it."""
    deployed_bytecode: str
    """What then stands on the chain, hex, its immutables still zero."""
    storage_layout: dict[str, list[dict[str, Any]]]
    """Variables in storage, by the contract that is told ("storage") and by struct: label, slot, offset, type."""


@cache
def load(name: str) -> Artifact:
    """The artifact of a contract. Raises ValueError for a name that is none of CONTRACT_NAMES."""
    if name not in CONTRACT_NAMES:
        raise ValueError(f"contract {name!r} is unknown; there are {', '.join(CONTRACT_NAMES)}")
    document = json.loads((ARTIFACT_FOLDER / f"{name}.json").read_text())
    return Artifact(
        name,
        document["abi"],
        document["bytecode"],
        document["deployedBytecode"],
        document["storageLayout"],
    )
