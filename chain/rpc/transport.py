"""What carries requests to a node: HTTP, and WebSocket without an event loop."""

import itertools
import json
import threading
from collections import deque
from contextlib import ExitStack
from typing import Any

from web3 import HTTPProvider
from web3.providers.base import JSONBaseProvider
from web3.types import RPCEndpoint, RPCResponse
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection
from websockets.sync.client import connect as connect_websocket

from gridbid.chain.errors import StopError
from gridbid.chain.rpc.networks import URL_SCHEMES

TIMEOUT_SECONDS = 30.0
MAX_MESSAGE_BYTES = 64 * 1024 * 1024


class WebSocketProvider(JSONBaseProvider):
    """JSON-RPC over one WebSocket, opened when it is needed and again when it was lost; for any thread.

    A lost connection takes its subscriptions with it.
    """

    def __init__(self, url: str, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        super().__init__()
        self._url = url
        self._timeout_seconds = timeout_seconds
        self._lock = threading.Lock()
        self._open_sockets = ExitStack()
        self._socket: ClientConnection | None = None
        self._names = itertools.count(1)
        self._news: deque[dict[str, Any]] = deque()

    def is_connected(self, show_traceback: bool = False) -> bool:
        """Whether the node answers."""
        try:
            return "result" in self.make_request(RPCEndpoint("eth_chainId"), [])
        except OSError:
            return False

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        """Answer one request. Raises OSError when the connection fails or the answer takes too long."""
        with self._lock:
            name = next(self._names)
            request = {"jsonrpc": "2.0", "id": name, "method": method, "params": list(params)}
            try:
                self._open().send(json.dumps(request))
                while True:
                    document = self._receive(self._timeout_seconds)
                    if document.get("id") == name:
                        return document  # type: ignore[return-value]  # what the node sent
            except (WebSocketException, OSError) as error:
                self._drop()
                raise ConnectionError(f"{self._url}: {error or 'no answer in time'}") from error

    def next_news(self, timeout_seconds: float) -> dict[str, Any]:
        """The next event of a subscription (eth_subscribe): its name, and what came. Raises OSError when none comes."""
        with self._lock:
            try:
                while not self._news:
                    self._receive(timeout_seconds)
            except WebSocketException as error:
                self._drop()
                raise ConnectionError(f"{self._url}: {error}") from error
            return self._news.popleft()

    def close(self) -> None:
        """Hang up."""
        with self._lock:
            self._drop()

    def _open(self) -> ClientConnection:
        if self._socket is None:
            opening = connect_websocket(
                self._url, open_timeout=self._timeout_seconds, max_size=MAX_MESSAGE_BYTES
            )
            self._socket = self._open_sockets.enter_context(opening)
        return self._socket

    def _receive(self, timeout_seconds: float) -> dict[str, Any]:
        """One message; an event is kept for later. Raises TimeoutError, which is an OSError."""
        document: dict[str, Any] = json.loads(self._open().recv(timeout_seconds))
        if document.get("method") == "eth_subscription":
            self._news.append(document["params"])
        return document

    def _drop(self) -> None:
        if self._socket is not None:
            self._open_sockets.close()
            self._socket = None


def provider_at(url: str, timeout_seconds: float = TIMEOUT_SECONDS) -> JSONBaseProvider:
    """A provider for a node's URL; nothing is asked yet. Raises StopError for a URL of no known kind."""
    if url.startswith(("ws://", "wss://")):
        return WebSocketProvider(url, timeout_seconds)
    if url.startswith(("http://", "https://")):
        return HTTPProvider(url, {"timeout": timeout_seconds}, exception_retry_configuration=None)
    raise StopError("BadUrl", f"{url!r} is no URL of a node; it begins with {', '.join(URL_SCHEMES)}")
