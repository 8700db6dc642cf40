"""An append-only file of the requests that changed a chain, from which the chain is made anew.

A line is a JSON document: first what the chain began with, then one request each, with the time at which it was made.
What was answered is in the file: it survives the end of the process, though not necessarily that of the machine.
"""

import fcntl
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from gridbid.chain.errors import StopError

FORMAT = "gridbid chain log"
VERSION = 1
_log = logging.getLogger(__name__)


class LoggedRequest(NamedTuple):
    """A request that changed the chain, and the time of the next block when it was made, seconds."""

    now: int
    method: str
    params: list[Any]


class RequestLog:
    """The file, held by one process at a time. Raises StopError for a file that is none, or of another chain."""

    def __init__(self, path: Path, chain_id: int, genesis_seconds: int) -> None:
        self.path = path
        self.genesis_seconds = genesis_seconds
        """When the chain began: what the file says, where there is one."""
        try:
            self._file = path.open("a+b")
        except OSError as error:
            raise StopError("BadLog", f"{path} can't be opened: {error.strerror}") from error
        try:
            self._lock()
            self.requests = self._read(chain_id)
        except StopError:
            self._file.close()
            raise

    def append(self, request: LoggedRequest) -> None:
        """Write a request down before it is answered."""
        self._write(list(request))

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _lock(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StopError("LogInUse", f"{self.path} is held by another process") from error

    def _read(self, chain_id: int) -> list[LoggedRequest]:
        """The requests; a new file gets its header. What a crash left of a last line is cut off, and said."""
        self._file.seek(0)
        content = self._file.read()
        whole = content[: content.rfind(b"\n") + 1]
        if len(whole) < len(content):
            _log.warning(
                "%s: the last line breaks off (%d bytes); it is left out",
                self.path,
                len(content) - len(whole),
            )
            self._file.truncate(len(whole))
        lines = list(self._documents(whole))
        identity = {"format": FORMAT, "version": VERSION, "chain_id": chain_id}
        if not lines:
            self._write({**identity, "genesis_seconds": self.genesis_seconds})
            return []
        self._check(lines[0], identity)
        self.genesis_seconds = int(lines[0]["genesis_seconds"])
        return [self._request(number, line) for number, line in enumerate(lines[1:], 2)]

    def _documents(self, content: bytes) -> Iterator[Any]:
        for number, line in enumerate(content.splitlines(), 1):
            try:
                yield json.loads(line)
            except ValueError as error:
                raise StopError("BadLog", f"{self.path}, line {number}: {error}") from error

    def _check(self, found: Any, wanted: dict[str, Any]) -> None:
        if not isinstance(found, dict) or found.get("format") != FORMAT:
            raise StopError("BadLog", f"{self.path} is no log of a chain")
        faults = [
            f"{name} is {found.get(name)}, not {value}"
            for name, value in wanted.items()
            if found.get(name) != value
        ]
        if faults:
            raise StopError("OtherLog", f"{self.path} is of another chain: {'; '.join(faults)}")

    def _request(self, number: int, line: Any) -> LoggedRequest:
        match line:
            case [int(now), str(method), list(params)]:
                return LoggedRequest(now, method, params)
        raise StopError("BadLog", f"{self.path}, line {number}: it is no request")

    def _write(self, document: Any) -> None:
        self._file.write(json.dumps(document, separators=(",", ":")).encode() + b"\n")
        self._file.flush()
