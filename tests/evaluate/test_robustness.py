"""Stresses: each changes what it says and nothing else, the books close in all of them, and differences are paired."""

import json

import numpy as np
import pytest

from gridbid.agents.baselines.nothing import NothingPolicy
from gridbid.agents.baselines.rule import RulePolicy
from gridbid.agents.baselines.zero_intelligence import ZeroIntelligencePolicy
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.compile import compile_community
from gridbid.envs.fields import observation_index
from gridbid.evaluate.records.rollout import Cases, run_policy
from gridbid.evaluate.robustness import (
    AS_IS,
    AdversarialBidder,
    Episodes,
    ForecastLoss,
    MembersLeaving,
    MeterDropout,
    NegativePrices,
    PopulationSwap,
    PriceShock,
    standard_stresses,
    stress,
)

WEEKS, N_SLOTS = (24, 37), 336
SHORT = 144
CLOSED = {"energy_wh": 0, "cash_neur": 0}


@pytest.fixture(scope="module")
def compiled():
    return compile_community("rural", [5], split="validation")


@pytest.fixture(scope="module")
def tiny():
    return compile_community("tiny", [5], split="validation")


@pytest.fixture(scope="module")
def found(compiled):
    return stress(compiled, [ZeroIntelligencePolicy()], WEEKS, n_slots=SHORT)


def episodes(compiled):
    return Episodes(tuple(compiled.year.week_start(week) for week in WEEKS), N_SLOTS)


def observations_of(compiled, policy, n_steps):
    """What a community sees in the first steps of the first week."""
    env = BatchEnv(compiled, 1, seed=0, weeks=WEEKS, n_slots=N_SLOTS)
    seen = [env.reset(weeks=WEEKS[0], samples=0)]
    for _ in range(n_steps):
        seen.append(env.step(policy.act(seen[-1]))[0])
    return seen


def test_the_books_close_under_every_stress(found):
    assert [outcome.residuals for outcome in found.outcomes] == [CLOSED] * len(found.outcomes)


def test_the_weeks_as_they_are_come_first_and_are_what_any_run_finds(compiled, found):
    assert found.outcomes[0].stress is AS_IS
    cases = Cases(np.array(WEEKS), np.zeros(2, np.int64), SHORT, 0)
    records = run_policy(compiled, RulePolicy(), cases).records
    assert found.outcomes[0].j_eur("rule").tolist() == pytest.approx([record.j_eur for record in records])
    for controller in found.controllers:
        assert found.degradation("as_is", controller) == (0.0, 0.0, 0.0)


def test_differences_are_of_the_members_who_are_tested(found):
    for outcome in found.outcomes:
        name, tested = outcome.stress.name, outcome.tested
        ours = outcome.members_eur["zero_intelligence"][:, tested].sum(axis=1)
        usual = found.outcomes[0].members_eur["zero_intelligence"][:, tested].sum(axis=1)
        rules = outcome.members_eur["rule"][:, tested].sum(axis=1)
        degradation = found.degradation(name, "zero_intelligence")
        assert degradation.estimate == pytest.approx((ours - usual).mean())
        assert degradation.low <= degradation.estimate <= degradation.high
        beside = found.beside_rule(name, "zero_intelligence")
        assert beside.estimate == pytest.approx((ours - rules).mean())


def test_the_document_is_plain_json(found):
    told = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert told["weeks"] == list(WEEKS)
    assert [entry["name"] for entry in told["stresses"]] == [
        "as_is",
        *(each.name for each in standard_stresses()),
    ]
    for entry in told["stresses"]:
        for figure in ("j_eur", "bill_eur", "unmet_ev_kwh", "tested_j_eur"):
            assert {name: len(weeks) for name, weeks in entry[figure].items()} == dict.fromkeys(
                found.controllers, len(WEEKS)
            )
        assert entry["title"] and entry["meaning"].endswith(".")
        assert entry["optimum_eur"] is None


@pytest.mark.parametrize("shock", [PriceShock(), NegativePrices()], ids=lambda shock: shock.name)
def test_a_shock_is_known_a_day_ahead_and_not_before(compiled, shock):
    before, after = compiled.community.series, shock.scenario(compiled, episodes(compiled)).community.series
    changed = np.flatnonzero((before.retail != after.retail).any(axis=0))
    first, last = round(N_SLOTS * 2 / 7), round(N_SLOTS * 4 / 7)
    for start in episodes(compiled).starts:
        within = changed[(changed >= start) & (changed < start + N_SLOTS)] - start
        assert within.size > 0 and within.min() >= first and within.max() < last
    assert (after.wholesale - before.wholesale == after.retail - before.retail).all()
    # The hour that begins a day less an hour ahead is the last that is announced.
    unaware = changed[changed >= episodes(compiled).starts[0]].min() - episodes(compiled).starts[0] - 96
    usual, shocked = (
        observations_of(c, RulePolicy(), unaware + 1)
        for c in (compiled, shock.scenario(compiled, episodes(compiled)))
    )
    for step in range(unaware + 1):
        assert all((usual[step][kind] == shocked[step][kind]).all() for kind in usual[step])
    assert any((usual[-1][kind] != shocked[-1][kind]).any() for kind in usual[-1])


