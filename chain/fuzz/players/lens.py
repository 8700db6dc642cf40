"""All that the contracts show of a market, asked of the EVM view by view, fast enough to be asked after every event.

The answers are read word by word, as the ABI lays them out, since decoding them by their types takes longer than all
the rest.
"""

from typing import Any

from eth_utils.address import to_checksum_address
from pyrevm import EVM

from gridbid.chain.fuzz.events import PARTICIPANTS
from gridbid.chain.fuzz.players.player import UNCOVERED, State
from gridbid.chain.rpc.interface import Interface
from gridbid.market.types import Side

WORD = 32
VIEWER = to_checksum_address("0x" + "00" * 20)
GAS = 30_000_000
FAILED = (-1,)
"""Instead of the words of a view that reverts."""


class Lens:
    """Reads a market's state."""

    def __init__(self, evm: EVM, market: Interface, token: Interface) -> None:
        self._evm = evm
        self._market = market
        self._token = token
        self._calls: dict[tuple[Any, ...], tuple[str, bytes]] = {}
        self._answers: dict[tuple[Any, ...], tuple[bytes, tuple[int, ...]]] = {}
        """The last answer to each question: most stay what they were, and are not read again."""

    def state(self, slots: list[int]) -> State:
        """Accounts, the tokens behind them, and of each of these slots terms, book and positions."""
        supplier, operator = self._words("supplierNeur"), self._words("operatorNeur")
        state: State = {"supplier and operator": (*supplier, *operator)}
        state["tokens held"] = self._ask(self._token, "balanceOf", self._market.address)
        uncovered, *promised_and_owed = self._words("obligations")
        state[UNCOVERED], state["promised and owed"] = (uncovered,), tuple(promised_and_owed)
        for participant in PARTICIPANTS:
            state[f"account {participant}"] = (
                *self._words("balanceOf", participant),
                *self._words("availableOf", participant),
            )
        for slot in slots:
            state[f"slot {slot} terms and unsettled seats"] = self._words("termsOf", slot)
            quotes = self._words("best", slot)
            state[f"slot {slot} best BUY"], state[f"slot {slot} best SELL"] = quotes[:2], quotes[2:]
            for side in Side:
                state[f"slot {slot} {side.name}"] = self._book(slot, side)
            for participant in PARTICIPANTS:
                state[f"slot {slot} position {participant}"] = self._position(slot, participant)
        return state

    def limits(self, slot: int, participant: int) -> list[int]:
        """A seat's envelope and credit line as kept."""
        return list(self._words("limitsOf", slot, participant))

    def _book(self, slot: int, side: Side) -> tuple[tuple[int, ...], ...]:
        """Tick, participant and Wh of each resting order. After offset and length stand three words an order."""
        words = self._words("orders", slot, int(side))
        if words == FAILED:
            return (FAILED,)
        return tuple(
            ((words[first] >> 32) & 0xFF, words[first + 1], words[first + 2])
            for first in range(2, len(words), 3)
        )

    def _position(self, slot: int, participant: int) -> tuple[int, ...]:
        """A position's words, in the order of a player's fields."""
        return self._words("positionOf", slot, participant)

    def _words(self, view: str, *arguments: int) -> tuple[int, ...]:
        """What a view of the market returns, as signed words."""
        return self._ask(self._market, view, *arguments)

    def _ask(self, contract: Interface, view: str, *arguments: Any) -> tuple[int, ...]:
        key = (contract.name, view, *arguments)
        if key not in self._calls:
            address = to_checksum_address(contract.address)
            self._calls[key] = (address, contract.encode_call(view, *arguments))
        try:
            output = bytes(self._evm.message_call(VIEWER, *self._calls[key], 0, GAS))
        except RuntimeError:  # how the EVM says that a call failed: a state that no other player shows
            return FAILED
        before, words = self._answers.get(key, (b"", ()))
        if output != before:
            words = _signed_words(output)
            self._answers[key] = output, words
        return words


def _signed_words(output: bytes) -> tuple[int, ...]:
    return tuple(
        int.from_bytes(output[start : start + WORD], signed=True) for start in range(0, len(output), WORD)
    )
