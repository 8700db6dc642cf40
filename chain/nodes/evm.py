"""A chain within the process: one transaction a block, a clock that is set by hand, snapshots, no fees."""

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gridbid.chain.errors import StopError
from gridbid.chain.nodes.history import DYNAMIC_FEE, History
from gridbid.chain.nodes.message import BLOCK_GAS_LIMIT, Message, Outcome, TransactionRefused
from gridbid.chain.rpc.networks import DEVELOPMENT_CHAIN_ID

if TYPE_CHECKING:
    from pyrevm import EVM


@dataclass(frozen=True)
class Snapshot:
    """A moment to go back to."""

    checkpoint: Any
    """The EVM's own."""
    height: int
    nonces: dict[str, int]
    seconds: int


class EmbeddedChain:
    """A chain in memory; ``now`` is the clock, seconds, and the time of the next block."""

    def __init__(self, now: int = 0, chain_id: int = DEVELOPMENT_CHAIN_ID) -> None:
        try:
            from gridbid.chain.nodes.revm import Revm
        except ModuleNotFoundError as error:
            raise StopError(
                "NoPyrevm", "it has no wheel for this platform; choose py-evm or anvil"
            ) from error
        self.chain_id = chain_id
        self.history = History(chain_id)
        self._now = now
        self._revm = Revm(chain_id)
        self._nonces: dict[str, int] = {}
        self._snapshot_names = itertools.count(1)
        self._snapshots: dict[int, Snapshot] = {}
        self.mine()

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
    def evm(self) -> "EVM":
        """pyrevm's EVM, for those who look deeper."""
        return self._revm.evm

    @property
    def height(self) -> int:
        """Number of the last block."""
        return self.history.height

    def nonce(self, address: str) -> int:
        """Number of transactions that an address has sent."""
        return self._nonces.get(address.lower(), 0)

    def balance(self, address: str) -> int:
        """Ether of an address, wei."""
        return self._revm.balance(address)

    def set_balance(self, address: str, wei: int) -> None:
        """Give an address ether."""
        self._revm.set_balance(address, wei)

    def code(self, address: str) -> bytes:
        """Code of a contract, empty where there is none."""
        return self._revm.code(address)

    def storage(self, address: str, position: int) -> int:
        """A word of a contract's storage."""
        return self._revm.storage(address, position)

    def call(self, message: Message) -> Outcome:
        """Execute without leaving a trace. Raises ExecutionReverted and TransactionRefused."""
        checkpoint = self._revm.snapshot()
        try:
            outcome = self._execute(message, self.nonce(message.sender))
        finally:
            self._revm.revert(checkpoint)
        if outcome.failure is not None:
            raise outcome.failure
        return outcome

    def execute(self, message: Message) -> Outcome:
        """Execute in no block: what the message changes stays, and no receipt tells of it. Raises TransactionRefused."""
        return self._execute(message, self.nonce(message.sender))

    def transact(self, message: Message, transaction_hash: str, nonce: int, kind: str = DYNAMIC_FEE) -> None:
        """Execute in a block of its own; what failed stands in it too. Raises TransactionRefused."""
        expected = self.nonce(message.sender)
        if nonce != expected:
            place = "too low" if nonce < expected else "too high"
            raise TransactionRefused(f"nonce {place}: it is {nonce}, the next one is {expected}")
        if message.gas > BLOCK_GAS_LIMIT:
            raise TransactionRefused(f"gas is {message.gas}; a block has {BLOCK_GAS_LIMIT}")
        outcome = self._execute(message, nonce)
        self._nonces[message.sender.lower()] = nonce + 1
        self.history.seal(self._now, [transaction_hash], outcome.gas_used)
        self.history.record(message, outcome, transaction_hash, nonce, kind)

    def mine(self) -> None:
        """Add an empty block."""
        self.history.seal(self._now, [])

    def snapshot(self) -> int:
        """Remember the state; return the name to go back by."""
        name = next(self._snapshot_names)
        checkpoint = self._revm.snapshot()
        self._snapshots[name] = Snapshot(checkpoint, self.height, dict(self._nonces), self._now)
        return name

    def revert(self, name: int) -> bool:
        """Go back to a snapshot, which with all later ones is then gone; False when there is none of that name."""
        if name not in self._snapshots:
            return False
        for later in sorted((key for key in self._snapshots if key >= name), reverse=True):
            snapshot = self._snapshots.pop(later)
            self._revm.revert(snapshot.checkpoint)
        self._nonces, self._now = snapshot.nonces, snapshot.seconds
        self.history.forget_after(snapshot.height)
        return True

    def _execute(self, message: Message, nonce: int) -> Outcome:
        self._revm.set_block(self.height + 1, self._now)
        return self._revm.execute(message, nonce)
