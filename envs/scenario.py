"""A scenario: ``scenario.yaml`` with its network and profiles, read from a folder or written to one.

A folder holds scenario.yaml, grid.parquet (one row a bus), profiles.parquet (one row a slot of the year) and
LICENSE.md.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import yaml
from numpy.typing import NDArray

from gridbid.envs.format.consistency import find_inconsistencies
from gridbid.envs.format.named_series import check_series, price_file, session_file
from gridbid.envs.format.scenario_yaml import read_yaml, write_yaml
from gridbid.envs.format.schema import FAULTY, Fault, Faults, parse
from gridbid.envs.specification import Seat, Specification, without_idle_devices
from gridbid.envs.timeline.real_prices import PriceFile
from gridbid.envs.timeline.real_sessions import SessionFile
from gridbid.market.errors import InputError
from gridbid.market.grid.network import Network

BUILT_IN = Path(__file__).parent / "scenarios"
SPECIFICATION, GRID, PROFILES, LICENCE = "scenario.yaml", "grid.parquet", "profiles.parquet", "LICENSE.md"
BUS_COLUMNS = tuple(name for name in Network._fields if name not in ("base_kva", "source_pu"))

Profiles = Mapping[str, NDArray[np.float32]]


class ScenarioError(InputError):
    """A scenario that doesn't exist or has faults; ``faults`` lists all of them."""

    def __init__(self, message: str, faults: tuple[Fault, ...] = ()) -> None:
        super().__init__("\n".join([message, *(f"- {fault}" for fault in faults)]))
        self.faults = faults


@dataclass(frozen=True, kw_only=True, eq=False)
class Scenario(Specification):
    """A specification with its data."""

    network: Network
    """Radial network; bus 0 is the source."""
    profiles: Profiles
    """Columns by name, float32 (T,): per unit of rated power, interval means by the local year's slots."""
    digest: str
    """SHA-256 of scenario.yaml, which holds those of the other files: the scenario's hash."""
    folder: Path
    """Where it was read from: the series that it names lie there."""

    @property
    def metered(self) -> tuple[Seat, ...]:
        """Seats with a meter: all but the utility, in order; devices with a rating of 0 are left out."""
        return tuple(without_idle_devices(seat) for seat in self.seats if seat.kind != "utility")

    @property
    def price_file(self) -> PriceFile | None:
        """Real prices of its own, if it names some."""
        return price_file(self.series, self.folder)

    @property
    def session_file(self) -> SessionFile | None:
        """Real charging sessions of its own, if it names some."""
        return session_file(self.series, self.folder)


def scenario_names() -> tuple[str, ...]:
    """Names of the built-in scenarios."""
    return tuple(sorted(path.parent.name for path in BUILT_IN.glob(f"*/{SPECIFICATION}")))


def load_scenario(name_or_path: str | os.PathLike[str]) -> Scenario:
    """Read a built-in scenario by name, or any by its folder.

    ScenarioError lists every fault at once: of form, and, where the form allows to look, between the parts.
    """
    folder = find_folder(name_or_path)
    document, digest = _read_document(folder)
    faults = Faults(SPECIFICATION)
    specification = parse(Specification, document, "", faults)
    if specification is not FAULTY:
        _check_series(specification, folder, faults)
    contents = {name: _read_table(folder, name, document, faults) for name in (GRID, PROFILES)}
    if specification is not FAULTY and all(table is not None for table in contents.values()):
        network = _network(contents[GRID], specification, faults)
        profiles = _columns(contents[PROFILES], PROFILES, np.float32, faults)
        if network is not None:
            find_inconsistencies(specification, network, profiles, faults)
            if not faults.found:
                return _assemble(specification, network, profiles, digest, folder)
    raise ScenarioError(f"scenario {folder} has {len(faults.found)} fault(s)", tuple(faults.found))


def save_scenario(
    folder: Path,
    specification: Specification,
    network: Network,
    profiles: Profiles,
    licence: str,
    series_folder: Path | None = None,
) -> Path:
    """Write a scenario's folder, whole or not at all; an existing one is replaced.

    A scenario serves as a specification; its sha256 is computed anew. The files of the series that it names are copied from
    ``series_folder``, a scenario's own by default. The folder is read back before it takes its place, so what is written
    can be loaded.
    """
    if series_folder is None and isinstance(specification, Scenario):
        series_folder = specification.folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as scratch:
        draft = Path(scratch) / folder.name
        draft.mkdir()
        _write_table(draft / GRID, {name: getattr(network, name) for name in BUS_COLUMNS})
        _write_table(draft / PROFILES, dict(profiles))
        (draft / LICENCE).write_text(licence, encoding="utf-8")
        if specification.series is not None and series_folder is not None:
            _copy_files(specification.series.files, series_folder, draft)
        sha256 = {path.name: _sha256(path) for path in sorted(draft.glob("*.parquet"))}
        (draft / SPECIFICATION).write_text(write_yaml(specification, sha256), encoding="utf-8")
        load_scenario(draft)
        if folder.exists():
            os.replace(folder, Path(scratch) / "replaced")
        os.replace(draft, folder)
    return folder


