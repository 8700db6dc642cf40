"""The chains that need nobody else: an EVM in the process, by pyrevm or by py-evm, and anvil."""

from collections.abc import Callable
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from gridbid.chain.errors import StopError
from gridbid.chain.rpc.networks import DEVELOPMENT_CHAIN_ID

if TYPE_CHECKING:
    from gridbid.chain.nodes.method_provider import MethodProvider


class Backend(StrEnum):
    """What executes the transactions."""

    EMBEDDED = "embedded"
    """pyrevm, in the process."""
    PY_EVM = "py-evm"
    """py-evm through eth-tester, in the process."""
    ANVIL = "anvil"
    """A real node, in a process of its own."""


def default_backend() -> Backend:
    """The quickest one in the process that is installed. Raises StopError when none is."""
    if find_spec("pyrevm") is not None:
        return Backend.EMBEDDED
    if find_spec("eth_tester") is not None:
        return Backend.PY_EVM
    raise StopError(
        "NoEvm",
        "neither pyrevm nor py-evm is installed: pip install pyrevm==0.3.7, or, where that has no wheel, "
        'pip install --pre "eth-tester[py-evm]==0.14.0b1"',
    )


def open_provider(
    backend: Backend | None = None,
    now: int = 0,
    chain_id: int = DEVELOPMENT_CHAIN_ID,
    log: Path | None = None,
    clock: Callable[[], float] | None = None,
) -> "MethodProvider":
    """A chain in the process; None: the default one. Raises StopError for what a backend can't do."""
    backend = backend or default_backend()
    if backend is Backend.EMBEDDED:
        from gridbid.chain.nodes.embedded import EmbeddedProvider

        return EmbeddedProvider(now, chain_id, log, clock)
    if backend is Backend.ANVIL:
        raise StopError("NotInProcess", "anvil is a process of its own; start it with chain.nodes.anvil")
    if log is not None:
        raise StopError("NoLog", "py-evm keeps no log; take the embedded backend, or anvil")
    from gridbid.chain.nodes.py_evm import PyEvmProvider

    return PyEvmProvider(now, chain_id, clock)
