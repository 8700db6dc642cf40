"""Participants who act in turn and see the book after each order, and what a round reports of orders and plans."""

import numpy as np
import pytest

from gridbid.market.book import best_level, to_level
from gridbid.market.engine import Engine
from gridbid.market.naive.communities import random_community
from gridbid.market.naive.records import Order
from gridbid.market.naive.slot import NaiveCommunity
from gridbid.market.state import arrays_of
from gridbid.market.trading import book_of
from gridbid.market.types import Account, Control, Reject, Side
from gridbid.market.units import MAX_QUANTITY_WH

START, N, SLOTS = 210, 7, 20
BUY, SELL = int(Side.BUY), int(Side.SELL)


def community_of(rounds):
    return random_community(np.random.default_rng(3), n=N, rounds=rounds)


def engine_of(rounds, seed=4):
    engine = Engine(community_of(rounds), 1, seed)
    engine.reset(START, SLOTS, identity=11)
    return engine


def decisions(n_steps):
    """Offer, limit, follow (N,) and controls (N, controls), step by step."""
    random = np.random.default_rng(8)
    for _ in range(n_steps):
        yield (
            random.uniform(0.0, 1.5, N),
            random.uniform(0.0, 1.0, N),
            random.choice([0.0, 0.4, 1.0], N),
            random.uniform(-1.0, 1.0, (N, len(Control))),
        )


def bits(engine):
    return [array.tobytes() for array in arrays_of(engine.arena)]


def test_plan_and_order_in_turn_are_a_round_of_everybody():
    """With one round a slot nobody has an order that others fill before he plans."""
    together, in_turn = engine_of(1), engine_of(1)
    for decision in decisions(SLOTS):
        together.commit(*(part[None] for part in decision))
        together.trade()
        in_turn.begin_round()
        offer, limit, follow, controls = decision
        for i in in_turn.arrivals():
            in_turn.commit_one(i, offer[i], limit[i], follow[i], controls[i])
            in_turn.trade_one(i)
        assert bits(in_turn) == bits(together)
        together.close()
        in_turn.close()
        assert bits(in_turn) == bits(together)
    assert together.finished.all()
    assert together.state.totals.bought_wh.any()


def test_orders_in_turn_are_a_round_of_everybody_in_every_round():
    together, in_turn = engine_of(3), engine_of(3)
    for decision in decisions(3 * SLOTS):
        for engine in (together, in_turn):
            engine.commit(*(part[None] for part in decision))
        together.trade()
        in_turn.begin_round()
        for i in in_turn.arrivals():
            in_turn.trade_one(i)
        assert bits(in_turn) == bits(together)
        together.close()
        in_turn.close()
    assert together.finished.all()


def random_order(random):
    """Orders about the middle of the book, some of them absurd."""
    odd = (
        Order(BUY, int(random.choice([-1, 224])), 5),
        Order(SELL, 100, int(random.choice([-3, MAX_QUANTITY_WH]))),
    )
    usual = Order(
        int(random.integers(2)), 110 + int(random.integers(-2, 3)), int(random.choice([0, 30, 900, 9_000]))
    )
    return odd[random.integers(2)] if random.random() < 0.2 else usual


def test_turns_in_any_order_equal_the_plain_twin():
    """Some act twice in a round, some never."""
    random, engine = np.random.default_rng(6), engine_of(3)
    twin, orders = NaiveCommunity(engine.community, START, SLOTS, 0, 4, 11), engine.state.orders
    seen = set()
    while not twin.finished:
        assert engine.arrivals().tolist() == twin.arrivals()
        engine.begin_round()
        twin.begin_round()
        for i in random.integers(0, N, N).tolist():
            order = random_order(random)
            orders.side[0, i], orders.tick[0, i], orders.quantity_wh[0, i] = order
            engine.trade_one(i)
            twin.trade_one(i, order)
            assert orders.rejected[0].tolist() == twin.rejected
            assert [quote(engine, side) for side in Side] == [twin_quote(twin, side) for side in Side]
            assert positions(engine) == [(m.trading.bought_wh, m.trading.sold_wh) for m in twin.members]
            assert engine.state.fills.fills[0] == len(twin.fills)
            seen |= set(twin.rejected)
        engine.close()
        twin.close()
    assert seen == {Reject.NONE, Reject.BAD_QUANTITY, Reject.BAD_TICK, Reject.ENVELOPE}
    assert engine.state.totals.bought_wh.any()