def _copy_files(names: tuple[str, ...], source: Path, target: Path) -> None:
    """Copy the files that there are; what is missing, or lies elsewhere, is told when the folder is read back."""
    for name in names:
        if Path(name).name == name and (source / name).is_file():
            shutil.copyfile(source / name, target / name)


def find_folder(name_or_path: str | os.PathLike[str]) -> Path:
    """Where a scenario lies. ScenarioError lists the built-in ones if there is none."""
    for folder in (BUILT_IN / name_or_path, Path(name_or_path)):
        if (folder / SPECIFICATION).is_file():
            return folder
    known = ", ".join(scenario_names())
    raise ScenarioError(
        f"scenario: {str(name_or_path)!r} is neither built in ({known}) nor a folder with a {SPECIFICATION}"
    )


def _read_document(folder: Path) -> tuple[Any, str]:
    content = (folder / SPECIFICATION).read_bytes()
    try:
        return read_yaml(content), hashlib.sha256(content).hexdigest()
    except yaml.YAMLError as error:
        place = " ".join(str(error).split())
        fault = Fault(SPECIFICATION, "whole file", place, "well-formed YAML")
        raise ScenarioError(f"scenario {folder} can't be read", (fault,)) from error


def _read_table(folder: Path, name: str, document: Any, faults: Faults) -> pa.Table | None:
    """The table, or None if it can't be read; a hash that isn't the document's is a fault as well."""
    promised = document.get("sha256") if isinstance(document, Mapping) else None
    if not _check_file(folder, name, promised, faults):
        return None
    try:
        return pq.read_table(folder / name)
    except pa.ArrowInvalid as error:
        faults.add(name, str(error), "a Parquet file")
        return None


def _check_file(folder: Path, name: str, promised: Any, faults: Faults) -> bool:
    """Whether a file is there; noted as a fault if it isn't, or if it isn't the one that was promised."""
    if not (folder / name).is_file():
        faults.add(name, "no such file", "a Parquet file beside scenario.yaml")
        return False
    digest = _sha256(folder / name)
    if isinstance(promised, Mapping) and promised.get(name) != digest:
        faults.add(f"sha256.{name}", promised.get(name), f"{digest}, if the file is the one that is meant")
    return True


def _check_series(specification: Specification, folder: Path, faults: Faults) -> None:
    """Note series that are missing, or are not the ones meant, or can't be read; and hashes of files that aren't named."""
    series = specification.series
    files = () if series is None else series.files
    for name in files:
        _check_file(folder, name, specification.sha256, faults)
    for name in sorted(set(specification.sha256) - {GRID, PROFILES, *files}):
        faults.add(f"sha256.{name}", specification.sha256[name], "a file that the scenario names")
    if series is not None:
        check_series(series, folder, faults)


def _assemble(
    specification: Specification, network: Network, profiles: Profiles, digest: str, folder: Path
) -> Scenario:
    entries = {field.name: getattr(specification, field.name) for field in fields(Specification)}
    return Scenario(**entries, network=network, profiles=profiles, digest=digest, folder=folder.absolute())


def _network(table: pa.Table, specification: Specification, faults: Faults) -> Network | None:
    columns = _columns(table, GRID, np.float64, faults)
    missing = [name for name in BUS_COLUMNS if name not in columns]
    for name in missing:
        faults.add(f"{GRID} column {name}", "missing", "one number a bus")
    if missing:
        return None
    parent = columns["parent"].astype(np.int32)
    branches = {name: columns[name] for name in BUS_COLUMNS if name != "parent"}
    grid = specification.grid
    return Network(parent=parent, **branches, base_kva=grid.base_kva, source_pu=grid.source_pu)


def _columns(table: pa.Table, file: str, dtype: type, faults: Faults) -> dict[str, NDArray[Any]]:
    """Columns of numbers; a column of anything else is a fault."""
    columns: dict[str, NDArray[Any]] = {}
    for name, kind in zip(table.column_names, table.schema.types, strict=True):
        if pa.types.is_floating(kind) or pa.types.is_integer(kind):
            # A copy: read-only arrays are another type, for which every kernel would be compiled once more.
            columns[name] = np.array(table[name].to_numpy(), dtype)
        else:
            faults.add(f"{file} column {name}", str(kind), "numbers")
    return columns


def _write_table(path: Path, columns: Mapping[str, NDArray[Any]]) -> None:
    table = pa.table({name: pa.array(values) for name, values in columns.items()})
    pq.write_table(table, path, compression="zstd", compression_level=19, use_dictionary=True)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
