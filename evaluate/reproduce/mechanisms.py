"""The further mechanisms beside worked examples: five bids and five asks, and a supplier that sells at 40 and buys at 8."""

from gridbid.evaluate.reproduce.rows import Row, exactly, near
from gridbid.market.auctions.call import uniform_call
from gridbid.market.auctions.mcafee import mcafee
from gridbid.market.auctions.mid_market import mid_market_rate
from gridbid.market.auctions.orders import PriceBand, SealedOrder
from gridbid.market.auctions.pool import PoolTerms
from gridbid.market.auctions.supply_demand import supply_demand_ratio
from gridbid.market.naive.auctions import vcg_payments
from gridbid.market.types import Side

_BIDS, _ASKS = (100, 90, 80, 70, 60), (80, 85, 95, 100, 110)
_HALVES = PriceBand(0, 1, 240)
"""Prices in half units, so that 87.5 is a whole number."""
_CENT = 10_000
_EXAMPLE = "a worked example of a double auction"
_LIU = "Liu et al. 2017, the form as cited; figures worked from it"
_MID_MARKET = "the mid-market rate, worked by hand"


def auction_rows() -> list[Row]:
    """Five bids and five asks of one unit: the call, McAfee, and VCG with its deficit."""
    orders = [
        *(SealedOrder(n, Side.BUY, 2 * bid, 1) for n, bid in enumerate(_BIDS)),
        *(SealedOrder(5 + n, Side.SELL, 2 * ask, 1) for n, ask in enumerate(_ASKS)),
    ]
    call, reduced = uniform_call(orders, _HALVES), mcafee(orders, _HALVES)
    payments = vcg_payments(orders, _HALVES)
    return [
        exactly("uniform-price call: trades", call.volume_wh, 2, _EXAMPLE),
        exactly("uniform-price call: price", (call.buy_price_neur or 0) / 2, 87.5, _EXAMPLE),
        exactly("McAfee: trades", reduced.volume_wh, 2, _EXAMPLE),
        exactly("McAfee: price", (reduced.buy_price_neur or 0) / 2, 87.5, _EXAMPLE),
        exactly("VCG: what a buyer pays", payments[0] / 2, 85, _EXAMPLE),
        exactly("VCG: what a seller gets", -payments[5] / 2, 90, _EXAMPLE),
        exactly("VCG: deficit", -sum(payments.values()) / 2, 10, _EXAMPLE),
    ]


def pool_rows() -> list[Row]:
    """Pools of 30 and 50 kWh, either way round: what buyers pay and sellers get, ct/kWh."""
    terms = PoolTerms(retail_neur=40 * _CENT, feed_in_neur=8 * _CENT)
    scarce, ample = [50_000, -30_000], [30_000, -50_000]
    rows = []
    for name, pool, net_wh, buys, sells, source in (
        ("mid-market rate, 30 for 50 kWh", mid_market_rate, scarce, 30.4, 24.0, _MID_MARKET),
        ("mid-market rate, 50 for 30 kWh", mid_market_rate, ample, 24.0, 17.6, _MID_MARKET),
        ("supply-demand ratio, 30 for 50 kWh", supply_demand_ratio, scarce, 23.0588, 11.7647, _LIU),
    ):
        paid_neur, received_neur = pool(net_wh, terms).cash_neur
        rows += [
            near(f"{name}: buyers pay", -paid_neur / net_wh[0] / _CENT, buys, 5e-5, source),
            near(f"{name}: sellers get", -received_neur / net_wh[1] / _CENT, sells, 5e-5, source),
        ]
    return rows
