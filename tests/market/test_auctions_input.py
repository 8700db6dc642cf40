"""The edge of the auctions: what is wrong is refused at once, with every fault; whatever holds orders is taken."""

import re

import numpy as np
import pytest

from gridbid.market.auctions.call import uniform_call
from gridbid.market.auctions.mcafee import mcafee
from gridbid.market.auctions.mid_market import mid_market_rate
from gridbid.market.auctions.orders import PriceBand, SealedOrder
from gridbid.market.auctions.pool import PoolTerms
from gridbid.market.auctions.sbba import sbba
from gridbid.market.auctions.sharing import dynamic_key, iterated_static_key, static_key
from gridbid.market.auctions.supply_demand import supply_demand_ratio
from gridbid.market.auctions.trade_reduction import trade_reduction
from gridbid.market.errors import InputError

BAND = PriceBand(0, 10, 20)
TERMS = PoolTerms(400_000, 80_000, 50_000)
ROWS = [(7, 0, 12, 5), (3, 1, 8, 5), (5, 1, 9, 5)]
AUCTIONS = [uniform_call, mcafee, trade_reduction, sbba]


def refused(call, *parts):
    """The message of the InputError that a call raises has every part."""
    with pytest.raises(InputError) as caught:
        call()
    assert [part for part in parts if part not in str(caught.value)] == []
    return str(caught.value)


@pytest.mark.parametrize("auction", AUCTIONS)
def test_lists_tuples_rows_and_arrays_are_the_same_orders(auction):
    expected = auction(ROWS, BAND)
    for orders in ([SealedOrder(*row) for row in ROWS], np.array(ROWS, np.uint16), tuple(map(list, ROWS))):
        result = auction(orders, BAND)
        assert result.filled_wh.tolist() == expected.filled_wh.tolist()
        assert result.cash_neur.tolist() == expected.cash_neur.tolist()
        assert result[2:] == expected[2:]


@pytest.mark.parametrize("auction", AUCTIONS)
@pytest.mark.parametrize("orders", [[], np.zeros((0, 4), int)])
def test_no_orders_trade_nothing(auction, orders):
    result = auction(orders, BAND)
    assert result.filled_wh.shape == result.cash_neur.shape == (0,)
    assert result[2:] == (0, None, None, 0)


@pytest.mark.parametrize("auction", AUCTIONS)
def test_every_fault_of_every_order_is_named(auction):
    orders = [(1, 2, 5, 5), (1, 0, 20, 5), (2, 1, -1, 0), (3, 0, 1, 1 << 30)]
    message = refused(
        lambda: auction(orders, BAND),
        "orders[0].side is 2, expected 0 (buy) or 1 (sell)",
        "orders[1].tick is 20, expected 0 to 19",
        "orders[2].tick is -1",
        "orders[2].quantity_wh is 0, expected 1 to 1073741823",
        "orders[3].quantity_wh is 1073741824",
        "participant 1 has 2 orders, expected one",
    )
    assert len(re.findall("; ", message)) == 5


@pytest.mark.parametrize(
    ("orders", "part"),
    [
        ([(1, 0, 5)], "orders has shape (1, 3), expected (n, 4)"),
        ([1, 0, 5, 5], "orders has shape (4,), expected (n, 4)"),
        ([(1, 0, 5.0, 5)], "orders has type float64, expected integers of 64 bits"),
        ([(1 << 80, 0, 5, 5)], "orders has type object, expected integers of 64 bits"),
        ([(1 << 63, 0, 5, 5)], "expected integers of 64 bits"),
        (
            [(i, 1, 5, (1 << 30) - 1) for i in range(3)],
            "all orders to sell are 3221225469 Wh, expected below 2147483648",
        ),
    ],
)
def test_what_is_no_table_of_orders_is_refused(orders, part):
    refused(lambda: uniform_call(orders, BAND), part)


@pytest.mark.parametrize(
    ("band", "parts"),
    [
        (
            PriceBand(0, 0, 0),
            ("tick_size_neur is 0, expected an integer, at least 1", "n_ticks is 0, expected"),
        ),
        (
            PriceBand(1 << 30, 10, 20),
            ("the price of the highest tick is 1073742014, expected an integer, -1073741824 to",),
        ),
        (PriceBand(-(1 << 30) - 1, 10, 20), ("floor_neur is -1073741825",)),
        (PriceBand(0.5, 1.0, 20), ("floor_neur is 0.5", "tick_size_neur is 1.0, expected an integer")),
    ],
)
def test_what_is_no_band_is_refused(band, parts):
    refused(lambda: uniform_call([(1, 0, 5, 5)] if band.n_ticks else [], band), *parts)


@pytest.mark.parametrize("auction", [mcafee, sbba])
def test_orders_of_several_sizes_are_sent_to_trade_reduction(auction):
    refused(
        lambda: auction([(1, 0, 5, 5), (2, 1, 3, 4)], BAND),
        "quantities go from 4 to 5 Wh, expected one size for all",
        "trade_reduction",
    )


SETTLEMENTS = [
    mid_market_rate,
    supply_demand_ratio,
    lambda net, terms: static_key(net, [0] * len(net), terms.feed_in_neur, terms),
    lambda net, terms: iterated_static_key(net, [0] * len(net), terms.feed_in_neur, terms),
    lambda net, terms: dynamic_key(net, terms.feed_in_neur, terms),
]


@pytest.mark.parametrize("settle", SETTLEMENTS)
def test_every_fault_of_readings_and_terms_is_named(settle):
    refused(
        lambda: settle([5, 1 << 30, -(1 << 30)], PoolTerms(100, 90, 20)),
        "net_wh[1] is 1073741824, expected above -1073741824 and below 1073741824",
        "net_wh[2] is -1073741824",
        "feed_in_neur + fee_neur is 110, expected at most retail_neur, 100",
    )
    refused(
        lambda: settle([1.5, 2.0], PoolTerms(1 << 31, 0, 0.5)),
        "net_wh has type float64",
        "retail_neur is 2147483648, expected an integer, -1073741824 to 1073741824",
        "fee_neur is 0.5, expected an integer",
    )
    refused(lambda: settle([1, 2], PoolTerms(9, 5, -1)), "fee_neur is -1, expected at least 0")


@pytest.mark.parametrize("settle", SETTLEMENTS)
def test_readings_that_would_overflow_together_are_refused(settle):
    most = (1 << 30) - 1
    refused(lambda: settle([most] * 3, TERMS), "the readings above 0 are 3221225469 Wh together")
    refused(lambda: settle([-most] * 3, TERMS), "the readings below 0 are 3221225469 Wh together")


@pytest.mark.parametrize("share", [static_key, iterated_static_key])
def test_every_fault_of_a_key_is_named(share):
    refused(
        lambda: share([5, -5], [-1, 1_000_001], 400_000, TERMS),
        "key_ppm[0] is -1, expected 0 to 1000000",
        "key_ppm[1] is 1000001",
        "price_neur is 400000, expected 80000 (feed-in) to 350000 (retail less the fee)",
    )
    refused(lambda: share([5, -5], [0, 0], 2e5, TERMS), "price_neur is 200000.0, expected an integer")
    refused(lambda: share([5, -5], [600_000, 500_000], 100_000, TERMS), "the keys are 1100000 millionths")
    refused(
        lambda: share([5, -5], [1], 79_999, TERMS),
        "key_ppm has shape (1,), expected (2,)",
        "price_neur is 79999",
    )
