"""The contracts' sources and what they import."""

import hashlib
import posixpath
import re
from collections.abc import Callable
from pathlib import Path

PACKAGE_PREFIXES = ("@", "ethr-did-registry/")
CONTRACT_FOLDER = Path(__file__).parents[1] / "contracts"
IMPORT_STATEMENT = re.compile(r'^\s*import\s[^;]*?"([^"]+)"\s*;', re.MULTILINE)


def closure(unit: str, packages: Path) -> dict[str, str]:
    """Text of a source unit and of all that it imports, by unit name.

    A unit is named by its path below contracts/, or below `packages` (a node_modules folder).
    """

    def read(name: str) -> str:
        return ((packages if is_packaged(name) else CONTRACT_FOLDER) / name).read_text()

    return _closure(unit, read, lambda name: True)


def own_closure(unit: str) -> dict[str, str]:
    """The part of a unit's closure that stands below contracts/."""
    return _closure(
        unit, lambda name: (CONTRACT_FOLDER / name).read_text(), lambda name: not is_packaged(name)
    )


def is_packaged(unit: str) -> bool:
    """Whether a source unit is one of npm's packages', not our own."""
    return unit.startswith(PACKAGE_PREFIXES)


def sha256_of(text: str) -> str:
    """SHA-256 of a text, hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def _closure(unit: str, read: Callable[[str], str], wanted: Callable[[str], bool]) -> dict[str, str]:
    texts: dict[str, str] = {}
    pending = [unit]
    while pending:
        name = pending.pop()
        if name in texts or not wanted(name):
            continue
        texts[name] = read(name)
        pending += [_resolve(name, imported) for imported in IMPORT_STATEMENT.findall(texts[name])]
    return texts


def _resolve(importer: str, imported: str) -> str:
    if not imported.startswith("."):
        return imported
    return posixpath.normpath(posixpath.join(posixpath.dirname(importer), imported))
