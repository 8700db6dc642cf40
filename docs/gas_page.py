"""Writes docs/gas.md from chain/gas.json: ``python docs/gas_page.py [--check]``."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from gridbid.chain.gas_bench import snapshot
from gridbid.chain.gas_bench.costs import COMMUNITY, PRICES, SLOTS_A_DAY, daily_gas, daily_lines
from gridbid.chain.gas_bench.limits import LIMITS, PUBLISHED
from gridbid.envs.generated_page import keep_page

PAGE = Path(__file__).with_name("gas.md")
COMMAND = "python docs/gas_page.py"
INTRODUCTION = f"""\
# Gas

What the contracts' actions cost, in gas of real receipts, the 21 000 of every transaction included. This page is made from
[`chain/gas.json`](../chain/gas.json) by `{COMMAND}`; tests check that the page fits the file, and that the file fits the
contracts."""

MEANINGS = {
    "rest": "an order rests at a tick where another one does",
    "rest_new_tick": "it is the first at its tick",
    "rest_new_word": "it begins a storage word of four more orders",
    "one_fill": "an order is filled by a resting one, which empties the tick",
    "one_fill_of_part": "the resting one keeps a part",
    "five_fills": "an order is filled by five makers at one tick",
    "five_fills_at_five_ticks": "the five are at five ticks",
    "ten_fills": "by ten makers at one tick",
    "fills_64": "by 64 makers, the most that an order may meet",
    "worst_order_at_a_tick": "64 fills, with 256 cancelled orders among them to be passed over",
    "sweep_256": "256 cancelled orders are swept away",
    "cancel": "an order is cancelled, another one stays at its tick",
    "cancel_last_of_tick": "it was the last one there",
    "cancel_each_of_16": "each of 16 cancelled together, each the last at its tick",
    "reduce": "an order is reduced",
    "bundled_order": "each of 16 orders that come to rest in one slot, at 16 ticks",
    "bundled_order_at_one_tick": "the 16 are at one tick",
    "bundled_order_16_slots": "the 16 are in 16 slots",
    "bundled_fill_16_slots": "each of 16 orders that are filled in 16 slots",
    "relayed_order": "one order that was signed and is brought by another",
    "relayed_order_each_of_16": "each of 16 under one signature",
    "auction_commit": "a commitment in the closing auction",
    "auction_reveal": "its order is revealed",
    "auction_clear_100": "the auction of 100 members is cleared in one transaction",
    "open_slot_per_seat": "a slot of 50 seats is opened by the operations Safe, each seat",
    "reading_each_of_50": "each of 50 readings, one signer each",
    "settle_each_of_50": "each of 50 participants settled",
    "register": "a member is registered by the operations Safe, for good",
    "deposit": "tokens are paid into an account",
    "withdraw": "credit is paid out",
    "withdraw_after_16_slots": "credit is paid out when orders in 16 slots have expired since",
}

METHOD = """\
## How it is measured

`make bench-gas` starts anvil, deploys everything as `gridbid chain deploy` does, and plays the same scenes in two turns of the
ring of slots. The second turn finds each word of storage that it writes in use already, as a market does that has lived for
five days: these are the figures. `first_use_...` are the first turn's. The ring has 32 places there instead of 512: a word is
found by hashing the number of its place, which costs the same for any place, so no figure depends on the ring's length. The
clock is set, keys and amounts are fixed: two runs agree to the unit.

The rules of gas are those of Cancun, for which the contracts are compiled. Under Osaka's, anvil's newest, the figures of all
actions come out the same: `python -m gridbid.chain.gas_bench --check --hardfork osaka`.

`python -m gridbid.chain.gas_bench --check` exits with 1 and tells what has changed. `--explain one_fill` tells what a figure
was spent on: storage read and written, events, computation, calldata.

- What depends on how long an account was left alone: settling and withdrawing look once at each slot whose gate has closed
  since, at most at the whole ring. A figure of settlement stands for an account that was settled a slot ago.
