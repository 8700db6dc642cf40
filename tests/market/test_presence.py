"""Members who join and leave: who is absent does nothing, pays nothing, and is no different from an empty site to the others."""

import numpy as np
import pytest

from gridbid.market.conservation import residuals
from gridbid.market.engine import Engine
from gridbid.market.errors import InputError
from gridbid.market.naive.communities import random_community, with_absences
from gridbid.market.presence import always_present, is_present, without_absent
from gridbid.market.types import Control, Reject

START, SLOTS, N, AWAY = 200, 60, 7, (0, 4)
TRADED = ("bought_wh", "sold_wh", "paid_neur", "received_neur")


def community_of(seed=2):
    return random_community(np.random.default_rng(seed), n=N, rounds=2)


def absent(community, participants, first=0, last=None):
    """The community without some of its members in slots ``first`` to ``last`` - 1."""
    present = np.ones(community.series.load_kw.shape, np.bool_)
    present[first:last, list(participants)] = False
    return community._replace(series=without_absent(community.series._replace(present=present)))


def emptied(community, participants):
    """The community in which some members have neither devices nor load."""
    devices = community.devices._asdict()
    for name in devices:
        if name.endswith(("kwh", "kw")) and "eur" not in name:
            devices[name] = devices[name].copy()
            devices[name][list(participants)] = 0.0
    series = absent(community, participants).series
    columns = series.car_column.copy()
    columns[list(participants)] = -1
    return community._replace(
        devices=type(community.devices)(**devices),
        series=series._replace(present=always_present(N), car_column=columns),
    )


def decisions(n_steps, seed=6):
    random = np.random.default_rng(seed)
    for _ in range(n_steps):
        yield (
            random.uniform(0.0, 1.5, (1, N)),
            random.uniform(0.0, 1.0, (1, N)),
            random.choice([0.0, 0.4, 1.0], (1, N)),
            random.uniform(-1.0, 1.0, (1, N, len(Control))),
        )


def play(community, n_slots=SLOTS):
    """An episode; the engine, and what each slot delivered and cost."""
    engine, slots = Engine(community, 1, 3), []

    def collect(engine):
        slots.append({name: value[0].copy() for name, value in engine.state.delivered._asdict().items()})
        slots[-1]["bought_wh"] = engine.state.delivery.bought_wh[0].copy()

    engine.reset(START, n_slots)
    costs = []
    for decision in decisions(2 * n_slots):
        engine.step(*decision, on_delivery=collect)
        costs.append(engine.state.cost_eur[0].copy())
    assert engine.finished.all()
    assert residuals(engine) == {"energy_wh": 0, "cash_neur": 0}
    return engine, slots, np.array(costs)


def test_to_the_others_an_absent_member_is_an_empty_site():
    others = [i for i in range(N) if i not in AWAY]
    (left, slots, costs), (bare, bare_slots, bare_costs) = (
        play(change(community_of(), AWAY)) for change in (absent, emptied)
    )
    for slot, bare_slot in zip(slots, bare_slots, strict=True):
        for name, values in slot.items():
            everybodys = values.ndim == 0
            np.testing.assert_array_equal(
                values if everybodys else values[others],
                bare_slot[name] if everybodys else bare_slot[name][others],
                err_msg=name,
            )
    np.testing.assert_array_equal(costs[:, others], bare_costs[:, others])
    assert left.state.totals.bought_wh.any()


def test_who_is_absent_reads_costs_and_keeps_what_it_has():
    engine, slots, costs = play(absent(community_of(), AWAY))
    away, devices = list(AWAY), engine.community.devices
    for slot in slots:
        for name in (
            "reading_wh",
            "imbalance_wh",
            "cash_neur",
            "fee_neur",
            "net_kwh",
            "device_kwh",
            "bought_wh",
        ):
            assert not slot[name][away].any(), name
    assert not costs[:, away].any()
    stores = engine.state.stores
    assert stores.battery_kwh[0, away].tolist() == devices.battery_initial_kwh[away].tolist()
    assert stores.heat_kwh[0, away].tolist() == (0.5 * devices.heat_store_kwh[away]).tolist()
    assert (0.5 * devices.heat_loss_per_h * devices.heat_store_kwh)[away].any(), (
        "a store that would lose heat"
    )


