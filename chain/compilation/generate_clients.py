"""Write the contracts' typed clients into clients/: `python -m gridbid.chain.compilation.generate_clients [--check]`.

They are made from the artifacts alone. --check writes nothing, and fails when a client is not what its artifact makes.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from gridbid.chain.artifact import CONTRACT_NAMES, EXTENSIONS, load
from gridbid.chain.compilation.client_source import ClientSource
from gridbid.chain.compilation.client_types import snake_case
from gridbid.chain.compilation.source_text import WIDTH
from gridbid.chain.compilation.types_source import TypesSource

WITHOUT_CLIENT = (
    *EXTENSIONS.values(),
    "SafeProxyFactory",
    "SafeProxy",
    "SimulateTxAccessor",
    "CompatibilityFallbackHandler",
)
"""An extension is called at the address of the contract that it extends; the others by deployments and Safes alone."""
CLIENT_CONTRACTS = tuple(name for name in CONTRACT_NAMES if name not in WITHOUT_CLIENT)
CLIENT_FOLDER = Path(__file__).parents[1] / "clients"
RUFF = [sys.executable, "-m", "ruff"]
SETTINGS = ["--isolated", "--quiet", "--line-length", str(WIDTH), "-"]


def client_path(contract: str) -> Path:
    """File of a contract's client."""
    return CLIENT_FOLDER / f"{snake_case(contract)}.py"


def client_texts() -> dict[Path, str]:
    """What each file of the clients should hold, formatted."""
    artifacts = [load(name) for name in CLIENT_CONTRACTS]
    types = TypesSource(artifacts)
    clients = {client_path(made.name): ClientSource(made, types.names).text() for made in artifacts}
    texts = {CLIENT_FOLDER / "types.py": types.text(), **clients}
    return {path: _formatted(text) for path, text in texts.items()}


def main(arguments: list[str] | None = None) -> int:
    """Run the command; the exit status is 1 when a client is not as it should be."""
    parser = argparse.ArgumentParser(
        prog="python -m gridbid.chain.compilation.generate_clients", description="Write the typed clients."
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail when a client is out of date"
    )
    chosen = parser.parse_args(arguments)
    texts = client_texts()
    stale = [path for path, text in texts.items() if not path.exists() or path.read_text() != text]
    stale += [path for path in CLIENT_FOLDER.glob("[!_]*.py") if path not in texts]
    if chosen.check:
        if stale:
            names = ", ".join(path.name for path in stale)
            print(
                f"not up to date: {names}; run python -m gridbid.chain.compilation.generate_clients",
                file=sys.stderr,
            )
        return 1 if stale else 0
    for path in stale:
        if path in texts:
            path.write_text(texts[path])
        else:
            path.unlink()
    return 0


def _formatted(text: str) -> str:
    """A module as ruff lays it out, without the imports that it doesn't use."""
    pruned = _piped([*RUFF, "check", "--fix-only", "--select", "F401", *SETTINGS], text)
    return _piped([*RUFF, "format", *SETTINGS], pruned)


def _piped(command: list[str], text: str) -> str:
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    sys.exit(main())
