"""An event as plain JSON data, so that a log of them can be written down, shrunk and replayed.

    kind          other entries
    advance       to (seconds)
    publish       slot, terms (retail, feed-in, fee, floor, price cap), imports, exports, lines (by participant)
    place         participant, orders: each [slot, side, tick, wh, rest], in one call
    cancel        participant, orders: names
    reduce        participant, order, by_wh
    deposit       participant, amount_neur
    withdraw      participant, amount_neur
    suspend       participant
    reinstate     participant
    read          participant, slot, reading_wh: the meter's own
    correct       participant, slot, reading_wh: the meter's own, once more
    substitute    participant, slot, reading_wh: the keeper's
    rule          participant, slot, reading_wh: the arbiter's, after the participant's challenge
    settle        participant, slot

Participants are numbers; in ``publish`` they are JSON's keys, so they are text.
"""

from typing import Any

from gridbid.market.types import Terms

Event = dict[str, Any]
Log = list[Event]

KINDS = (
    "advance",
    "publish",
    "place",
    "cancel",
    "reduce",
    "deposit",
    "withdraw",
    "suspend",
    "reinstate",
    "read",
    "correct",
    "substitute",
    "rule",
    "settle",
)

SLOT_SECONDS = 100
TICK_SIZE = 2_000
RING_SIZE = 4
DEADLINE_SECONDS = 50
START_SECONDS = 1_000
PARTICIPANTS = (1, 2, 3, 4)
STRANGER = 9
"""Has no account."""
FIRST_DEPOSIT_NEUR = 300_000_000
"""What each participant begins with: some hundred Wh at the prices that are drawn."""
SUPPLIER_DEPOSIT_NEUR = 10**18
"""More than surpluses can earn in a log."""


def by_participant(entries: dict[str, int]) -> dict[int, int]:
    """Limits or lines of a ``publish``, under numbers again."""
    return {int(participant): amount for participant, amount in entries.items()}


def terms_of(event: Event) -> Terms:
    """The terms of a ``publish``."""
    return Terms(*event["terms"])
