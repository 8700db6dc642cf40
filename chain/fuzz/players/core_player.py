"""The core plays: the exchange on its Numba kernels, with the dry run's readings."""

from collections.abc import Callable

from gridbid.chain.errors import LedgerError
from gridbid.chain.fuzz.events import (
    DEADLINE_SECONDS,
    FIRST_DEPOSIT_NEUR,
    PARTICIPANTS,
    SLOT_SECONDS,
    START_SECONDS,
    SUPPLIER_DEPOSIT_NEUR,
    TICK_SIZE,
    Event,
)
from gridbid.chain.fuzz.players.exchange_player import ExchangePlayer
from gridbid.chain.fuzz.players.player import Outcome, error
from gridbid.chain.ledgers.memory_ledger import MemoryLedger


class CorePlayer(ExchangePlayer):
    """Plays a log on the dry run's ledger."""

    name = "core"

    def reset(self) -> None:
        """Begin anew."""
        self._ledger = MemoryLedger(SLOT_SECONDS, TICK_SIZE, DEADLINE_SECONDS, START_SECONDS)
        for _ in PARTICIPANTS:
            self._ledger.deposit(self._ledger.register(), FIRST_DEPOSIT_NEUR)
        self._ledger.exchange.supplier_neur = SUPPLIER_DEPOSIT_NEUR
        self.open(self._ledger.exchange)

    def read(self, event: Event) -> Outcome:
        """Bring a metered reading."""
        return self._bring(event, self._ledger.submit_reading)

    def correct(self, event: Event) -> Outcome:
        """Bring a metered reading once more."""
        return self._bring(event, self._ledger.correct_reading)

    def substitute(self, event: Event) -> Outcome:
        """Bring a substitute."""
        return self._bring(event, self._ledger.substitute_reading)

    def rule(self, event: Event) -> Outcome:
        """Rule on a reading."""
        return self._bring(event, self._ledger.rule_reading)

    def settle(self, event: Event) -> Outcome:
        """Settle by the reading there is."""
        if not self.ring.holds(event["slot"]):
            return error("NotPublished")
        try:
            return self._ledger.settle(event["slot"], event["participant"])
        except LedgerError as refused:
            return error(refused.name)

    def _bring(self, event: Event, bring: Callable[[int, int, int], None]) -> Outcome:
        try:
            bring(event["slot"], event["participant"], event["reading_wh"])
        except LedgerError as refused:
            return error(refused.name)
        return None
