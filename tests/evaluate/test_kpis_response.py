"""Figures of demand response on an event that was played, beside the same day without it."""

from types import SimpleNamespace

import numpy as np
import pytest

from gridbid.agents.baselines.rule import RulePolicy
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.compile import compile_community
from gridbid.evaluate import bills as lines
from gridbid.evaluate.bills import bills
from gridbid.evaluate.kpis import kpis
from gridbid.evaluate.records.record import Recorder
from gridbid.market.demand_response.accuracy import bias, rrmse
from gridbid.market.response import ResponseRules

WEEK, N_SLOTS = 46, 96
RULES = ResponseRules(lead=12, n_slots=6, notice=4, recovery=2, availability_rate=20_000)


@pytest.fixture(scope="module")
def day():
    """A day under the rule, which knows nothing of events, with one and without."""
    compiled = compile_community("rural", [0], split="test")

    def play(calls):
        env = BatchEnv(compiled, 1, seed=1, split="test", weeks=[WEEK], n_slots=N_SLOTS, response=RULES)
        policy, recorder = RulePolicy(), Recorder(compiled, 1, N_SLOTS)
        seen = env.reset(weeks=WEEK, samples=0, day=2)
        for step in range(N_SLOTS):
            target = 0.2 if calls and step == 56 else -1.0
            actions = dict(policy.act({kind: rows for kind, rows in seen.items() if kind != "utility"}))
            actions["utility"] = np.array([[[0.0, target, 0.0]]], np.float32)
            seen, _, _ = env.step(actions, recorder.delivered)
            recorder.stepped(env.engine)
        return recorder.records("rule", np.array([WEEK]), env.engine)[0]

    called, quiet = play(calls=True), play(calls=False)
    figures = kpis([called], compiled.community, without_events=[quiet])
    return SimpleNamespace(called=called, quiet=quiet, figures=figures)


def test_the_delivery_ratio_is_what_counts_over_what_was_asked(day):
    (event,) = day.called.events
    counted = np.clip(event.baseline_wh - event.reading_wh, 0, event.instructed_wh)[:, event.takes_part]
    asked = event.instructed_wh[:, event.takes_part].sum()
    assert day.figures["events"] == 1.0
    assert day.figures["response_asked_kwh"] == pytest.approx(asked / 1_000)
    assert 0.0 < day.figures["delivery_ratio"] < 1.0
    assert day.figures["delivery_ratio"] == pytest.approx(counted.sum() / asked)


def test_who_does_nothing_is_measured_against_what_it_draws_anyway(day):
    """So the error of the baseline is that against the event's own readings, too."""
    (event,) = day.called.events
    assert day.called.reading_wh.tolist() == day.quiet.reading_wh.tolist()
    baseline, load = event.baseline_wh[:, event.takes_part], event.reading_wh[:, event.takes_part]
    assert day.figures["baseline_rrmse"] == pytest.approx(rrmse(baseline, load))
    assert day.figures["baseline_bias"] == pytest.approx(bias(baseline, load))


def test_what_events_pay_is_all_that_differs(day):
    (event,) = day.called.events
    assert (day.called.cash_neur - day.quiet.cash_neur).tolist() == event.paid_neur.tolist()
    assert day.figures["response_eur"] == pytest.approx(event.paid_neur.sum() / 1e9)
    bill = bills([day.called])
    amounts = dict(zip(bill.lines, bill.amount_neur.T.tolist(), strict=True))
    assert amounts[lines.DEMAND_RESPONSE] == (-event.paid_neur).tolist()
    assert day.called.j_eur == pytest.approx(day.quiet.j_eur - day.figures["response_eur"])
