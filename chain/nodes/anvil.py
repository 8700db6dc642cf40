"""Anvil, a real Ethereum node for development, started and stopped by Python."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from gridbid.chain.compilation.node_packages import NodeError, node_packages
from gridbid.chain.errors import StopError
from gridbid.chain.rpc.networks import DEVELOPMENT_CHAIN_ID

HARDFORK = "cancun"
"""The one that the contracts are compiled for."""
START_SECONDS = 30.0
STOP_SECONDS = 30.0
_PACKAGES = Path(__file__).parents[1] / "anvil"
_BINARY = Path("@foundry-rs/anvil-linux-amd64/bin/anvil")
_LISTENING = re.compile(r"^Listening on 127\.0\.0\.1:(\d+)$", re.MULTILINE)

# The shell lives as long as anvil does. Its input is a pipe that the starting process holds: when that process lets
# go of it, or dies however suddenly, `cat` comes to its end and anvil is told to write its state and stop.
_KEEPER = """
exec 3<&0
"$@" </dev/null 3<&- &
node=$!
{ cat <&3 >/dev/null; kill -INT $node 2>/dev/null; } &
exec 3<&-
wait $node
"""


@dataclass(frozen=True)
class AnvilOptions:
    """How anvil is started; what is None is left to anvil."""

    port: int = 0
    """0: a free one."""
    chain_id: int = DEVELOPMENT_CHAIN_ID
    hardfork: str = HARDFORK
    block_time_seconds: int | None = None
    """None: each transaction is mined at once, in a block of its own."""
    state_file: Path | None = None
    """Read at the start where it exists, written at the end."""
    genesis_seconds: int | None = None
    """Time of block 0; None: now."""
    prune_history: bool = False
    """Forget old states, so that a long run stays quick; reorganisations then fail."""
    steps_tracing: bool = False
    """Let debug_traceTransaction tell each step of a transaction."""

    def arguments(self) -> list[str]:
        """The options as anvil's command line has them."""
        words: list[object] = ["--host", "127.0.0.1", "--port", self.port, "--chain-id", self.chain_id]
        words += ["--hardfork", self.hardfork]
        for option, value in (
            ("--block-time", self.block_time_seconds),
            ("--state", self.state_file),
            ("--timestamp", self.genesis_seconds),
        ):
            if value is not None:
                words += [option, value]
        if self.state_file is not None and not self.prune_history:
            words.append("--preserve-historical-states")
        if self.prune_history:
            words.append("--prune-history")
        if self.steps_tracing:
            words.append("--steps-tracing")
        return [str(word) for word in words]


class AnvilNode:
    """A running anvil, reached at ``http_url`` and ``ws_url``; it ends with ``stop`` or with the starting process."""

    def __init__(self, process: subprocess.Popen[bytes], output: IO[bytes], chain_id: int) -> None:
        self.chain_id = chain_id
        self._process = process
        self._output = output
        self.port = self._wait_for_port()
        self.http_url = f"http://127.0.0.1:{self.port}"
        self.ws_url = f"ws://127.0.0.1:{self.port}"

    @property
    def is_running(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def stop(self) -> None:
        """End it; it writes its state file first. Does nothing when it has ended."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        finally:
            self._output.close()

    def _wait_for_port(self) -> int:
        """The port that it listens on. Raises StopError when it ends or stays silent instead."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            listening = _LISTENING.search(self._printed())
            if listening is not None:
                return int(listening[1])
            if not self.is_running:
                break
            time.sleep(0.01)
        printed = self._printed().strip()
        self.stop()
        raise StopError("AnvilFailed", printed or f"it said nothing for {START_SECONDS:.0f} s")

    def _printed(self) -> str:
        self._output.seek(0)
        return self._output.read().decode(errors="replace")


def start_anvil(options: AnvilOptions | None = None) -> AnvilNode:
    """Start anvil and wait until it listens. Raises StopError when it isn't installed, or refuses the options."""
    options = options or AnvilOptions()
    command = [str(anvil_binary()), *options.arguments()]
    output = tempfile.TemporaryFile()  # noqa: SIM115  # closed by AnvilNode.stop
    process = subprocess.Popen(
        ["sh", "-c", _KEEPER, "anvil", *command],
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    return AnvilNode(process, output, options.chain_id)


@contextmanager
def running_anvil(options: AnvilOptions | None = None) -> Iterator[AnvilNode]:
    """An anvil for the length of a with-block."""
    node = start_anvil(options)
    try:
        yield node
    finally:
        node.stop()


def anvil_binary() -> Path:
    """The npm package's anvil, else the one on the PATH. Raises StopError that says what to install."""
    try:
        packaged = node_packages(_PACKAGES) / _BINARY
    except (NodeError, ImportError) as error:
        packaged, reason = None, f" ({error})"
    else:
        reason = ""
    if packaged is not None and packaged.is_file():
        return packaged
    on_path = shutil.which("anvil")
    if on_path is not None:
        return Path(on_path)
    raise StopError(
        "NoAnvil",
        "the npm package of anvil is for Linux on x86-64, and no anvil is on the PATH; "
        f"install Foundry (https://getfoundry.sh){reason}",
    )
