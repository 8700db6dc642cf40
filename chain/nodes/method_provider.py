"""A web3 provider that answers from a table of methods, in the process."""

import inspect
import threading
from collections.abc import Callable, Sequence
from typing import Any

from web3.providers.base import JSONBaseProvider
from web3.types import RPCEndpoint, RPCResponse

from gridbid.chain.nodes.json_rpc import INVALID_PARAMS, NO_METHOD, REFUSED, REVERTED, error_response
from gridbid.chain.nodes.message import ExecutionReverted, TransactionRefused


class MethodProvider(JSONBaseProvider):
    """Answers one request at a time, whatever the thread; what fails comes back as a JSON-RPC error.

    ``methods`` are set by the class that inherits; they raise ExecutionReverted, TransactionRefused, or ValueError and
    its like for parameters that they cannot take.
    """

    def __init__(self) -> None:
        super().__init__()
        self.methods: dict[str, Callable[..., Any]] = {}
        self._lock = threading.Lock()

    def is_connected(self, show_traceback: bool = False) -> bool:
        """Always: there is no connection to lose."""
        return True

    def close(self) -> None:
        """Let go of what is held outside the process's memory."""

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        """Answer one request."""
        with self._lock:
            return self._handle(method, params)

    def _handle(self, method: str, params: Sequence[Any]) -> RPCResponse:
        """What happens while no other request is answered."""
        return self._answer(method, params)

    def _answer(self, method: str, params: Sequence[Any]) -> RPCResponse:
        handler = self.methods.get(method)
        if handler is None:
            return error_response(NO_METHOD, f"the method {method} does not exist")
        try:
            return {"jsonrpc": "2.0", "id": 0, "result": handler(*params)}
        except ExecutionReverted as error:
            return error_response(REVERTED, str(error), "0x" + error.data.hex())
        except TransactionRefused as error:
            return error_response(REFUSED, str(error))
        except (TypeError, ValueError, AttributeError, KeyError) as error:
            # What the parameters hold is looked at where it is used; whatever doesn't fit there comes out here.
            return error_response(INVALID_PARAMS, f"{method}{inspect.signature(handler)}: {error}")
