"""What the typed clients of the contracts have in common; the clients themselves are generated into clients/."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Self

from eth_abi.abi import decode

from gridbid.chain.rpc.interface import Interface
from gridbid.chain.rpc.node import DEFAULT_GAS, Node, Receipt, Sender

Log = Mapping[str, Any]
"""A log as a node tells it over JSON-RPC."""


class EventField(NamedTuple):
    """One argument of an event."""

    abi_type: str
    indexed: bool = False
    kind: type | None = None
    """Class that the value is given, where it is an enum."""


@dataclass(frozen=True)
class ContractEvent:
    """An event's arguments as a frozen dataclass; what it says of its place stands in the log."""

    NAME: ClassVar[str]
    TOPIC: ClassVar[str]
    FIELDS: ClassVar[tuple[EventField, ...]]

    @classmethod
    def decode(cls, log: Log) -> Self:
        """The event that a log tells. Raises ValueError for a log of another event."""
        topics = list(log["topics"])
        if not topics or topics[0] != cls.TOPIC:
            raise ValueError(f"the log tells another event than {cls.NAME}")
        indexed = iter(topics[1:])
        plain = iter(
            decode([field.abi_type for field in cls.FIELDS if not field.indexed], _bytes(log["data"]))
        )
        return cls(*(cls._value(field, indexed, plain) for field in cls.FIELDS))

    @staticmethod
    def _value(field: EventField, indexed: Any, plain: Any) -> Any:
        value = decode([field.abi_type], _bytes(next(indexed)))[0] if field.indexed else next(plain)
        return value if field.kind is None else field.kind(value)


class ContractClient:
    """One contract at one address: views ask the node, transactions are sent by an account or a Safe."""

    CONTRACT: ClassVar[str]
    EVENTS: ClassVar[tuple[type[ContractEvent], ...]]

    def __init__(self, node: Node, address: str) -> None:
        self.node = node
        self.interface = Interface(self.CONTRACT, address)
        self._events = {event.TOPIC: event for event in self.EVENTS}

    @property
    def address(self) -> str:
        """Where the contract stands."""
        return self.interface.address

    def decode(self, log: Log) -> ContractEvent | None:
        """The event of this contract that a log tells; None when it tells none."""
        if log["address"].lower() != self.address.lower() or not log["topics"]:
            return None
        event = self._events.get(log["topics"][0])
        return None if event is None else event.decode(log)

    def _view(self, function: str, *arguments: Any, block: str) -> tuple[Any, ...]:
        return self.node.call(self.interface, function, *arguments, block=block)

    def _transact(self, function: str, *arguments: Any, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        return by.transact(self.interface, function, *arguments, gas=gas)


def _bytes(hexadecimal: str) -> bytes:
    return bytes.fromhex(hexadecimal.removeprefix("0x"))
