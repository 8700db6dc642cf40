"""Options that the chain's commands share."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from gridbid.chain.deployment.deployment import Deployment

Rpc = Annotated[
    str,
    typer.Option("--rpc", envvar="GRIDBID_RPC_URL", help="URL of a node's JSON-RPC: http, https, ws or wss."),
]
DEFAULT_RPC = "http://127.0.0.1:8545"

DeploymentFile = Annotated[
    Path,
    typer.Option("--deployment", envvar="GRIDBID_DEPLOYMENT", help="What `gridbid chain deploy` wrote."),
]
DEFAULT_DEPLOYMENT = Path("deployment.json")

Json = Annotated[
    str | None,
    typer.Option("--json", metavar="FILE", help="Write it as JSON to a file; - is standard output."),
]


def read_deployment(file: Path) -> "Deployment":
    """A deployment from its file."""
    from gridbid.chain.deployment.deployment import Deployment
    from gridbid.market.errors import InputError

    if not file.exists():
        raise InputError(
            f"{file}: no such deployment file; `gridbid chain deploy` writes one, --deployment names it"
        )
    return Deployment.read(file)


def write_json(target: str, document: Any) -> None:
    """Write a document to a file, or to standard output."""
    import json

    text = json.dumps(document, indent=1)
    if target == "-":
        print(text)
    else:
        Path(target).write_text(text + "\n", encoding="utf-8")
