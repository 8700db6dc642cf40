"""Key figures of an episode that was played: what must hold of them, whoever plays."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridbid.agents.baselines.zero_intelligence import ZeroIntelligencePolicy
from gridbid.evaluate.bills import alone_eur, bills, others_neur, trading_neur
from gridbid.evaluate.gains import gains_table
from gridbid.evaluate.kpis import community_kwh, gains_eur, members_eur
from gridbid.evaluate.kpis.slot_market import slot_markets
from gridbid.evaluate.market_metrics import equilibrium
from gridbid.evaluate.protocol import evaluate

CONTROLLERS = ("nothing", "rule", "zero_intelligence", "optimum")
N_SLOTS = 192


@pytest.fixture(scope="module")
def found():
    return evaluate("tiny", [ZeroIntelligencePolicy()], weeks=(29, 33), n_slots=N_SLOTS, workers=2)


@pytest.fixture(params=CONTROLLERS)
def played(found, request):
    return SimpleNamespace(
        name=request.param,
        figures=found.table[request.param],
        records=found.records[request.param],
        base_eur=alone_eur(found.records["rule"]),
    )


def test_every_nano_euro_and_every_wh_is_somebodys(played):
    bill = bills(played.records)
    assert int(bill.total_neur.sum()) + sum(others_neur(played.records).values()) == 0
    for record in played.records:
        assert record.bought_wh.sum(axis=1).tolist() == record.sold_wh.sum(axis=1).tolist()
        assert record.paid_neur.sum(axis=1).tolist() == record.received_neur.sum(axis=1).tolist()


def test_what_passes_the_transformer_is_drawn_fed_in_or_lost(played):
    figures = played.figures
    through_kwh = sum(float((record.feeder_kw * record.slot_h).sum()) for record in played.records)
    net_kwh = figures["import_kwh"] - figures["export_kwh"]
    assert through_kwh == pytest.approx(net_kwh + figures["losses_kwh"], abs=1e-6)
    assert net_kwh == pytest.approx(sum(float(community_kwh(record).sum()) for record in played.records))


def test_own_profit_is_the_bill_without_the_market_less_the_bill(played):
    """Without events; and what members pay each other cancels."""
    without_eur = alone_eur(played.records).sum()
    figures, records = played.figures, played.records
    assert figures["profit_eur"] == pytest.approx(without_eur - members_eur(records).sum(), abs=1e-9)
    by_kind = [figures[f"profit_{kind}_eur"] for kind in ("prosumer", "battery", "ev")]
    assert figures["profit_eur"] == pytest.approx(sum(by_kind), abs=1e-9)


def test_trade_never_gains_more_than_it_could(played):
    for record in played.records:
        market = slot_markets(record)
        assert (market.gain_neur <= market.equilibria.surplus).all()
        assert (market.dispersion_neur[~market.active] == 0.0).all()
    losses = played.figures["untraded_loss"] + played.figures["overtraded_loss"]
    assert played.figures["efficiency"] + losses == pytest.approx(1.0)


def test_gains_are_measured_from_the_rules_own_readings(played):
    gains = gains_eur(played.records, played.base_eur)
    assert played.figures["least_gain_eur"] == pytest.approx(gains.min())
    assert played.figures["gain_eur"] == pytest.approx(
        played.base_eur.sum() - members_eur(played.records).sum()
    )


def test_gains_are_told_by_member(played, found):
    rows = [row for row in gains_table(found).to_pylist() if row["controller"] == played.name]
    assert [row["kind"] for row in rows] == ["prosumer", "battery", "ev"]
    assert [row["j_eur"] for row in rows] == pytest.approx(members_eur(played.records).tolist())
    for row in rows:
        assert row["gain_eur"] == pytest.approx(row["alone_eur"] - row["j_eur"])
        assert row["profit_eur"] == pytest.approx(played.figures[f"profit_{row['kind']}_eur"], abs=1e-12)
    assert min(row["gain_eur"] for row in rows) == pytest.approx(played.figures["least_gain_eur"])


def test_shares_are_shares(played):
    names = ("self_consumption", "self_sufficiency", "match_share", "fill_rate", "worse_off_alone", "gini")
    names += ("orders_filled_share", "orders_rejected_share", "short_departures", "departure_shortfall")
    for name in names:
        value = played.figures[name]
        assert math.isnan(value) or 0.0 <= value <= 1.0 + 1e-9


def test_the_figures_tell_controllers_apart(found):
    table = found.table
    assert table["nothing"]["profit_eur"] == table["nothing"]["orders"] == 0.0
    assert table["rule"]["efficiency"] > table["zero_intelligence"]["efficiency"] > 0.0
    assert table["optimum"]["efficiency"] > 0.99
    assert math.isnan(table["optimum"]["orders"])
    assert 0.0 < table["rule"]["fill_rate"] < 1.0
    assert table["nothing"]["full_cycles"] < table["optimum"]["full_cycles"]


def test_a_member_who_acts_as_the_rule_gains_what_it_trades(found):
    records = found.records["rule"]
    gains = gains_eur(records, alone_eur(records))
    traded = sum(trading_neur(record).sum(axis=0) for record in records) / 1e9
    assert gains == pytest.approx(traded, abs=1e-9)


readings = st.lists(st.integers(-3, 3), min_size=3, max_size=3)


@given(reading=readings, moves=st.lists(st.tuples(*[st.integers(0, 2)] * 3), max_size=5), data=st.data())
def test_a_slot_by_units(reading, moves, data):
    """A unit a Wh: TS* is the surplus of unit limits, and no set of trades between members gains more."""
    bought, sold = np.zeros(3, np.int64), np.zeros(3, np.int64)
    for buyer, seller, wh in moves:
        bought[buyer] += wh
        sold[seller] += wh
    fee, feed_in = data.draw(st.integers(0, 5)), data.draw(st.integers(-5, 9))
    retail = feed_in + fee + data.draw(st.integers(0, 9))
    one = SimpleNamespace(
        reading_wh=np.array([reading]),
        bought_wh=bought[None],
        sold_wh=sold[None],
        paid_neur=bought[None] * 4,
        received_neur=sold[None] * 4,
        retail_neur=np.array([retail]),
        feed_in_neur=np.array([feed_in]),
        fee_neur=np.array([fee]),
    )
    market = slot_markets(one)
    needs = [retail - fee] * sum(max(0, wh) for wh in reading)
    surpluses = [feed_in] * sum(max(0, -wh) for wh in reading)
    assert market.equilibria.surplus[0] == equilibrium(needs, surpluses).surplus
    assert market.gain_neur[0] <= market.equilibria.surplus[0] - market.untraded_neur[0]
    assert market.untraded_neur[0] >= 0.0
