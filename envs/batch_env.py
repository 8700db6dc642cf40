"""The batch face: B communities at once, arrays by kind. The other faces stand on this one."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy, deepcopy
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np
from gymnasium.spaces import Box
from numpy.typing import ArrayLike, NDArray

from gridbid.envs import fields
from gridbid.envs.compile import CompiledScenario, compile_community
from gridbid.envs.scenario import Scenario, load_scenario
from gridbid.envs.signals.actions import Decision
from gridbid.envs.signals.decoder import Decoder
from gridbid.envs.signals.global_state import join_state, state_space
from gridbid.envs.signals.idle_history import DAYS, roll_idle
from gridbid.envs.signals.infos import clear_infos, enter_deliveries, enter_rounds, make_infos
from gridbid.envs.signals.levers import Levers
from gridbid.envs.signals.market_view import make_view
from gridbid.envs.signals.masks import make_entries, make_flags, write_masks
from gridbid.envs.signals.observations import SHARED_SIZE, Rows, write_observations
from gridbid.envs.signals.raw_orders import RawOrders, checked_orders, write_orders
from gridbid.envs.signals.response_view import view_responses
from gridbid.envs.signals.rewards import Rewards
from gridbid.envs.signals.seating import Seating, make_seating
from gridbid.envs.signals.telling import tell_everybody
from gridbid.envs.timeline.calendar import DAYS_PER_WEEK
from gridbid.envs.timeline.real_prices import PriceFile
from gridbid.envs.timeline.real_sessions import SessionFile
from gridbid.envs.timeline.year import check_weeks, weeks_of
from gridbid.envs.traces.recorder import Recorder
from gridbid.market.community import Community
from gridbid.market.demand_response.history import History, copy_history
from gridbid.market.demand_response.preroll import pre_roll
from gridbid.market.engine import Engine, OnDelivery
from gridbid.market.errors import InputError
from gridbid.market.response import ResponseRules

Singles = NDArray[np.float32]


class Decides(Protocol):
    """What a policy needs to be played: actions by kind from observations by kind."""

    def act(self, observations: Mapping[str, Singles]) -> Mapping[str, Singles]:
        """Actions (B, agents, action) in the unit box; a kind that is left out keeps still."""


@dataclass(frozen=True, eq=False)
class Snapshot:
    """All that changes in a `BatchEnv`."""

    engine: list[NDArray[np.generic]]
    seed: int
    """It keys the orders' arrivals."""
    written: list[NDArray[Any]]
    """Infos, masks and the view of the books."""
    finished: NDArray[np.bool_]
    random: Mapping[str, Any]
    """Where the generator of weeks and samples stands."""


