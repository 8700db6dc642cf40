"""What stands under one name in an evaluation: a policy, or several trainings of one method."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gridbid.agents.named import POLICIES, named_policy
from gridbid.agents.policy import Policy
from gridbid.market.errors import InputError

BUNDLE = "bundle"
"""Folder inside a training's folder that its bundle stands in."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_WILD = re.compile(r"[*?\[]")


@dataclass(frozen=True)
class Method:
    """Policies that are runs of one method: trainings that differ by their seed alone. Most methods have one."""

    name: str
    policies: tuple[Policy, ...]
    sources: tuple[str, ...] = ()
    """What each policy was loaded by, a name or a bundle's folder; empty where policies were given as objects."""

    @property
    def folders(self) -> tuple[Path, ...]:
        """Folders of its bundles."""
        return tuple(Path(source) for source in self.sources if source not in POLICIES)


def as_method(given: Policy | Method) -> Method:
    """A policy under its own name, or the method itself."""
    return given if isinstance(given, Method) else Method(given.name, (given,))


def load_method(text: str) -> Method:
    """A method by ``SOURCES`` or ``NAME=SOURCES``: names of policies or folders of bundles, with commas between them.

    A pattern, as ``runs/seed*``, stands for all bundles in folders that it fits. InputError when there is none, BundleError
    when a policy can't be loaded.
    """
    name, given = _split_name(text)
    sources = tuple(source for part in given.split(",") for source in _expand(part.strip()))
    policies = tuple(named_policy(source) for source in sources)
    return Method(name or policies[0].name, policies, sources)


def check_names(methods: Sequence[Method], bounds: Sequence[str]) -> None:
    """InputError for a name that is used twice or kept for a bound."""
    names = [method.name for method in methods]
    taken = sorted({name for name in names if names.count(name) > 1 or name in bounds})
    if taken:
        raise InputError(
            f"policies: the names {taken} are used twice or kept for the bound; expected one each. "
            "On the command line NAME=FOLDER gives a bundle a name"
        )


def _split_name(text: str) -> tuple[str, str]:
    """The name before an equals sign, if there is one, and what is named."""
    name, sign, given = text.partition("=")
    if not sign or Path(text).is_dir():
        return "", text
    if not _NAME.fullmatch(name) or not given:
        raise InputError(
            f"policy {text!r}: expected NAME=SOURCES, a name of letters, digits, dots, hyphens and underscores"
        )
    return name, given


def _expand(source: str) -> list[str]:
    """The source, or the folders of bundles that a pattern fits, in order."""
    if not _WILD.search(source):
        return [str(_bundle_folder(Path(source)))] if source not in POLICIES else [source]
    pattern = Path(source)
    root = Path(pattern.anchor) if pattern.anchor else Path()
    found = sorted(root.glob(str(pattern.relative_to(pattern.anchor))))
    bundles = [folder for folder in map(_bundle_folder, found) if (folder / "bundle.json").is_file()]
    if not bundles:
        raise InputError(f"policy {source!r}: no folder with a bundle fits this pattern")
    return [str(folder) for folder in bundles]


def _bundle_folder(folder: Path) -> Path:
    """The bundle inside a training's folder, or the folder itself."""
    inside = folder / BUNDLE
    return inside if (inside / "bundle.json").is_file() else folder
