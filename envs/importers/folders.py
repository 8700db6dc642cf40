"""The scenario folder that an importer writes: specification, grid, profiles, terms, and what was found on the way."""

import json
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.format.tariff_specification import TariffSpec
from gridbid.envs.importers.feeders import Feeder
from gridbid.envs.importers.findings import Findings
from gridbid.envs.importers.simbench import number_seats, utility
from gridbid.envs.scenario import save_scenario
from gridbid.envs.specification import (
    GridSpec,
    Licence,
    MarketSpec,
    PenaltySpec,
    Seat,
    Specification,
    Splits,
)

SLOT_S = 900
"""Length of a slot where an importer has no option for it."""
REPORT = "import.json"
"""Beside the scenario's files: what was recognised, filled and assumed."""


class Imported(NamedTuple):
    """What an importer made."""

    folder: Path
    findings: Findings


def write_folder(
    folder: Path,
    *,
    title: str,
    timezone: str,
    year: int,
    slot_seconds: int,
    profile_seconds: int,
    feeder: Feeder,
    seats: list[Seat],
    profiles: dict[str, NDArray[np.float32]],
    licences: tuple[Licence, ...],
    tariff: TariffSpec,
    findings: Findings,
) -> Imported:
    """Write the scenario, whole or not at all. ``seats`` are without the utility, which is added."""
    licences = (*feeder.licences, *licences)
    specification = Specification(
        format=1,
        name=folder.name,
        version="1",
        title=title,
        timezone=timezone,
        year=year,
        slot_seconds=slot_seconds,
        profile_seconds=profile_seconds,
        grid=GridSpec(feeder.network.base_kva, feeder.network.source_pu, feeder.load_tan_phi),
        market=MarketSpec(),
        tariff=tariff,
        penalties=PenaltySpec(),
        splits=Splits(),
        seats=number_seats([*seats, utility()]),
        licences=licences,
        sha256={},
    )
    save_scenario(folder, specification, feeder.network, profiles, _terms(licences))
    (folder / REPORT).write_text(json.dumps(findings.document(), indent=1) + "\n", encoding="utf-8")
    return Imported(folder, findings)


def _terms(licences: tuple[Licence, ...]) -> str:
    listed = "\n".join(f"- {entry.covers}: {entry.terms}. {entry.attribution}" for entry in licences)
    return f"# Licence of these data\n\n{listed}\n\nWhat was recognised, filled and assumed stands in `{REPORT}`.\n"
