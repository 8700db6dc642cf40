"""Put all contracts on a chain and give out the roles; works on any web3 connection."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from eth_abi.abi import encode
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

from gridbid.chain.artifact import load
from gridbid.chain.errors import StopError
from gridbid.chain.interface import Interface
from gridbid.chain.rpc import Node, Signer
from gridbid.market.types import DEFAULT_TICK_SIZE

DEFAULT_RING_SIZE = 512
"""Slots that the market keeps at once: 128 h of 15 min, a day ahead and four for late readings and disputes."""


@dataclass(frozen=True)
class MarketParameters:
    """What is fixed when the contracts are deployed."""

    slot_seconds: int = 900
    tick_size: int = DEFAULT_TICK_SIZE
    """nEUR/Wh."""
    ring_size: int = DEFAULT_RING_SIZE
    """Slots kept at once, a power of two."""
    deadline_seconds: int = 3_600
    """Time after a slot's end from which the keeper may substitute a missing reading."""
    max_age_seconds: int = 2 * 86_400
    """Time after a slot's end until which readings may be brought."""
    challenge_seconds: int = 86_400
    """Time after a reading came in which it may be corrected and challenged."""
    ruling_seconds: int = 86_400
    """Time beyond both in which the arbiter may rule."""

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if not 0 <= value < 2**32 or (value == 0 and name != "deadline_seconds"):
                raise ValueError(f"{name} is {value}; it must be a positive number below 2^32")
        if self.ring_size & (self.ring_size - 1):
            raise ValueError(f"ring_size is {self.ring_size}; it must be a power of two")

    @property
    def oracle_timing(self) -> tuple[int, int, int, int]:
        """Deadline, greatest age, challenge and ruling, as the oracle takes them."""
        return (self.deadline_seconds, self.max_age_seconds, self.challenge_seconds, self.ruling_seconds)

    @property
    def oracle_ring_size(self) -> int:
        """Slots whose readings the oracle keeps: the least power of two that outlasts all times."""
        slots = (self.max_age_seconds + self.challenge_seconds + self.ruling_seconds) // self.slot_seconds + 2
        return 1 << (slots - 1).bit_length()


@dataclass(frozen=True)
class Roles:
    """Addresses that may do what others may not; None: the deployer."""

    registrar: str | None = None
    minter: str | None = None
    keeper: str | None = None
    pauser: str | None = None
    supplier: str | None = None
    operator: str | None = None


@dataclass(frozen=True)
class Deployment:
    """Where the contracts stand, and what they were deployed with."""

    chain_id: int
    token_address: str
    registration_address: str
    oracle_address: str
    market_address: str
    block_number: int
    """Block after which the market's events begin."""
    parameters: MarketParameters

    @property
    def token(self) -> Interface:
        """The credit token."""
        return Interface("EnergyToken", self.token_address)

    @property
    def registration(self) -> Interface:
        """The participants' register."""
        return Interface("ConsumerRegistration", self.registration_address)

    @property
    def oracle(self) -> Interface:
        """The meters' readings."""
        return Interface("MeterOracle", self.oracle_address)

    @property
    def market(self) -> Interface:
        """The market itself."""
        return Interface("EnergyTrading", self.market_address)

    def save(self, path: Path) -> None:
        """Write the deployment as JSON, for those who are to use it."""
        part = path.with_suffix(path.suffix + ".part")
        part.write_text(json.dumps(asdict(self), indent=1) + "\n")
        os.replace(part, path)

    @classmethod
    def read(cls, path: Path) -> "Deployment":
        """A deployment from its file. Raises StopError for a file that is none."""
        try:
            document = json.loads(path.read_text())
            return cls(**{**document, "parameters": MarketParameters(**document["parameters"])})
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise StopError("BadDeployment", f"{path} is no deployment file: {error}") from error


def deploy(
    node: Node, deployer: LocalAccount, parameters: MarketParameters | None = None, roles: Roles | None = None
) -> Deployment:
    """Deploy token, registration, oracle and market, and wire them. The deployer keeps each admin role."""
    parameters, roles = parameters or MarketParameters(), roles or Roles()
    signer = Signer(node, deployer)
    admin = deployer.address
    token = _create(signer, "EnergyToken", ["address", "uint256", "uint256"], [admin, 2**63, 2**63])
    identities = _create(signer, "EthereumDIDRegistry", [], [])
    registration = _create(
        signer, "ConsumerRegistration", ["address", "address"], [admin, identities.address]
    )
    utilities = _create(signer, "UtilityVerification", ["address", "bytes2"], [admin, b"DE"])
    oracle = _create(
        signer,
        "MeterOracle",
        ["address", "address", "address", "uint256", "uint256", "(uint32,uint32,uint32,uint32)"],
        [
            admin,
            registration.address,
            utilities.address,
            parameters.slot_seconds,
            parameters.oracle_ring_size,
            parameters.oracle_timing,
        ],
    )
    extension = _create(
        signer,
        "EnergyTradingExtension",
        ["address", "address", "address", "uint256", "uint256"],
        [token.address, registration.address, oracle.address, parameters.tick_size, parameters.ring_size],
    )
    market = _create(signer, "EnergyTrading", ["address", "address"], [admin, extension.address])
    block_number = int(node.latest_block()["number"], 16)
    for observer in (market, oracle):
        signer.transact(registration, "addObserver", observer.address)
    for contract, role, holder in (
        (token, "TREASURY_ROLE", roles.minter),
        (registration, "REGISTRAR_ROLE", roles.registrar),
        (oracle, "KEEPER_ROLE", roles.keeper),
        (oracle, "REGISTRAR_ROLE", roles.registrar),
        (oracle, "ARBITER_ROLE", None),
        (market, "KEEPER_ROLE", roles.keeper),
        (market, "PAUSER_ROLE", roles.pauser),
        (market, "SUPPLIER_ROLE", roles.supplier),
        (market, "OPERATOR_ROLE", roles.operator),
    ):
        signer.transact(contract, "grantRole", keccak(text=role), holder or admin)
    return Deployment(
        node.chain_id,
        token.address,
        registration.address,
        oracle.address,
        market.address,
        block_number,
        parameters,
    )


def _create(signer: Signer, name: str, types: list[str], arguments: list[Any]) -> Interface:
    code = bytes.fromhex(load(name).bytecode[2:])
    return Interface(name, signer.deploy(code + encode(types, arguments)))