def test_a_shocked_price_is_twice_what_it_was(compiled):
    before, after = (
        each.scenario(compiled, episodes(compiled)).community.series for each in (AS_IS, PriceShock())
    )
    ratios = np.unique(after.retail / before.retail)
    assert ratios.tolist() == [1.0, 2.0]


def test_negative_prices_charge_who_feeds_in(compiled):
    series = NegativePrices(-5.0).scenario(compiled, episodes(compiled)).community.series
    low = series.retail == -50_000
    assert low.sum() == 2 * np.ptp([10, 16]) * 4
    assert (series.feed_in[low] == -50_000 - series.fee[low.any(axis=0)]).all()
    hour = series.local_hour[low.any(axis=0)]
    assert hour.min() == 10.0 and hour.max() == 15.75


def test_lost_forecasts_are_flat_and_the_truth_stays(compiled):
    """What everybody is told is the seat's mean, and what is consumed is what it was."""
    lost = ForecastLoss().scenario(compiled, episodes(compiled))
    at = observation_index("prosumer")
    mean_kw = compiled.community.series.net_kw.mean(axis=0, dtype=np.float64)[:13]
    expected = mean_kw / compiled.tables.site_kw[:13]
    for seen in observations_of(lost, NothingPolicy(), 8):
        rows = seen["prosumer"][0]
        assert rows[:, at["net_forecast"].start] == pytest.approx(expected, abs=1e-5)
        day = rows[:, at["net_forecast_day"]]
        assert day == pytest.approx(np.repeat(expected[:, None], 24, axis=1), abs=1e-5)
    for name in ("load_kw", "pv_kw", "heat_kw", "retail"):
        assert getattr(lost.community.series, name) is getattr(compiled.community.series, name)


class Listening(RulePolicy):
    """The rule, which keeps what it was told."""

    def __init__(self):
        self.told = []

    def act(self, observations):
        self.told.append(observations)
        return super().act(observations)


def test_silent_meters_show_the_last_that_was_read(compiled):
    cases = Cases(np.array(WEEKS), np.zeros(2, np.int64), N_SLOTS, 0)
    usual, stressed = Listening(), Listening()
    spoken = run_policy(compiled, usual, cases)
    silent = run_policy(compiled, MeterDropout().policy(stressed, compiled), cases)
    # The rule doesn't look at readings, so both runs go the same way and differ in what was told alone.
    assert [r.j_eur for r in silent.records] == [r.j_eur for r in spoken.records]
    first, last = round(N_SLOTS * 3 / 7), round(N_SLOTS * 4 / 7)
    at = observation_index("prosumer")
    readings = [at["reading_2"].start, at["reading_3"].start]
    others = np.delete(
        np.arange(len(usual.told[0]["prosumer"][0, 0])), [*readings, at["community_net"].start]
    )
    hit = np.arange(13) % 3 == 2
    for step in range(N_SLOTS):
        true, told = usual.told[step]["prosumer"], stressed.told[step]["prosumer"]
        assert (true[..., others] == told[..., others]).all()
        assert (true[:, ~hit][..., readings] == told[:, ~hit][..., readings]).all()
        frozen = usual.told[first - 1]["prosumer"][:, hit][..., readings[:1]]
        expected = frozen if first <= step < last else true[:, hit][..., readings]
        assert (told[:, hit][..., readings] == expected).all()
    middle = (first + last) // 2
    heard_kw = sum(
        (rows[:, :, observation_index(kind)["reading_2"].start] * site_kw).sum(axis=1)
        for (kind, rows), site_kw in zip(
            stressed.told[middle].items(), np.split(compiled.tables.site_kw, [13, 14]), strict=True
        )
    )
    net_kw = stressed.told[middle]["prosumer"][:, 0, at["community_net"].start] * 100.0
    assert net_kw == pytest.approx(heard_kw, abs=0.05)