- A tombstone is a cancelled order that still lies in its queue. An order passes over at most 256 at one tick."""

CAVEAT = """\
Theirs are as published, or measured with their own code where they are a project on GitHub; ours are the figure named. Most
of them do more: Kuru, Crystal, Clober and GTE pay tokens from wallet to wallet in the trade, which takes 30 000 to 50 000 gas;
here credit is paid in beforehand, and a trade moves it within the market. Clober's cost does not rise with the number of
makers at a tick, since they collect later: from about 13 makers on it costs less than this book. An order here is for one slot
out of hundreds, checks an envelope, and its worst case is covered."""


def page(gas: Mapping[str, int]) -> str:
    """The page for these figures."""
    parts = (
        INTRODUCTION,
        "## Actions",
        _table(
            ("figure", "gas", "limit", "what happens"),
            map(_action_row, MEANINGS, map(gas.__getitem__, MEANINGS)),
        ),
        _over(gas),
        "When storage is used for the first time:",
        _table(("figure", "gas"), _rows(gas, "first_use_")),
        "Deployment, once:",
        _table(("contract", "gas"), _rows(gas, "deploy_")),
        METHOD,
        "## Beside other books",
        CAVEAT,
        _table(
            ("book", "action", "its gas", "ours"),
            (
                (line.book, line.action, line.gas, f"{_number(gas[line.key])} (`{line.key}`)")
                for line in PUBLISHED
            ),
        ),
        *_costs(gas),
    )
    return "\n\n".join(parts) + "\n"


def _costs(gas: Mapping[str, int]) -> Iterable[str]:
    yield f"## A day of a community of {COMMUNITY.homes} homes"
    yield (
        f"Assumed: {SLOTS_A_DAY} slots, {COMMUNITY.orders_a_slot:g} order a home and slot, of which "
        f"{COMMUNITY.share_filled:.0%} meet a resting order and are filled by it, the others come to rest, and "
        f"{COMMUNITY.share_cancelled:.0%} are cancelled again; each meter is read and each home settled in each slot, 50 to a "
        "transaction. Bundled: homes place and cancel 16 orders, for 16 slots, in one transaction."
    )
    lines = zip(daily_lines(gas), daily_lines(gas, bundled=True), strict=True)
    rows: list[tuple[str, ...]] = [
        (one.action, _number(one.times), _number(one.gas_each), _number(one.gas), _number(many.gas))
        for one, many in lines
    ]
    totals = daily_gas(gas), daily_gas(gas, bundled=True)
    rows.append(("all", "", "", *map(_number, totals)))
    yield _table(("action", "a day", "gas each", "gas a day", "bundled"), rows)
    yield (
        "In money, at stated prices of gas and ether (take today's in their place: cost is proportional to both). A rollup adds "
        "what it charges for data, which is not gas and is not counted here."
    )
    money = (
        (
            price.chain,
            f"{price.gwei:g} gwei, {price.ether_eur:,.0f} EUR".replace(",", " "),
            *(f"{price.eur(total):,.2f} EUR".replace(",", " ") for total in totals),
            f"{price.eur(totals[1]) / COMMUNITY.homes:,.4f} EUR".replace(",", " "),
        )
        for price in PRICES
    )
    yield _table(("chain", "gas, ether", "a day", "bundled", "bundled, a home and day"), money)
    yield (
        "A home that trades 10 kWh a day at a spread of some 20 ct/kWh between retail and feed-in has about 2 EUR a day to "
        "share. So a main chain is no place for a market in quarter-hours, and a rollup is, or a chain of the community's own."
    )


def _over(gas: Mapping[str, int]) -> str:
    over = [f"`{key}` by {_number(gas[key] - limit)}" for key, limit in LIMITS.items() if gas[key] > limit]
    return f"Over their limits: {', '.join(over)}." if over else "All figures are within their limits."


def _action_row(key: str, gas: int) -> tuple[str, ...]:
    return f"`{key}`", _number(gas), _number(LIMITS[key]) if key in LIMITS else "", MEANINGS[key]


def _rows(gas: Mapping[str, int], prefix: str) -> Iterable[tuple[str, str]]:
    return ((f"`{key.removeprefix(prefix)}`", _number(gas[key])) for key in gas if key.startswith(prefix))


def _number(value: float) -> str:
    return f"{value:,.0f}".replace(",", " ")


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


if __name__ == "__main__":
    sys.exit(keep_page(PAGE, page(snapshot.read()), COMMAND, sys.argv[1:]))
