"""A chain in the process, served to other processes: JSON-RPC over HTTP, with batches, and over WebSocket.

Only programs are answered: a request that names the page it comes from (Origin) is refused, so that no web page can
reach a chain whose accounts are unlocked. Nothing is said about other origins, so browsers keep pages away, too.
"""

import asyncio
import itertools
import json
import threading
from typing import Any, Self

from aiohttp import WSMsgType, web
from web3.providers.base import JSONBaseProvider
from web3.types import RPCEndpoint

from gridbid.chain.errors import StopError
from gridbid.chain.nodes.json_rpc import (
    INVALID_PARAMS,
    INVALID_REQUEST,
    NO_METHOD,
    PARSE_ERROR,
    error_response,
)

LOCALHOST = "127.0.0.1"
MAX_BODY_BYTES = 8 * 1024 * 1024
START_SECONDS = 30.0


class Subscriptions:
    """What the clients of WebSockets want to hear of, and how far they have been told."""

    def __init__(self, provider: JSONBaseProvider) -> None:
        self._provider = provider
        self._names = itertools.count(1)
        self._standing: dict[str, tuple[web.WebSocketResponse, str, dict[str, Any]]] = {}
        self._told = self._height()

    def add(self, socket: web.WebSocketResponse, params: list[Any]) -> dict[str, Any]:
        """Answer eth_subscribe: new block headers or logs."""
        if not params or params[0] not in ("newHeads", "logs"):
            return dict(
                error_response(INVALID_PARAMS, f"{params} can't be subscribed to; newHeads and logs can")
            )
        query = params[1] if len(params) > 1 else {}
        if not isinstance(query, dict):
            return dict(error_response(INVALID_PARAMS, f"{query!r} is no log query"))
        name = hex(next(self._names))
        self._standing[name] = (socket, params[0], query)
        return {"jsonrpc": "2.0", "result": name}

    def remove(self, socket: web.WebSocketResponse, params: list[Any]) -> dict[str, Any]:
        """Answer eth_unsubscribe: whether there was such a subscription."""
        known = bool(params) and self._standing.get(params[0], (None,))[0] is socket
        if known:
            del self._standing[params[0]]
        return {"jsonrpc": "2.0", "result": known}

    def forget(self, socket: web.WebSocketResponse) -> None:
        """Drop what a client that has gone wanted to hear."""
        self._standing = {name: entry for name, entry in self._standing.items() if entry[0] is not socket}

    async def tell(self) -> None:
        """Send what the blocks since the last call hold."""
        height = self._height()
        first, self._told = min(self._told, height) + 1, height
        if not self._standing:
            return
        for number in range(first, height + 1):
            for name, (socket, kind, query) in list(self._standing.items()):
                for entry in self._news(kind, hex(number), query):
                    await _notify(socket, name, entry)

    def _news(self, kind: str, number: str, query: dict[str, Any]) -> list[Any]:
        if kind == "newHeads":
            block = dict(self._ask("eth_getBlockByNumber", number, False))
            return [{name: value for name, value in block.items() if name not in ("transactions", "uncles")}]
        return list(self._ask("eth_getLogs", {**query, "fromBlock": number, "toBlock": number}))

    def _height(self) -> int:
        return int(self._ask("eth_blockNumber"), 16)

    def _ask(self, method: str, *params: Any) -> Any:
        response = self._provider.make_request(RPCEndpoint(method), list(params))
        return response.get("result") or []  # a query that is none matches nothing


