"""A learned best response: it finds what a generous policy leaves, and never answers worse than it began."""

from dataclasses import replace

import numpy as np
import pytest

from gridbid.agents.baselines.columns import unit_box
from gridbid.agents.baselines.rule import RulePolicy
from gridbid.envs.compile import compile_community, compile_year, with_series
from gridbid.envs.scenario import load_scenario
from gridbid.envs.timeline.year import build_year, weeks_of
from gridbid.evaluate.exploitability import exploit, seats_of
from gridbid.train.algorithm import local_ray
from gridbid.train.best_response import CONFIG, learn_response
from gridbid.train.lessons import Lessons
from gridbid.train.response_lessons import OwnTeacher, ResponseLessons

QUICK = replace(
    CONFIG, seconds=600.0, iterations=20, batch=16, days=1, hidden=(16,), gamma=0.9, learning_rate=3e-3
)


class Generous:
    """The seller asks the bottom of the band, the buyer bids its top."""

    name = "generous"

    def reset(self, seed):
        """Nothing is drawn."""

    def act(self, observations):
        """Both offer their whole need."""
        shape = observations["prosumer"].shape[:-1]
        limit = np.broadcast_to([0.0, 1.0], shape)
        return {"prosumer": unit_box("prosumer", shape, {"offer": 1.0, "limit": limit, "follow": 1.0})}


@pytest.fixture(scope="module", autouse=True)
def one_ray():
    with local_ray(1):
        yield


@pytest.fixture(scope="module")
def two_seats():
    """A seller and a buyer without anything to shift, whose surplus, need and prices stay."""
    tiny = load_scenario("tiny")
    seller = replace(tiny.metered[0], name="seller", battery=None, heat_pump=None)
    buyer = replace(seller, name="buyer", bus=5, pv=None)
    scenario = replace(tiny, seats=(seller, buyer, tiny.seats[-1]))
    compiled = compile_year(scenario, build_year(scenario, [0], split="train"))
    series = compiled.community.series
    pv_kw, load_kw = (np.tile(np.float32(row), (len(series.load_kw), 1)) for row in ([2, 0], [0, 1]))
    constant = {
        name: np.full_like(getattr(series, name), price)
        for name, price in {"retail": 300_000, "feed_in": 50_000, "wholesale": 0, "fee": 50_000}.items()
    }
    return with_series(
        compiled, series._replace(load_kw=load_kw, pv_kw=pv_kw, net_kw=load_kw - pv_kw, **constant)
    )


def lessons_of(compiled, policy, batch=3, seed=4):
    return ResponseLessons(
        Lessons(scenario=compiled, batch=batch, days=1, seed=seed), policy, RURAL[:2], seed
    )


RURAL = seats_of(load_scenario("rural"))


def test_it_finds_what_the_policy_leaves_to_both_sides(two_seats):
    told = []
    learned = learn_response(two_seats, Generous(), QUICK, on_learned=lambda *now: told.append(now))
    weeks = weeks_of(two_seats.scenario, "train")[:2]
    found = exploit(two_seats, Generous(), weeks, [learned])
    # There are 20 ct/kWh to gain on the half of 168 kWh in which one's own order comes first: a quarter of it is found.
    assert (found.gain_eur.sum(axis=2)[0] > 2 * 84 * 0.20 / 4).all()
    assert set(learned.training_gain_eur) == {"seller", "buyer"}
    assert told[-1] == ("best response", 1.0)


def test_a_response_that_had_no_time_is_no_worse_than_where_it_began(two_seats):
    """The copy of the policy is among the networks that are compared."""
    hasty = replace(QUICK, iterations=1, batch=4, learning_rate=0.5)
    learned = learn_response(two_seats, Generous(), hasty, members=["seller"])
    assert learned.training_gain_eur["seller"] > -1.0
    with pytest.raises(KeyError):
        learned.policy_for(seats_of(two_seats.scenario)[1])


def test_lessons_show_the_learning_seats_and_leave_the_others_to_the_policy():
    compiled = compile_community("rural", [1], split="train")
    lessons, whole = lessons_of(compiled, RulePolicy()), Lessons(scenario=compiled, batch=3, days=1, seed=4)
    places = [0, 1, 0]
    rule = RulePolicy()
    for _ in range(100):
        seen = whole.observations["prosumer"][[0, 1, 2], places]
        assert (lessons.observations["prosumer"][:, 0] == seen).all()
        own = OwnTeacher(lessons).act(lessons.observations)
        expected = rule.act({kind: whole.observations[kind] for kind in whole.agents})
        assert (own["prosumer"][:, 0] == expected["prosumer"][[0, 1, 2], places]).all()
        savings, last_seen = lessons.step(own)
        everybodys, whole_last = whole.step(expected)
        assert (savings["prosumer"][:, 0] == everybodys["prosumer"][[0, 1, 2], places]).all()
        assert (last_seen is None) == (whole_last is None)


def test_seats_of_two_kinds_dont_share_a_network():
    compiled = compile_community("rural", [1], split="train")
    with pytest.raises(ValueError, match="seats: of the kinds"):
        ResponseLessons(Lessons(scenario=compiled, batch=2, days=1), RulePolicy(), RURAL[12:14])
