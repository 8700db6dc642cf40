"""A policy as it is shipped to a bot: a folder with a network for each kind, what it was made for, and who vouches for it.

<kind>.onnx    observations (rows, observation) -> actions (rows, action) in the unit box, all scaling inside
bundle.json    schema, scenario, commit, configuration, figures, SHA-256 of each network
bundle.sig     EIP-191 signature over the content of bundle.json in its canonical form (sorted, no spaces)
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gridbid.agents.bundle_policy import BundleError, BundlePolicy, open_network
from gridbid.agents.folders import whole_folder
from gridbid.envs.fields import METERED, schema_hash

__all__ = ["BundleError", "BundleFacts", "load_bundle", "sign_bundle", "write_bundle"]

FORMAT = 1
FACTS, SIGNATURE = "bundle.json", "bundle.sig"
_KEYS = {"format", "schema", "scenario", "commit", "config", "figures", "networks"}


@dataclass(frozen=True, kw_only=True)
class BundleFacts:
    """Where a bundle comes from."""

    scenario: str
    """Name of the scenario that it was trained in."""
    scenario_digest: str
    """That scenario's hash."""
    commit: str
    """Version of the program, as git names it."""
    config: dict[str, Any]
    """How it was trained."""
    figures: dict[str, Any]
    """What training reached."""


def write_bundle(folder: Path, networks: Mapping[str, bytes], facts: BundleFacts) -> Path:
    """Write a bundle of ONNX networks by kind, whole or not at all; it replaces one that is there."""
    unknown = sorted(set(networks) - set(METERED))
    if unknown or not networks:
        raise BundleError(f"networks: {unknown or 'none'}; expected some of {', '.join(METERED)}")
    document = {
        "format": FORMAT,
        "schema": schema_hash(),
        "scenario": {"name": facts.scenario, "digest": facts.scenario_digest},
        "commit": facts.commit,
        "config": facts.config,
        "figures": facts.figures,
        "networks": {kind: hashlib.sha256(network).hexdigest() for kind, network in networks.items()},
    }
    with whole_folder(folder) as draft:
        for kind, network in networks.items():
            (draft / f"{kind}.onnx").write_bytes(network)
        (draft / FACTS).write_text(json.dumps(document, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    return folder


def sign_bundle(folder: Path, key: str) -> None:
    """Sign a bundle with a private key (64 hex digits); needs the extra `chain`."""
    from gridbid.chain.signing.signatures import sign_text

    document = _read_facts(folder)
    signature = sign_text(_canonical(document), key)
    draft = folder / f".{SIGNATURE}"
    draft.write_text(signature + "\n", encoding="ascii")
    draft.replace(folder / SIGNATURE)


def load_bundle(folder: Path, expected_signer: str | None = None) -> BundlePolicy:
    """The policy of a bundle that is whole and was made for this schema.

    With ``expected_signer``, an address, its signature is checked as well (needs the extra `chain`); without, it is
    ignored. BundleError says what is wrong.
    """
    document = _read_facts(folder)
    if document["schema"] != schema_hash():
        raise BundleError(
            f"{folder}: made for schema {str(document['schema'])[:12]}, this program has {schema_hash()[:12]}; export it anew"
        )
    if expected_signer is not None:
        _check_signer(folder, document, expected_signer)
    return BundlePolicy(
        {
            kind: open_network(kind, _read_network(folder, kind, digest))
            for kind, digest in document["networks"].items()
        }
    )


def _read_facts(folder: Path) -> dict[str, Any]:
    try:
        document = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BundleError(f"{folder}: no bundle, {FACTS} is missing") from error
    except ValueError as error:
        raise BundleError(f"{folder / FACTS}: not JSON ({error})") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT or set(document) != _KEYS:
        raise BundleError(f"{folder / FACTS}: expected format {FORMAT} with {', '.join(sorted(_KEYS))}")
    networks = document["networks"]
    if not isinstance(networks, dict) or not networks or not set(networks) <= set(METERED):
        raise BundleError(
            f"{folder / FACTS}: networks is {networks!r}; expected a hash for some of {', '.join(METERED)}"
        )
    return document


def _read_network(folder: Path, kind: str, digest: object) -> bytes:
    path = folder / f"{kind}.onnx"
    try:
        network = path.read_bytes()
    except FileNotFoundError as error:
        raise BundleError(f"{path}: missing, although {FACTS} lists it") from error
    found = hashlib.sha256(network).hexdigest()
    if found != digest:
        raise BundleError(
            f"{path}: its SHA-256 is {found[:12]}, {FACTS} says {str(digest)[:12]}; the file was changed"
        )
    return network


def _check_signer(folder: Path, document: dict[str, Any], expected_signer: str) -> None:
    from gridbid.chain.signing.signatures import recover_signer

    try:
        signature = (folder / SIGNATURE).read_text(encoding="ascii").strip()
    except FileNotFoundError as error:
        raise BundleError(f"{folder}: not signed, expected the signature of {expected_signer}") from error
    signer = recover_signer(_canonical(document), signature)
    if signer.lower() != expected_signer.lower():
        raise BundleError(f"{folder}: signed by {signer} over this content, expected {expected_signer}")


def _canonical(document: dict[str, Any]) -> str:
    return json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False)
