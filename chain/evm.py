"""An EVM within the process: one transaction a block, a clock that is set by hand, snapshots.

What a chain keeps beside the EVM's state: blocks, transactions, receipts, logs and nonces. There are no fees.
The EVM keeps storage warm from one transaction to the next, so ``gasUsed`` understates what a public chain would
charge; ``gridbid.chain.gas`` measures that.
"""

import itertools
import re
from dataclasses import dataclass, field
from typing import Any

import rlp
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak
from pyrevm import EVM, AccountInfo, BlockEnv, CfgEnv, Env

CHAIN_ID = 31_337
BLOCK_GAS_LIMIT = 30_000_000
EVM_VERSION = "CANCUN"
ZERO_HASH = "0x" + "00" * 32
CODE_PADDING = 33
"""Zero bytes that the EVM keeps behind a contract's code."""
_REVERT = re.compile(r"^Revert \{ gas_used: (\d+), output: (0x[0-9a-f]*) \}$")


class ExecutionReverted(Exception):
    """A call failed. ``data`` is what the contract returned, empty when it ran out of gas or broke off."""

    def __init__(self, message: str, data: bytes) -> None:
        super().__init__(message)
        self.data = data


class TransactionRefused(Exception):
    """A transaction that cannot stand in a block: wrong nonce, chain, signature or too little gas."""


@dataclass(frozen=True)
class Message:
    """What the EVM executes; ``to`` is None for a deployment."""

    sender: str
    to: str | None
    data: bytes
    value: int = 0
    gas: int = BLOCK_GAS_LIMIT


@dataclass(frozen=True)
class Outcome:
    """What became of a message."""

    output: bytes
    gas_used: int
    gas_refunded: int
    created: str | None
    failure: ExecutionReverted | None
    logs: list[Any]


@dataclass
class History:
    """Blocks and what stands in them, as JSON-RPC objects."""

    blocks: list[dict[str, Any]] = field(default_factory=list)
    transactions: dict[str, dict[str, Any]] = field(default_factory=dict)
    receipts: dict[str, dict[str, Any]] = field(default_factory=dict)
    logs: list[dict[str, Any]] = field(default_factory=list)


