"""``gridbid chain up``: a chain for development, served until it is interrupted."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from gridbid.chain.nodes.backend import Backend

if TYPE_CHECKING:
    from gridbid.chain.rpc.node import Node

EXAMPLES = (
    "Examples: `gridbid chain up --state chain.log --deploy deployment.json` &nbsp; "
    "`gridbid chain up --backend anvil --port 0`"
)
POLL_SECONDS = 0.2


class Served(NamedTuple):
    """Where a chain is reached."""

    http_url: str
    ws_url: str


def up(
    backend: Annotated[
        Backend | None, typer.Option(help="What executes the transactions; by default what is installed.")
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Port on 127.0.0.1; 0: a free one.")] = 8_545,
    state: Annotated[
        Path | None,
        typer.Option(help="File from which the chain goes on, and in which it is kept; not with py-evm."),
    ] = None,
    deploy: Annotated[
        Path | None,
        typer.Option(help="Deploy the contracts, and write the deployment to this file unless it is there."),
    ] = None,
) -> None:
    """Serve a chain until Ctrl-C; it has ten accounts with ether, whose keys everybody knows."""
    from gridbid.chain.nodes.backend import default_backend
    from gridbid.chain.rpc.connection import connect
    from gridbid.cli.terminal import console

    chosen = backend or default_backend()
    interrupted = _until_interrupted()
    with _served(chosen, port, state) as served:
        node = connect(served.http_url)
        console.print(f"Chain {node.chain_id}, by {chosen}, is at {served.http_url} and {served.ws_url}")
        _print_accounts()
        if deploy is not None:
            _deploy(node, deploy)
        console.print("It runs until Ctrl-C.")
        while not interrupted.wait(POLL_SECONDS):
            pass
    console.print("Stopped." if state is None else f"Stopped; {state} holds the chain.")


def _until_interrupted() -> threading.Event:
    """Set by Ctrl-C and by what asks a process to end."""
    interrupted = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: interrupted.set())
    return interrupted


@contextmanager
def _served(backend: Backend, port: int, state: Path | None) -> Iterator[Served]:
    if backend is Backend.ANVIL:
        from gridbid.chain.nodes.anvil import AnvilOptions, running_anvil

        with running_anvil(AnvilOptions(port, state_file=state)) as anvil:
            yield Served(anvil.http_url, anvil.ws_url)
        return
    from gridbid.chain.nodes.backend import open_provider
    from gridbid.chain.nodes.server import ChainServer

    provider = open_provider(backend, log=state, clock=time.time)
    try:
        with ChainServer(provider, port) as server:
            yield Served(server.http_url, server.ws_url)
    finally:
        provider.close()


def _print_accounts() -> None:
    from gridbid.chain.nodes.accounts import DEVELOPMENT_BALANCE_WEI, development_accounts
    from gridbid.cli.terminal import console

    ether = DEVELOPMENT_BALANCE_WEI // 10**18
    console.print(
        f"Accounts, which began with {ether:,} worthless ether each, and their keys, which everybody knows:"
    )
    for account in development_accounts():
        console.print(f"  {account.address}  0x{bytes(account.key).hex()}", soft_wrap=True)


def _deploy(node: "Node", path: Path) -> None:
    """Deploy unless the file tells of contracts that are there. Raises StopError when it tells of others."""
    from gridbid.chain.deployment.deploy import deploy
    from gridbid.chain.deployment.deployment import Deployment
    from gridbid.chain.nodes.accounts import development_accounts
    from gridbid.cli.terminal import console

    if path.exists():
        deployment = Deployment.read(path)
        deployment.require_chain(node.chain_id)
        node.require_contract(deployment.market)
        console.print(f"The contracts of {path} are there.")
        return
    deployment = deploy(node, development_accounts()[0], network="development")
    deployment.save(path)
    console.print(
        f"Deployed {len(deployment.contracts)} contracts; the first account owns both Safes. Wrote {path}."
    )
