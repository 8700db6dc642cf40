"""What stands in the blocks of a chain in the process, as JSON-RPC objects."""

from typing import Any

import rlp
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from gridbid.chain.nodes.message import BLOCK_GAS_LIMIT, Message, Outcome

ZERO_HASH = "0x" + "00" * 32
NO_BLOOM = "0x" + "00" * 256
DYNAMIC_FEE = "0x2"
"""Transactions of EIP-1559."""


class History:
    """Blocks, transactions, receipts and logs; a block holds one transaction or none."""

    def __init__(self, chain_id: int) -> None:
        self._chain_id = chain_id
        self.blocks: list[dict[str, Any]] = []
        self.transactions: dict[str, dict[str, Any]] = {}
        self.receipts: dict[str, dict[str, Any]] = {}
        self.logs: list[dict[str, Any]] = []
        self.numbers: dict[str, int] = {}
        """A block's number by its hash."""

    @property
    def height(self) -> int:
        """Number of the last block."""
        return len(self.blocks) - 1

    def seal(self, seconds: int, transactions: list[str], gas_used: int = 0) -> None:
        """Add a block."""
        number = len(self.blocks)
        parent = self.blocks[-1]["hash"] if number else ZERO_HASH
        names = [bytes.fromhex(name[2:]) for name in transactions]
        content = rlp.encode([number, bytes.fromhex(parent[2:]), seconds, names])
        block_hash = "0x" + keccak(content).hex()
        self.numbers[block_hash] = number
        self.blocks.append(
            {
                "number": hex(number),
                "hash": block_hash,
                "parentHash": parent,
                "timestamp": hex(seconds),
                "gasLimit": hex(BLOCK_GAS_LIMIT),
                "gasUsed": hex(gas_used),
                "baseFeePerGas": "0x0",
                "miner": "0x" + "00" * 20,
                "difficulty": "0x0",
                "totalDifficulty": "0x0",
                "extraData": "0x",
                "size": "0x0",
                "nonce": "0x" + "00" * 8,
                "sha3Uncles": ZERO_HASH,
                "logsBloom": NO_BLOOM,
                "transactionsRoot": ZERO_HASH,
                "receiptsRoot": ZERO_HASH,
                "stateRoot": ZERO_HASH,
                "mixHash": ZERO_HASH,
                "uncles": [],
                "transactions": transactions,
            }
        )

    def record(self, message: Message, outcome: Outcome, name: str, nonce: int, kind: str) -> None:
        """Keep the last block's transaction with its receipt and logs."""
        place = {
            "transactionHash": name,
            "transactionIndex": "0x0",
            "blockHash": self.blocks[-1]["hash"],
            "blockNumber": hex(self.height),
        }
        logs = [_log(entry, index, place) for index, entry in enumerate(outcome.logs)]
        ends = {"from": to_checksum_address(message.sender), "to": message.to, "type": kind}
        self.logs += logs
        self.transactions[name] = {
            "hash": name,
            "transactionIndex": "0x0",
            "blockHash": place["blockHash"],
            "blockNumber": place["blockNumber"],
            **ends,
            "nonce": hex(nonce),
            "value": hex(message.value),
            "gas": hex(message.gas),
            "gasPrice": "0x0",
            "input": "0x" + message.data.hex(),
            "chainId": hex(self._chain_id),
        }
        self.receipts[name] = {
            **place,
            **ends,
            "contractAddress": outcome.created,
            "status": "0x1" if outcome.failure is None else "0x0",
            "gasUsed": hex(outcome.gas_used),
            "cumulativeGasUsed": hex(outcome.gas_used),
            "effectiveGasPrice": "0x0",
            "logs": logs,
            "logsBloom": NO_BLOOM,
        }

    def forget_after(self, height: int) -> None:
        """Take back all blocks above a height."""
        for block in self.blocks[height + 1 :]:
            del self.numbers[block["hash"]]
            for name in block["transactions"]:
                del self.transactions[name], self.receipts[name]
        del self.blocks[height + 1 :]
        while self.logs and int(self.logs[-1]["blockNumber"], 16) > height:
            self.logs.pop()


def _log(entry: Any, index: int, place: dict[str, Any]) -> dict[str, Any]:
    return {
        "address": to_checksum_address(entry.address),
        "topics": [str(topic) for topic in entry.topics],
        "data": "0x" + bytes(entry.data[1]).hex(),
        "logIndex": hex(index),
        "removed": False,
        **place,
    }
