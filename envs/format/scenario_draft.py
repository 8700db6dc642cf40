"""A scenario of one's own to begin with: a copy of another, with every key explained."""

import os
import shutil
import tempfile
from dataclasses import fields, replace
from pathlib import Path

from gridbid.envs.format.commented_yaml import commented_yaml
from gridbid.envs.format.json_schema import schema_text
from gridbid.envs.scenario import SPECIFICATION, ScenarioError, find_folder, load_scenario
from gridbid.envs.specification import Specification

SCHEMA = "scenario.schema.json"
HEAD = f"""\
# yaml-language-server: $schema={SCHEMA}
#
# A scenario of gridbid. Change what you like, then ask: gridbid scenario check FOLDER
#
# - Money and people: tariff, penalties and seats. A seat's devices may be left out.
# - Another grid: grid.parquet has a row a bus (parent, r_pu, x_pu, g_pu, b_pu, rating_kva); seats name its buses.
# - Other profiles: profiles.parquet has a column a profile; seats name its columns.
# - After changing a table, copy its new SHA-256 from the message of the check into sha256 below.
# - LICENSE.md holds the terms of the data: those of the scenario that this one was made from hold on.
#
# Every key: docs/scenario-format.md. Editors that know YAML schemas complete and check keys by {SCHEMA}.
"""


def write_draft(folder: Path, source: str | os.PathLike[str] = "tiny") -> Path:
    """Write a folder that loads, made from another scenario; whole or not at all. ScenarioError if it exists."""
    if folder.exists():
        raise ScenarioError(f"folder: {folder} exists already; expected a name that is free")
    scenario, origin = load_scenario(source), find_folder(source)
    entries = {field.name: getattr(scenario, field.name) for field in fields(Specification)}
    title = f"Made from {scenario.name}: {scenario.title}"
    specification = replace(Specification(**entries), name=folder.name, version="1", title=title)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as scratch:
        draft = Path(shutil.copytree(origin, Path(scratch) / folder.name))
        (draft / SPECIFICATION).write_text(HEAD + "\n" + commented_yaml(specification), encoding="utf-8")
        (draft / SCHEMA).write_text(schema_text(), encoding="utf-8")
        load_scenario(draft)
        os.replace(draft, folder)
    return folder
