"""The plain twin plays: the rules as market/naive/exchange.py states them, with as plain an oracle."""

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
from gridbid.market.naive.exchange import NaiveExchange
from gridbid.market.types import Quality
from gridbid.market.units import MAX_QUANTITY_WH


class TwinPlayer(ExchangePlayer):
    """Plays a log on the twin. ``twin`` makes the exchange: a test may plant a fault by giving another class."""

    name = "twin"

    def __init__(self, twin: type[NaiveExchange] = NaiveExchange) -> None:
        self._twin = twin

    def reset(self) -> None:
        """Begin anew."""
        exchange = self._twin(slot_seconds=SLOT_SECONDS, tick_size=TICK_SIZE, now=START_SECONDS)
        for participant in PARTICIPANTS:
            exchange.register(participant)
            exchange.deposit(participant, FIRST_DEPOSIT_NEUR)
        exchange.supplier_neur = SUPPLIER_DEPOSIT_NEUR
        self.readings: dict[tuple[int, int], dict[Quality, int]] = {}
        """Wh by quality, by slot and participant."""
        self.open(exchange)

    def read(self, event: Event) -> Outcome:
        """Bring a metered reading, once."""
        return self._note(event, Quality.METERED, is_known=Quality.METERED in self._known(event))

    def correct(self, event: Event) -> Outcome:
        """Bring a metered reading once more."""
        if Quality.METERED not in self._known(event):
            return error("NothingToCorrect")
        return self._note(event, Quality.METERED)

    def substitute(self, event: Event) -> Outcome:
        """Bring a substitute, where there is no reading after the deadline."""
        return self._note(event, Quality.SUBSTITUTE, DEADLINE_SECONDS, is_known=bool(self._known(event)))

    def rule(self, event: Event) -> Outcome:
        """Rule on a reading that there is, once."""
        known = self._known(event)
        if not known:
            return error("NothingToChallenge")
        return error("AlreadyChallenged") if Quality.RULED in known else self._note(event, Quality.RULED)

    def settle(self, event: Event) -> Outcome:
        """Settle by the best reading there is, if it isn't the one that was settled by."""
        slot, participant = event["slot"], event["participant"]
        if not self.ring.holds(slot):
            return error("NotPublished")
        known = self._known(event)
        if not known:
            return error("NothingToSettle")
        quality = max(known)
        position = self.exchange.position(slot, participant)
        if (position.quality, position.reading_wh) == (quality, known[quality]):
            return error("NothingToSettle")
        return self.exchange.settle(slot, participant, known[quality], quality)

    def _known(self, event: Event) -> dict[Quality, int]:
        """What the oracle was told of a seat."""
        return self.readings.setdefault((event["slot"], event["participant"]), {})

    def _note(
        self, event: Event, quality: Quality, delay_seconds: int = 0, *, is_known: bool = False
    ) -> Outcome:
        if self.exchange.now < (event["slot"] + 1) * SLOT_SECONDS + delay_seconds:
            return error("TooEarly")
        if abs(event["reading_wh"]) >= MAX_QUANTITY_WH:
            return error("ReadingOutOfRange")
        if is_known:
            return error("AlreadyRead")
        self._known(event)[quality] = event["reading_wh"]
        return None
