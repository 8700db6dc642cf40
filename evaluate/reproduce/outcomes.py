"""What the sessions of an induced-value market came to, by run and day."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.evaluate.market_metrics import (
    Floats,
    allocative_efficiency,
    equilibrium_profits,
    profit_dispersion,
    smiths_alpha,
)
from gridbid.evaluate.reproduce.induced_value_market import (
    NO_LIMIT,
    Rules,
    Schedule,
    Trades,
    make_schedule,
    play,
)
from gridbid.evaluate.reproduce.schedules import InducedValues
from gridbid.evaluate.reproduce.session_traders import Trader
from gridbid.market.types import Side


class Outcome(NamedTuple):
    """Figures by run and day, (runs, days) each.

    Efficiency and alpha (percent) as `gridbid.evaluate.market_metrics` defines them, the number of trades, profit
    dispersion and mean price in ticks.
    """

    efficiency: Floats
    alpha: Floats
    quantity: NDArray[np.int64]
    dispersion: Floats
    price: Floats


def play_market(
    induced: InducedValues,
    trader: Trader,
    *,
    clears: bool,
    runs: int,
    days: int = 1,
    least_gain: int = 1,
    seed: int = 0,
) -> Outcome:
    """Sessions to exhaustion: a day ends when no two units are left that would gain ``least_gain`` together."""
    schedule = make_schedule(induced.values, induced.costs)
    rules = Rules(
        n_ticks=induced.highest_price,
        clears=clears,
        least_gain=least_gain,
        patience=NO_LIMIT,
        most_trades=min(induced.values.size, induced.costs.size),
        days=days,
    )
    return outcome(induced, schedule, play(schedule, trader, rules, runs=runs, seed=seed))


def outcome(induced: InducedValues, schedule: Schedule, trades: Trades) -> Outcome:
    """Figures of the trades of a schedule that was made from ``induced``."""
    ideal = induced.equilibrium
    counted = np.arange(trades.price.shape[-1]) < trades.count[..., None]
    prices = np.where(counted, trades.price, 0).sum(axis=-1)
    return Outcome(
        efficiency=allocative_efficiency(
            trades.buyer_limit, trades.seller_limit, ideal.surplus, trades.count
        ),
        alpha=smiths_alpha(trades.price, ideal.price, trades.count),
        quantity=trades.count,
        dispersion=profit_dispersion(trader_profits(schedule, trades), ideal_profits(schedule, ideal.price)),
        price=np.divide(prices, trades.count, out=np.full(prices.shape, np.nan), where=trades.count > 0),
    )


def trader_profits(schedule: Schedule, trades: Trades) -> NDArray[np.int64]:
    """Each trader's profit in ticks, int64 (runs, days, traders)."""
    counted = np.arange(trades.price.shape[-1]) < trades.count[..., None]
    profits = np.zeros((*trades.count.shape, schedule.side.size), np.int64)
    places = np.nonzero(counted)
    np.add.at(profits, (*places[:2], trades.buyer[places]), (trades.buyer_limit - trades.price)[places])
    np.add.at(profits, (*places[:2], trades.seller[places]), (trades.price - trades.seller_limit)[places])
    return profits


def ideal_profits(schedule: Schedule, price: float) -> Floats:
    """Each trader's profit if all trade at the equilibrium price, (traders,)."""
    return np.array(
        [
            equilibrium_profits(limits[:units], price, buying=side == Side.BUY).sum()
            for side, limits, units in zip(schedule.side, schedule.limit, schedule.units, strict=True)
        ]
    )
