"""What the contracts' ring of slots adds to the rules: a place holds one slot, and is reused when its seats are settled."""

from collections.abc import Callable

from gridbid.chain.fuzz.events import RING_SIZE


class Ring:
    """The slots that have a place."""

    def __init__(self, is_settled: Callable[[int, int], bool]) -> None:
        """``is_settled`` tells of a slot and a participant."""
        self._is_settled = is_settled
        self._seats: dict[int, tuple[int, set[int]]] = {}
        """Slot and its seated participants, by place."""
        self._last_seats: dict[tuple[int, int], int] = {}
        """The last slot in which a participant was seated, by place and participant."""

    @property
    def slots(self) -> list[int]:
        """Slots that are shown, in order."""
        return sorted(slot for slot, _ in self._seats.values())

    def holds(self, slot: int) -> bool:
        """Whether a slot has its place still."""
        return slot % RING_SIZE in self._seats and self._seats[slot % RING_SIZE][0] == slot

    def is_occupied_for(self, slot: int) -> bool:
        """Whether the place that a slot needs is kept by another one."""
        if slot % RING_SIZE not in self._seats:
            return False
        other, _ = self._seats[slot % RING_SIZE]
        return other > slot or bool(self.unsettled_seats(other))

    def unsettled_seats(self, slot: int) -> list[int]:
        """Participants with a seat in a slot of the ring that are not settled there."""
        _, seated = self._seats[slot % RING_SIZE]
        return [participant for participant in seated if not self._is_settled(slot, participant)]

    def remembers_seat(self, slot: int, participant: int) -> bool:
        """Whether a participant's seat in a slot is still stored: it outlives the slot until it is taken by another."""
        return self._last_seats.get((slot % RING_SIZE, participant)) == slot

    def take(self, slot: int, seated: set[int]) -> None:
        """Give a slot its place; what was there is shown no more."""
        place = slot % RING_SIZE
        self._seats[place] = (slot, seated)
        self._last_seats |= {(place, participant): slot for participant in seated}
