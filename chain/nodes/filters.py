"""Which logs a query asks for, and the filters that hand out what is new."""

import itertools
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import Any

from hexbytes import HexBytes

from gridbid.chain.nodes.evm import EmbeddedChain

OPEN_ENDS = (None, "latest", "pending", "safe", "finalized")


def select_logs(chain: EmbeddedChain, query: dict[str, Any], first_log: int = 0) -> list[dict[str, Any]]:
    """Logs from position `first_log` on that match an eth_getLogs query (blocks, addresses, topics)."""
    logs = chain.history.logs
    if query.get("blockHash") is not None:
        block_hash = HexBytes(query["blockHash"]).to_0x_hex()
        number = chain.history.numbers.get(block_hash)
        if number is None:
            raise ValueError(f"block {block_hash} is unknown")
        first_block = last_block = number
    else:
        first_block = _block(query.get("fromBlock", "latest"), chain)
        last_block = _block(query.get("toBlock", "latest"), chain)
    first = max(first_log, bisect_left(logs, first_block, key=_block_number))
    last = bisect_right(logs, last_block, key=_block_number)
    return [log for log in logs[first:last] if _matches(log, query)]


@dataclass
class Filter:
    """A standing query and how far it has been answered; no query: it asks for blocks."""

    query: dict[str, Any] | None
    seen: int


class LogFilters:
    """The filters of one provider."""

    def __init__(self, chain: EmbeddedChain) -> None:
        self._chain = chain
        self._filters: dict[str, Filter] = {}
        self._names = itertools.count(1)

    def new_log_filter(self, query: dict[str, Any]) -> str:
        """Remember a log query; return its name."""
        return self._add(Filter({"fromBlock": "earliest", **query}, len(self._chain.history.logs)))

    def new_block_filter(self) -> str:
        """Ask for blocks from now on; return the filter's name."""
        return self._add(Filter(None, len(self._chain.history.blocks)))

    def changes(self, name: str) -> list[Any]:
        """What is new since the last call: logs, or block hashes."""
        standing = self._find(name)
        history = self._chain.history
        if standing.query is None:
            new = [block["hash"] for block in history.blocks[standing.seen :]]
            standing.seen = len(history.blocks)
            return new
        logs = select_logs(self._chain, standing.query, standing.seen)
        standing.seen = len(history.logs)
        return logs

    def all_logs(self, name: str) -> list[dict[str, Any]]:
        """All logs that a log filter's query asks for."""
        query = self._find(name).query
        if query is None:
            raise ValueError(f"filter {name} asks for blocks; it has no logs")
        return select_logs(self._chain, query)

    def uninstall(self, name: str) -> bool:
        """Forget a filter; False when there is none of that name."""
        return self._filters.pop(name, None) is not None

    def _add(self, standing: Filter) -> str:
        name = hex(next(self._names))
        self._filters[name] = standing
        return name

    def _find(self, name: str) -> Filter:
        if name not in self._filters:
            raise ValueError(f"filter {name} is unknown")
        return self._filters[name]


def _matches(log: dict[str, Any], query: dict[str, Any]) -> bool:
    """Whether a log is of the addresses and topics asked for."""
    addresses = query.get("address") or []
    addresses = [addresses] if isinstance(addresses, str) else addresses
    if addresses and log["address"].lower() not in [address.lower() for address in addresses]:
        return False
    wanted = query.get("topics") or []
    return len(wanted) <= len(log["topics"]) and all(map(_topic_matches, wanted, log["topics"]))


def _topic_matches(wanted: str | list[str] | None, topic: str) -> bool:
    return wanted is None or topic in ([wanted] if isinstance(wanted, str) else wanted)


def _block_number(log: dict[str, Any]) -> int:
    return int(log["blockNumber"], 16)


def _block(name: str | int | None, chain: EmbeddedChain) -> int:
    if name in OPEN_ENDS:
        return chain.height
    if name == "earliest":
        return 0
    return name if isinstance(name, int) else int(str(name), 16)
