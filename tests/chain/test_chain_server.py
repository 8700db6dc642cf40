"""What the server of a chain in the process answers to requests that are well made, and to others."""

import itertools
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from eth_account import Account
from web3 import Web3
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from gridbid.chain.errors import StopError
from gridbid.chain.nodes.accounts import development_accounts
from gridbid.chain.nodes.embedded import EmbeddedProvider
from gridbid.chain.nodes.server import ChainServer
from gridbid.chain.rpc.node import Node
from gridbid.chain.rpc.transport import provider_at

JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def server() -> Iterator[ChainServer]:
    with ChainServer(EmbeddedProvider()) as server:
        yield server


def post(server: ChainServer, body: Any, headers: dict[str, str] = JSON) -> requests.Response:
    text = body if isinstance(body, str) else json.dumps(body)
    return requests.post(server.http_url, data=text, headers=headers, timeout=10)


def request(method: str, *params: Any, **change: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 7, "method": method, "params": list(params), **change}


def test_a_request_is_answered_under_its_own_name(server: ChainServer):
    assert post(server, request("eth_chainId")).json() == {"jsonrpc": "2.0", "id": 7, "result": "0x7a69"}
    assert post(server, request("eth_chainId", id="seven")).json()["id"] == "seven"


def test_a_batch_is_answered_in_its_order(server: ChainServer):
    batch = [request("eth_chainId", id=1), request("eth_nothing", id=2), request("net_version", id=3)]
    answers = post(server, batch).json()
    assert [answer["id"] for answer in answers] == [1, 2, 3]
    assert [answers[0]["result"], answers[1]["error"]["code"], answers[2]["result"]] == [
        "0x7a69",
        -32_601,
        "31337",
    ]


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ("{", -32_700, "the request is not JSON"),
        ([], -32_600, "the batch is empty"),
        (5, -32_600, "an object with a method"),
        ({"id": 1}, -32_600, "an object with a method"),
        (request("eth_chainId", params={"a": 1}), -32_602, "params must be a list"),
        (request("eth_getBalance"), -32_602, "missing 1 required positional argument"),
        (request("eth_subscribe", "newHeads"), -32_601, "needs a WebSocket"),
    ],
)
def test_what_is_wrong_with_a_request_is_told(server: ChainServer, body: Any, code: int, message: str):
    error = post(server, body).json()["error"]
    assert error["code"] == code
    assert message in error["message"]


def test_a_notification_is_not_answered(server: ChainServer):
    notification = request("evm_mine")
    del notification["id"]
    response = post(server, notification)
    assert (response.status_code, response.text) == (204, "")


def test_web_pages_are_kept_out(server: ChainServer):
    """A page may send plain text to anybody, but not JSON without being asked where it comes from."""
    assert post(server, request("eth_chainId"), {"Content-Type": "text/plain"}).status_code == 415
    assert post(server, request("eth_chainId"), {**JSON, "Origin": "https://evil.example"}).status_code == 403
    assert "Access-Control-Allow-Origin" not in post(server, request("eth_chainId")).headers
    with pytest.raises(InvalidStatus, match="403"):
        connect(server.ws_url, additional_headers={"Origin": "https://evil.example"}).__enter__()


def test_a_socket_hears_what_is_wrong_and_goes_on(server: ChainServer):
    with connect(server.ws_url) as socket:
        for sent, code in (
            ("{", -32_700),
            (json.dumps(request("eth_subscribe", "weather")), -32_602),
            (json.dumps(request("eth_subscribe", "logs", 5)), -32_602),
            (json.dumps(request("eth_nothing")), -32_601),
        ):
            socket.send(sent)
            assert json.loads(socket.recv(10))["error"]["code"] == code
        socket.send(json.dumps(request("eth_unsubscribe", "0x99")))
        assert json.loads(socket.recv(10))["result"] is False


def test_many_write_at_once(server: ChainServer):
    """Each account's transactions come in its own order; none is lost and none is counted twice."""
    payee = Account.create().address

    def pay(account: Any) -> None:
        node = Node(Web3(provider_at(server.http_url)))
        for nonce in range(10):
            transaction = {"chainId": 31_337, "nonce": nonce, "gas": 21_000, "to": payee, "value": 1}
            signed = account.sign_transaction({**transaction, "gasPrice": 0})
            node.request("eth_sendRawTransaction", "0x" + bytes(signed.raw_transaction).hex())

    threads = [threading.Thread(target=pay, args=(account,)) for account in development_accounts()[:4]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    node = Node(Web3(provider_at(server.http_url)))
    assert int(node.request("eth_getBalance", payee, "latest"), 16) == 40
    blocks = [
        node.request("eth_getBlockByNumber", hex(number), False)
        for number in range(int(node.request("eth_blockNumber"), 16) + 1)
    ]
    assert all(block["parentHash"] == parent["hash"] for parent, block in itertools.pairwise(blocks))


def test_a_port_serves_one(server: ChainServer):
    with pytest.raises(StopError, match="NoPort"):
        ChainServer(EmbeddedProvider(), port=server.port).start()
