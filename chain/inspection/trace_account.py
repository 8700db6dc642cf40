"""A participant's account over time: every change of its credit, and whether they make the balance on the chain."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from gridbid.chain.inspection.trace_events import Chronicle, Movement


class StatementLine(NamedTuple):
    """A change of the credit, and what the credit was afterwards."""

    movement: Movement
    credit_neur: int


@dataclass(frozen=True)
class Statement:
    """An account's statement."""

    participant: int
    lines: Sequence[StatementLine]
    balance_neur: int
    """What the chain says now."""

    @property
    def told_neur(self) -> int:
        """What the events make."""
        return self.lines[-1].credit_neur if self.lines else 0

    @property
    def faults(self) -> list[str]:
        """What doesn't add up, in words; empty: everything matches the chain."""
        missing = self.balance_neur - self.told_neur
        if not missing:
            return []
        fault = (
            f"the events make {self.told_neur} nEUR, the chain shows {self.balance_neur} nEUR; "
            f"events of {missing} nEUR are missing"
        )
        return [fault]


def statement(chronicle: Chronicle, participant: int, balance_neur: int) -> Statement:
    """The statement of a participant whose balance on the chain is given, nEUR."""
    lines, credit_neur = [], 0
    for movement in chronicle.movements:
        if movement.participant == participant:
            credit_neur += movement.amount_neur
            lines.append(StatementLine(movement, credit_neur))
    return Statement(participant, lines, balance_neur)