def test_who_left_costs_nothing_and_the_others_live_as_before(compiled):
    leaving = MembersLeaving().scenario(compiled, episodes(compiled))
    cases = Cases(np.array(WEEKS), np.zeros(2, np.int64), N_SLOTS, 0)
    usual, left = (run_policy(c, NothingPolicy(), cases) for c in (compiled, leaving))
    gone = np.arange(21) % 3 == 2
    half = N_SLOTS // 2
    for before, after in zip(usual.records, left.records, strict=True):
        assert not after.reading_wh[half:, gone].any()
        assert (after.reading_wh[:half] == before.reading_wh[:half]).all()
        assert (after.reading_wh[:, ~gone] == before.reading_wh[:, ~gone]).all()
        assert before.reading_wh[half:, gone].any()


def test_a_population_of_ones_own_is_no_stress(tiny):
    found = stress(tiny, [ZeroIntelligencePolicy()], WEEKS, [PopulationSwap("zero_intelligence")], n_slots=96)
    swapped = found.outcome("against_zero_intelligence")
    assert swapped.tested.tolist() == [True, False, True]
    assert (
        swapped.members_eur["zero_intelligence"] == found.outcomes[0].members_eur["zero_intelligence"]
    ).all()
    assert (swapped.members_eur["rule"] != found.outcomes[0].members_eur["rule"]).any()


def test_a_wild_bidder_trades_and_pays_for_it(compiled):
    cases = Cases(np.array(WEEKS[:1]), np.zeros(1, np.int64), 96, 0)
    wild = AdversarialBidder()
    usual, record = (
        run_policy(compiled, RulePolicy(), cases, alter=each.alter(compiled)).records[0]
        for each in (AS_IS, wild)
    )
    buys = (record.start + np.arange(96)) % 2 == 0
    assert record.bought_wh[buys, 0].any() and not record.bought_wh[~buys, 0].any()
    assert record.sold_wh[~buys, 0].any() and not record.sold_wh[buys, 0].any()
    assert record.cost_eur[0].sum() > usual.cost_eur[0].sum()
    assert wild.tested(compiled).tolist() == [False] + [True] * 20


def test_the_bound_is_solved_anew_where_the_truth_changed(tiny):
    stresses = [NegativePrices(), ForecastLoss()]
    found = stress(tiny, [RulePolicy()], WEEKS[:1], stresses, n_slots=96, optimum=True)
    bounds = {outcome.stress.name: float(outcome.optimum_eur[0]) for outcome in found.outcomes}
    assert bounds["forecast_loss"] == bounds["as_is"]
    assert bounds["negative_prices"] != bounds["as_is"]
    for outcome in found.outcomes:
        assert outcome.j_eur("rule")[0] >= outcome.optimum_eur[0] - 0.01


def test_more_samples_of_a_week_make_no_more_of_it(tiny):
    twice = compile_community("tiny", [5, 5], split="validation")
    stresses = [PriceShock()]
    one, two = (
        stress(each, [NothingPolicy()], WEEKS[:1], stresses, n_slots=96, optimum=True)
        for each in (tiny, twice)
    )
    for name in (AS_IS.name, PriceShock.name):
        assert two.tested_eur(name, "nothing") == pytest.approx(one.tested_eur(name, "nothing"), abs=1e-9)
        assert two.outcome(name).optimum_eur == pytest.approx(one.outcome(name).optimum_eur, abs=1e-9)


def test_the_rule_always_stands_beside(tiny):
    progress = []
    found = stress(
        tiny,
        [NothingPolicy()],
        WEEKS[:1],
        [ForecastLoss()],
        n_slots=48,
        on_progress=lambda *told: progress.append(told),
    )
    assert found.controllers == ("rule", "nothing")
    assert progress == [("stress", 0.5), ("stress", 1.0)]


def test_what_is_asked_for_has_to_be_sound(tiny):
    with pytest.raises(ValueError, match=r"\['forecast_loss', 'nothing'\]"):
        stress(tiny, [NothingPolicy()] * 2, WEEKS, [ForecastLoss()] * 2)
    with pytest.raises(ValueError, match=r"weeks: \[\]"):
        stress(tiny, [NothingPolicy()], [])


class Curious(RulePolicy):
    """The rule, which notes what it is told of its community."""

    def __init__(self):
        self.told = []

    def configure(self, facts):
        self.told.append(facts)


@pytest.mark.parametrize("each", [AS_IS, MeterDropout(), PopulationSwap("zip")], ids=lambda each: each.name)
def test_a_planner_is_told_its_communitys_constants_whoever_stands_before_it(tiny, each):
    curious, cases = Curious(), Cases(np.array(WEEKS[:1]), np.zeros(1, np.int64), 4, 0)
    run_policy(tiny, each.policy(curious, tiny), cases)
    assert [facts.charger_efficiency for facts in curious.told] == [0.95]
