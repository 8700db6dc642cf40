"""What a day of trading costs a community, by the measured gas and stated prices of gas."""

from collections.abc import Mapping
from typing import NamedTuple

GWEI_IN_ETHER = 10**9
SLOTS_A_DAY = 96


class Community(NamedTuple):
    """How many trade, and how often."""

    homes: int
    orders_a_slot: float
    """Orders of a home in a slot."""
    share_filled: float
    """Of the orders, how many meet a resting one and are filled by it; the others come to rest."""
    share_cancelled: float
    """Of the orders, how many are cancelled again."""


class GasPrice(NamedTuple):
    """What gas costs on a chain."""

    chain: str
    gwei: float
    ether_eur: float

    def eur(self, gas: float) -> float:
        """What that much gas costs, EUR."""
        return gas * self.gwei / GWEI_IN_ETHER * self.ether_eur


class Line(NamedTuple):
    """One kind of action in a day."""

    action: str
    times: float
    key: str
    gas_each: int

    @property
    def gas(self) -> float:
        """Gas of all of them."""
        return self.times * self.gas_each


COMMUNITY = Community(homes=100, orders_a_slot=1.0, share_filled=0.5, share_cancelled=0.2)
BUNDLING = {
    "rest": "bundled_order_16_slots",
    "one_fill": "bundled_fill_16_slots",
    "cancel": "cancel_each_of_16",
}
"""Instead of what figure stands which one where sixteen orders are placed, or cancelled, in one transaction."""

PRICES = (
    GasPrice("main chain, quiet", 1.0, 3_000.0),
    GasPrice("main chain, busy", 20.0, 3_000.0),
    GasPrice("a rollup", 0.01, 3_000.0),
)


def daily_lines(
    gas: Mapping[str, int], community: Community = COMMUNITY, bundled: bool = False
) -> list[Line]:
    """A day's actions, each with its gas, with orders one by one or bundled over sixteen slots."""
    seats = community.homes * SLOTS_A_DAY
    orders = seats * community.orders_a_slot
    keys = BUNDLING if bundled else {key: key for key in BUNDLING}
    counts = (
        ("slots opened, a seat each", seats, "open_slot_per_seat"),
        ("orders that come to rest", orders * (1 - community.share_filled), keys["rest"]),
        ("orders that are filled", orders * community.share_filled, keys["one_fill"]),
        ("orders cancelled", orders * community.share_cancelled, keys["cancel"]),
        ("readings", seats, "reading_each_of_50"),
        ("settlements", seats, "settle_each_of_50"),
    )
    return [Line(action, count, key, gas[key]) for action, count, key in counts]


def daily_gas(gas: Mapping[str, int], community: Community = COMMUNITY, bundled: bool = False) -> float:
    """Gas of a whole day."""
    return sum(line.gas for line in daily_lines(gas, community, bundled))
