"""Repeats an evaluation from its manifest, and refuses where what would enter isn't what was frozen."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from gridbid.agents.named import named_policy
from gridbid.envs.scenario import load_scenario
from gridbid.evaluate.protocol.evaluation import Evaluation, evaluate
from gridbid.evaluate.protocol.manifest import (
    ControllerEntry,
    Manifest,
    check_files,
    check_same,
    entering_files,
)
from gridbid.evaluate.protocol.memory import MOST_GB
from gridbid.evaluate.protocol.methods import Method
from gridbid.evaluate.records.rollout import OnProgress
from gridbid.market.errors import InputError


def repeat(
    manifest: Manifest,
    *,
    on_manifest: Callable[[Manifest], None] | None = None,
    on_progress: OnProgress | None = None,
    workers: int | None = None,
    most_gb: float = MOST_GB,
) -> Evaluation:
    """The evaluation that the manifest froze: the same figures to the bit, where program and machine are the same.

    InputError names every file with another hash, before anything is played; ``on_manifest`` is given its own manifest then.
    """

    def check(found: Manifest) -> None:
        check_same(manifest, found)
        if on_manifest is not None:
            on_manifest(found)

    prices, sessions = _path(manifest.prices), _path(manifest.sessions)
    policies = [entry for entry in manifest.controllers if entry.role == "policy"]
    methods = [_method(entry) for entry in policies]
    check_files(manifest, entering_files(load_scenario(manifest.scenario.source), methods, prices, sessions))
    return evaluate(
        manifest.scenario.source,
        methods,
        split=manifest.split,
        weeks=manifest.weeks,
        samples=manifest.samples,
        seed=manifest.seed,
        n_slots=manifest.n_slots,
        prices=prices,
        sessions=sessions,
        bounds=[entry.name for entry in manifest.controllers if entry.role == "bound"],
        utility=manifest.utility,
        on_manifest=check,
        on_progress=on_progress,
        workers=workers,
        most_gb=most_gb,
    )


def read_figures(path: Path) -> dict[str, dict[str, float | None]] | None:
    """The key figures of a result, by controller; None where the file is a manifest alone."""
    document = json.loads(path.read_text(encoding="utf-8"))
    return None if "manifest" not in document else document.get("controllers")


def changed_figures(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """Key figures that aren't the same to the bit in two results' ``controllers``, as ``controller.figure``."""
    names = [(controller, figure) for controller in before for figure in before[controller]]
    return tuple(
        f"{controller}.{figure}"
        for controller, figure in names
        if before[controller][figure] != after.get(controller, {}).get(figure)
    )


def _method(entry: ControllerEntry) -> Method:
    if not entry.sources:
        raise InputError(
            f"manifest: controller {entry.name!r} was given as an object by a program; only that can repeat it"
        )
    return Method(entry.name, tuple(named_policy(source) for source in entry.sources), entry.sources)


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(text)
