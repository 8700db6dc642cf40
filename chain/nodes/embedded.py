"""A web3 provider over the chain in the process: `Web3(EmbeddedProvider())`."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import rlp
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak
from hexbytes import HexBytes
from web3.types import RPCResponse

from gridbid.chain.nodes.accounts import DEVELOPMENT_BALANCE_WEI, development_accounts
from gridbid.chain.nodes.evm import EmbeddedChain
from gridbid.chain.nodes.filters import LogFilters, select_logs
from gridbid.chain.nodes.history import DYNAMIC_FEE
from gridbid.chain.nodes.json_rpc import number_of
from gridbid.chain.nodes.message import BLOCK_GAS_LIMIT, Message, TransactionRefused
from gridbid.chain.nodes.method_provider import MethodProvider
from gridbid.chain.nodes.request_log import LoggedRequest, RequestLog
from gridbid.chain.nodes.transactions import decode_transaction
from gridbid.chain.rpc.networks import DEVELOPMENT_CHAIN_ID

LOGGED_METHODS = frozenset(
    {
        "eth_sendTransaction",
        "eth_sendRawTransaction",
        "evm_snapshot",
        "evm_revert",
        "evm_setNextBlockTimestamp",
        "evm_increaseTime",
        "evm_mine",
        "anvil_setBalance",
    }
)
"""Requests that change the chain."""


class EmbeddedProvider(MethodProvider):
    """Answers JSON-RPC requests from an EmbeddedChain; `accounts` hold ether and need no signature.

    With a ``log`` the chain goes on where that file's last process left it. With a ``clock`` (seconds since 1970) the
    time runs; without one it is set by hand, from ``now`` on. One request is answered at a time, whatever the thread.
    Raises StopError where pyrevm is not installed, and for a log of another chain.
    """

    def __init__(
        self,
        now: int = 0,
        chain_id: int = DEVELOPMENT_CHAIN_ID,
        log: Path | None = None,
        clock: Callable[[], float] | None = None,
    ) -> None:
        super().__init__()
        self._clock = clock
        start = int(clock()) if clock is not None else now
        self._log = None if log is None else RequestLog(log, chain_id, start)
        self.chain = EmbeddedChain(start if self._log is None else self._log.genesis_seconds, chain_id)
        self.accounts = [account.address for account in development_accounts()]
        for address in self.accounts:
            self.chain.set_balance(address, DEVELOPMENT_BALANCE_WEI)
        self._filters = LogFilters(self.chain)
        self.methods = {**self._reading_methods(), **self._sending_methods(), **self._clock_methods()}
        if self._log is not None:
            self._replay(self._log.requests)
        self._ahead_seconds = 0
        if clock is not None:
            self._ahead_seconds = max(0, self.chain.now - int(clock()))

    def close(self) -> None:
        """Let go of the log; the chain goes on without one."""
        if self._log is not None:
            self._log.close()
            self._log = None

    def _handle(self, method: str, params: Sequence[Any]) -> RPCResponse:
        """Answer at the present time, and write down what changed the chain."""
        if self._clock is not None:
            self.chain.now = max(self.chain.now, int(self._clock()) + self._ahead_seconds)
        now = self.chain.now
        response = self._answer(method, params)
        if self._log is not None and method in LOGGED_METHODS and "error" not in response:
            self._log.append(LoggedRequest(now, method, _plain(params)))
        return response

    def _replay(self, requests: Sequence[LoggedRequest]) -> None:
        for now, method, params in requests:
            self.chain.now = now
            self._answer(method, params)

    def _reading_methods(self) -> dict[str, Callable[..., Any]]:
        chain, history = self.chain, self.chain.history
        return {
            "web3_clientVersion": lambda: "gridbid/embedded",
            "net_version": lambda: str(chain.chain_id),
            "eth_chainId": lambda: hex(chain.chain_id),
            "eth_accounts": lambda: self.accounts,
            "eth_blockNumber": lambda: hex(chain.height),
            "eth_gasPrice": lambda: "0x0",
            "eth_maxPriorityFeePerGas": lambda: "0x0",
            "eth_feeHistory": self._fee_history,
            "eth_getBalance": lambda address, block="latest": hex(chain.balance(address)),
            "eth_getTransactionCount": lambda address, block="latest": hex(chain.nonce(address)),
            "eth_getCode": lambda address, block="latest": "0x" + chain.code(address).hex(),
            "eth_getStorageAt": lambda address, position, block="latest": (
                f"0x{chain.storage(address, number_of(position)):064x}"
            ),
            "eth_getBlockByNumber": self._block_by_number,
            "eth_getBlockByHash": self._block_by_hash,
            "eth_getTransactionByHash": lambda name: history.transactions.get(_hex(name)),
            "eth_getTransactionReceipt": lambda name: history.receipts.get(_hex(name)),
            "eth_getLogs": lambda query: select_logs(chain, query),
            "eth_newFilter": self._filters.new_log_filter,
            "eth_newBlockFilter": self._filters.new_block_filter,
            "eth_getFilterChanges": self._filters.changes,
            "eth_getFilterLogs": self._filters.all_logs,
            "eth_uninstallFilter": self._filters.uninstall,
        }

    def _sending_methods(self) -> dict[str, Callable[..., Any]]:
        return {
            "eth_call": lambda request, block="latest": (
                "0x" + self.chain.call(self._message(request)).output.hex()
            ),
            "eth_estimateGas": self._estimate_gas,
            "eth_sendTransaction": self._send,
            "eth_sendRawTransaction": self._send_raw,
        }

    def _clock_methods(self) -> dict[str, Callable[..., Any]]:
        return {
            "evm_snapshot": lambda: hex(self.chain.snapshot()),
            "evm_revert": lambda name: self.chain.revert(number_of(name)),
            "evm_setNextBlockTimestamp": lambda seconds: self._set_clock(number_of(seconds)),
            "evm_increaseTime": lambda seconds: self._set_clock(self.chain.now + number_of(seconds)),
            "evm_mine": self._mine,
            "anvil_setBalance": lambda address, wei: self.chain.set_balance(address, number_of(wei)),
        }

    def _block_by_number(self, name: str | int, full: bool = False) -> dict[str, Any] | None:
        if name in ("latest", "pending", "safe", "finalized"):
            name = self.chain.height
        number = 0 if name == "earliest" else number_of(name)
        return self._block(number, full) if number <= self.chain.height else None

    def _block_by_hash(self, name: str, full: bool = False) -> dict[str, Any] | None:
        number = self.chain.history.numbers.get(_hex(name))
        return None if number is None else self._block(number, full)

    def _block(self, number: int, full: bool) -> dict[str, Any]:
        block = self.chain.history.blocks[number]
        if not full:
            return block
        return {
            **block,
            "transactions": [self.chain.history.transactions[name] for name in block["transactions"]],
        }

    def _fee_history(
        self, n_blocks: str | int, newest: str | int, percentiles: Sequence[float] = ()
    ) -> dict[str, Any]:
        """Nothing costs anything here."""
        count = min(number_of(n_blocks), self.chain.height + 1)
        return {
            "oldestBlock": hex(self.chain.height + 1 - count),
            "baseFeePerGas": ["0x0"] * (count + 1),
            "gasUsedRatio": [0.0] * count,
            "reward": [["0x0"] * len(percentiles)] * count,
        }

    def _message(self, request: dict[str, Any]) -> Message:
        return Message(
            sender=request.get("from", self.accounts[0]),
            to=request.get("to") or None,
            data=bytes(HexBytes(request.get("data") or request.get("input") or b"")),
            value=number_of(request.get("value", 0)),
            gas=number_of(request.get("gas", BLOCK_GAS_LIMIT)),
        )

    def _estimate_gas(self, request: dict[str, Any], block: str = "latest") -> str:
        """What a run takes, and what it may lack: a part comes back at its end, calls hold 1/64 back, words are cold."""
        used = self.chain.call(self._message({**request, "gas": BLOCK_GAS_LIMIT})).gas_used
        return hex(min(2 * used + 30_000, BLOCK_GAS_LIMIT))

    def _send(self, request: dict[str, Any]) -> str:
        message = self._message(request)
        if to_checksum_address(message.sender) not in self.accounts:
            raise TransactionRefused(f"the account {message.sender} is not unlocked")
        nonce = number_of(request.get("nonce", self.chain.nonce(message.sender)))
        content = [nonce, HexBytes(message.sender), HexBytes(message.to or b""), message.value, message.data]
        name = "0x" + keccak(rlp.encode([self.chain.chain_id, self.chain.height, *content])).hex()
        self.chain.transact(message, name, nonce, request.get("type", DYNAMIC_FEE))
        return name

    def _send_raw(self, raw: str) -> str:
        transaction = decode_transaction(bytes(HexBytes(raw)), self.chain.chain_id)
        self.chain.transact(transaction.message, transaction.name, transaction.nonce, hex(transaction.kind))
        return transaction.name

    def _set_clock(self, seconds: int) -> str:
        self._ahead_seconds += seconds - self.chain.now
        self.chain.now = seconds
        return hex(seconds)

    def _mine(self) -> str:
        self.chain.mine()
        return "0x0"


def _hex(value: str | bytes) -> str:
    return value.lower() if isinstance(value, str) else "0x" + value.hex()


def _plain(value: Any) -> Any:
    """Parameters as JSON has them: bytes as hex."""
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, dict):
        return {name: _plain(entry) for name, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    return value
