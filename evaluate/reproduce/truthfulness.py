"""What further mechanisms reach in random markets, and how many false limits pay in them: by trying every one."""

import itertools
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.evaluate.reproduce.pages import markdown_table
from gridbid.market.auctions.call import clear_uniform_call
from gridbid.market.auctions.mcafee import clear_mcafee
from gridbid.market.auctions.orders import PriceBand, SealedOrder
from gridbid.market.auctions.records import SealedOrders, make_depth, make_outcome
from gridbid.market.auctions.sbba import clear_sbba
from gridbid.market.auctions.trade_reduction import clear_trade_reduction
from gridbid.market.naive import auctions as naive
from gridbid.market.types import Side

BUY, SELL = Side.BUY, Side.SELL
Clear = Callable[..., None]
"""A kernel that clears one community of a batch: (orders, b, floor, tick size, depth, outcome)."""

SIZES, MARKETS = (2, 5, 10, 20, 50), 3_000


class Game(NamedTuple):
    """Who stands on which side with what; limits are ticks 0 to n_ticks - 1, 1 nEUR/Wh apart, so that middles round."""

    sides: tuple[Side, ...]
    quantities_wh: tuple[int, ...]
    n_ticks: int


TWO_BY_TWO = Game((BUY, BUY, SELL, SELL), (1, 1, 1, 1), 9)
_VCG_GAME = Game(TWO_BY_TWO.sides, (2, 2, 2, 2), 4)


def profitable_lies(clear: Clear, game: Game) -> tuple[int, int]:
    """How many (profile, participant, false limit) pay more than the truth, the others' limits as they are; of how many."""
    filled_wh, buy_price, sell_price = _play(clear, game)
    shape = (game.n_ticks,) * len(game.sides)
    lies = profitable = 0
    values = np.arange(game.n_ticks)
    for i, side in enumerate(game.sides):
        own_wh = np.moveaxis(filled_wh[:, i].reshape(shape), i, 0)
        price = np.moveaxis((buy_price if side == BUY else sell_price).reshape(shape), i, 0)
        for truth in values:
            margin = truth - price if side == BUY else price - truth
            gain = own_wh * margin
            better = gain > gain[truth]
            profitable += int(better.sum())
            lies += better.size - better[truth].size
    return profitable, lies


def profitable_vcg_lies(game: Game = _VCG_GAME) -> tuple[int, int]:
    """The same by the plain twin's VCG."""
    band, values = PriceBand(0, 1, game.n_ticks), range(game.n_ticks)
    profitable = lies = 0
    for profile in itertools.product(values, repeat=len(game.sides)):
        truth = [
            SealedOrder(i, *row)
            for i, row in enumerate(zip(game.sides, profile, game.quantities_wh, strict=True))
        ]
        for order in truth:
            honest = _vcg_gain(truth, order, band)
            for tick in set(values) - {order.tick}:
                told = [o._replace(tick=tick) if o is order else o for o in truth]
                profitable += _vcg_gain(told, order, band) > honest
                lies += 1
    return profitable, lies


def random_efficiencies(clears: Sequence[Clear], n: int, draws: int = MARKETS) -> list[float]:
    """Mean of welfare / best welfare over random markets of n units a side, values from U[0, 1 000], by mechanism."""
    n_ticks = 1_001
    random = np.random.default_rng(n)
    side = np.broadcast_to(np.arange(2 * n) >= n, (draws, 2 * n)).astype(np.int64)
    tick = random.integers(0, n_ticks, (draws, 2 * n))
    table = SealedOrders(side, tick, np.ones((draws, 2 * n), np.int64))
    outcome, depth = make_outcome(draws, 2 * n), make_depth(n_ticks)
    reached = []
    for clear in (clear_uniform_call, *clears):
        for b in range(draws):
            clear(table, b, 0, 1, depth, outcome)
        reached.append((outcome.filled_wh * tick * np.where(side == BUY, 1, -1)).sum(axis=1))
    most = reached[0]
    return [float((welfare[most > 0] / most[most > 0]).mean()) for welfare in reached[1:]]


def mechanisms_table() -> str:
    """The page's table: what is proven of each mechanism, and what trying showed."""
    clears = (clear_mcafee, clear_trade_reduction, clear_sbba)
    reached = np.array([random_efficiencies(clears, n) for n in SIZES]).T
    call, *ours = (_of(*profitable_lies(clear, TWO_BY_TWO)) for clear in (clear_uniform_call, *clears))
    means = [" ".join(f"{mean:.3f}".lstrip("0") for mean in means) for means in reached]
    vcg = f"{_of(*profitable_vcg_lies())} ({_VCG_GAME.n_ticks} prices)"
    sizes = ", ".join(map(str, SIZES))
    head = (
        "mechanism", "efficiency on reports", "money", "nobody loses", "truthful", "lies that pay", f"mean efficiency, n = {sizes} a side",
    )  # fmt: skip
    rows = (
        ("continuous double auction", "high", "balanced", "yes", "no", "", ""),
        ("uniform-price call", "1", "balanced", "yes", "no", call, "1"),
        ("McAfee", "≥ 1 − 1/k", "surplus ≥ 0", "yes", "in limits", ours[0], means[0]),
        ("trade reduction", "≥ 1 − 1/k for one size", "surplus ≥ 0", "yes", "in limits", ours[1], means[1]),
        ("SBBA", "≥ 1 − 1/k, up to rounded Wh", "balanced", "yes", "in limits", ours[2], means[2]),
        ("VCG (a yardstick, in the twin alone)", "1", "deficit", "yes", "in limits", vcg, "1"),
        ("mid-market rate, supply-demand ratio", "no orders", "balanced, residue < n nEUR", "yes", "", "", ""),
        ("sharing keys", "no orders", "balanced, residue < n nEUR", "yes", "", "", ""),
    )  # fmt: skip
    return markdown_table(head, rows)


def _of(profitable: int, lies: int) -> str:
    return f"{profitable:,} of {lies:,}".replace(",", " ")


def _play(clear: Clear, game: Game) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Fills (profiles, n) and prices (profiles,) of both sides for every profile of limits."""
    profiles = np.array(list(itertools.product(range(game.n_ticks), repeat=len(game.sides))), np.int64)
    table = SealedOrders(
        np.broadcast_to(np.array(game.sides, np.int64), profiles.shape).copy(),
        profiles,
        np.broadcast_to(np.array(game.quantities_wh, np.int64), profiles.shape).copy(),
    )
    outcome, depth = make_outcome(*profiles.shape), make_depth(game.n_ticks)
    for b in range(profiles.shape[0]):
        clear(table, b, 0, 1, depth, outcome)
    return outcome.filled_wh, outcome.buy_price_neur, outcome.sell_price_neur


def _vcg_gain(reported: list[SealedOrder], order: SealedOrder, band: PriceBand) -> int:
    """What an order's owner gains by VCG, by its true limit, when these orders are reported."""
    filled_wh = naive.uniform_call(reported, band).filled_wh
    return naive.welfare([order], filled_wh, band) - naive.vcg_payments(reported, band)[order.participant]
