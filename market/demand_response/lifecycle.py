"""An event's state machine, in integers: what time does to it, and what commands may.

draft -> published -> armed -> ramp -> active -> recovery -> metered -> baselined -> settled -> closed, with settled <->
disputed, and cancelled before it is active.
"""

from typing import NamedTuple

from gridbid.market.demand_response.types import Command, Phase
from gridbid.market.kernel import kernel

ILLEGAL = -1

_DRAFT, _PUBLISHED, _ARMED, _RAMP = (int(p) for p in (Phase.DRAFT, Phase.PUBLISHED, Phase.ARMED, Phase.RAMP))
_ACTIVE, _RECOVERY, _METERED = (int(p) for p in (Phase.ACTIVE, Phase.RECOVERY, Phase.METERED))
_BASELINED, _SETTLED, _DISPUTED = (int(p) for p in (Phase.BASELINED, Phase.SETTLED, Phase.DISPUTED))
_CLOSED, _CANCELLED = int(Phase.CLOSED), int(Phase.CANCELLED)
_PUBLISH, _CANCEL, _RESPOND, _COMPARE = (
    int(c) for c in (Command.PUBLISH, Command.CANCEL, Command.RESPOND, Command.COMPARE)
)
_SETTLE, _DISPUTE, _CORRECT, _RESOLVE = (
    int(c) for c in (Command.SETTLE, Command.DISPUTE, Command.CORRECT, Command.RESOLVE)
)


class Times(NamedTuple):
    """Slots at whose start an event goes on; an event's energy is that of slots start to end - 1."""

    opt_out_until: int
    ramp_start: int
    start: int
    end: int
    recovery_end: int
    dispute_until: int


@kernel
def next_phase(phase: int, now: int, metered_until: int, times: Times) -> int:
    """The phase that time leads to, one step at most: ``now`` is the slot that begins, readings are there up to ``metered_until``."""
    if phase == _PUBLISHED and now >= times.opt_out_until:
        return _ARMED
    if phase == _ARMED and now >= times.ramp_start:
        return _RAMP
    if phase == _RAMP and now >= times.start:
        return _ACTIVE
    if phase == _ACTIVE and now >= times.end:
        return _RECOVERY
    if phase == _RECOVERY and now >= times.recovery_end and metered_until >= times.end:
        return _METERED
    if phase == _SETTLED and now >= times.dispute_until:
        return _CLOSED
    return phase


@kernel
def after_command(phase: int, command: int) -> int:
    """The phase after a command, or ILLEGAL where it has no place."""
    if command == _PUBLISH and phase == _DRAFT:
        return _PUBLISHED
    if command == _CANCEL and (phase >= _DRAFT and phase <= _RAMP):
        return _CANCELLED
    if command == _RESPOND and phase == _PUBLISHED:
        return _PUBLISHED
    if command == _COMPARE and phase == _METERED:
        return _BASELINED
    if command == _SETTLE and phase == _BASELINED:
        return _SETTLED
    if command == _DISPUTE and phase == _SETTLED:
        return _DISPUTED
    if command == _CORRECT and phase == _DISPUTED:
        return _DISPUTED
    if command == _RESOLVE and phase == _DISPUTED:
        return _SETTLED
    return ILLEGAL