def test_stores_rest_while_a_member_is_away_and_work_before_and_after():
    first, last = START + 20, START + 40
    community = absent(community_of(), range(N), first, last)
    engine, levels = Engine(community), {}
    engine.reset(START, SLOTS)
    for decision in decisions(2 * SLOTS):
        stores = engine.state.stores
        levels[int(engine.state.clock.slot[0]) - 1] = np.stack([stores.battery_kwh[0], stores.heat_kwh[0]])
        engine.step(*decision)
    for slot in range(first, last):
        np.testing.assert_array_equal(levels[slot], levels[first])
    assert (levels[first - 1] != levels[first - 5]).any()
    assert (levels[last + 5] != levels[last]).any()


def test_nothing_is_forecast_of_who_is_absent_and_no_order_of_his_is_admitted():
    engine = Engine(absent(community_of(), AWAY, START + 1, START + 3))
    engine.reset(START, SLOTS)
    state, away = engine.state, list(AWAY)
    for slot in range(START, START + 5):
        gone = START + 1 <= slot < START + 3
        for name in ("net_kwh", "pv_kwh", "least_kwh", "most_kwh"):
            assert getattr(state.outlook, name)[0, away].any() != gone or name == "pv_kwh"
        for _ in range(2):
            state.orders.side[:], state.orders.tick[:], state.orders.quantity_wh[:] = 0, 7, 1
            engine.trade()
            assert set(state.orders.rejected[0, away].tolist()) == {
                Reject.NOT_REGISTERED if gone else Reject.NONE
            }
            assert not state.orders.rejected[0, [1, 2, 3, 5, 6]].any()
            engine.close()


def test_a_car_comes_and_goes_with_its_owner():
    series = community_of().series._replace(car_column=np.array([0, *[-1] * (N - 1)]))
    departure, arrival_kwh, target_kwh = (
        np.full((1, 12, 1), empty, kind)
        for empty, kind in ((-1, np.int32), (-1.0, np.float32), (0.0, np.float32))
    )
    departure[0, 2:10], arrival_kwh[0, 2], target_kwh[0, 2:10] = 10, 5.0, 8.0
    present = np.ones((12, N), np.bool_)
    present[[2, 3, 6, 7], 0] = False
    weather = {name: getattr(series, name)[:12] for name in ("load_kw", "pv_kw", "heat_kw", "net_kw")}
    cut = without_absent(
        series._replace(
            **weather,
            present=present,
            car_departure=departure,
            car_arrival_kwh=arrival_kwh,
            car_target_kwh=target_kwh,
        )
    )
    assert cut.car_departure[0, :, 0].tolist() == [-1, -1, -1, -1, 6, 6, -1, -1, 10, 10, -1, -1]
    assert cut.car_arrival_kwh[0, :, 0].tolist() == [-1, -1, -1, -1, 5, -1, -1, -1, 5, -1, -1, -1]
    assert cut.car_target_kwh[0, :, 0].tolist() == [0, 0, 0, 0, 8, 8, 0, 0, 8, 8, 0, 0]
    assert not cut.load_kw[~present].any()
    np.testing.assert_array_equal(cut.load_kw[present], weather["load_kw"][present])


def test_flags_for_always_and_for_every_slot():
    flags = np.array([[True, False], [False, True]])
    assert [is_present(flags, slot, i) for slot in (0, 1) for i in (0, 1)] == [True, False, False, True]
    assert [is_present(flags[1:], slot, i) for slot in (0, 1) for i in (0, 1)] == [False, True, False, True]


@pytest.mark.parametrize("seed", range(5))
def test_whoever_comes_and_goes_is_accepted(seed):
    random = np.random.default_rng(seed)
    Engine(with_absences(random, random_community(random, n=N)))


def test_use_in_absence_is_refused():
    community = community_of()
    present = np.ones_like(community.series.load_kw, np.bool_)
    present[7, :] = False
    with pytest.raises(InputError) as told:
        Engine(community._replace(series=community.series._replace(present=present)))
    for name in ("load_kw", "pv_kw", "heat_kw", "net_kw"):
        assert f"series.{name}[7, " in str(told.value)
    assert "expected 0, as the participant is absent" in str(told.value)
    away = absent(community, AWAY)
    assert (community.series.car_column[list(AWAY)] >= 0).any()
    with pytest.raises(InputError, match=r"car_departure.*expected -1, as the participant is absent"):
        Engine(
            away._replace(
                series=away.series._replace(
                    car_departure=community.series.car_departure,
                    car_arrival_kwh=community.series.car_arrival_kwh,
                )
            )
        )
    with pytest.raises(
        InputError, match=r"series.present is int64 of shape \(1, 7\), expected bool of shape \(1, 7\)"
    ):
        Engine(community._replace(series=community.series._replace(present=np.ones((1, N), np.int64))))
