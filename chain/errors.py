"""What a ledger raises, sorted by what a bot should do next.

    LedgerError
    ├── RetryError   the same call may succeed later: the connection failed, the market is paused, a sweep is due
    ├── SkipError    the moment has passed, or there is nothing to do: leave this action and go on
    └── StopError    the bot or its configuration is wrong: going on would repeat the fault

An order that the market's rules refuse raises nothing: its PlaceResult carries the reason.
"""

from gridbid.market.errors import GridbidError


class LedgerError(GridbidError):
    """A ledger refused a call. ``name`` is the contract's own error, or one of the same kind."""

    def __init__(self, name: str, detail: str = "") -> None:
        super().__init__(f"{name}: {detail}" if detail else name)
        self.name = name
        self.detail = detail


class RetryError(LedgerError):
    """The same call may succeed later."""


class SkipError(LedgerError):
    """The moment has passed, or there is nothing to do."""


class StopError(LedgerError):
    """The caller is wrong: going on would repeat the fault."""


# A payment beyond the tokens there are (the supplier owes some of them) waits until there are enough.
RETRY_NAMES = frozenset(
    {
        "EnforcedPause",
        "TradingPaused",
        "SweepNeeded",
        "TooEarly",
        "StillOpen",
        "RingPlaceOccupied",
        "NoReceipt",
        "ERC20InsufficientBalance",
    }
)
SKIP_NAMES = frozenset(
    {
        "NotPublished",
        "GateClosed",
        "Suspended",
        "InDebt",
        "Envelope",
        "Credit",
        "InsufficientCredit",
        "AlreadyPublished",
        "NotResting",
        "TickFull",
        "NotOwner",
        "BadQuantity",
        "BadTick",
        "NothingToSettle",
        "AlreadyRead",
        "NothingToCorrect",
        "TooLate",
        "NothingToPay",
        "DeadlinePassed",
        "NonceUsed",
        "SlotPassed",
        "OrderAboveLimit",
        "SlotAboveLimit",
    }
)


def ledger_error(name: str, detail: str = "") -> LedgerError:
    """The error of that name, of the kind that tells what to do; an unknown name stops."""
    if name in RETRY_NAMES:
        return RetryError(name, detail)
    if name in SKIP_NAMES:
        return SkipError(name, detail)
    return StopError(name, detail)
