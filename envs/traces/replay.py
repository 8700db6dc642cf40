"""Plays a recorded episode again and compares what comes out with what was recorded, bit for bit."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from gridbid.envs import fields
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.compile import CompiledScenario
from gridbid.envs.faces.aec import TurnsEnv
from gridbid.envs.faces.naming import find_agent
from gridbid.envs.scenario import Scenario, load_scenario
from gridbid.envs.signals.raw_orders import RawOrders
from gridbid.envs.timeline.real_prices import PriceFile
from gridbid.envs.timeline.real_sessions import SessionFile
from gridbid.envs.traces.compare import Difference, first_difference
from gridbid.envs.traces.files import Trace
from gridbid.envs.traces.histories import unpack_history
from gridbid.envs.traces.metadata import community_hash
from gridbid.market.demand_response.types import BaselineRules
from gridbid.market.errors import InputError
from gridbid.market.response import ResponseRules
from gridbid.market.types import Side

Singles = NDArray[np.float32]


@dataclass(frozen=True)
class Replay:
    """An episode that was played again: ``env`` (one community) stands after its last step."""

    env: BatchEnv
    observations: dict[str, Singles]
    """What everybody sees now, by kind (1, agents, observation)."""
    steps: int
    """How many were played."""
    difference: Difference | None
    """None: everything came out bit for bit."""


def replay(
    path: str | os.PathLike[str],
    episode: int = 0,
    *,
    until: int | None = None,
    scenario: Scenario | CompiledScenario | str | None = None,
) -> Replay:
    """Build the environment of a trace again and play an episode's recorded actions, all or the first ``until`` steps.

    ``scenario`` is needed where the recording was made from an object rather than a name or a folder; what it compiles to
    has to be what was recorded. InputError says what doesn't fit.
    """
    trace = Trace(path)
    row = episode_row(trace, episode)
    agents = trace.table("agents", episode).combine_chunks()
    recorded = len(pc.unique(agents["step"]))
    if until is not None and not 0 <= until <= recorded:
        raise InputError(f"until={until}: episode {episode} of {path} has {recorded} steps")
    steps = recorded if until is None else until
    with tempfile.TemporaryDirectory() as scratch:
        again = Path(scratch) / "again"
        played = zip(_actions(trace, agents, steps), _orders(trace, agents, row["episode"]), strict=False)
        env = _play(trace, row, scenario, again, list(played))
        env.close_trace()
        whole = steps == recorded
        return Replay(
            env, env.observe(), steps, first_difference(trace, Trace(again), row, None if whole else steps)
        )


def episode_row(trace: Trace, episode: int) -> dict[str, Any]:
    """An episode's row in ``episodes``."""
    rows = trace.table("episodes", episode).to_pylist()
    if not rows:
        count = trace.table("episodes").num_rows
        known = f"it has episodes 0 to {count - 1}" if count else "it has none"
        raise InputError(f"episode={episode}: there is no such episode in {trace.folder}; {known}")
    row: dict[str, Any] = rows[0]
    return row


def _source(
    trace: Trace, scenario: Scenario | CompiledScenario | str | None
) -> Scenario | CompiledScenario | str:
    """What a trace's environment is to be built from: what is given, or what was recorded."""
    kept = trace.metadata
    if kept["schema_hash"] != fields.schema_hash():
        raise InputError(
            f"{trace.folder} was recorded with other observations or actions (gridbid {kept['gridbid']}, "
            f"schema {kept['schema_hash'][:12]}); this version's schema is {fields.schema_hash()[:12]}"
        )
    if scenario is not None:
        return scenario
    try:
        return load_scenario(kept["source"] or kept["scenario"]["name"])
    except InputError as error:
        raise InputError(
            f"{trace.folder} was recorded from {kept['scenario']['name']!r} (sha256 {kept['scenario']['digest'][:12]}), "
            f"which isn't there: give it as scenario. {error}"
        ) from error


def _options(kept: dict[str, Any]) -> dict[str, Any]:
    options = {name: value for name, value in kept.items() if name != "batch"}
    for name, file in (("prices", PriceFile), ("sessions", SessionFile)):
        given = kept.get(name)
        if isinstance(given, str):
            options[name] = Path(given)
        elif given is not None:
            options[name] = file(**(given | {"path": Path(given["path"])}))
    if (rules := kept.get("response")) is not None:
        options["response"] = ResponseRules(**(rules | {"baseline": BaselineRules(**rules["baseline"])}))
    return options