class BatchEnv:
    """``batch`` communities of a scenario, stepped together; an episode lasts ``n_slots`` slots times the rounds.

    ``split`` names the weeks that episodes are drawn from ("train", "validation", "test"), ``weeks`` narrows them.
    ``samples`` draws of prices and cars are made from ``seed``. ``community_weight`` w mixes rewards: (1 - w) x own
    + w x the community's mean. ``response`` are rules of demand response, in place of the scenario's programme if it has
    one. ``record`` names a folder, new or empty, for a trace of every episode (`docs/traces.md`); :meth:`close_trace` ends
    it.

    Beside what a step returns, three mappings by kind hold arrays that stay the same for the life of the environment and
    are written by every reset and step: :attr:`info`, :attr:`action_mask` and :attr:`present`.
    """

    def __init__(
        self,
        scenario: Scenario | str | CompiledScenario,
        batch: int = 1,
        *,
        seed: int = 0,
        split: str = "train",
        samples: int = 4,
        weeks: Sequence[int] | None = None,
        n_slots: int | None = None,
        prices: PriceFile | Path | None = None,
        sessions: SessionFile | Path | None = None,
        community_weight: float = 0.0,
        response: ResponseRules | None = None,
        record: str | os.PathLike[str] | None = None,
    ) -> None:
        options = {name: value for name, value in locals().items() if name not in ("self", "record")}
        if batch < 1:
            raise InputError(f"batch={batch}: there has to be at least one community")
        if not 0.0 <= community_weight <= 1.0:
            raise InputError(f"community_weight={community_weight}: it should lie in 0 to 1")
        if not isinstance(scenario, CompiledScenario):
            if not isinstance(scenario, Scenario):
                scenario = load_scenario(scenario)
            looks_back = response is not None or scenario.response is not None
            scenario = compile_community(
                scenario,
                [seed * 1_000 + n for n in range(samples)],
                split=split,
                weeks=None if looks_back else weeks,  # baselines rest on the weeks before
                n_slots=n_slots,
                prices=prices,
                sessions=sessions,
            )
        self.compiled = scenario
        self.scenario = scenario.scenario
        self.community = scenario.community
        self.batch, self.community_weight = batch, community_weight
        self.n_slots = slots_per_week(self.community) if n_slots is None else n_slots
        self.engine = Engine(self.community, batch, seed, response=response or scenario.response)
        self.weeks = tuple(weeks) if weeks is not None else weeks_of(self.scenario, split)
        check_weeks(self.scenario, self.compiled.year.split, self.weeks)
        self._random = np.random.default_rng(seed)
        self.view = make_view(batch, self.community.n_participants)
        names = {kind: tuple(s.name for s in self.scenario.seats if s.kind == kind) for kind in fields.KINDS}
        self.agents = {kind: members for kind, members in names.items() if members}
        self.kinds = tuple(self.agents)
        seats = [s.kind for s in self.scenario.seats if s.kind != fields.UTILITY]
        self.seats = {
            kind: np.flatnonzero([k == kind for k in seats]).astype(np.int64) for kind in self.kinds
        }
        self._seating = make_seating(self.seats)
        self._shared = np.zeros(SHARED_SIZE, np.float32)
        self._decoder = self._make_decoder()
        self._finished = np.ones(batch, np.bool_)
        sizes = [(batch, len(self.agents.get(kind, ()))) for kind in fields.KINDS]
        self._infos = make_infos(sizes, self.community.n_participants)
        self._entries = make_entries(self.community)
        self._present, self._mask = make_flags(sizes)
        self.info: Mapping[str, NDArray[np.float64]] = self._by_kind(self._infos)
        """What each agent is told about the last step, float64 (B, agents, infos): `fields.INFOS`."""
        self.present: Mapping[str, NDArray[np.bool_]] = self._by_kind(self._present)
        """Who is a member in the slot that trades, bool (B, agents)."""
        self.action_mask: Mapping[str, NDArray[np.bool_]] = self._by_kind(self._mask)
        """Which entries of the next action do anything, bool (B, agents, action)."""
        self._recorder = None if record is None else Recorder(record, self, options)

    def reset(
        self,
        mask: NDArray[np.bool_] | None = None,
        *,
        seed: int | None = None,
        weeks: ArrayLike | None = None,
        samples: ArrayLike | None = None,
        day: ArrayLike = 0,
        rows: Rows | None = None,
    ) -> dict[str, Singles]:
        """Begin episodes in the masked communities (all by default) and return everybody's observations.

        Weeks and samples are drawn unless given (scalar or (B,)); ``day`` 0..6 begins later in the week.
        Observations are written to ``rows``, if they are given, here and elsewhere.
        """
        if not np.isin(day, range(7)).all():
            raise InputError(f"day is {day!r}; the days of a week are 0 to 6")
        if seed is not None:
            self._random = np.random.default_rng(seed)
            self.engine.seed = seed
        chosen = np.ones(self.batch, np.bool_) if mask is None else np.asarray(mask, np.bool_)
        drawn_weeks = (
            self._random.choice(self.weeks, self.batch)
            if weeks is None
            else np.broadcast_to(weeks, self.batch)
        )
        n_samples = self.community.series.retail.shape[0]
        drawn_samples = self._random.integers(n_samples, size=self.batch) if samples is None else samples
        starts = np.array([self.compiled.year.week_start(int(week)) for week in drawn_weeks])
        self.engine.reset(self._days_later(starts, day), self.n_slots, drawn_samples, chosen)
        self._finished[chosen] = False
        if self.engine.response is not None:
            roll_idle(self.community, self.engine.response, self.engine.state.clock, chosen)
        clear_infos(self._infos, chosen)
        self._write_masks()
        observations = self.observe(rows=rows)
        if self._recorder is not None:
            self._recorder.begin(chosen, drawn_weeks, np.broadcast_to(day, self.batch), observations)
        return observations

    def _days_later(self, starts: NDArray[np.int64], day: ArrayLike) -> NDArray[np.int64]:
        """First slots of the local day that comes so many days after those of ``starts``."""
        day_of_year = self.community.series.day_of_year
        return np.searchsorted(day_of_year, day_of_year[starts] + np.asarray(day)).astype(np.int64)

    def pre_roll(self, policy: Decides, days: int = DAYS) -> dict[str, Singles]:
        """Give the episodes that have just begun a history of their own policy, for baselines; return observations.

        The ``days`` local days before are played with ``policy`` in all metered seats, without events. InputError where no
        episode is at its beginning, there is no programme, or the year doesn't have the days.
        """
        clock, response = self.engine.state.clock, self.engine.response
        chosen = (clock.slot == clock.start) & (clock.round == 0) & ~self._finished
        if response is None or not chosen.any():
            raise InputError(
                "pre_roll: it needs rules of demand response, and an episode that has just begun"
            )
        player = copy(self)
        player._decoder = self._make_decoder()

        def decide(engine: Engine) -> Decision:
            player.engine = engine
            observations = player.observe()
            observations.pop(fields.UTILITY, None)
            return player.decide(policy.act(observations))

        history = pre_roll(
            self.community,
            response.rules,
            decide,
            clock.start,
            days,
            self.batch,
            clock.sample,
            self.engine.seed,
        )
        return self.give_history(history, chosen)

    def give_history(self, history: History, chosen: NDArray[np.bool_] | None = None) -> dict[str, Singles]:
        """Give episodes that have just begun past readings, in all communities or the chosen; return observations."""
        if self.engine.response is None:
            raise InputError("history: there are no rules of demand response that would need it")
        copy_history(history, self.engine.response.core.history, chosen)
        observations = self.observe()
        if self._recorder is not None:
            everybody = np.ones(self.batch, np.bool_)
            self._recorder.given_history(everybody if chosen is None else chosen, observations)
        return observations

    def step(
        self,
        actions: Mapping[str, Singles],
        on_delivery: OnDelivery | None = None,
        rows: Rows | None = None,
        orders: Mapping[str, RawOrders] | None = None,
    ) -> tuple[dict[str, Singles], dict[str, Singles], NDArray[np.bool_]]:
        """Play one round: actions by kind (B, agents, action) in the unit box -> observations, rewards (EUR), done (B,).

        A kind that is left out keeps still. ``orders`` are those of kinds that trade on the raw face: they take the place of
        the orders that their actions would have made, while devices follow the actions. Communities that are done must be
        reset before the next step.
        """
        if self._finished.any():
            raise RuntimeError(
                f"communities {np.flatnonzero(self._finished).tolist()} are done: reset them first"
            )
        decision, levers = self._decoder.decide(actions), self._decoder.levers(actions)
        raw = None if orders is None else checked_orders(orders, self.batch, self.seats, self.community.rules)
        if self._recorder is None and on_delivery is None and raw is None and not self._ends_episodes():
            shift = None if levers is None else levers.shift
            self.engine.step(*decision, shift=shift, calls=self._calls_of(levers))
            return self._after_step(rows, with_infos=True)
        self.pull_levers(actions)
        self.engine.commit(*decision)
        if raw is not None:
            write_orders(self.engine.state, self.seats, raw)
            if self._recorder is not None:
                self._recorder.traded_raw()
        self.engine.trade()
        return self.close(actions, on_delivery, rows)

    def close(
        self,
        actions: Mapping[str, Singles],
        on_delivery: OnDelivery | None = None,
        rows: Rows | None = None,
    ) -> tuple[dict[str, Singles], dict[str, Singles], NDArray[np.bool_]]:
        """End a round in which ``actions`` were committed and traded on :attr:`engine`; what :meth:`step` returns."""
        clear_infos(self._infos)
        if self._recorder is not None:
            self._recorder.acted(actions)

        def note(engine: Engine) -> None:
            enter_deliveries(engine.arena, engine.response, self._seating, self._infos)
            if on_delivery is not None:
                on_delivery(engine)

        self.engine.close(note if self._recorder is None else self._recorder.watch(note))
        enter_rounds(self.engine.arena, self.engine.response, self._seating, self._infos)
        return self._after_step(rows, with_infos=False)

    def note_turn(self, kind: str, place: int, look: Callable[[int], Singles]) -> None:
        """Tell the trace, if there is one, that an agent acts now; ``look`` says what it sees."""
        if self._recorder is not None:
            self._recorder.saw(kind, place, look(place))

    def close_trace(self) -> None:
        """End the trace, if there is one: what is left of it is written."""
        if self._recorder is not None:
            self._recorder.close()
            self._recorder = None

    def _ends_episodes(self) -> bool:
        """Whether the step that comes is the last of an episode: it delivers two slots, and infos hold both."""
        clock = self.engine.state.clock
        return bool(((clock.slot == clock.end - 1) & (clock.round == self.community.rules.rounds - 1)).any())

    def _after_step(
        self, rows: Rows | None, with_infos: bool
    ) -> tuple[dict[str, Singles], dict[str, Singles], NDArray[np.bool_]]:
        self._finished = self.engine.finished
        rows, rewards = self.make_rows() if rows is None else rows, self._make_rewards()
        self._view_responses()
        tell_everybody(
            self.community,
            self.engine.arena,
            self.engine.response,
            self.compiled.tables,
            self.view,
            self._seating,
            self._entries,
            self.community_weight,
            with_infos,
            self._shared,
            rows,
            rewards,
            self._infos,
            self._present,
            self._mask,
        )
        observations, earned = self._by_kind(rows), self._by_kind(rewards)
        if self._recorder is not None:
            self._recorder.stepped(observations, earned)
        return observations, earned, self._finished.copy()

    def _write_masks(self) -> None:
        write_masks(
            self.community,
            self.engine.arena,
            self.engine.response,
            self._seating,
            self._entries,
            self._present,
            self._mask,
        )

    def decide(self, actions: Mapping[str, Singles]) -> Decision:
        """Actions scaled from the unit box to their tables' ranges, in the engine's columns (reused arrays)."""
        return self._decoder.decide(actions)

    def _make_decoder(self) -> Decoder:
        return Decoder(self.batch, self.community, self.agents, self.seats)

    def pull_levers(self, actions: Mapping[str, Singles]) -> None:
        """Let the utility announce its shift and call its event, for a round that is played on :attr:`engine`."""
        levers = self._decoder.levers(actions)
        if levers is not None:
            self.engine.announce(levers.shift)
            if self.engine.response is not None:
                self.engine.call_events(levers.target_wh, levers.rate)

    def calls(self, actions: Mapping[str, Singles]) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
        """Targets in Wh and rates in nEUR/Wh of the utility's events, (B,); None without its action or a programme."""
        return self._calls_of(self._decoder.levers(actions))

    def _calls_of(self, levers: Levers | None) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
        if levers is None or self.engine.response is None:
            return None
        return levers.target_wh, levers.rate

    def observe(
        self, own_books: bool = True, rows: Rows | None = None, seating: Seating | None = None
    ) -> dict[str, Singles]:
        """Observations by kind (B, agents, observation), fresh arrays if ``rows`` aren't given.

        With ``own_books`` the engine's books are seen, else ``view`` as somebody has written it. ``seating``, with rows
        that fit it, says who looks: everybody if it isn't given.
        """
        if rows is None:
            rows = self.make_rows()
        self._view_responses()
        write_observations(
            self.community,
            self.engine.arena,
            self.compiled.tables,
            self.view,
            own_books,
            self._seating if seating is None else seating,
            self._shared,
            rows,
        )
        return self._by_kind(rows)

    def state(self, observations: Mapping[str, Singles] | None = None) -> Singles:
        """The global state (B, size), as `gridbid.envs.signals.global_state` lays it out; made of ``observations`` when given."""
        return join_state(self.observe() if observations is None else observations)

    @cached_property
    def state_space(self) -> Box:
        """The box of a community's global state."""
        return state_space(self.agents)

    def snapshot(self) -> Snapshot:
        """A copy of all that changes: restored, the same actions give the same bits."""
        return Snapshot(
            engine=self.engine.snapshot(),
            seed=self.engine.seed,
            written=[array.copy() for array in self._written()],
            finished=self._finished.copy(),
            random=self._random.bit_generator.state,
        )

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to a snapshot of this environment, or of one with the same scenario, batch and rules."""
        if self._recorder is not None:
            raise InputError("restore: a trace tells one story; restore a copy, which doesn't record")
        ours, theirs = (
            [array.shape for array in arrays] for arrays in (self.engine.arrays(), snapshot.engine)
        )
        if ours != theirs:
            raise InputError("snapshot: it is that of another scenario, batch or rules of demand response")
        self.engine.restore(snapshot.engine)
        self.engine.seed = snapshot.seed
        for mine, kept in zip(self._written(), snapshot.written, strict=True):
            mine[...] = kept
        self._finished = snapshot.finished.copy()
        self._random.bit_generator.state = snapshot.random

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """A copy that stands where this one does; both share the scenario, which nobody writes to."""
        for shared in (self.scenario, self.community):
            memo[id(shared)] = shared
        twin = copy(self)
        memo[id(self)] = twin
        twin.__dict__.update(deepcopy(self.__dict__, memo))
        return twin

    def _written(self) -> list[NDArray[Any]]:
        """Arrays that stay the same and change in place, beside the engine's."""
        return [*self._infos, *self._present, *self._mask, *self.view[:-1], *self.view.response]

    def make_rows(self) -> Rows:
        """Arrays that observations can be written to."""
        return Rows(
            *(
                np.empty((self.batch, len(self.agents.get(kind, ())), low.size), np.float32)
                for kind, low in zip(fields.KINDS, self._seating.low, strict=True)
            )
        )

    def _make_rewards(self) -> Rewards:
        return Rewards(
            *(np.empty((self.batch, len(self.agents.get(kind, ()))), np.float32) for kind in fields.KINDS)
        )

    def _view_responses(self) -> None:
        if self.engine.response is not None:
            view_responses(self.engine.response, self.engine.state.clock.slot, self.view.response)

    def _by_kind(self, arrays: Iterable[Any]) -> dict[str, Any]:
        """What a record holds in the order of `fields.KINDS`, for the kinds that the scenario has."""
        return {kind: array for kind, array in zip(fields.KINDS, arrays, strict=False) if kind in self.agents}


def slots_per_week(community: Community) -> int:
    """Slots of an episode by default."""
    return DAYS_PER_WEEK * community.rules.slots_per_day
