"""What actions may cost, and what other books on chains are published to cost."""

from typing import NamedTuple

LIMITS = {
    "rest": 50_000,
    "one_fill": 56_000,
    "five_fills": 86_000,
    "cancel": 46_000,
    "bundled_order": 15_000,
    "bundled_order_16_slots": 26_000,
    "settle_each_of_50": 25_000,
    "reading_each_of_50": 12_000,
}
"""Gas that a figure must not exceed, storage being used again."""


class Published(NamedTuple):
    """One figure of another book."""

    book: str
    action: str
    key: str
    """Our figure beside it."""
    gas: str


PUBLISHED = (
    Published("Kuru", "an order filled by 1 maker", "one_fill", "143 738"),
    Published("Crystal", "an order filled by 1 maker", "one_fill", "143 854"),
    Published("Clober", "an order filled by 1 maker", "one_fill", "153 941"),
    Published("GTE", "an order filled by 1 maker", "one_fill", "217 158"),
    Published("Clober", "an order filled by 10 makers at one tick", "ten_fills", "153 941"),
    Published("Crystal", "an order filled by 10 makers at one tick", "ten_fills", "228 627"),
    Published("Kuru", "an order filled by 10 makers at one tick", "ten_fills", "287 695"),
    Published("dBook", "an order rests at an occupied tick", "rest", "98 000 to 160 000"),
    Published("dBook", "an order rests at a new tick", "rest_new_tick", "358 000 to 475 000"),
    Published("dBook", "an order is cancelled", "cancel", "66 000"),
    Published("Microgrid-Blockchain-Project", "an offer rests", "rest_new_tick", "264 016 to 529 246"),
    Published("Microgrid-Blockchain-Project", "an order filled by 1 maker", "one_fill", "372 908"),
    Published("Microgrid-Blockchain-Project", "an order filled by 5 makers", "five_fills", "757 405"),
)
