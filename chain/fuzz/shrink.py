"""A failing log made small: events are left out, then calls and quantities made smaller, while the players still part."""

from collections.abc import Callable, Iterator

from gridbid.chain.fuzz.events import Event, Log

Fails = Callable[[Log], bool]


def shrink(log: Log, fails: Fails) -> Log:
    """The smallest log found that still fails, no event of which can be left out or made simpler."""
    while True:
        smaller = _simplify_events(_leave_out(log, fails), fails)
        if smaller == log:
            return log
        log = smaller


def _leave_out(log: Log, fails: Fails) -> Log:
    """Leave out stretches of events, ever shorter ones."""
    length = max(1, len(log) // 2)
    while True:
        start = 0
        while start < len(log):
            shorter = log[:start] + log[start + length :]
            if fails(shorter):
                log = shorter
            else:
                start += length
        if length == 1:
            return log
        length //= 2


def _simplify_events(log: Log, fails: Fails) -> Log:
    for index in range(len(log)):
        changed = True
        while changed:
            changed = False
            for simpler in _simpler(log[index]):
                trial = [*log[:index], simpler, *log[index + 1 :]]
                if fails(trial):
                    log, changed = trial, True
                    break
    return log


def _simpler(event: Event) -> Iterator[Event]:
    """An event with one thing less, or one number smaller."""
    if len(event.get("orders", [])) > 1:
        for index in range(len(event["orders"])):
            yield {**event, "orders": [*event["orders"][:index], *event["orders"][index + 1 :]]}
    for entry in ("lines", "imports", "exports"):
        for participant in event.get(entry, {}):
            kept = {other: amount for other, amount in event[entry].items() if other != participant}
            yield {**event, entry: kept}
    for entry in ("amount_neur", "reading_wh", "by_wh"):
        if event.get(entry, 0) > 1:
            yield from ({**event, entry: smaller} for smaller in (1, event[entry] // 2))
    if event["kind"] == "place" and len(event["orders"]) == 1:
        slot, side, tick, quantity_wh, rest = event["orders"][0]
        if quantity_wh > 1:
            for smaller in (1, quantity_wh // 2):
                yield {**event, "orders": [[slot, side, tick, smaller, rest]]}
