"""Bills: lines by hand, and every line of an episode with all seats against the engine's own accounts."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from gridbid.agents.baselines.nothing import NothingPolicy
from gridbid.agents.baselines.rule import RulePolicy
from gridbid.agents.baselines.zero_intelligence import ZeroIntelligencePolicy
from gridbid.agents.programs.optimum import solve_week
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.compile import compile_community
from gridbid.evaluate import bills as lines
from gridbid.evaluate.bills import alone_eur, bills, others_neur, tariff_parts, trading_neur
from gridbid.evaluate.records.playback import play_optimum
from gridbid.evaluate.records.record import Recorder
from gridbid.evaluate.records.rollout import Cases, run_policy
from gridbid.market.response import ResponseRules
from gridbid.market.types import Account, Cost

WEEK, N_SLOTS, N = 20, 96, 21
LONGER = 144
"""Slots until a tariff that is shifted for tomorrow has been billed."""
CONTROLLERS = ("nothing", "rule", "zero_intelligence", "optimum")
RULES = ResponseRules(lead=12, n_slots=6, notice=4, recovery=2, availability_rate=20_000)


@pytest.fixture(scope="module")
def rural():
    return compile_community("rural", [0], split="test")


@pytest.fixture(scope="module")
def played(rural):
    """A day of all 21 seats with each controller."""
    cases = Cases(np.array([WEEK]), np.array([0]), N_SLOTS, 4)
    policies = (NothingPolicy(), RulePolicy(), ZeroIntelligencePolicy())
    found = {policy.name: run_policy(rural, policy, cases).records[0] for policy in policies}
    optimum = solve_week(rural.community, rural.year.week_start(WEEK), N_SLOTS)
    return found | {"optimum": play_optimum(rural, [optimum], cases.weeks).records[0]}


@pytest.fixture(scope="module")
def with_event(rural):
    """A day and a half under the rule; the utility calls an event and lowers its tariff."""
    env = BatchEnv(rural, 1, seed=1, split="test", weeks=[WEEK], n_slots=LONGER, response=RULES)
    seen, policy, recorder = (
        env.reset(weeks=WEEK, samples=0, day=2),
        RulePolicy(),
        Recorder(rural, 1, LONGER),
    )
    for step in range(LONGER):
        actions = {**policy.act({kind: rows for kind, rows in seen.items() if kind != "utility"})}
        actions["utility"] = np.array([[[-0.5, 0.2 if step == 50 else -1.0, 0.0]]], np.float32)
        seen, _, _ = env.step(actions, recorder.delivered)
        recorder.stepped(env.engine)
    return SimpleNamespace(env=env, record=recorder.records("rule", np.array([WEEK]), env.engine)[0])


@pytest.mark.parametrize("controller", CONTROLLERS)
@pytest.mark.parametrize("shows_parts", [False, True])
def test_every_members_lines_sum_to_what_was_settled(rural, played, controller, shows_parts):
    record = played[controller]
    bill = bills([record], tariff_parts(rural) if shows_parts else None)
    assert bill.amount_neur.shape == (N, len(bill.lines))
    assert bill.total_neur.tolist() == (-record.cash_neur).tolist()
    assert bill.total_neur / 1e9 == pytest.approx(record.cost_eur[:, Cost.BILL])
    assert (bill.energy_wh >= 0).all()


@pytest.mark.parametrize("controller", CONTROLLERS)
def test_all_accounts_sum_to_nothing(played, controller):
    record = played[controller]
    others = others_neur([record])
    assert int(bills([record]).total_neur.sum()) + sum(others.values()) == 0
    imbalance_wh = record.reading_wh - record.bought_wh + record.sold_wh
    assert others["outside"] == -(imbalance_wh * record.wholesale_neur[:, None]).sum()
    assert others["operator"] == -(record.bought_wh * record.fee_neur[:, None]).sum()
    assert set(others) == {account.name.lower() for account in Account}


@pytest.mark.parametrize("controller", CONTROLLERS)
def test_energies_of_the_lines_are_what_was_metered(played, controller):
    record = played[controller]
    bill = bills([record])
    energy_wh = dict(zip(bill.lines, bill.energy_wh.T, strict=True))
    metered = energy_wh[lines.FROM_SUPPLIER] - energy_wh[lines.TO_SUPPLIER]
    metered = metered + energy_wh[lines.BOUGHT_LOCALLY] - energy_wh[lines.SOLD_LOCALLY]
    assert metered.tolist() == record.reading_wh.sum(axis=0).tolist()


def test_a_bill_with_an_event_and_a_shifted_tariff_is_the_engines(rural, with_event):
    env, record = with_event.env, with_event.record
    for parts in (None, tariff_parts(rural)):
        bill = bills([record], parts)
        assert bill.total_neur.tolist() == (-env.engine.state.totals.cash_neur[0]).tolist()
    amounts = dict(zip(bill.lines, bill.amount_neur.T, strict=True))
    assert amounts[lines.DEMAND_RESPONSE].sum() < 0
    assert amounts[f"{lines.FROM_SUPPLIER}: {lines.TARIFF_SHIFT}"].sum() < 0
    accounts_neur = env.engine.state.totals.accounts_neur[0]
    assert others_neur([record])["operator"] == -accounts_neur[Account.OPERATOR]
    assert bill.total_neur.sum() == accounts_neur.sum()


def test_two_weeks_add_up(played):
    first, second = played["rule"], played["nothing"]
    both = bills([first, second])
    assert both.total_neur.tolist() == (-first.cash_neur - second.cash_neur).tolist()


def test_parts_of_the_price_are_the_scenarios(rural, played):
    bill = bills([played["rule"]], tariff_parts(rural))
    supplied = [line for line in bill.lines if line.startswith(lines.FROM_SUPPLIER)]
    assert supplied == [
        f"{lines.FROM_SUPPLIER}: {part}" for part in ("day-ahead price", "adder", lines.TARIFF_SHIFT)
    ]
    price_ct = dict(zip(bill.lines, bill.price_ct.T, strict=True))
    buys = played["rule"].reading_wh.sum(axis=0) > 0
    assert price_ct[supplied[1]][buys] == pytest.approx(20.0, abs=1e-3)
    assert price_ct[supplied[2]][buys] == pytest.approx(0.0)


@pytest.fixture(scope="module")
def by_hand(played):
    """Two members, two slots. The first has 300 Wh too few of what it bought, then 100 Wh too many; the second sells."""
    return replace(
        played["rule"],
        retail_neur=np.array([30, 40]),
        feed_in_neur=np.array([8, 6]),
        fee_neur=np.array([5, 5]),
        wholesale_neur=np.array([10, 11]),
        reading_wh=np.array([[1_000, -500], [200, 50]]),
        bought_wh=np.array([[700, 0], [300, 0]]),
        sold_wh=np.array([[0, 700], [0, 300]]),
        paid_neur=np.array([[7_000, 0], [6_000, 0]]),
        received_neur=np.array([[0, 7_000], [0, 6_000]]),
        cost_eur=np.array([[1.0, 0.5, 0.0, 0.0, 0.0, 0.0], [2.0, 0.0, 0.25, 0.0, 0.0, 0.0]]),
        cash_neur=np.array([-26_400, -7_000]),
        events=(),
    )


def test_lines_by_hand(by_hand):
    """The second sold 700 and 300 Wh of 500 and -50: it buys 200 at 30 and 350 at 40 from the supplier."""
    bill = bills([by_hand])
    amounts = dict(zip(bill.lines, bill.amount_neur.T.tolist(), strict=True))
    assert amounts == {
        lines.FROM_SUPPLIER: [300 * 30, 200 * 30 + 350 * 40],
        lines.TO_SUPPLIER: [-100 * 6, 0],
        lines.BOUGHT_LOCALLY: [13_000, 0],
        lines.SOLD_LOCALLY: [0, -13_000],
        lines.NETWORK_FEE: [1_000 * 5, 0],
        lines.DEMAND_RESPONSE: [0, 0],
    }
    assert bill.total_neur.tolist() == [26_400, 7_000]
    energies = dict(zip(bill.lines, bill.energy_wh.T.tolist(), strict=True))
    assert energies[lines.FROM_SUPPLIER] == [300, 550]
    assert energies[lines.SOLD_LOCALLY] == [0, 1_000]
    prices = dict(zip(bill.lines, bill.price_ct.T, strict=True))
    assert prices[lines.SOLD_LOCALLY][1] == pytest.approx(13 / 10_000)
    assert np.isnan(prices[lines.SOLD_LOCALLY][0])


def test_what_trading_brought_by_hand(by_hand):
    """Without a market: 1000 x 30 and 200 x 40; -500 x 8 and 50 x 40."""
    bill_neur = np.array(
        [[300 * 30 + 7_000 + 700 * 5, 200 * 30 - 7_000], [6_000 + 1_500 - 600, 350 * 40 - 6_000]]
    )
    alone_neur = np.array([[30_000, -4_000], [8_000, 2_000]])
    assert trading_neur(by_hand).tolist() == (alone_neur - bill_neur).tolist()
    assert alone_eur([by_hand]) == pytest.approx([0.5 + 38_000e-9, 0.25 - 2_000e-9], abs=1e-12)


def test_no_weeks_are_refused():
    with pytest.raises(ValueError, match="records: empty"):
        bills([])
