"""A run of consecutive slots, on a ledger by bots or in the environment, written down in the same words.

Both meet the same homes, prices and arrival orders, so that what differs between the two records is the market's doing.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field

import numpy as np

from gridbid.agents.bots.bot import Bot
from gridbid.agents.bots.site import Delivery, Neighbourhood, Quotes
from gridbid.agents.planners.facts import facts_of
from gridbid.agents.policy import Configured, Policy, Remembers
from gridbid.chain.ledgers.events import Settled, Traded
from gridbid.chain.ledgers.ledger import Ledger
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.compile import CompiledScenario
from gridbid.envs.fields import UTILITY
from gridbid.market.engine import Engine
from gridbid.market.errors import InputError
from gridbid.market.randomness import arrival_order
from gridbid.market.types import Side
from gridbid.market.units import NEUR_PER_EUR

OnSlot = Callable[[int], None]
"""Told how many slots have been traded."""

CREDIT_NEUR = 1_000 * NEUR_PER_EUR
"""What each participant pays in before the first slot."""


@dataclass(frozen=True)
class Trade:
    """A fill between two seats, at the maker's tick; slots count in the scenario's year."""

    slot: int
    taker: int
    maker: int
    tick: int
    quantity_wh: int


@dataclass(frozen=True)
class Settlement:
    """What a seat's slot came to."""

    reading_wh: int
    position_wh: int
    cash_neur: int


@dataclass
class DayRecord:
    """Fills in order, settlements by (slot, seat), and what the ledger's books left unaccounted for."""

    trades: list[Trade] = field(default_factory=list)
    settlements: dict[tuple[int, int], Settlement] = field(default_factory=dict)
    residual_neur: int = 0
    residual_wh: int = 0


@dataclass(frozen=True)
class DayPlan:
    """Which slots of a compiled scenario are run, and under which seed and sample."""

    compiled: CompiledScenario
    start: int
    n_slots: int
    seed: int = 0
    sample: int = 0


def run_in_environment(plan: DayPlan, policy: Policy) -> DayRecord:
    """The environment's record of a day."""
    record = DayRecord()
    env = BatchEnv(plan.compiled, 1, seed=plan.seed, n_slots=plan.n_slots)
    env.engine.reset(plan.start, plan.n_slots, plan.sample)
    engine = env.engine

    def settled(_: Engine) -> None:
        delivered, delivery = engine.state.delivered, engine.state.delivery
        for seat in range(engine.community.n_participants):
            position_wh = int(delivery.bought_wh[0, seat] - delivery.sold_wh[0, seat])
            record.settlements[int(delivered.slot[0]), seat] = Settlement(
                int(delivered.reading_wh[0, seat]), position_wh, int(delivered.cash_neur[0, seat])
            )

    _install(policy, plan)
    while not engine.finished[0]:
        slot, log = int(engine.state.clock.slot[0]), engine.state.fills
        metered = {kind: rows for kind, rows in env.observe().items() if kind != UTILITY}
        engine.commit(*env.decide(policy.act(metered)))
        engine.trade()
        for n in range(int(log.fills[0])):
            taken = (int(column[0, n]) for column in (log.taker, log.maker, log.tick, log.quantity_wh))
            record.trades.append(Trade(slot, *taken))
        engine.close(settled)
    return record


def run_on_ledger(plan: DayPlan, policy: Policy, ledger: Ledger, on_slot: OnSlot | None = None) -> DayRecord:
    """A bot for every seat trades a day on a ledger; meters deliver, sign and settle. The ledger must be a fresh one."""
    return _LedgerDay(plan, policy, ledger).run(on_slot)