class ChainServer:
    """Serves one provider from a thread of its own until it is stopped. Requests are answered one at a time."""

    def __init__(self, provider: JSONBaseProvider, port: int = 0, host: str = LOCALHOST) -> None:
        self._provider = provider
        self._host, self._wanted_port = host, port
        self._subscriptions = Subscriptions(provider)
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._failure: OSError | None = None
        self._sockets: set[web.WebSocketResponse] = set()
        self._thread = threading.Thread(target=self._run, name="chain server", daemon=True)
        self.port = port

    @property
    def http_url(self) -> str:
        """Where JSON-RPC over HTTP is answered."""
        return f"http://{self._host}:{self.port}"

    @property
    def ws_url(self) -> str:
        """Where JSON-RPC over WebSocket is answered."""
        return f"ws://{self._host}:{self.port}"

    def start(self) -> None:
        """Begin to serve. Raises StopError when the port is taken."""
        self._thread.start()
        self._ready.wait(START_SECONDS)
        if self._failure is not None:
            raise StopError(
                "NoPort", f"{self._host}:{self._wanted_port} can't be served: {self._failure.strerror}"
            )

    def stop(self) -> None:
        """End it, and all connections."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        application = web.Application(client_max_size=MAX_BODY_BYTES)
        application.router.add_post("/", self._over_http)
        application.router.add_get("/", self._over_websocket)
        runner = web.AppRunner(application)
        try:
            self._loop.run_until_complete(self._listen(runner))
            self._ready.set()
            self._loop.run_forever()
        except OSError as error:
            self._failure = error
        finally:
            self._loop.run_until_complete(self._close(runner))
            self._loop.close()
            self._ready.set()

    async def _listen(self, runner: web.AppRunner) -> None:
        await runner.setup()
        await web.TCPSite(runner, self._host, self._wanted_port, shutdown_timeout=1.0).start()
        self.port = runner.addresses[0][1]

    async def _close(self, runner: web.AppRunner) -> None:
        for socket in list(self._sockets):
            await socket.close()
        await runner.cleanup()

    async def _over_http(self, request: web.Request) -> web.Response:
        _refuse_pages(request)
        if request.content_type != "application/json":
            raise web.HTTPUnsupportedMediaType(text="send application/json")
        answer = self._answer_text(await request.text(), None)
        await self._subscriptions.tell()
        return web.json_response(answer) if answer is not None else web.Response(status=204)

    async def _over_websocket(self, request: web.Request) -> web.WebSocketResponse:
        _refuse_pages(request)
        socket = web.WebSocketResponse(max_msg_size=MAX_BODY_BYTES)
        await socket.prepare(request)
        self._sockets.add(socket)
        try:
            async for message in socket:
                if message.type != WSMsgType.TEXT:
                    break
                answer = self._answer_text(message.data, socket)
                if answer is not None:
                    await socket.send_str(json.dumps(answer))
                await self._subscriptions.tell()
        finally:
            self._sockets.discard(socket)
            self._subscriptions.forget(socket)
        return socket

    def _answer_text(self, text: str, socket: web.WebSocketResponse | None) -> Any:
        """The answer to a request or a batch; None when nothing is to be said."""
        try:
            document = json.loads(text)
        except ValueError as error:
            return {**error_response(PARSE_ERROR, f"the request is not JSON: {error}"), "id": None}
        if not isinstance(document, list):
            return self._answer(document, socket)
        if not document:
            return {**error_response(INVALID_REQUEST, "the batch is empty"), "id": None}
        answers = [self._answer(request, socket) for request in document]
        return [answer for answer in answers if answer is not None] or None

    def _answer(self, request: Any, socket: web.WebSocketResponse | None) -> dict[str, Any] | None:
        """The answer to one request; None to a notification, which has no id."""
        match request:
            case {"method": str(method), **rest}:
                params = rest.get("params", [])
            case _:
                return {**error_response(INVALID_REQUEST, "a request is an object with a method"), "id": None}
        if not isinstance(params, list):
            answer = dict(error_response(INVALID_PARAMS, "params must be a list"))
        elif method in ("eth_subscribe", "eth_unsubscribe"):
            answer = self._subscribe(method, params, socket)
        else:
            answer = dict(self._provider.make_request(RPCEndpoint(method), params))
        return {**answer, "id": request["id"]} if "id" in request else None

    def _subscribe(
        self, method: str, params: list[Any], socket: web.WebSocketResponse | None
    ) -> dict[str, Any]:
        if socket is None:
            return dict(error_response(NO_METHOD, f"{method} needs a WebSocket"))
        if method == "eth_subscribe":
            return self._subscriptions.add(socket, params)
        return self._subscriptions.remove(socket, params)


def _refuse_pages(request: web.Request) -> None:
    if "Origin" in request.headers:
        raise web.HTTPForbidden(text="web pages are not served")


async def _notify(socket: web.WebSocketResponse, name: str, entry: Any) -> None:
    if socket.closed:
        return
    await socket.send_str(
        json.dumps(
            {
                "jsonrpc": "2.0",
                "method": "eth_subscription",
                "params": {"subscription": name, "result": entry},
            }
        )
    )
