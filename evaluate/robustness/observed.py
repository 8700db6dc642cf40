"""What policies are told is worse than they are used to; what happens is not changed."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridbid.agents.policy import Actions, Observations, Policy
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.compile import CompiledScenario, with_series
from gridbid.envs.fields import METERED, observation_fields, observation_index
from gridbid.evaluate.records.rollout import introduce
from gridbid.evaluate.robustness.stress import Episodes, Stress, every_third
from gridbid.market.forecast import LAST_KNOWN, ForecastErrors, noisy_forecast

Flags = NDArray[np.bool_]
Singles = NDArray[np.float32]


class ForecastLoss(Stress):
    """Forecasts are the seat's mean over the year, whatever the hour."""

    name = "forecast_loss"
    title = "Forecasts lost"
    meaning = "Every issued forecast is flat: each site's mean over the year. What happens is the same."

    def scenario(self, compiled: CompiledScenario, episodes: Episodes) -> CompiledScenario:
        """A model whose error is the whole difference of the truth from its mean, as soon as it isn't known."""
        series, slots_per_day = compiled.community.series, compiled.community.rules.slots_per_day
        errors = ForecastErrors(*(_to_mean(kw) for kw in (series.net_kw, series.pv_kw, series.heat_kw)))
        growth = np.ones(slots_per_day + LAST_KNOWN)
        growth[0] = 0.0
        return with_series(compiled, series._replace(forecast=noisy_forecast(slots_per_day, errors, growth)))


def _to_mean(kw: Singles) -> Singles:
    return (kw.mean(axis=0, dtype=np.float64) - kw).astype(np.float32)


class MeterDropout(Stress):
    """Every third member's readings don't arrive for a day: policies see the last that did."""

    name = "meter_dropout"
    title = "Meters silent"
    meaning = (
        "On the fourth day every third member's readings don't arrive: policies see the last that did, alone and in the "
        "community's sum. What is settled are the readings as they were, handed in later."
    )
    begin, end = 3 / 7, 4 / 7

    def policy(self, policy: Policy, compiled: CompiledScenario) -> Policy:
        """The policy, behind meters that fall silent."""
        return _BehindMeters(policy, compiled, every_third(compiled), self.begin, self.end)


class _BehindMeters:
    """A policy that sees frozen readings of t - 2 and t - 3 where meters are silent."""

    def __init__(
        self, policy: Policy, compiled: CompiledScenario, silent: Flags, begin: float, end: float
    ) -> None:
        self.name = policy.name
        self._policy = policy
        self._site_kw = compiled.tables.site_kw
        self._silent, self._begin, self._end = silent, begin, end
        self._places = {kind: _Places(kind) for kind in METERED}
        self._last: dict[str, Singles] = {}
        self._env: BatchEnv | None = None

    def attach(self, env: BatchEnv) -> None:
        """Look at the clock; a policy that looks into the environment sees what it sees."""
        self._env = env
        introduce(self._policy, env)

    def reset(self, seed: int) -> None:
        """Begin with meters that speak."""
        self._last.clear()
        self._policy.reset(seed)

    def act(self, observations: Observations) -> Actions:
        """What the policy does on what it is told."""
        assert self._env is not None, "attach it to an environment first"
        clock, seats = self._env.engine.state.clock, self._env.seats
        passed = (clock.slot - clock.start) / (clock.end - clock.start)
        now = (passed >= self._begin) & (passed < self._end)
        told = {kind: rows.copy() for kind, rows in observations.items()}
        missing_kw = np.zeros(now.size)
        for kind, rows in told.items():
            readings = rows[:, :, self._places[kind].readings]
            last = self._last.setdefault(kind, readings[:, :, 0].copy())
            stale = now[:, np.newaxis] & self._silent[seats[kind]]
            last[~stale] = readings[~stale][:, 0]
            change = np.where(stale, last - readings[:, :, 0], 0.0)
            missing_kw += (change * self._site_kw[seats[kind]]).sum(axis=1)
            rows[:, :, self._places[kind].readings] = np.where(
                stale[:, :, np.newaxis], last[:, :, np.newaxis], readings
            )
        for kind, rows in told.items():
            at, scale = self._places[kind].net, self._places[kind].net_scale
            rows[:, :, at] += (missing_kw / scale)[:, np.newaxis]
        return self._policy.act(told)


class _Places:
    """Where one kind's observations hold readings."""

    def __init__(self, kind: str) -> None:
        index: dict[str, Any] = dict(observation_index(kind))
        self.readings = [index["reading_2"].start, index["reading_3"].start]
        self.net: int = index["community_net"].start
        self.net_scale = next(
            field.scale for field in observation_fields(kind) if field.name == "community_net"
        )
