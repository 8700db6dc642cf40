"""Requests to a node over any web3 connection, and accounts that sign for themselves.

Signing here, with nonce, gas, fees and chain id known, saves the requests that a node's help would cost.
"""

import time
from dataclasses import dataclass
from typing import Any, Protocol

from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak
from web3 import Web3
from web3.exceptions import Web3Exception
from web3.types import RPCEndpoint

from gridbid.chain.errors import LedgerError, RetryError, StopError
from gridbid.chain.rpc.fees import FeeAdviser, Fees
from gridbid.chain.rpc.interface import Interface
from gridbid.chain.rpc.networks import Network, network_of
from gridbid.chain.rpc.node_errors import ALREADY_KNOWN, node_error

Receipt = dict[str, Any]
DEFAULT_GAS = 3_000_000
DEPLOYMENT_GAS = 12_000_000


IDEMPOTENT = ("eth_", "net_", "web3_")
"""Prefixes of methods that may be asked again; a signed transaction, too, is taken once, however often it is sent."""
NOT_IDEMPOTENT = frozenset(
    {"eth_sendTransaction", "eth_newFilter", "eth_newBlockFilter", "eth_getFilterChanges"}
)
ETHER = 10**18


@dataclass(frozen=True)
class Patience:
    """How long and how often a node is asked."""

    receipt_timeout_seconds: float = 60.0
    poll_seconds: float = 0.05
    """Between questions for a receipt, the first time; then longer and longer, up to a block's time."""
    attempts: int = 4
    """Requests in all, where the connection fails or the node is busy."""
    first_pause_seconds: float = 0.25
    """Before the second request; doubled each time."""


class Node:
    """One web3 connection, asked without the help of web3's middleware.

    Raises LedgerError by what goes wrong: RetryError for a lost connection, StopError for the wrong chain.
    """

    def __init__(self, web3: Web3, network: Network | None = None, patience: Patience | None = None) -> None:
        self.web3 = web3
        self.patience = patience or Patience()
        self.chain_id = int(self.request("eth_chainId"), 16)
        self.network = network or network_of(self.chain_id)
        self._adviser = FeeAdviser(self.network, self.request)
        if self.network.chain_id != self.chain_id:
            raise StopError(
                "WrongChain",
                f"the node is on chain {self.chain_id}; {self.network.name} is chain {self.network.chain_id}",
            )

    @property
    def poll_seconds(self) -> float:
        """Between two looks at what may have changed."""
        return self.patience.poll_seconds

    def request(self, method: str, *params: Any) -> Any:
        """The result of one request, asked again where that does no harm."""
        pause_seconds = self.patience.first_pause_seconds
        attempts = self.patience.attempts if _is_idempotent(method) else 1
        for attempt in range(1, attempts + 1):
            try:
                return self._request_once(method, *params)
            except RetryError as error:
                if error.name not in ("ConnectionLost", "Busy") or attempt == attempts:
                    raise
            time.sleep(pause_seconds)
            pause_seconds *= 2
        raise AssertionError("there is at least one attempt")

    def require_contract(self, contract: Interface) -> None:
        """Raise StopError unless there is code at a contract's address."""
        if self.request("eth_getCode", contract.address, "latest") in ("0x", ""):
            raise StopError(
                "MissingContract",
                f"{contract.name}: there is no code at {contract.address} on chain {self.chain_id}",
            )

    def call(
        self, contract: Interface, function: str, *arguments: Any, block: str = "latest"
    ) -> tuple[Any, ...]:
        """What a view returns."""
        data = contract.encode_call(function, *arguments)
        output = self.request("eth_call", {"to": contract.address, "data": "0x" + data.hex()}, block)
        if output == "0x":
            self.require_contract(contract)
        return contract.decode_output(function, len(arguments), bytes.fromhex(output[2:]))

    def suggested_fees(self, anew: bool = False) -> Fees:
        """Fees for a transaction that is sent now. Raises RetryError when they exceed the network's cap."""
        if anew:
            self._adviser.forget()
        return self._adviser.suggest()

    def receipt(self, transaction_hash: str) -> Receipt:
        """The receipt of a transaction, once the network's confirmations are there. Raises RetryError after a while."""
        deadline = time.monotonic() + self.patience.receipt_timeout_seconds
        pause_seconds = self.poll_seconds
        while True:
            receipt = self.request("eth_getTransactionReceipt", transaction_hash)
            if receipt is not None and self._is_confirmed(receipt):
                return dict(receipt)
            if time.monotonic() > deadline:
                raise self._no_receipt(transaction_hash, receipt)
            time.sleep(pause_seconds)
            pause_seconds = min(2 * pause_seconds, max(self.poll_seconds, self.network.block_time_seconds))

    def latest_block(self) -> dict[str, Any]:
        """The last block's header."""
        return dict(self.request("eth_getBlockByNumber", "latest", False))

    def _request_once(self, method: str, *params: Any) -> Any:
        try:
            response = self.web3.provider.make_request(RPCEndpoint(method), params)
        except (OSError, ValueError, Web3Exception) as error:  # ValueError: what came is not JSON
            raise RetryError("ConnectionLost", f"{method}: {error}") from error
        if "error" in response:
            raise node_error(dict(response["error"]))
        return response["result"]

    def _is_confirmed(self, receipt: Receipt) -> bool:
        if self.network.confirmations == 1:
            return True
        height = int(self.request("eth_blockNumber"), 16)
        return height - int(receipt["blockNumber"], 16) + 1 >= self.network.confirmations

    def _no_receipt(self, name: str, receipt: Receipt | None) -> RetryError:
        waited = f"after {self.patience.receipt_timeout_seconds:g} s"
        if receipt is not None:
            return RetryError("NotConfirmed", f"{name} stands in a block, but not long enough {waited}")
        if self.request("eth_getTransactionByHash", name) is None:
            return RetryError(
                "Replaced", f"{name} is gone {waited}: another one took its nonce, or it was dropped"
            )
        return RetryError("NoReceipt", f"{name} still waits {waited}: its fee may be too low")


