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
from gridbid.envs.real_prices import PriceFile
from gridbid.envs.real_sessions import SessionFile
from gridbid.envs.scenario import Scenario, load_scenario
from gridbid.envs.traces.files import Trace
from gridbid.envs.traces.metadata import community_hash
from gridbid.market.errors import InputError

_OF_THE_RECORDING = ("episode", "community", "identity")
"""Columns that name an episode within its recording: a replay has its own."""

Singles = NDArray[np.float32]


@dataclass(frozen=True)
class Difference:
    """The first place at which a replay isn't what was recorded."""

    table: str
    column: str
    step: int
    slot: int
    agent: str | None
    recorded: Any
    replayed: Any

    def __str__(self) -> str:
        who = f"{self.agent}, " if self.agent else ""
        return (
            f"step {self.step} (slot {self.slot}), {who}{self.table}.{self.column}: "
            f"recorded {self.recorded!r}, replayed {self.replayed!r}"
        )


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
        env = rebuild(trace, scenario, again)
        observations = _begin(env, row)
        for actions in _actions(trace, agents, steps):
            observations, _, _ = env.step(actions)
        env.close_trace()
        return Replay(env, observations, steps, _compare(trace, Trace(again), episode, steps))


def rebuild(
    trace: Trace,
    scenario: Scenario | CompiledScenario | str | None = None,
    record: str | os.PathLike[str] | None = None,
) -> BatchEnv:
    """A trace's environment with one community; InputError unless it is fed with the very same."""
    kept = trace.metadata
    if kept["schema_hash"] != fields.schema_hash():
        raise InputError(
            f"{trace.folder} was recorded with other observations or actions (gridbid {kept['gridbid']}, "
            f"schema {kept['schema_hash'][:12]}); this version's schema is {fields.schema_hash()[:12]}"
        )
    source = _source(trace) if scenario is None else scenario
    env = BatchEnv(source, 1, record=record, **_options(kept["options"]))
    if env.scenario.digest != kept["scenario"]["digest"]:
        raise InputError(_other(trace, "scenario", kept["scenario"]["digest"], env.scenario.digest))
    if community_hash(env.community) != kept["community_hash"]:
        raise InputError(_other(trace, "community", kept["community_hash"], community_hash(env.community)))
    return env


def episode_row(trace: Trace, episode: int) -> dict[str, Any]:
    """An episode's row in ``episodes``."""
    rows = trace.table("episodes", episode).to_pylist()
    if not rows:
        count = trace.table("episodes").num_rows
        known = f"it has episodes 0 to {count - 1}" if count else "it has none"
        raise InputError(f"episode={episode}: there is no such episode in {trace.folder}; {known}")
    row: dict[str, Any] = rows[0]
    return row


def _source(trace: Trace) -> Scenario | str:
    kept = trace.metadata
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
    return options


def _other(trace: Trace, what: str, recorded: str, found: str) -> str:
    return (
        f"{trace.folder} was recorded with another {what} (sha256 {recorded[:12]}, this one has {found[:12]}): "
        "give the one that was recorded as scenario"
    )


def _begin(env: BatchEnv, row: dict[str, Any]) -> dict[str, Singles]:
    env.n_slots = row["n_slots"]
    env.engine.seed = row["seed"]
    env.engine.state.clock.identity[:] = row["identity"]
    return env.reset(weeks=row["week"], samples=row["sample"], day=row["day"])


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


def _compare(recorded: Trace, replayed: Trace, episode: int, steps: int) -> Difference | None:
    """The first difference in the first ``steps`` steps; of several in a step, that of the first table."""
    found = [
        difference
        for name in recorded.metadata["tables"]
        if (difference := _compare_table(name, recorded, replayed, episode, steps)) is not None
    ]
    return min(found, key=lambda difference: difference.step, default=None)


def _compare_table(
    name: str, recorded: Trace, replayed: Trace, episode: int, steps: int
) -> Difference | None:
    ours = recorded.table(name, episode)
    theirs = replayed.table(name, 0)
    rounds, start = recorded.metadata["rounds"], episode_row(recorded, episode)["start"]
    if "step" in ours.column_names:
        ours = ours.filter(pc.less(ours["step"], steps))
    elif "n_slots" not in ours.column_names:
        ours = ours.slice(0, theirs.num_rows) if steps < _steps(recorded, episode) else ours
    if ours.num_rows != theirs.num_rows:
        return Difference(name, "rows", steps - 1, start, None, ours.num_rows, theirs.num_rows)
    first = ours.num_rows
    column = ""
    for candidate in ours.column_names:
        if candidate not in _OF_THE_RECORDING:
            row = _first_difference(ours[candidate], theirs[candidate], first)
            if row < first:
                first, column = row, candidate
    if not column:
        return None
    at = ours.slice(first, 1).to_pylist()[0]
    slot = at.get("slot", start)
    step = at.get("step", (slot - start + 1) * rounds + rounds - 1)
    return Difference(name, column, step, slot, at.get("agent"), at[column], theirs[column][first].as_py())


def _steps(trace: Trace, episode: int) -> int:
    return trace.table("steps", episode).num_rows


def _first_difference(ours: pa.ChunkedArray, theirs: pa.ChunkedArray, rows: int) -> int:
    """First row in which two columns differ, or how many rows there are."""
    one, other = _bits(ours), _bits(theirs)
    differs = (one != other).reshape(rows, -1).any(axis=1) if rows else np.zeros(0, np.bool_)
    return int(differs.argmax()) if differs.any() else rows


def _bits(column: pa.ChunkedArray) -> NDArray[Any]:
    """A column as integers that are equal where the values are, to the bit; nulls are one value of their own."""
    array = column.combine_chunks()
    if isinstance(array, pa.ChunkedArray):
        array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], array.type)
    if pa.types.is_fixed_size_list(array.type):
        width = array.type.list_size
        return _bits(pa.chunked_array([array.flatten()])).reshape(-1, width)
    if pa.types.is_dictionary(array.type):
        return np.array(array.to_pylist(), dtype=object)
    missing = np.asarray(array.is_null())
    values = array.fill_null(0).to_numpy(zero_copy_only=False)
    bits = values.view(f"i{values.dtype.itemsize}")
    return np.stack([bits, missing.astype(bits.dtype)], axis=-1)