class _LedgerDay:
    """One day on a ledger: keeper, bots and meters of a neighbourhood, driven by the ledger's clock."""

    def __init__(self, plan: DayPlan, policy: Policy, ledger: Ledger) -> None:
        slot_seconds = plan.compiled.scenario.slot_seconds
        if ledger.slot_seconds != slot_seconds:
            raise InputError(
                f"ledger: its slots last {ledger.slot_seconds} s; the scenario's {slot_seconds} s"
            )
        self._ledger = ledger
        self._sites = Neighbourhood(plan.compiled, plan.start, plan.n_slots, plan.seed, plan.sample)
        self._utc_start = plan.compiled.year.utc_start
        self._record = DayRecord()
        self._cursor = 0
        _install(policy, plan)
        self._advance_to_trading_of(plan.start)
        self._bots = [
            Bot(seat.kind, ledger.register(), _for_one_bot(policy), ledger) for seat in self._sites.seats
        ]
        self._seat = {bot.participant: seat for seat, bot in enumerate(self._bots)}
        for bot in self._bots:
            ledger.deposit(bot.participant, CREDIT_NEUR)
        ledger.deposit_supplier(CREDIT_NEUR * len(self._bots))

    def run(self, on_slot: OnSlot | None) -> DayRecord:
        """All slots, and the books at the end."""
        first = self._sites.slot
        while not self._sites.finished:
            if self._sites.round == 0:
                self._publish(self._sites.slot)
            self._trade_round()
            for delivery in self._sites.end_round():
                self._settle(delivery)
            if on_slot is not None and self._sites.round == 0:
                on_slot(self._sites.slot - first)
        self._close_books()
        return self._record

    def _ledger_slot(self, slot: int) -> int:
        """The ledger's number of a slot of the year: slots since 1970, UTC."""
        seconds = int(self._utc_start[slot].astype("datetime64[s]").astype(np.int64))
        return seconds // self._ledger.slot_seconds

    def _year_slot(self, ledger_slot: int) -> int:
        return ledger_slot - self._ledger_slot(0)

    def _advance_to_trading_of(self, slot: int) -> None:
        self._ledger.advance_to((self._ledger_slot(slot) - 1) * self._ledger.slot_seconds)

    def _publish(self, slot: int) -> None:
        self._advance_to_trading_of(slot)
        sites = self._sites.community.sites
        imports = {
            bot.participant: int(wh) for bot, wh in zip(self._bots, sites.import_limit_wh, strict=True)
        }
        exports = {
            bot.participant: int(wh) for bot, wh in zip(self._bots, sites.export_limit_wh, strict=True)
        }
        self._ledger.publish(self._ledger_slot(slot), self._sites.terms(slot), imports, exports)

    def _trade_round(self) -> None:
        """Everybody decides on what the round begins with; then the orders arrive one by one."""
        slot = self._ledger_slot(self._sites.slot)
        self._see_book(slot)
        observations = self._sites.observe()
        intents = {
            seat: self._sites.commit(seat, bot.decide(observations[seat]))
            for seat, bot in enumerate(self._bots)
        }
        order = np.empty(len(self._bots), np.int64)
        arrival_order(self._sites.seed, 0, self._sites.slot, self._sites.round, order)
        for seat in order.tolist():
            self._bots[seat].trade(slot, intents[seat])
        self._follow_events()

    def _see_book(self, slot: int) -> None:
        bid, ask = self._ledger.best(slot)
        open_wh = []
        for bot in self._bots:
            resting = bot.resting(slot)
            sign = 1 if resting is None or resting.side == Side.BUY else -1
            open_wh.append(0 if resting is None else sign * resting.quantity_wh)
        self._sites.see_book(Quotes(bid, ask), open_wh)

    def _follow_events(self) -> None:
        page = self._ledger.events(self._cursor)
        self._cursor = page.cursor
        for event in page.events:
            if isinstance(event, Traded):
                self._see_trade(event)
            elif isinstance(event, Settled):
                seat = self._seat[event.participant]
                self._sites.see_reading(self._year_slot(event.slot), seat, event.reading_wh)

    def _see_trade(self, event: Traded) -> None:
        taker, maker = self._seat[event.taker], self._seat[event.maker]
        maker_side = Side((event.maker_order >> 40) & 0xFF)
        taker_side = Side.SELL if maker_side == Side.BUY else Side.BUY
        self._sites.see_fill(taker, maker, taker_side, event.tick, event.quantity_wh)
        slot = self._year_slot(event.slot)
        self._record.trades.append(Trade(slot, taker, maker, event.tick, event.quantity_wh))

    def _settle(self, delivery: Delivery) -> None:
        """The slot is over: every meter's reading goes to the ledger and is settled on its own."""
        slot = self._ledger_slot(delivery.slot)
        self._ledger.advance_to((slot + 1) * self._ledger.slot_seconds)
        for seat, bot in enumerate(self._bots):
            self._ledger.submit_reading(slot, bot.participant, delivery.reading_wh[seat])
            change_neur = self._ledger.settle(slot, bot.participant)
            position_wh = self._ledger.position(slot, bot.participant).net_wh
            self._record.settlements[delivery.slot, seat] = Settlement(
                delivery.reading_wh[seat], position_wh, change_neur
            )
        self._follow_events()

    def _close_books(self) -> None:
        """Σ accounts = what members and supplier paid in, and Σ positions = 0 in every slot."""
        paid_in = 2 * CREDIT_NEUR * len(self._bots)
        held = sum(self._ledger.balance(bot.participant) for bot in self._bots)
        self._record.residual_neur = (
            held + self._ledger.supplier_balance() + self._ledger.operator_balance() - paid_in
        )
        by_slot: dict[int, int] = {}
        for (slot, _), settlement in self._record.settlements.items():
            by_slot[slot] = by_slot.get(slot, 0) + settlement.position_wh
        self._record.residual_wh = sum(abs(wh) for wh in by_slot.values())


def _install(policy: Policy, plan: DayPlan) -> None:
    """Tell a policy the community's constants, if it goes by any, and let it begin."""
    if isinstance(policy, Configured):
        policy.configure(facts_of(plan.compiled.community))
    policy.reset(plan.seed)


def _for_one_bot(policy: Policy) -> Policy:
    """The policy, or a copy of it where each bot is to remember its own."""
    return deepcopy(policy) if isinstance(policy, Remembers) else policy
