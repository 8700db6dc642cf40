"""What `make audit` runs: slither, halmos, and forge with many runs. `python tests/solidity/audit.py [slither|halmos|forge ...]`.

slither and halmos are looked for on PATH. A finding of slither's counts as answered when docs/security.md has a row
with its detector and its place; so does an answer that no finding needs any more, which is a fault as well.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from forge import ROOT, forge_environment

from gridbid.chain.compilation.compile import SETTINGS
from gridbid.chain.compilation.compiler import packages_folder, run_compiler
from gridbid.chain.compilation.sources import CONTRACT_FOLDER, closure

ANSWERS_PATH = ROOT / "docs" / "security.md"
ANSWER_ROW = re.compile(r"^\| `([a-z0-9-]+)` \| (.+?) \|", re.MULTILINE)
EVERYWHERE = "everywhere"
PLACE = re.compile(r"`([^`]+)`")
SLITHER_OPTIONS = ["--config-file", str(Path(__file__).with_name("slither.config.json"))]
HALMOS_OPTIONS = [
    "--match-contract",
    "WordTest$",
    "--match-test",
    "^test_",
    "--solver-timeout-assertion",
    "60s",
]

Finding = tuple[str, str]
"""A detector, and the contract and function that it points at."""


def main(arguments: list[str]) -> int:
    """Run the tools that are named, or all; the exit status is 1 if one of them finds fault."""
    tools: dict[str, Callable[[], bool]] = {"slither": slither, "halmos": halmos, "forge": forge}
    results = [tools[name]() for name in arguments or tools]  # all of them, whatever the first one says
    return 0 if all(results) else 1


def slither() -> bool:
    """Whether docs/security.md answers just what slither finds."""
    answered, found = answers(ANSWERS_PATH.read_text()), slither_findings()
    found |= {(detector, EVERYWHERE) for detector, _ in found if (detector, EVERYWHERE) in answered}
    found -= {(detector, place) for detector, place in found - answered if (detector, EVERYWHERE) in answered}
    for detector, place in sorted(found - answered):
        print(f"slither: {detector} in {place} has no answer in docs/security.md")
    for detector, place in sorted(answered - found):
        print(f"slither: {detector} in {place} is answered in docs/security.md, and is not found any more")
    print(f"slither: {len(found)} findings, {len(found - answered)} without an answer")
    return found == answered


def halmos() -> bool:
    """Whether halmos proves what it can of the packed words."""
    environment = forge_environment("words")
    command = [
        "halmos",
        "--root",
        str(ROOT),
        "--forge-build-out",
        environment["FOUNDRY_OUT"],
        *HALMOS_OPTIONS,
    ]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode == 0


def forge() -> bool:
    """Whether forge's tests pass with many runs."""
    environment = {**forge_environment("shipped"), "FOUNDRY_PROFILE": "audit"}
    return (
        subprocess.run([environment["FORGE"], "test"], cwd=ROOT, env=environment, check=False).returncode == 0
    )


def answers(page: str) -> set[Finding]:
    """The findings that the page's tables answer, each row for one detector and some places."""
    return {
        (detector, place) for detector, places in ANSWER_ROW.findall(page) for place in PLACE.findall(places)
    }


def slither_findings() -> set[Finding]:
    """What slither finds in the contracts."""
    with TemporaryDirectory() as folder:
        request, solc = _write_sources(Path(folder))
        answer_path = Path(folder) / "answer.json"
        command = ["slither", str(request), "--compile-force-framework", "solc-json", "--solc", str(solc)]
        run = subprocess.run(
            [*command, *SLITHER_OPTIONS, "--json", str(answer_path)],
            cwd=folder,
            env=os.environ,
            capture_output=True,
            text=True,
            check=False,
        )
        answer = (
            json.loads(answer_path.read_text()) if answer_path.exists() else {"success": False, "error": ""}
        )
    if not answer["success"]:
        sys.exit(f"slither did not come to an answer: {answer['error']}\n{run.stderr}")
    return {(found["check"], _place(found["elements"])) for found in answer["results"].get("detectors", [])}


def _write_sources(folder: Path) -> tuple[Path, Path]:
    """The contracts and all that they import, as files; returns a request to compile them, and what answers it.

    slither reads syntax trees alone, so code, which takes a minute to make, is left out of the answer.
    """
    packages = packages_folder()
    units = [path.relative_to(CONTRACT_FOLDER) for path in CONTRACT_FOLDER.rglob("*.sol")]
    own = [str(unit) for unit in units if "node_modules" not in unit.parts]
    sources = {name: text for unit in own for name, text in closure(unit, packages).items()}
    for name, text in sources.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    request = {
        "language": "Solidity",
        "sources": {name: {"content": text} for name, text in sources.items()},
        "settings": {**SETTINGS, "outputSelection": {"*": {"*": ["abi"], "": ["ast"]}}},
    }
    compiled = run_compiler(packages, request)
    no_code = {"object": "", "sourceMap": ""}
    for contracts in compiled["contracts"].values():
        for contract in contracts.values():
            contract["evm"] = {"bytecode": no_code, "deployedBytecode": no_code, "methodIdentifiers": {}}
    (folder / "request.json").write_text(json.dumps(request))
    (folder / "compiled.json").write_text(json.dumps(compiled))
    script = folder / "solc"
    version = json.loads((packages / "solc" / "package.json").read_text())["version"]
    script.write_text(
        f'#!/bin/sh\n[ "$1" = --version ] && echo "Version: {version}+commit.00000000" && exit\n'
        f"cat > /dev/null; cat {folder / 'compiled.json'}\n"
    )
    script.chmod(0o755)
    return folder / "request.json", script


def _place(elements: list[dict[str, Any]]) -> str:
    """Contract and function, or whatever else a finding points at first."""
    first = elements[0]
    parent = first.get("type_specific_fields", {}).get("parent", {})
    if first["type"] == "node":
        return _place([parent])
    in_contract = parent.get("type") == "contract"
    return f"{parent['name']}.{first['name']}" if in_contract else str(first["name"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
