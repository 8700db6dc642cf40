"""The frozen configuration of an evaluation: what is written before the first week is played, and what repeats it."""

import inspect
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from gridbid.agents.policy import Policy
from gridbid.envs.compile import CompiledScenario
from gridbid.envs.format.schema import Count, Fault, Faults, Index, parse, plain
from gridbid.envs.scenario import Scenario
from gridbid.evaluate.files import write_json
from gridbid.evaluate.protocol import provenance
from gridbid.evaluate.protocol.methods import Method
from gridbid.evaluate.protocol.provenance import DataFile
from gridbid.evaluate.records.rollout import Cases
from gridbid.market.errors import InputError

FILE = "manifest.json"
"""Its name in a run's folder."""
_OF_THE_MACHINE = ("workers",)
"""Arguments that follow the machine and change no figure."""


@dataclass(frozen=True, kw_only=True)
class ScenarioEntry:
    """Which scenario."""

    name: str
    source: str
    """What it was loaded by: a built-in scenario's name, or a folder."""
    digest: str
    """Its hash."""


@dataclass(frozen=True, kw_only=True)
class ControllerEntry:
    """Which controller, and with what parameters."""

    name: str
    role: Literal["policy", "bound"]
    sources: tuple[str, ...] = ()
    """What its runs were loaded by: a name or a bundle's folder; nothing for objects of a program's own."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """Arguments that its first run was made with, as JSON."""


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """All that an evaluation's figures follow from."""

    format: Literal[1] = 1
    scenario: ScenarioEntry
    files: tuple[DataFile, ...]
    """Every data file that entered: the scenario's, series, bundles."""
    draws: str
    """SHA-256 of what happens in the weeks: weather, prices, carbon and cars of every sample."""
    split: str
    weeks: tuple[Index, ...]
    """Local weeks, in order."""
    samples: Count
    """Draws of prices and cars for each week."""
    seed: Index
    """Of the draws, and of arrival orders."""
    n_slots: Count
    """Slots of an episode."""
    prices: str | None = None
    """A file that stood in for the scenario's prices."""
    sessions: str | None = None
    """A file that stood in for the scenario's cars."""
    controllers: tuple[ControllerEntry, ...]
    utility: str | None = None
    """Who had the utility's seat beside all of them; nobody: the tariff stayed as published."""
    versions: Mapping[str, str]
    """Of Python, of the machine, and of the packages that figures may depend on."""
    commit: str | None = None
    """What was checked out, where this was a checkout."""
    created: str
    """When, in UTC."""

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return dict(plain(self))

    def write(self, path: Path) -> Path:
        """Write it as JSON, whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        write_json(path, self.as_dict())
        return path


def freeze(
    compiled: CompiledScenario,
    methods: Sequence[Method],
    bounds: Sequence[str],
    cases: Cases,
    *,
    source: str,
    prices: Path | None = None,
    sessions: Path | None = None,
    utility: str | None = None,
) -> Manifest:
    """The manifest of an evaluation that is about to begin; ``source`` is what its scenario was loaded by."""
    scenario, weeks = compiled.scenario, dict.fromkeys(cases.weeks.tolist())
    starts = [compiled.year.week_start(week) for week in weeks]
    return Manifest(
        scenario=ScenarioEntry(name=scenario.name, source=source, digest=scenario.digest),
        files=entering_files(scenario, methods, prices, sessions),
        draws=provenance.draws_sha256(compiled, starts, cases.n_slots),
        split=compiled.year.split,
        weeks=tuple(weeks),
        samples=cases.weeks.size // len(weeks),
        seed=cases.seed,
        n_slots=cases.n_slots,
        prices=None if prices is None else str(prices),
        sessions=None if sessions is None else str(sessions),
        controllers=(
            *(_controller(method) for method in methods),
            *(ControllerEntry(name=name, role="bound") for name in bounds),
        ),
        utility=utility,
        versions=provenance.versions(),
        commit=provenance.commit(),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def entering_files(
    scenario: Scenario, methods: Sequence[Method], prices: Path | None, sessions: Path | None
) -> tuple[DataFile, ...]:
    """Every data file that enters, as it is now."""
    bundles = [file for method in methods for file in provenance.bundle_files(method.name, method.folders)]
    return (*provenance.scenario_files(scenario, prices, sessions), *bundles)


def read_manifest(path: Path) -> Manifest:
    """The manifest in a file of its own, or in a result that holds it. InputError lists all faults."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"{path}: not JSON ({error})") from error
    if isinstance(document, Mapping) and "manifest" in document:
        document = document["manifest"]
    faults = Faults(path.name)
    manifest = parse(Manifest, document, "", faults)
    if faults.found:
        raise InputError("\n".join([f"{path} is no manifest:", *(f"- {fault}" for fault in faults.found)]))
    assert isinstance(manifest, Manifest)
    return manifest


def check_files(manifest: Manifest, found: Sequence[DataFile]) -> None:
    """InputError that names every file which isn't what the manifest froze, with both hashes."""
    frozen, now = ({file.part: file for file in files} for files in (manifest.files, found))
    faults = [
        Fault(
            file.path, f"SHA-256 of {part}", now[part].sha256 if part in now else "no such file", file.sha256
        )
        for part, file in frozen.items()
        if part not in now or now[part].sha256 != file.sha256
    ]
    faults += [
        Fault(file.path, part, file.sha256, "nothing: the manifest doesn't have it")
        for part, file in now.items()
        if part not in frozen
    ]
    _refuse(faults)


def check_same(manifest: Manifest, found: Manifest) -> None:
    """InputError where an evaluation that is about to begin isn't the one that the manifest froze."""
    check_files(manifest, found.files)
    parameters = [
        ({entry.name: dict(entry.parameters) for entry in one.controllers}) for one in (manifest, found)
    ]
    pairs = {
        "scenario.digest": (manifest.scenario.digest, found.scenario.digest),
        "draws": (manifest.draws, found.draws),
        "parameters": tuple(parameters),
    }
    _refuse([Fault(FILE, name, now, str(then)) for name, (then, now) in pairs.items() if then != now])


def other_program(manifest: Manifest) -> tuple[str, ...]:
    """What of the program isn't as it was, a line each: its figures may differ in their last digits, or more."""
    then = {**manifest.versions, "commit": str(manifest.commit)}
    now = {**provenance.versions(), "commit": str(provenance.commit())}
    names = sorted(set(then) | set(now))
    return tuple(
        f"{name} was {then.get(name, 'absent')}, is {now.get(name, 'absent')}"
        for name in names
        if then.get(name) != now.get(name)
    )


def _controller(method: Method) -> ControllerEntry:
    return ControllerEntry(
        name=method.name, role="policy", sources=method.sources, parameters=_parameters(method.policies[0])
    )


def _parameters(policy: Policy) -> dict[str, str]:
    """Arguments that a policy was made with, as far as it keeps them, they are plain and a figure may depend on them."""
    kept = {
        name: getattr(policy, name, getattr(policy, f"_{name}", None))
        for name in inspect.signature(type(policy)).parameters
        if name not in _OF_THE_MACHINE
    }
    return {
        name: json.dumps(value) for name, value in kept.items() if isinstance(value, bool | int | float | str)
    }


def _refuse(faults: Sequence[Fault]) -> None:
    if faults:
        lines = [
            f"- {fault.file}: {fault.field} is {fault.value}; expected {fault.expected}" for fault in faults
        ]
        raise InputError("\n".join(["manifest: this is not what was frozen", *lines]))
