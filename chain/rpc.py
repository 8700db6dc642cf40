"""Requests to a node over any web3 connection, and accounts that sign for themselves.

Signing here, with nonce, gas, fees and chain id known, saves the requests that a node's help would cost.
"""

import time
from dataclasses import dataclass
from typing import Any, Protocol

from eth_account.signers.local import LocalAccount
from web3 import Web3
from web3.exceptions import Web3Exception
from web3.types import RPCEndpoint

from gridbid.chain.errors import LedgerError, RetryError, StopError, ledger_error
from gridbid.chain.interface import Interface, decode_error

Receipt = dict[str, Any]
DEFAULT_GAS = 3_000_000
DEPLOYMENT_GAS = 12_000_000


@dataclass(frozen=True)
class Fees:
    """What a transaction offers, wei for each unit of gas."""

    max_fee_per_gas_wei: int = 0
    max_priority_fee_per_gas_wei: int = 0


class Node:
    """One web3 connection, asked without the help of web3's middleware."""

    def __init__(self, web3: Web3, receipt_timeout_seconds: float = 60.0, poll_seconds: float = 0.05) -> None:
        self.web3 = web3
        self.receipt_timeout_seconds = receipt_timeout_seconds
        self.poll_seconds = poll_seconds
        self.chain_id = int(self.request("eth_chainId"), 16)

    def request(self, method: str, *params: Any) -> Any:
        """The result of one request. Raises LedgerError by what the node answers."""
        try:
            response = self.web3.provider.make_request(RPCEndpoint(method), params)
        except (OSError, Web3Exception) as error:
            raise RetryError("ConnectionLost", f"{method}: {error}") from error
        if "error" in response:
            raise _node_error(dict(response["error"]))
        return response["result"]

    def call(
        self, contract: Interface, function: str, *arguments: Any, block: str = "latest"
    ) -> tuple[Any, ...]:
        """What a view returns."""
        data = contract.encode_call(function, *arguments)
        output = self.request("eth_call", {"to": contract.address, "data": "0x" + data.hex()}, block)
        return contract.decode_output(function, len(arguments), bytes.fromhex(output[2:]))

    def receipt(self, transaction_hash: str) -> Receipt:
        """The receipt of a transaction, as soon as there is one. Raises RetryError when it takes too long."""
        deadline = time.monotonic() + self.receipt_timeout_seconds
        while True:
            receipt = self.request("eth_getTransactionReceipt", transaction_hash)
            if receipt is not None:
                return dict(receipt)
            if time.monotonic() > deadline:
                raise RetryError("NoReceipt", f"{transaction_hash} after {self.receipt_timeout_seconds} s")
            time.sleep(self.poll_seconds)

    def latest_block(self) -> dict[str, Any]:
        """The last block's header."""
        return dict(self.request("eth_getBlockByNumber", "latest", False))


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
        self._fees = fees or Fees()
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
        if self._nonce is None:
            self._nonce = int(self.node.request("eth_getTransactionCount", self.address, "pending"), 16)
        raw = self._sign(to, data, gas, self._nonce)
        # Counted only when the node took it; after any fault the count is asked for again.
        nonce, self._nonce = self._nonce, None
        name = self.node.request("eth_sendRawTransaction", raw)
        self._nonce = nonce + 1
        receipt = self.node.receipt(name)
        if int(receipt["status"], 16) != 1:
            raise self._reason(to, data, gas, receipt)
        return receipt

    def _sign(self, to: str | None, data: bytes, gas: int, nonce: int) -> str:
        transaction: dict[str, Any] = {
            "type": 2,
            "chainId": self.node.chain_id,
            "nonce": nonce,
            "gas": gas,
            "maxFeePerGas": self._fees.max_fee_per_gas_wei,
            "maxPriorityFeePerGas": self._fees.max_priority_fee_per_gas_wei,
            "value": 0,
            "data": data,
        }
        if to is not None:
            transaction["to"] = to
        return "0x" + self.account.sign_transaction(transaction).raw_transaction.hex()

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


def _node_error(error: dict[str, Any]) -> LedgerError:
    """A JSON-RPC error as one of ours: the contract's own error where its data are there."""
    data = error.get("data")
    if isinstance(data, str) and data.startswith("0x"):
        return ledger_error(*decode_error(bytes.fromhex(data[2:])))
    message = str(error.get("message"))
    if "nonce" in message.lower():
        return RetryError("WrongNonce", message)
    return StopError("Refused", message)
