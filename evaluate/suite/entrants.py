"""Who plays: the ladder of controllers that the program has, and policies that are named beside it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gridbid.agents.bundle import FACTS, BundleError
from gridbid.agents.named import POLICIES, named_policy
from gridbid.evaluate.protocol import NOTHING, OPTIMUM, RULE
from gridbid.market.errors import InputError

LADDER = (
    "zero_intelligence",
    NOTHING,
    RULE,
    "thresholds",
    "smart_rule",
    "selfish_lp",
    "mpc_persistence",
    "mpc",
    "mpc_perfect",
)
"""What stands beside every learned policy, as far as the program has it; the optimum always does."""


@dataclass(frozen=True)
class Entrant:
    """Somebody who plays: a policy of the program by its name, or a bundle."""

    name: str
    folder: Path | None = None
    sha256: str | None = None
    """Of the bundle's description, which holds the hashes of its networks."""


def ladder() -> tuple[Entrant, ...]:
    """The rungs that the program has."""
    return tuple(Entrant(name) for name in LADDER if name in POLICIES)


def entrants_from(words: Sequence[str]) -> tuple[Entrant, ...]:
    """Entrants as a user names them: a policy's name, a bundle's FOLDER, or NAME=FOLDER. InputError or BundleError."""
    return tuple(_entrant(word) for word in words)


def joined(first: Sequence[Entrant], others: Sequence[Entrant]) -> tuple[Entrant, ...]:
    """Both, the first's rungs once. InputError when two bundles, or a bundle and a rung, have one name."""
    chosen = {entrant.name: entrant for entrant in first}
    for entrant in others:
        if chosen.get(entrant.name, entrant) != entrant or entrant.name == OPTIMUM:
            raise InputError(
                f"policy: the name {entrant.name!r} is taken; give the bundle another, as NAME={entrant.folder}"
            )
        chosen[entrant.name] = entrant
    return tuple(chosen.values())


def _entrant(word: str) -> Entrant:
    if word in POLICIES:
        return Entrant(word)
    name, given, path = word.rpartition("=")
    folder = Path(path)
    if not (folder / FACTS).is_file():
        raise BundleError(
            f"policy {word!r}: neither one of {', '.join(POLICIES)} nor the folder of a bundle, nor NAME=FOLDER"
        )
    digest = hashlib.sha256((folder / FACTS).read_bytes()).hexdigest()
    return Entrant(name if given else named_policy(path).name, folder, digest)
