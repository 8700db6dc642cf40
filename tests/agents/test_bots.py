"""Bots on a ledger against the environment: the same fills, readings, positions and cash, and books that close."""

from dataclasses import replace

import numpy as np
import pytest

from gridbid.agents.baselines.columns import Seen
from gridbid.agents.baselines.rule import RulePolicy
from gridbid.agents.baselines.zero_intelligence import ZeroIntelligencePolicy
from gridbid.agents.bots.bot import Bot
from gridbid.agents.bots.day import CREDIT_NEUR, DayPlan, run_in_environment, run_on_ledger
from gridbid.agents.bots.site import Intent
from gridbid.chain.ledgers.embedded_ledger import EmbeddedLedger
from gridbid.chain.ledgers.events import Cancelled, Placed, Reduced, Settled, Traded
from gridbid.chain.ledgers.memory_ledger import MemoryLedger
from gridbid.envs.compile import compile_community
from gridbid.envs.scenario import load_scenario
from gridbid.evaluate.parity import compare_day
from gridbid.market.types import Reject, Side, Terms

MORNING = 36
SUNDAY = {"tiny": (18, 6), "rural": (24, 6)}
"""Week and day in which even the rule finds somebody to trade with."""
N_SLOTS = {"tiny": 28, "rural": 14}
POLICIES = (RulePolicy, ZeroIntelligencePolicy)
LEDGERS = (MemoryLedger, EmbeddedLedger)


def day_of(name, rounds=1, sites=None):
    scenario = load_scenario(name)
    compiled = compile_community(
        replace(scenario, market=replace(scenario.market, rounds=rounds)), [0], split="test"
    )
    if sites is not None:
        community = compiled.community
        compiled = replace(compiled, community=community._replace(sites=community.sites._replace(**sites)))
    week, day = SUNDAY[name]
    return DayPlan(compiled, compiled.year.week_start(week) + 96 * day + MORNING, N_SLOTS[name], seed=3)


def noted(ledger):
    """Why each order that is placed from now on is refused, or NONE."""
    place, reasons = ledger.place, []

    def noting(*order):
        placed = place(*order)
        reasons.append(placed.reject)
        return placed

    ledger.place = noting
    return reasons


def events_of(ledger, kind):
    return [event for event in ledger.events().events if isinstance(event, kind)]


@pytest.mark.parametrize("name", ["tiny", "rural"])
@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("rounds", [1, 3])
@pytest.mark.parametrize("backend", LEDGERS)
def test_a_ledger_gives_what_the_environment_gives(name, policy, rounds, backend):
    plan, ledger = day_of(name, rounds), backend()
    record = run_on_ledger(plan, policy(), ledger)
    parity = compare_day(name, run_in_environment(plan, policy()), record)
    assert parity.examples == ()
    assert parity.mismatches == 0
    assert parity.fills > 0
    assert parity.settlements == plan.n_slots * plan.compiled.community.n_participants
    assert (record.residual_neur, record.residual_wh) == (0, 0)
    if rounds > 1 and policy is ZeroIntelligencePolicy:
        assert events_of(ledger, Cancelled), "no order was replaced"
        assert name == "tiny" or events_of(ledger, Reduced), "no order was reduced"


class FirmPolicy:
    """Every seat sticks to a limit of its own and offers less from round to round, so that orders are reduced.

    A quarter of the offers is called off, by zero intelligence's draw of what to offer.
    """

    name = "firm"

    def __init__(self):
        self._random = ZeroIntelligencePolicy()

    def reset(self, seed):
        self._random.reset(seed)

    def act(self, observations):
        actions = self._random.act(observations)
        return {kind: self._firm(Seen(kind, observations[kind]), action) for kind, action in actions.items()}

    def _firm(self, seen, action):
        offer, limit = action[..., 0], action[..., 1]
        offer[:] = np.where(offer > 0.5, -1.0, 0.3 - 0.5 * seen["round"])
        limit[:] = np.sin(100.0 * seen["site_kw"])
        return action


@pytest.mark.parametrize("backend", LEDGERS)
def test_orders_that_are_reduced_or_called_off_are_so_in_both(backend):
    plan, ledger = replace(day_of("rural", rounds=3), n_slots=10), backend()
    record = run_on_ledger(plan, FirmPolicy(), ledger)
    parity = compare_day("firm", run_in_environment(plan, FirmPolicy()), record)
    assert parity.examples == ()
    assert parity.fills > 0
    assert len(events_of(ledger, Reduced)) > 30
    assert len(events_of(ledger, Cancelled)) > 10


@pytest.mark.parametrize("backend", LEDGERS)
def test_tight_envelopes_refuse_the_same_orders_in_both(backend):
    """With 300 Wh a slot, whoever is hit while its next order is on its way has no room left for it."""
    tight = np.full(21, 300)
    plan = day_of("rural", rounds=3, sites={"import_limit_wh": tight, "export_limit_wh": tight})
    plan, ledger = replace(plan, n_slots=10), backend()
    reasons = noted(ledger)
    record = run_on_ledger(plan, ZeroIntelligencePolicy(), ledger)
    parity = compare_day("tight", run_in_environment(plan, ZeroIntelligencePolicy()), record)
    assert parity.examples == ()
    assert parity.fills > 0
    assert set(reasons) == {Reject.NONE, Reject.ENVELOPE}
    assert max(abs(settlement.position_wh) for settlement in record.settlements.values()) == 300


