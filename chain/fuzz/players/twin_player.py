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
        self.readings: dict[tuple[int, int], tuple[int, bool]] = {}
        """Wh, and whether it is a substitute, by slot and participant."""
        self.open(exchange)

    def read(self, event: Event) -> Outcome:
        """Bring a metered reading: it may replace a substitute."""
        return self._bring(event, substituted=False, delay_seconds=0)

    def substitute(self, event: Event) -> Outcome:
        """Bring a substitute, where there is no reading after the deadline."""
        return self._bring(event, substituted=True, delay_seconds=DEADLINE_SECONDS)

    def settle(self, event: Event) -> Outcome:
        """Settle by the reading there is, once; a substitute's settlement is corrected."""
        slot, participant = event["slot"], event["participant"]
        if not self.ring.holds(slot):
            return error("NotPublished")
        reading = self.readings.get((slot, participant))
        position = self.exchange.position(slot, participant)
        if reading is None or (position.reading_wh is not None and (reading[1] or not position.substituted)):
            return error("NothingToSettle")
        return self.exchange.settle(slot, participant, *reading)

    def _bring(self, event: Event, *, substituted: bool, delay_seconds: int) -> Outcome:
        slot, reading_wh = event["slot"], event["reading_wh"]
        if self.exchange.now < (slot + 1) * SLOT_SECONDS + delay_seconds:
            return error("TooEarly")
        if abs(reading_wh) >= MAX_QUANTITY_WH:
            return error("ReadingOutOfRange")
        known = self.readings.get((slot, event["participant"]))
        if known is not None and (substituted or not known[1]):
            return error("AlreadyRead")
        self.readings[slot, event["participant"]] = (reading_wh, substituted)
        return None
