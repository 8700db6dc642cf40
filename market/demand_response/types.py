"""The words of demand response: phases, commands, responses, and the records that kernels hand to each other."""

from enum import IntEnum, IntFlag
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

MISSING = -(1 << 31)
"""A reading that isn't there, Wh, in int32."""

MAX_READING_WH = 1 << 22
"""Readings and targets of a slot stay within this, 4.2 MWh: then no product of a baseline leaves 63 bits."""

MAX_EVENT_WH = 1 << 26
"""What an event may instruct altogether, 67 MWh."""

MAX_RATE = 1 << 32
"""nEUR/Wh; with MAX_EVENT_WH a payment fits in 63 bits."""

MAX_CAP_PERCENT = 1_000_000
"""Of the same-day adjustment: as good as none."""

Bytes = NDArray[np.int8]
Words = NDArray[np.int32]
Integers = NDArray[np.int64]


class Phase(IntEnum):
    """Where an event stands. A seat that holds none is FREE."""

    FREE = 0
    DRAFT = 1
    PUBLISHED = 2
    """Participants know; they may opt out."""
    ARMED = 3
    """Who takes part is settled."""
    RAMP = 4
    ACTIVE = 5
    RECOVERY = 6
    METERED = 7
    """Readings of all its slots are there."""
    BASELINED = 8
    """Compared with the baseline: what was delivered is known."""
    SETTLED = 9
    DISPUTED = 10
    CLOSED = 11
    CANCELLED = 12


class Command(IntEnum):
    """What somebody does to an event; the other transitions come with time."""

    PUBLISH = 0
    CANCEL = 1
    RESPOND = 2
    COMPARE = 3
    SETTLE = 4
    DISPUTE = 5
    CORRECT = 6
    RESOLVE = 7


class Response(IntEnum):
    """A participant's part in an event."""

    OUT = 0
    IN = 1
    UNFIT = 2
    """Too few past days for a baseline."""


class Method(IntEnum):
    """How a baseline is made of past days."""

    TEN_OF_TEN = 0
    """CAISO: mean of the ten most recent eligible days."""
    ROLLING = 1
    """ISO New England's former 90/10: nine tenths of the last baseline and one tenth of the day."""


class Refusal(IntFlag):
    """Why an event can't be called; all that hold."""

    NONE = 0
    LENGTH = 1
    DAY = 2
    NOTICE = 4
    DEADLINE = 8
    DURATION = 16
    TARGET = 32
    RATE = 64
    ORDER = 128
    SEAT = 256
    EPISODE = 512
    """Its recovery would end after the episode: only an engine has one."""


class Terms(NamedTuple):
    """What an event asks and pays; slots are absolute, durations in slots, rates in nEUR/Wh."""

    start: int
    n_slots: int
    rate: int
    """For each Wh delivered, up to what is instructed."""
    availability_rate: int = 0
    """For each Wh instructed, whatever is delivered."""
    penalty_rate: int = 0
    """For each Wh that is missing to 95 % of what is instructed."""
    notice: int = 4
    """From publishing to the ramp, at least."""
    opt_out: int = 2
    """From the last moment to opt out to the start."""
    ramp: int = 1
    recovery: int = 2
    dispute: int = 96
    """After the recovery, in which a settlement may be disputed."""


class BaselineRules(NamedTuple):
    """How baselines are made."""

    method: int = int(Method.TEN_OF_TEN)
    cap_percent: int = 20
    """The same-day adjustment moves a baseline by this at most, either way; 0 is none at all."""