def test_a_ledger_tells_the_same_story_in_events():
    plan, ledger = day_of("rural", rounds=3), MemoryLedger()
    record = run_on_ledger(plan, ZeroIntelligencePolicy(), ledger)
    assert len(events_of(ledger, Traded)) == len(record.trades)
    assert len(events_of(ledger, Settled)) == len(record.settlements)
    paid = sum(settlement.cash_neur for settlement in record.settlements.values())
    n_seats = plan.compiled.community.n_participants
    held = sum(ledger.balance(participant) for participant in range(1, n_seats + 1))
    assert held == CREDIT_NEUR * n_seats + paid


def test_other_samples_and_seeds_are_other_days():
    plan = day_of("rural")
    usual = run_in_environment(plan, ZeroIntelligencePolicy())
    other = run_in_environment(replace(plan, seed=4), ZeroIntelligencePolicy())
    assert usual.trades != other.trades
    assert compare_day("seeds", usual, other).mismatches > 0


# --- one bot and its orders


SLOT, TICK = 10, 100
TERMS = Terms(retail=300_000, feed_in=80_000, fee=50_000, floor=80_000, price_cap=300_000)


class Stall:
    """A ledger with a slot open, a bot, and somebody to trade with."""

    def __init__(self):
        self.ledger = MemoryLedger()
        self.bot = Bot("prosumer", self.ledger.register(), RulePolicy(), self.ledger)
        self.other = self.ledger.register()
        both = {self.bot.participant: 10_000, self.other: 10_000}
        for participant in both:
            self.ledger.deposit(participant, CREDIT_NEUR)
        self.ledger.advance_to((SLOT - 1) * 900)
        self.ledger.publish(SLOT, TERMS, both, both)
        self.bot.trade(SLOT, Intent(Side.BUY, TICK, 1_000))

    def story(self):
        return [
            type(event)
            for event in self.ledger.events().events
            if isinstance(event, (Placed, Cancelled, Reduced))
        ]

    def queue(self):
        """Participants at the bot's first tick, oldest first, and their quantities."""
        return [
            (order.participant, order.quantity_wh)
            for tick, orders in self.ledger.book(SLOT, Side.BUY)
            if tick == TICK
            for order in orders
        ]


@pytest.fixture
def stall():
    return Stall()


def test_an_intent_is_placed(stall):
    assert stall.story() == [Placed]
    assert stall.queue() == [(stall.bot.participant, 1_000)]


def test_the_same_intent_again_changes_nothing(stall):
    stall.bot.trade(SLOT, Intent(Side.BUY, TICK, 1_000))
    assert stall.story() == [Placed]


def test_less_at_the_same_tick_keeps_its_place(stall):
    stall.ledger.place(SLOT, stall.other, Side.BUY, TICK, 500)
    stall.bot.trade(SLOT, Intent(Side.BUY, TICK, 400))
    assert stall.story() == [Placed, Placed, Reduced]
    assert stall.queue() == [(stall.bot.participant, 400), (stall.other, 500)]


def test_more_at_the_same_tick_goes_to_the_end(stall):
    stall.ledger.place(SLOT, stall.other, Side.BUY, TICK, 500)
    stall.bot.trade(SLOT, Intent(Side.BUY, TICK, 1_001))
    assert stall.story() == [Placed, Placed, Cancelled, Placed]
    assert stall.queue() == [(stall.other, 500), (stall.bot.participant, 1_001)]


@pytest.mark.parametrize("intent", [Intent(Side.BUY, TICK + 1, 400), Intent(Side.SELL, TICK, 400)])
def test_another_tick_or_side_replaces_the_order(stall, intent):
    stall.bot.trade(SLOT, intent)
    assert stall.story() == [Placed, Cancelled, Placed]
    assert stall.bot.resting(SLOT)[2:] == (intent.side, intent.tick, intent.quantity_wh)


def test_an_intent_of_nothing_calls_the_order_off(stall):
    stall.bot.trade(SLOT, Intent(Side.BUY, TICK, 0))
    assert stall.story() == [Placed, Cancelled]
    assert stall.bot.resting(SLOT) is None


def test_what_others_took_is_no_longer_resting(stall):
    stall.ledger.place(SLOT, stall.other, Side.SELL, TICK, 300)
    assert stall.bot.resting(SLOT).quantity_wh == 700
    stall.bot.trade(SLOT, Intent(Side.BUY, TICK, 800))
    assert stall.queue() == [(stall.bot.participant, 800)]
    stall.ledger.place(SLOT, stall.other, Side.SELL, TICK, 800)
    assert stall.bot.resting(SLOT) is None


def test_an_order_that_is_refused_leaves_the_old_one_cancelled(stall):
    stall.bot.trade(SLOT, Intent(Side.BUY, TICK + 1, 20_000))
    assert stall.queue() == []
    assert stall.bot.resting(SLOT) is None


def test_an_order_of_another_slot_is_not_this_ones(stall):
    assert stall.bot.resting(SLOT + 1) is None
