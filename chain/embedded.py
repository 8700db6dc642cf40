"""A web3 provider over the chain in the process: `Web3(EmbeddedProvider())`."""

from collections.abc import Callable, Sequence
from typing import Any

import rlp
from eth_account import Account
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak
from hexbytes import HexBytes
from web3.providers.base import JSONBaseProvider
from web3.types import RPCEndpoint, RPCResponse

from gridbid.chain.evm import BLOCK_GAS_LIMIT, EmbeddedChain, ExecutionReverted, Message, TransactionRefused
from gridbid.chain.filters import LogFilters, select_logs

ETHER = 10**18
REVERTED = 3
REFUSED = -32_000
NO_METHOD = -32_601


class EmbeddedProvider(JSONBaseProvider):
    """Answers JSON-RPC requests from an EmbeddedChain; `accounts` hold ether and need no signature."""

    def __init__(self, now: int = 0, n_accounts: int = 10) -> None:
        super().__init__()
        self.chain = EmbeddedChain(now)
        self.accounts = [
            Account.from_key(keccak(b"gridbid account %d" % i)).address for i in range(n_accounts)
        ]
        for address in self.accounts:
            self.chain.set_balance(address, 1_000 * ETHER)
        self._filters = LogFilters(self.chain)
        self._methods = {**self._reading_methods(), **self._sending_methods(), **self._clock_methods()}

    def is_connected(self, show_traceback: bool = False) -> bool:
        """Always: there is no connection to lose."""
        return True

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        """Answer one request; what fails comes back as a JSON-RPC error."""
        handler = self._methods.get(method)
        if handler is None:
            return _error(NO_METHOD, f"the method {method} does not exist")
        try:
            return {"jsonrpc": "2.0", "id": 0, "result": handler(*params)}
        except ExecutionReverted as error:
            return _error(REVERTED, str(error), "0x" + error.data.hex())
        except (TransactionRefused, ValueError) as error:
            return _error(REFUSED, str(error))

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
            "eth_getBalance": lambda address, block="latest": hex(chain.balance(address)),
            "eth_getTransactionCount": lambda address, block="latest": hex(chain.nonce(address)),
            "eth_getCode": lambda address, block="latest": "0x" + chain.code(address).hex(),
            "eth_getStorageAt": lambda address, position, block="latest": (
                f"0x{chain.storage(address, _number(position)):064x}"
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
            "evm_revert": lambda name: self.chain.revert(_number(name)),
            "evm_setNextBlockTimestamp": lambda seconds: self._set_clock(_number(seconds)),
            "evm_increaseTime": lambda seconds: self._set_clock(self.chain.now + _number(seconds)),
            "evm_mine": self._mine,
        }

    def _block_by_number(self, name: str | int, full: bool = False) -> dict[str, Any] | None:
        if name in ("latest", "pending", "safe", "finalized"):
            name = self.chain.height
        number = 0 if name == "earliest" else _number(name)
        return self._block(number, full) if number <= self.chain.height else None

    def _block_by_hash(self, name: str, full: bool = False) -> dict[str, Any] | None:
        for number, block in enumerate(self.chain.history.blocks):
            if block["hash"] == _hex(name):
                return self._block(number, full)
        return None

    def _block(self, number: int, full: bool) -> dict[str, Any]:
        block = self.chain.history.blocks[number]
        if not full:
            return block
        return {
            **block,
            "transactions": [self.chain.history.transactions[name] for name in block["transactions"]],
        }

    def _message(self, request: dict[str, Any]) -> Message:
        return Message(
            sender=request.get("from", self.accounts[0]),
            to=request.get("to") or None,
            data=bytes(HexBytes(request.get("data") or request.get("input") or b"")),
            value=_number(request.get("value", 0)),
            gas=_number(request.get("gas", BLOCK_GAS_LIMIT)),
        )

    def _estimate_gas(self, request: dict[str, Any], block: str = "latest") -> str:
        """What a run takes, and what it may lack: a part comes back at its end, calls hold 1/64 back, words are cold."""
        used = self.chain.call(self._message({**request, "gas": BLOCK_GAS_LIMIT})).gas_used
        return hex(min(2 * used + 30_000, BLOCK_GAS_LIMIT))

    def _send(self, request: dict[str, Any]) -> str:
        message = self._message(request)
        if to_checksum_address(message.sender) not in self.accounts:
            raise TransactionRefused(f"the account {message.sender} is not unlocked")
        nonce = _number(request.get("nonce", self.chain.nonce(message.sender)))
        content = [nonce, HexBytes(message.sender), HexBytes(message.to or b""), message.value, message.data]
        name = "0x" + keccak(rlp.encode([self.chain.chain_id, self.chain.height, *content])).hex()
        self.chain.transact(message, name, nonce)
        return name

    def _send_raw(self, raw_hex: str) -> str:
        raw = bytes(HexBytes(raw_hex))
        message, nonce = decode_transaction(raw, self.chain.chain_id)
        name = "0x" + keccak(raw).hex()
        self.chain.transact(message, name, nonce)
        return name

    def _set_clock(self, seconds: int) -> str:
        self.chain.now = seconds
        return hex(seconds)

    def _mine(self) -> str:
        self.chain.mine()
        return "0x0"


def decode_transaction(raw: bytes, chain_id: int) -> tuple[Message, int]:
    """The message and nonce of a signed EIP-1559 transaction. Raises TransactionRefused for any other."""
    if raw[:1] != b"\x02":
        raise TransactionRefused(
            f"the transaction's type is {raw[:1].hex() or 'missing'}; only type 02 is taken"
        )
    fields: Sequence[Any] = rlp.decode(raw[1:])
    numbers = [int.from_bytes(fields[i]) for i in (0, 1, 4, 6)]
    if numbers[0] != chain_id:
        raise TransactionRefused(f"the transaction is for chain {numbers[0]}; this one is {chain_id}")
    to = to_checksum_address(fields[5]) if fields[5] else None
    sender = Account.recover_transaction(raw)
    return Message(sender, to, bytes(fields[7]), numbers[3], numbers[2]), numbers[1]


def _number(value: str | int) -> int:
    return value if isinstance(value, int) else int(value, 16)


def _hex(value: str | bytes) -> str:
    return value.lower() if isinstance(value, str) else "0x" + value.hex()


def _error(code: int, message: str, data: str | None = None) -> RPCResponse:
    error: dict[str, Any] = {"code": code, "message": message}
    if data is not None:
        error["data"] = data
    return {"jsonrpc": "2.0", "id": 0, "error": error}  # type: ignore[typeddict-item]  # data is optional in JSON-RPC
