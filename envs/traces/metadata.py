"""What a trace says of itself: enough to build its environment again, and to notice that it isn't the same."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gridbid.envs import fields
from gridbid.envs.traces.tables import FORMAT
from gridbid.market.grid.network import source_rating_kva

if TYPE_CHECKING:
    from gridbid.envs.batch_env import BatchEnv

SAMPLED = 1 << 16
"""Entries of a long series that a fingerprint looks at."""


def describe(env: "BatchEnv", options: Mapping[str, Any], tables: tuple[str, ...]) -> dict[str, Any]:
    """Metadata of a recording, as trace.json holds them; ``options`` are the environment's own."""
    scenario = env.scenario
    return {
        "format": FORMAT,
        "gridbid": version("gridbid"),
        "scenario": {"name": scenario.name, "version": scenario.version, "digest": scenario.digest},
        "schema_hash": fields.schema_hash(),
        "community_hash": community_hash(env),
        "source": _source(options["scenario"]),
        "options": {name: _plain(value) for name, value in options.items() if name != "scenario"},
        "batch": env.batch,
        "n_slots": env.n_slots,
        "rounds": env.community.rules.rounds,
        "slot_h": env.community.rules.slot_h,
        "timezone": scenario.timezone,
        "agents": {kind: list(names) for kind, names in env.agents.items()},
        "units": _units(env),
        "tables": list(tables),
    }


def _units(env: "BatchEnv") -> dict[str, dict[str, float]]:
    """What the units of each agent's fields stand for: its ratings in kW, and that of the transformer in kVA."""
    devices, community = env.community.devices, env.community
    units = {
        seat.name: {
            "site_kw": float(env.compiled.tables.site_kw[i]),
            "battery_kw": float(devices.battery_kw[i]),
            "charger_kw": float(devices.charger_kw[i]),
            "heat_pump_kw": float(devices.heat_pump_kw[i]),
        }
        for i, seat in enumerate(env.scenario.metered)
    }
    rating_kva = source_rating_kva(community.network)
    return units | {name: {"kVA rating": rating_kva} for name in env.agents.get(fields.UTILITY, ())}


def community_hash(env: "BatchEnv") -> str:
    """SHA-256 over all that an engine is fed with; of a long series, entries at even distances stand for all."""
    digest, response = hashlib.sha256(), env.engine.response
    _digest(env.community, digest)
    _digest(None if response is None else response.rules, digest)
    return digest.hexdigest()


def _digest(part: Any, digest: "hashlib._Hash") -> None:
    if isinstance(part, np.ndarray):
        digest.update(f"{part.dtype}{part.shape}".encode())
        digest.update(_some(part).tobytes())
    elif isinstance(part, tuple) and hasattr(part, "_asdict"):
        for name, value in part._asdict().items():
            digest.update(name.encode())
            _digest(value, digest)
    else:
        digest.update(repr(part).encode())


def _some(array: NDArray[Any]) -> NDArray[Any]:
    # An odd stride meets every column of a table, unless their number divides it.
    return np.ascontiguousarray(array.reshape(-1)[:: array.size // SAMPLED | 1])


def _source(scenario: Any) -> str | None:
    """How the scenario was named: built in, or a folder; None when it was given as an object."""
    if not isinstance(scenario, (str, os.PathLike)):
        return None
    folder = Path(scenario)
    return str(folder.resolve()) if folder.is_dir() else str(scenario)


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value.resolve())
    if isinstance(value, np.generic):
        return value.item()
    if is_dataclass(value) and not isinstance(value, type):
        return {name: _plain(part) for name, part in asdict(value).items()}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return {name: _plain(part) for name, part in value._asdict().items()}
    return list(value) if isinstance(value, (tuple, list, range)) else value
