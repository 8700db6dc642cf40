"""A slot's market where its book's narrow numbers meet the exchange's wide ones."""

from gridbid.market.records import Position
from gridbid.market.slot_market import SlotMarket
from gridbid.market.types import OpenOrder, Side, Terms

BUY, SELL = int(Side.BUY), int(Side.SELL)
TERMS = Terms(retail=350_000, feed_in=78_600, fee=50_000, floor=0, price_cap=400_000)


def test_participants_whose_numbers_agree_in_their_low_bits_are_not_one() -> None:
    participants = [1, 1 + (1 << 32), 1 + (1 << 62)]
    market = SlotMarket(1, TERMS, {}, {}, {}, tick_size=2_000, n_ticks=224, max_fills=64)
    market.positions = {participant: Position() for participant in participants}
    first, second, third = participants
    market.place(first, SELL, 10, 5, True)
    market.place(second, SELL, 10, 5, True)
    fills = market.place(third, BUY, 10, 7, True).fills
    assert [(fill.taker, fill.maker, fill.quantity_wh) for fill in fills] == [
        (third, first, 5),
        (third, second, 2),
    ]
    assert market.levels(SELL) == [(10, [OpenOrder(second, 3)])]
    assert market.place(second, BUY, 10, 3, True).fills == []  # rule 3 still knows a participant's own order
    assert market.levels(SELL) == [(10, [OpenOrder(second, 3)])]
