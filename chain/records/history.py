"""What a community's contracts have told, read from any node, in the order in which it happened."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from gridbid.chain.client import ContractClient, ContractEvent
from gridbid.chain.rpc.node import Node

BLOCKS_A_REQUEST = 2_000
"""What public nodes answer at once."""


class Told(NamedTuple):
    """An event with its place."""

    contract: str
    """Its name within the community."""
    event: ContractEvent
    block_number: int
    block_time: int
    """Seconds since 1970, UTC."""
    transaction_hash: str
    log_index: int


class History:
    """Reads the events of some contracts; a block's time is asked for once."""

    def __init__(self, node: Node, clients: Mapping[str, ContractClient]) -> None:
        self.node = node
        self._clients = {client.address.lower(): (name, client) for name, client in clients.items()}
        self._times: dict[int, int] = {}

    def last_block(self) -> int:
        """Number of the last block."""
        return int(self.node.latest_block()["number"], 16)

    def read(self, first_block: int, last_block: int) -> Iterator[Told]:
        """All events in these blocks, both ends included."""
        for begin in range(first_block, last_block + 1, BLOCKS_A_REQUEST):
            query = {
                "fromBlock": hex(begin),
                "toBlock": hex(min(begin + BLOCKS_A_REQUEST - 1, last_block)),
                "address": list(self._clients),
            }
            yield from self.decoded(self.node.request("eth_getLogs", query))

    def decoded(self, logs: Sequence[dict[str, Any]]) -> Iterator[Told]:
        """Those logs that tell an event of these contracts."""
        for log in logs:
            name, client = self._clients.get(log["address"].lower(), ("", None))
            event = None if client is None else client.decode(log)
            if event is None:
                continue
            number = int(log["blockNumber"], 16)
            yield Told(
                name, event, number, self._time(number), log["transactionHash"], int(log["logIndex"], 16)
            )

    def _time(self, number: int) -> int:
        if number not in self._times:
            block = self.node.request("eth_getBlockByNumber", hex(number), False)
            self._times[number] = int(block["timestamp"], 16)
        return self._times[number]
