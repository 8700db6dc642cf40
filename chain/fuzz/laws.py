"""What holds of any one market after every event, whatever the others say: cash is conserved and tokens cover it.

Computed from what the market shows of its accounts and positions. Amounts are in nEUR.
"""

from collections.abc import Iterator

from gridbid.chain.fuzz.players.player import POSITION_FIELDS, State


def broken_law(state: State, uncovered: tuple[int] | None = None) -> str | None:
    """The first law that a state breaks, in words with its figures; ``uncovered`` is what a market says that is."""
    return next(_broken_laws(state, uncovered), None)


def _broken_laws(state: State, told_uncovered: tuple[int] | None) -> Iterator[str]:
    supplier, operator = state["supplier and operator"]
    (tokens,), (promised, _) = state["tokens held"], state["promised and owed"]
    balances, available = zip(*_parts(state, "account "), strict=True)
    positions = [_by_field(values) for key, values in state.items() if " position " in key]
    unsettled = [position for position in positions if not position["settled"]]

    pending = sum(position["received_neur"] - position["paid_neur"] for position in unsettled)
    if sum(balances) + supplier + operator + pending != tokens:
        yield f"accounts {balances}, {supplier}, {operator} and trades not settled, {pending}, make {tokens} tokens"

    least = sum(max(0, -neur) for neur in available)
    expired = sum(position["open_lock_neur"] for position in unsettled)
    (uncovered,) = told_uncovered or (least,)
    if not least <= uncovered <= least + expired:
        yield f"{uncovered} is not covered; it should be {least}, and at most {expired} more"

    free = supplier - uncovered - promised
    withdrawable = sum(max(0, neur) for neur in available)
    if free < 0 or tokens < withdrawable + operator + free:
        yield f"{tokens} tokens cover {withdrawable} of members, {operator} of the operator, {free} of the supplier"


def _parts(state: State, prefix: str) -> list[tuple[int, ...]]:
    return [values for key, values in state.items() if key.startswith(prefix)]


def _by_field(values: tuple[int, ...]) -> dict[str, int]:
    return dict(zip(POSITION_FIELDS, values, strict=True))
