"""Options that the chain's commands share."""

from pathlib import Path
from typing import Annotated, Any

import typer

Rpc = Annotated[str, typer.Option("--rpc", envvar="GRIDBID_RPC", help="URL of a node's JSON-RPC.")]
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


def write_json(target: str, document: Any) -> None:
    """Write a document to a file, or to standard output."""
    import json

    text = json.dumps(document, indent=1)
    if target == "-":
        print(text)
    else:
        Path(target).write_text(text + "\n", encoding="utf-8")
