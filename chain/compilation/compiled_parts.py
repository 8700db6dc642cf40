"""What an artifact keeps of the compiler's answer."""

from typing import Any

from gridbid.chain.artifact import EXTENSIONS, source_of
from gridbid.chain.compilation.natspec import natspec


def compiled_parts(name: str, compiled: dict[str, Any]) -> dict[str, Any]:
    """ABI, words, bytecode and storage of a contract; `compiled` is the answer's "contracts", by unit and name."""
    contract = compiled[source_of(name)][name]
    deployed = contract["evm"]["deployedBytecode"]
    return {
        "abi": _whole_abi(name, compiled),
        "notices": _notices(name, compiled),
        "bytecode": "0x" + contract["evm"]["bytecode"]["object"],
        "deployedBytecode": "0x" + deployed["object"],
        "immutables": _immutables(deployed.get("immutableReferences", {})),
        "storageLayout": _storage_layout(contract["storageLayout"]),
    }


def _whole_abi(name: str, compiled: dict[str, Any]) -> list[dict[str, Any]]:
    """What a contract answers to: its own ABI, and what its extension adds to it."""
    own: list[dict[str, Any]] = compiled[source_of(name)][name]["abi"]
    if name not in EXTENSIONS:
        return own
    extension = EXTENSIONS[name]
    added = [entry for entry in compiled[source_of(extension)][extension]["abi"] if entry not in own]
    return own + [entry for entry in added if entry["type"] not in ("constructor", "fallback")]


def _notices(name: str, compiled: dict[str, Any]) -> dict[str, str]:
    """What the sources say of all that a contract answers to, its extension's part included."""
    told: dict[str, str] = {}
    for part in (EXTENSIONS[name], name) if name in EXTENSIONS else (name,):
        contract = compiled[source_of(part)][part]
        told |= natspec(contract["userdoc"], contract["devdoc"])
    return dict(sorted(told.items()))


def _immutables(references: dict[str, list[dict[str, int]]]) -> list[list[int]]:
    """Start and length of each place that a constructor fills in, in order."""
    return sorted([place["start"], place["length"]] for places in references.values() for place in places)


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
