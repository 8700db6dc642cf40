"""JSON-RPC 2.0: the codes of its errors, and what requests and answers look like."""

from typing import Any

from web3.types import RPCResponse

PARSE_ERROR = -32_700
INVALID_REQUEST = -32_600
NO_METHOD = -32_601
INVALID_PARAMS = -32_602
REFUSED = -32_000
"""A node's own: the transaction or request can't be done."""
REVERTED = 3
"""A node's own: the contract reverted; the error's data is what it returned."""


def error_response(code: int, message: str, data: str | None = None) -> RPCResponse:
    """An answer that tells what is wrong."""
    error: dict[str, Any] = {"code": code, "message": message}
    if data is not None:
        error["data"] = data
    return {"jsonrpc": "2.0", "id": 0, "error": error}  # type: ignore[typeddict-item]  # data is optional in JSON-RPC


def number_of(value: str | int) -> int:
    """A quantity: a number, or hex digits. Raises ValueError for anything else, and below zero."""
    number = int(value, 16) if isinstance(value, str) else value
    if not isinstance(number, int) or number < 0:
        raise ValueError(f"{value!r} is no quantity")
    return number