class EmbeddedChain:
    """A chain in memory; ``now`` is the clock, seconds, and the time of the next block."""

    def __init__(self, now: int = 0, chain_id: int = CHAIN_ID) -> None:
        self.chain_id = chain_id
        self.history = History()
        self._now = now
        self.evm = EVM(env=Env(cfg=CfgEnv(chain_id=chain_id)), spec_id=EVM_VERSION)
        self._nonces: dict[str, int] = {}
        self._snapshot_names = itertools.count(1)
        self._snapshots: dict[int, tuple[Any, int, int, dict[str, int], int]] = {}
        self._seal([], 0)

    @property
    def now(self) -> int:
        """Time of the next block, seconds."""
        return self._now

    @now.setter
    def now(self, seconds: int) -> None:
        if seconds < self._now:
            raise ValueError(f"now is set to {seconds}; it must not be before {self._now}")
        self._now = seconds

    @property
    def height(self) -> int:
        """Number of the last block."""
        return len(self.history.blocks) - 1

    def nonce(self, address: str) -> int:
        """Number of transactions that an address has sent."""
        return self._nonces.get(to_checksum_address(address), 0)

    def balance(self, address: str) -> int:
        """Ether of an address, wei."""
        return self.evm.get_balance(to_checksum_address(address))

    def set_balance(self, address: str, wei: int) -> None:
        """Give an address ether."""
        self.evm.set_balance(to_checksum_address(address), wei)

    def code(self, address: str) -> bytes:
        """Code of a contract, empty where there is none."""
        padded = bytes(self.evm.get_code(to_checksum_address(address)) or b"")
        return padded[: len(padded) - CODE_PADDING]

    def storage(self, address: str, position: int) -> int:
        """A word of a contract's storage."""
        return self.evm.storage(to_checksum_address(address), position)

    def call(self, message: Message) -> Outcome:
        """Execute without leaving a trace. Raises ExecutionReverted."""
        checkpoint = self.evm.snapshot()
        outcome = self._execute(message)
        self.evm.revert(checkpoint)
        if outcome.failure is not None:
            raise outcome.failure
        return outcome

    def transact(self, message: Message, transaction_hash: str, nonce: int) -> None:
        """Execute in a block of its own; what failed stands in it too. Raises TransactionRefused."""
        sender = to_checksum_address(message.sender)
        if nonce != self.nonce(sender):
            raise TransactionRefused(f"nonce is {nonce}; the next one of {sender} is {self.nonce(sender)}")
        if message.gas > BLOCK_GAS_LIMIT:
            raise TransactionRefused(f"gas is {message.gas}; a block has {BLOCK_GAS_LIMIT}")
        outcome = self._execute(message)
        self._nonces[sender] = nonce + 1
        block_hash = self._seal([transaction_hash], outcome.gas_used)
        self._record(message, outcome, transaction_hash, block_hash, nonce)

    def mine(self) -> None:
        """Add an empty block."""
        self._seal([], 0)

    def snapshot(self) -> int:
        """Remember the state; return the name to go back by."""
        name = next(self._snapshot_names)
        logs = len(self.history.logs)
        self._snapshots[name] = (self.evm.snapshot(), self.height, logs, dict(self._nonces), self._now)
        return name

    def revert(self, name: int) -> bool:
        """Go back to a snapshot, which with all later ones is then gone; False when there is none of that name."""
        if name not in self._snapshots:
            return False
        for later in sorted(self._snapshots, reverse=True):
            if later < name:
                break
            checkpoint, height, logs, nonces, now = self._snapshots.pop(later)
            self.evm.revert(checkpoint)
        self._nonces, self._now = nonces, now
        self._forget_after(height, logs)
        return True

    def _execute(self, message: Message) -> Outcome:
        """Run the EVM on a message at the current time. Raises TransactionRefused."""
        evm = self.evm
        evm.set_block_env(
            BlockEnv(number=self.height + 1, timestamp=self._now, gas_limit=BLOCK_GAS_LIMIT, basefee=0)
        )
        evm.reset_transient_storage()
        output, created, failure = b"", None, None
        try:
            if message.to is None:
                created = to_checksum_address(self._deploy(message))
            else:
                sender, to = to_checksum_address(message.sender), to_checksum_address(message.to)
                output = bytes(evm.message_call(sender, to, message.data, message.value, message.gas))
        except RuntimeError as error:
            failure = _failure(str(error))
        result = evm.result
        if result is None:
            raise TransactionRefused("the EVM ran nothing")
        logs = [] if failure is not None else list(result.logs)
        return Outcome(output, result.gas_used, result.gas_refunded, created, failure, logs)

    def _deploy(self, message: Message) -> str:
        """Deploy at the address that the sender's nonce gives; the EVM itself counts no calls."""
        sender = to_checksum_address(message.sender)
        wei = self.balance(sender)
        self.evm.insert_account_info(sender, AccountInfo(nonce=self.nonce(sender)))
        self.evm.set_balance(sender, wei)
        return str(self.evm.deploy(sender, message.data, message.value, message.gas))

    def _seal(self, transactions: list[str], gas_used: int) -> str:
        number = len(self.history.blocks)
        parent = self.history.blocks[-1]["hash"] if number else ZERO_HASH
        content = [
            number,
            bytes.fromhex(parent[2:]),
            self._now,
            [bytes.fromhex(name[2:]) for name in transactions],
        ]
        block_hash = "0x" + keccak(rlp.encode(content)).hex()
        self.history.blocks.append(
            {
                "number": hex(number),
                "hash": block_hash,
                "parentHash": parent,
                "timestamp": hex(self._now),
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
                "logsBloom": "0x" + "00" * 256,
                "transactionsRoot": ZERO_HASH,
                "receiptsRoot": ZERO_HASH,
                "stateRoot": ZERO_HASH,
                "mixHash": ZERO_HASH,
                "uncles": [],
                "transactions": transactions,
            }
        )
        return block_hash

    def _record(
        self, message: Message, outcome: Outcome, transaction_hash: str, block_hash: str, nonce: int
    ) -> None:
        place = {
            "transactionHash": transaction_hash,
            "transactionIndex": "0x0",
            "blockHash": block_hash,
            "blockNumber": hex(self.height),
        }
        logs = [_log(entry, index, place) for index, entry in enumerate(outcome.logs)]
        ends = {"from": to_checksum_address(message.sender), "to": message.to}
        self.history.logs += logs
        self.history.transactions[transaction_hash] = {
            "hash": transaction_hash,
            "transactionIndex": "0x0",
            "blockHash": block_hash,
            "blockNumber": hex(self.height),
            **ends,
            "nonce": hex(nonce),
            "value": hex(message.value),
            "gas": hex(message.gas),
            "gasPrice": "0x0",
            "input": "0x" + message.data.hex(),
            "chainId": hex(self.chain_id),
            "type": "0x2",
        }
        self.history.receipts[transaction_hash] = {
            **place,
            **ends,
            "contractAddress": outcome.created,
            "status": "0x1" if outcome.failure is None else "0x0",
            "gasUsed": hex(outcome.gas_used),
            "cumulativeGasUsed": hex(outcome.gas_used),
            "effectiveGasPrice": "0x0",
            "logs": logs,
            "logsBloom": "0x" + "00" * 256,
            "type": "0x2",
        }

    def _forget_after(self, height: int, logs: int) -> None:
        for block in self.history.blocks[height + 1 :]:
            for name in block["transactions"]:
                del self.history.transactions[name], self.history.receipts[name]
        del self.history.blocks[height + 1 :]
        del self.history.logs[logs:]


def _failure(text: str) -> ExecutionReverted:
    """The EVM's own words as an error. Raises TransactionRefused for what was not executed at all."""
    reverted = _REVERT.match(text)
    if reverted is not None:
        return ExecutionReverted("execution reverted", bytes.fromhex(reverted[2][2:]))
    if text.startswith("Halt"):
        return ExecutionReverted(text, b"")
    raise TransactionRefused(text)


def _log(entry: Any, index: int, place: dict[str, str]) -> dict[str, Any]:
    return {
        "address": to_checksum_address(entry.address),
        "topics": [str(topic) for topic in entry.topics],
        "data": "0x" + bytes(entry.data[1]).hex(),
        "logIndex": hex(index),
        "removed": False,
        **place,
    }