def _other(trace: Trace, what: str, recorded: str, found: str) -> str:
    return (
        f"{trace.folder} was recorded with another {what} (sha256 {recorded[:12]}, this one has {found[:12]}): "
        "give the one that was recorded as scenario"
    )


def _play(
    trace: Trace,
    row: dict[str, Any],
    scenario: Scenario | CompiledScenario | str | None,
    record: Path,
    steps: list[tuple[dict[str, Singles], dict[str, RawOrders] | None]],
) -> BatchEnv:
    """Build a trace's environment with one community, begin an episode as its row says, and play its steps."""
    source, options = _source(trace, scenario), _options(trace.metadata["options"])
    turns = TurnsEnv(source, record=record, **options) if _in_turns(trace, row["episode"]) else None
    env = BatchEnv(source, 1, record=record, **options) if turns is None else turns.batch
    _check_same(trace, env)
    env.n_slots = row["n_slots"]
    env.engine.seed = row["seed"]
    seeds = trace.table("steps", row["episode"])["seed"].to_pylist()
    env.engine.state.clock.identity[:] = row["identity"]
    if turns is None:
        env.reset(weeks=row["week"], samples=row["sample"], day=row["day"])
    else:
        turns.reset(options={name: row[name] for name in ("week", "sample", "day")})
    if row["history"] is not None:
        env.give_history(unpack_history(row["history"]))
    for (actions, orders), seed in zip(steps, seeds, strict=False):
        env.engine.seed = seed  # of a batch: a reset of other communities may have changed it
        if turns is None:
            env.step(actions, orders=orders)
            continue
        for _ in turns.possible_agents:
            kind, place = find_agent(env.agents, turns.agent_selection)
            turns.step(actions[kind][0, place])
    return env


def _in_turns(trace: Trace, episode: int) -> bool:
    return any(trace.table("steps", episode)["in_turns"].to_pylist())


def _check_same(trace: Trace, env: BatchEnv) -> None:
    """InputError unless an environment is fed with the very same as the recorded one was."""
    kept = trace.metadata
    if env.scenario.digest != kept["scenario"]["digest"]:
        raise InputError(_other(trace, "scenario", kept["scenario"]["digest"], env.scenario.digest))
    if community_hash(env) != kept["community_hash"]:
        raise InputError(_other(trace, "community", kept["community_hash"], community_hash(env)))


def _actions(trace: Trace, agents: pa.Table, steps: int) -> list[dict[str, Singles]]:
    """Recorded actions by kind (1, agents, action), step by step; a kind that was left out is left out again."""
    by_kind = {}
    for kind, names in trace.metadata["agents"].items():
        rows = agents.filter(pc.equal(agents["kind"], kind))
        columns = [rows[f"action_{field.name}"].to_numpy() for field in fields.action_fields(kind)]
        by_kind[kind] = np.stack(columns, axis=-1).astype(np.float32).reshape(-1, 1, len(names), len(columns))
    return [
        {kind: actions[step] for kind, actions in by_kind.items() if not np.isnan(actions[step]).any()}
        for step in range(steps)
    ]


def _orders(trace: Trace, agents: pa.Table, episode: int) -> list[dict[str, RawOrders] | None]:
    """Recorded orders by kind (1, agents) of the steps in which some came by the raw face; None of the others."""
    by_kind = {}
    for kind, names in trace.metadata["agents"].items():
        if kind == fields.UTILITY:
            continue
        rows = agents.filter(pc.equal(agents["kind"], kind))
        sells = pc.equal(rows["order_side"].cast(pa.string()), Side.SELL.name.lower())
        by_kind[kind] = [
            pc.fill_null(column, 0).to_numpy().astype(np.int64).reshape(-1, 1, len(names))
            for column in (sells.cast(pa.int64()), rows["order_tick"], rows["order_wh"])
        ]
    raw = trace.table("steps", episode)["raw_orders"].to_pylist()
    return [
        {kind: RawOrders(*(column[step] for column in columns)) for kind, columns in by_kind.items()}
        if came
        else None
        for step, came in enumerate(raw)
    ]
