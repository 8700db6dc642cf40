"""A deployed contract's calls, events and errors, encoded and decoded from its artifact."""

from functools import cache
from typing import Any, NamedTuple

from eth_abi.abi import decode, encode
from eth_abi.exceptions import EncodingError
from eth_utils.abi import (
    event_abi_to_log_topic,
    function_abi_to_4byte_selector,
    get_abi_input_types,
    get_abi_output_types,
)
from eth_utils.crypto import keccak

from gridbid.chain.artifact import CONTRACT_NAMES, load
from gridbid.chain.errors import StopError
from gridbid.chain.role_names import role_names

ERROR_SELECTOR = keccak(text="Error(string)")[:4]
PANIC_SELECTOR = keccak(text="Panic(uint256)")[:4]


class DecodedLog(NamedTuple):
    """An event as its contract emitted it."""

    name: str
    arguments: dict[str, Any]
    block_number: int


class Interface:
    """One contract at one address."""

    def __init__(self, name: str, address: str) -> None:
        self.name = name
        self.address = address
        self.abi = load(name).abi
        self._functions = _functions_of(name)
        self._events = _events_of(name)

    def encode_call(self, function: str, *arguments: Any) -> bytes:
        """Calldata of a function. Raises StopError for arguments that it cannot take."""
        if (function, len(arguments)) not in self._functions:
            raise StopError("NoFunction", f"{self.name} has no {function} with {len(arguments)} arguments")
        selector, inputs, _ = self._functions[function, len(arguments)]
        try:
            return selector + encode(inputs, arguments)
        except EncodingError as error:
            raise StopError("BadArgument", f"{self.name}.{function}{arguments}: {error}") from error

    def decode_output(self, function: str, n_arguments: int, output: bytes) -> tuple[Any, ...]:
        """What a function, called with that many arguments, returned."""
        return decode(self._functions[function, n_arguments][2], output)

    def decode_log(self, log: dict[str, Any]) -> DecodedLog | None:
        """A log of this contract as an event; None when it is another contract's, or none of its events."""
        if log["address"].lower() != self.address.lower() or log["topics"][0] not in self._events:
            return None
        name, indexed, plain = self._events[log["topics"][0]]
        arguments = {
            argument: decode([kind], bytes.fromhex(topic[2:]))[0]
            for (argument, kind), topic in zip(indexed, log["topics"][1:], strict=True)
        }
        values = decode([kind for _, kind in plain], bytes.fromhex(log["data"][2:]))
        arguments |= {argument: value for (argument, _), value in zip(plain, values, strict=True)}
        return DecodedLog(name, arguments, int(log["blockNumber"], 16))


@cache
def _functions_of(name: str) -> dict[tuple[str, int], tuple[bytes, list[str], list[str]]]:
    """Selector, types of arguments and types of results of a contract, by function and number of arguments."""
    return {
        (entry["name"], len(entry["inputs"])): (
            function_abi_to_4byte_selector(entry),  # type: ignore[arg-type]  # an ABI entry, by its type field
            get_abi_input_types(entry),  # type: ignore[arg-type]  # as above
            get_abi_output_types(entry),  # type: ignore[arg-type]  # as above
        )
        for entry in load(name).abi
        if entry["type"] == "function"
    }


@cache
def _events_of(name: str) -> dict[str, tuple[str, list[tuple[str, str]], list[tuple[str, str]]]]:
    """Name, indexed arguments and plain ones of a contract's events, each with its type, by topic."""
    events = {}
    for entry in load(name).abi:
        if entry["type"] == "event":
            topic = "0x" + event_abi_to_log_topic(entry).hex()  # type: ignore[arg-type]  # as above
            indexed = [(item["name"], item["type"]) for item in entry["inputs"] if item["indexed"]]
            plain = [(item["name"], item["type"]) for item in entry["inputs"] if not item["indexed"]]
            events[topic] = (entry["name"], indexed, plain)
    return events


def decode_error(data: bytes) -> tuple[str, str]:
    """Name and arguments of the error that a call returned, whichever of the contracts raised it."""
    if not data:
        return "Failed", "without data: out of gas, or a broken assertion"
    entry = _error_entries().get(data[:4])
    if entry is not None:
        values = decode([item["type"] for item in entry["inputs"]], data[4:])
        pairs = zip((item["name"] for item in entry["inputs"]), values, strict=True)
        return entry["name"], ", ".join(f"{name} {_shown(name, value)}" for name, value in pairs)
    if data[:4] == ERROR_SELECTOR:
        return "Error", decode(["string"], data[4:])[0]
    if data[:4] == PANIC_SELECTOR:
        return "Panic", f"code {decode(['uint256'], data[4:])[0]:#04x}"
    return "Unknown", f"0x{data.hex()}"


def _shown(name: str, value: Any) -> Any:
    if not isinstance(value, bytes):
        return value
    role = role_names().get(value) if name.lower().endswith("role") else None
    return role or "0x" + value.hex()


@cache
def _error_entries() -> dict[bytes, dict[str, Any]]:
    """ABI entry of each error of ours, by its selector."""
    errors = [entry for name in CONTRACT_NAMES for entry in load(name).abi if entry["type"] == "error"]
    return {function_abi_to_4byte_selector(entry): entry for entry in errors}  # type: ignore[arg-type]  # named alike