class Sender(Protocol):
    """Who calls contracts in transactions: an account that signs for itself, or a Safe for which its owners sign."""

    address: str
    """Whom the contracts see as the caller."""

    @property
    def payer(self) -> "Signer":
        """The account that pays for the transactions."""
        ...

    def transact(
        self, contract: Interface, function: str, *arguments: Any, gas: int = DEFAULT_GAS
    ) -> Receipt:
        """Call a function in a transaction and wait for it. Raises LedgerError by what the contract says."""
        ...


class Signer:
    """One account that sends transactions and counts its own nonces."""

    def __init__(self, node: Node, account: LocalAccount, fees: Fees | None = None) -> None:
        self.node = node
        self.account = account
        self.address: str = account.address
        self._fees = fees
        self._nonce: int | None = None

    @property
    def payer(self) -> "Signer":
        """Itself."""
        return self

    def transact(
        self, contract: Interface, function: str, *arguments: Any, gas: int = DEFAULT_GAS
    ) -> Receipt:
        """Call a function in a transaction and wait for it. Raises LedgerError by what the contract says."""
        return self._send(contract.address, contract.encode_call(function, *arguments), gas)

    def deploy(self, bytecode: bytes) -> Receipt:
        """Create a contract from its code with the constructor's arguments behind; the receipt has its address."""
        return self._send(None, bytecode, DEPLOYMENT_GAS)

    def _send(self, to: str | None, data: bytes, gas: int) -> Receipt:
        nonce = self._nonces_used() if self._nonce is None else self._nonce
        # Counted only when the node took it; after any fault the count is asked for again.
        self._nonce = None
        try:
            name = self._submit(to, data, gas, nonce, self._fees or self.node.suggested_fees())
        except RetryError as error:
            if error.name == "WrongNonce":  # somebody else has sent with this key since
                nonce = self._nonces_used()
            elif error.name != "Underpriced" or self._fees is not None:
                raise
            name = self._submit(to, data, gas, nonce, self._fees or self.node.suggested_fees(anew=True))
        self._nonce = nonce + 1
        receipt = self.node.receipt(name)
        if int(receipt["status"], 16) != 1:
            raise self._reason(to, data, gas, receipt)
        return receipt

    def _nonces_used(self) -> int:
        return int(self.node.request("eth_getTransactionCount", self.address, "pending"), 16)

    def _submit(self, to: str | None, data: bytes, gas: int, nonce: int, fees: Fees) -> str:
        """Sign a transaction and hand it to the node; return its hash. Raises LedgerError by what the node says."""
        raw = self._sign(to, data, gas, nonce, fees)
        name = "0x" + keccak(raw).hex()
        try:
            self.node.request("eth_sendRawTransaction", "0x" + raw.hex())
        except LedgerError as error:
            if error.name == "InsufficientFunds":
                raise self._poverty(error) from error
            if error.name != ALREADY_KNOWN and not self._was_mined(error, name):
                raise
        return name

    def _was_mined(self, error: LedgerError, name: str) -> bool:
        """Whether a nonce is refused only because the same transaction, sent twice, has used it."""
        return error.name == "WrongNonce" and self.node.request("eth_getTransactionByHash", name) is not None

    def _poverty(self, error: LedgerError) -> StopError:
        held_wei = int(self.node.request("eth_getBalance", self.address, "latest"), 16)
        return StopError(
            "InsufficientFunds",
            f"{self.address} has {held_wei / ETHER:.6g} ether on {self.node.network.name}; {error.detail}",
        )

    def _sign(self, to: str | None, data: bytes, gas: int, nonce: int, fees: Fees) -> bytes:
        transaction: dict[str, Any] = {
            "chainId": self.node.chain_id,
            "nonce": nonce,
            "gas": gas,
            **fees.fields(),
            "value": 0,
            "data": data,
        }
        if to is not None:
            transaction["to"] = to
        return bytes(self.account.sign_transaction(transaction).raw_transaction)

    def _reason(self, to: str | None, data: bytes, gas: int, receipt: Receipt) -> LedgerError:
        """Why a transaction failed, by running it again on the block that holds it."""
        request: dict[str, Any] = {"from": self.address, "data": "0x" + data.hex(), "gas": hex(gas)}
        if to is not None:
            request["to"] = to
        try:
            self.node.request("eth_call", request, receipt["blockNumber"])
        except LedgerError as error:
            return error
        return RetryError("Failed", f"transaction {receipt['transactionHash']}; it would succeed now")


def _is_idempotent(method: str) -> bool:
    return method.startswith(IDEMPOTENT) and method not in NOT_IDEMPOTENT