def quote(engine, side):
    book = book_of(engine.state.books, 0)
    level = best_level(book, side)
    return None if level < 0 else to_level(book, side, level)


def twin_quote(twin, side):
    levels = twin.book.levels(side)
    return levels[0][0] if levels else None


def positions(engine):
    trading = engine.state.trading
    return list(zip(trading.bought_wh[0].tolist(), trading.sold_wh[0].tolist(), strict=True))


def send(engine, i, side, tick, quantity_wh):
    orders = engine.state.orders
    orders.side[0, i], orders.tick[0, i], orders.quantity_wh[0, i] = side, tick, quantity_wh
    engine.trade_one(i)


def test_whoever_acts_next_sees_the_book_and_the_idle_keep_their_orders():
    engine = engine_of(2)
    engine.begin_round()
    send(engine, 2, SELL, 100, 40)
    assert quote(engine, SELL) == 100
    send(engine, 5, SELL, 90, 10)
    assert quote(engine, SELL) == 90
    engine.close()
    engine.begin_round()
    engine.state.orders.quantity_wh[0, :] = 7
    send(engine, 1, BUY, 95, 30)
    assert engine.state.fills.fills[0] == 1
    assert (quote(engine, BUY), quote(engine, SELL)) == (95, 100)
    assert positions(engine)[1] == (10, 0)


def test_a_round_that_begins_forgets_what_the_last_one_reported():
    engine = engine_of(2)
    engine.state.orders.quantity_wh[0, :] = -1
    engine.trade()
    assert (engine.state.orders.rejected == Reject.BAD_QUANTITY).all()
    engine.close()
    assert (engine.state.orders.rejected == Reject.BAD_QUANTITY).all(), "it is told until the next round"
    engine.begin_round()
    assert (engine.state.orders.rejected == Reject.NONE).all()


def test_nobody_trades_after_the_episode():
    engine = engine_of(1)
    nothing = np.zeros((1, N))
    for _ in range(SLOTS):
        engine.step(nothing, nothing, nothing, np.zeros((1, N, len(Control))))
    before = bits(engine)
    engine.trade_one(3)
    assert engine.finished.all()
    assert bits(engine) == before


@pytest.mark.parametrize("set_point", [-1.0, -0.2, 0.3, 1.0])
def test_what_was_trimmed_off_a_plan_is_told_and_handed_over(set_point):
    engine, devices = engine_of(1), engine_of(1).community.devices
    state, controls = engine.state, np.full((1, N, len(Control)), set_point)
    nothing = np.zeros((1, N))
    engine.commit(nothing, nothing, nothing, controls)
    charger_kw = devices.charger_kw if set_point > 0.0 else devices.charger_v2g_kw
    asked_kwh = 0.25 * set_point * np.stack([devices.battery_kw, charger_kw, devices.heat_pump_kw], axis=-1)
    trimmed_kwh = np.abs(state.trading.plan_kwh[0] - asked_kwh).sum(axis=-1)
    np.testing.assert_allclose(state.trading.trimmed_kwh[0], trimmed_kwh, rtol=0.0, atol=1e-12)
    assert trimmed_kwh.any()
    engine.trade()
    engine.close()
    np.testing.assert_allclose(state.delivery.trimmed_kwh[0], trimmed_kwh, rtol=0.0, atol=1e-12)
    assert not state.trading.trimmed_kwh.any()


def test_the_fee_of_a_delivered_slot_is_the_fee_on_what_was_bought():
    engine, paid_neur = engine_of(1), []

    def collect(engine):
        delivered, bought_wh = engine.state.delivered, engine.state.delivery.bought_wh[0]
        assert delivered.fee_neur[0].tolist() == (fee[delivered.slot[0]] * bought_wh).tolist()
        paid_neur.append(int(delivered.fee_neur.sum()))

    fee = engine.community.series.fee
    for decision in decisions(SLOTS):
        engine.step(*(part[None] for part in decision), on_delivery=collect)
    assert len(paid_neur) == SLOTS
    assert sum(paid_neur) == engine.state.totals.accounts_neur[0, Account.OPERATOR] > 0
