"""What was deployed: read from and written to a file that others work with."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, NamedTuple

from gridbid.chain.deployment.parameters import MarketParameters
from gridbid.chain.errors import StopError
from gridbid.chain.rpc.interface import Interface

SCHEMA_VERSION = 1
INTERFACES = {"SafeProxy": "Safe"}
"""What a contract answers to where it isn't what its own code says."""

REQUIRED_CONTRACTS = ("EnergyToken", "ConsumerRegistration", "MeterOracle", "EnergyTrading", "ClosingAuction")
"""Without these there is no market."""


@dataclass(frozen=True)
class ContractRecord:
    """One contract on a chain."""

    artifact: str
    """Name of the artifact whose code it is."""
    address: str
    arguments: tuple[Any, ...]
    """What its constructor was given; bytes as hex."""
    transaction: str
    """Hash of the transaction that made it."""
    block_number: int
    code_hash: str
    """Keccak-256 of the code at its address, hex."""
    build_hash: str
    """SHA-256 over compiler settings and package versions, hex."""


class RoleHolder(NamedTuple):
    """A contract's role and one of its holders."""

    contract: str
    role: str
    holder: str


@dataclass(frozen=True)
class Deployment:
    """Where the contracts stand, what they were deployed with, and who held which role afterwards."""

    chain_id: int
    network: str
    """The network's name, for people."""
    parameters: MarketParameters
    contracts: Mapping[str, ContractRecord]
    """By the name within the community; both Safes are proxies of one code."""
    roles: tuple[RoleHolder, ...]

    def interface(self, name: str) -> Interface:
        """A contract by its name. Raises StopError when there is none."""
        if name not in self.contracts:
            raise StopError("MissingContract", f"{name}; the deployment has {', '.join(self.contracts)}")
        record = self.contracts[name]
        return Interface(INTERFACES.get(record.artifact, record.artifact), record.address)

    @property
    def token(self) -> Interface:
        """The credit token."""
        return self.interface("EnergyToken")

    @property
    def registration(self) -> Interface:
        """The participants' register."""
        return self.interface("ConsumerRegistration")

    @property
    def oracle(self) -> Interface:
        """The meters' readings."""
        return self.interface("MeterOracle")

    @property
    def market(self) -> Interface:
        """The market itself."""
        return self.interface("EnergyTrading")

    @property
    def auction(self) -> Interface:
        """The sealed auction before each gate."""
        return self.interface("ClosingAuction")

    @property
    def relay(self) -> Interface:
        """Where signed orders and those of trading keys are brought."""
        return self.interface("OrderRelay")

    @property
    def utilities(self) -> Interface:
        """The suppliers' and operators' licences."""
        return self.interface("UtilityVerification")

    @property
    def models(self) -> Interface:
        """The policy bundles that may act."""
        return self.interface("ModelRegistry")

    @property
    def timelock(self) -> Interface:
        """Admin of all contracts."""
        return self.interface("TimelockController")

    @property
    def governance(self) -> Interface:
        """The Safe that proposes to the timelock."""
        return self.interface("GovernanceSafe")

    @property
    def operations(self) -> Interface:
        """The Safe that has the daily roles."""
        return self.interface("OperationsSafe")

    @property
    def block_number(self) -> int:
        """Block after which the market's events begin."""
        return self.contracts["EnergyTrading"].block_number

    @property
    def first_block(self) -> int:
        """Block of the first contract."""
        return min(record.block_number for record in self.contracts.values())

    def require_chain(self, chain_id: int) -> None:
        """Raise StopError unless this is the chain that the contracts are on."""
        if chain_id != self.chain_id:
            raise StopError(
                "WrongChain", f"the node is on chain {chain_id}; the deployment is on {self.chain_id}"
            )

    def save(self, path: Path) -> None:
        """Write the deployment as JSON, for those who are to use it."""
        document = {"schema": SCHEMA_VERSION, **asdict(self)}
        document["roles"] = [role._asdict() for role in self.roles]
        part = path.with_suffix(path.suffix + ".part")
        part.write_text(json.dumps(document, indent=1) + "\n")
        os.replace(part, path)

    @classmethod
    def read(cls, path: Path) -> "Deployment":
        """A deployment from its file. Raises StopError that says what is wrong with the file."""
        try:
            document = json.loads(path.read_text())
        except (OSError, ValueError) as error:
            raise StopError("BadDeployment", f"{path} is no deployment file: {error}") from error
        if not isinstance(document, dict) or "schema" not in document:
            raise StopError("BadDeployment", f"{path} is no deployment file: it has no field schema")
        if document["schema"] != SCHEMA_VERSION:
            raise StopError(
                "BadDeployment",
                f"{path} has schema version {document['schema']}; this version of gridbid reads {SCHEMA_VERSION}",
            )
        missing = [name for name in REQUIRED_CONTRACTS if name not in document.get("contracts", {})]
        if missing:
            raise StopError("MissingContract", f"{path} names no {', no '.join(missing)}")
        try:
            return cls._from_document(document)
        except (ValueError, TypeError, KeyError) as error:
            raise StopError("BadDeployment", f"{path} is no deployment file: {error}") from error

    @classmethod
    def _from_document(cls, document: dict[str, Any]) -> "Deployment":
        parts = {field.name: document[field.name] for field in fields(cls)}
        contracts = {
            name: ContractRecord(**{**record, "arguments": _tuple(record["arguments"])})
            for name, record in parts["contracts"].items()
        }
        roles = tuple(RoleHolder(**role) for role in parts["roles"])
        parameters = MarketParameters(**parts["parameters"])
        return cls(parts["chain_id"], parts["network"], parameters, contracts, roles)


def _tuple(value: Any) -> Any:
    """A list of JSON, and lists in it, as tuples."""
    return tuple(_tuple(item) for item in value) if isinstance(value, list) else value
