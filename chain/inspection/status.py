"""How a community's contracts stand: whether they are what was deployed, who may do what, what is open."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from eth_utils.crypto import keccak

from gridbid.chain.artifact import load
from gridbid.chain.clients.energy_trading import SlotOpened
from gridbid.chain.community_contracts import CommunityContracts
from gridbid.chain.deployment.deployment import ContractRecord, RoleHolder
from gridbid.chain.deployment.roles import role_holders
from gridbid.chain.errors import SkipError
from gridbid.chain.records.history import History


class ContractCheck(NamedTuple):
    """A contract and whether its code is what it should be."""

    name: str
    artifact: str
    address: str
    as_deployed: bool
    """Its code is what the deployment file recorded."""
    as_shipped: bool
    """Its code is what this version of gridbid ships, but for what its constructor filled in."""


class OpenSlot(NamedTuple):
    """A slot that still trades, or has seats to settle."""

    slot: int
    trades: bool
    unsettled_seats: int


@dataclass(frozen=True)
class Status:
    """A community's contracts at one moment."""

    chain_id: int
    client: str
    block_number: int
    block_time: int
    contracts: Sequence[ContractCheck]
    paused: bool
    slots: Sequence[OpenSlot]
    supplier_neur: int
    supplier_uncovered_neur: int
    """What accounts hold or owe beyond their balances: the supplier answers for it."""
    supplier_promised_neur: int
    """Credit lines of seats that are not settled."""
    supplier_owed_neur: int
    """What the supplier owes to members for surpluses that it could not pay."""
    operator_neur: int
    token_supply_neur: int
    market_tokens_neur: int
    """Tokens that the market holds: all members' credit, the supplier's and the operator's."""
    roles: Sequence[RoleHolder]

    @property
    def supplier_free_neur(self) -> int:
        """What the supplier may withdraw, or promise as credit lines; below zero: what it lacks."""
        pledged_neur = self.supplier_uncovered_neur + self.supplier_promised_neur + self.supplier_owed_neur
        return self.supplier_neur - pledged_neur


def status(contracts: CommunityContracts) -> Status:
    """Look at everything once."""
    node, deployment, trading = contracts.node, contracts.deployment, contracts.trading
    block = node.latest_block()
    block_time = int(block["timestamp"], 16)
    pledged = trading.obligations()
    interfaces = {name: client.interface for name, client in contracts.clients.items()}
    return Status(
        chain_id=node.chain_id,
        client=str(node.request("web3_clientVersion")),
        block_number=int(block["number"], 16),
        block_time=block_time,
        contracts=[_checked(contracts, name, record) for name, record in deployment.contracts.items()],
        paused=trading.paused(),
        slots=_open_slots(contracts, block_time),
        supplier_neur=trading.supplier_neur(),
        supplier_uncovered_neur=pledged.uncovered_neur,
        supplier_promised_neur=pledged.promised_neur,
        supplier_owed_neur=pledged.owed_neur,
        operator_neur=trading.operator_neur(),
        token_supply_neur=contracts.token.total_supply(),
        market_tokens_neur=contracts.token.balance_of(trading.address),
        roles=role_holders(node, interfaces, deployment.first_block),
    )


def same_code(code: bytes, expected: bytes, immutables: Sequence[tuple[int, int]]) -> bool:
    """Whether two runtime codes agree but for the places that a constructor fills in."""
    masked = bytearray(code)
    if len(code) != len(expected):
        return False
    for start, length in immutables:
        masked[start : start + length] = bytes(length)
    return bytes(masked) == expected


def _checked(contracts: CommunityContracts, name: str, record: ContractRecord) -> ContractCheck:
    answer = contracts.node.request("eth_getCode", record.address, "latest")
    code = bytes.fromhex(answer.removeprefix("0x"))
    shipped = load(record.artifact)
    expected = bytes.fromhex(shipped.deployed_bytecode.removeprefix("0x"))
    return ContractCheck(
        name,
        record.artifact,
        record.address,
        keccak(code).hex() == record.code_hash.removeprefix("0x"),
        same_code(code, expected, shipped.immutables),
    )


def _open_slots(contracts: CommunityContracts, now: int) -> list[OpenSlot]:
    """Slots in the ring that still trade or wait for settlements."""
    history = History(contracts.node, {"EnergyTrading": contracts.trading})
    told = history.read(contracts.deployment.first_block, history.last_block())
    slots = sorted({entry.event.slot for entry in told if isinstance(entry.event, SlotOpened)})
    found = []
    for slot in slots[-contracts.deployment.parameters.ring_size :]:
        try:
            unsettled = contracts.trading.terms_of(slot).unsettled_seats
        except SkipError:
            continue  # its place is used by another slot
        trades = now < slot * contracts.slot_seconds
        if trades or unsettled:
            found.append(OpenSlot(slot, trades, unsettled))
    return found
