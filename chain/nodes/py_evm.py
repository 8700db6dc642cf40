"""A web3 provider over py-evm, the EVM in Python, through eth-tester: slow, and independent of all others.

A block's time is one second after the last one's, unless it is set or a clock runs. Gas costs nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from eth_typing import Address, BlockNumber
from eth_utils.address import to_canonical_address
from eth_utils.exceptions import ValidationError as PyEvmRefusal
from hexbytes import HexBytes
from web3.types import RPCResponse

from gridbid.chain.errors import StopError
from gridbid.chain.nodes.accounts import DEVELOPMENT_BALANCE_WEI, development_accounts
from gridbid.chain.nodes.json_rpc import INVALID_PARAMS, error_response, number_of
from gridbid.chain.nodes.message import BLOCK_GAS_LIMIT, ExecutionReverted, TransactionRefused
from gridbid.chain.nodes.method_provider import MethodProvider
from gridbid.chain.nodes.transactions import decode_transaction
from gridbid.chain.rpc.networks import DEVELOPMENT_CHAIN_ID

try:
    from eth.chains.base import MiningChain
    from eth.exceptions import VMError
    from eth.vm.forks.cancun import CancunVM
    from eth.vm.spoof import SpoofTransaction
    from eth_keys.main import KeyAPI
    from eth_tester import EthereumTester, PyEVMBackend
    from eth_tester.exceptions import (
        BlockNotFound,
        FilterNotFound,
        TransactionNotFound,
        ValidationError,
    )
except ModuleNotFoundError as error:
    raise StopError("NoPyEvm", 'install it with: pip install --pre "eth-tester[py-evm]==0.14.0b1"') from error


class PyEvmProvider(MethodProvider):
    """Answers JSON-RPC requests from eth-tester; `accounts` hold ether and need no signature."""

    def __init__(
        self, now: int = 0, chain_id: int = DEVELOPMENT_CHAIN_ID, clock: Callable[[], float] | None = None
    ) -> None:
        super().__init__()
        self.chain_id = chain_id
        self.now = int(clock()) if clock is not None else now
        """Time of the next block, seconds."""
        self._clock = clock
        self._ahead_seconds = 0
        self._tester = EthereumTester(_backend(self.now, chain_id))
        self._times: dict[str, int] = {}
        """What `now` was at each snapshot."""
        self.accounts = [account.address for account in development_accounts()]
        self.methods = {**self._reading_methods(), **self._sending_methods(), **self._clock_methods()}

    @property
    def _chain(self) -> "MiningChain":
        return self._tester.backend.chain

    def _handle(self, method: str, params: Sequence[Any]) -> RPCResponse:
        """Answer at the present time."""
        running = 0 if self._clock is None else int(self._clock()) + self._ahead_seconds
        self._set_now(max(self.now, running, self._chain.get_canonical_head().timestamp + 1))
        try:
            return self._answer(method, params)
        except ValidationError as error:
            return error_response(INVALID_PARAMS, f"{method}: {error}")

    def _reading_methods(self) -> dict[str, Callable[..., Any]]:
        tester = self._tester
        return {
            "web3_clientVersion": lambda: "gridbid/py-evm",
            "net_version": lambda: str(self.chain_id),
            "eth_chainId": lambda: hex(self.chain_id),
            "eth_accounts": lambda: self.accounts,
            "eth_blockNumber": lambda: hex(self._height()),
            "eth_gasPrice": lambda: hex(_base_fee(self._chain.header)),
            "eth_maxPriorityFeePerGas": lambda: "0x0",
            "eth_feeHistory": self._fee_history,
            "eth_getBalance": lambda address, block="latest": hex(tester.get_balance(address, _block(block))),
            "eth_getTransactionCount": lambda address, block="latest": hex(
                tester.get_nonce(address, _block(block))
            ),
            "eth_getCode": lambda address, block="latest": tester.get_code(address, _block(block)),
            "eth_getStorageAt": lambda address, position, block="latest": tester.get_storage_at(
                address, hex(number_of(position)), _block(block)
            ),
            "eth_getBlockByNumber": lambda name, full=False: _whole_block(
                _found(tester.get_block_by_number, _block(name), full)
            ),
            "eth_getBlockByHash": lambda name, full=False: _whole_block(
                _found(tester.get_block_by_hash, _hex(name), full)
            ),
            "eth_getTransactionByHash": lambda name: _transaction(
                _found(tester.get_transaction_by_hash, _hex(name))
            ),
            "eth_getTransactionReceipt": self._receipt,
            "eth_getLogs": self._logs,
            "eth_newFilter": lambda query: hex(tester.create_log_filter(**_query(query))),
            "eth_newBlockFilter": lambda: hex(tester.create_block_filter()),
            "eth_getFilterChanges": lambda name: self._of_filter(tester.get_only_filter_changes, name),
            "eth_getFilterLogs": lambda name: self._of_filter(tester.get_all_filter_logs, name),
            "eth_uninstallFilter": self._uninstall,
        }

    def _sending_methods(self) -> dict[str, Callable[..., Any]]:
        return {
            "eth_call": self._call,
            "eth_estimateGas": self._estimate_gas,
            "eth_sendTransaction": self._send,
            "eth_sendRawTransaction": self._send_raw,
        }

    def _clock_methods(self) -> dict[str, Callable[..., Any]]:
        return {
            "evm_snapshot": self._snapshot,
            "evm_revert": self._revert,
            "evm_setNextBlockTimestamp": lambda seconds: self._travel(number_of(seconds)),
            "evm_increaseTime": lambda seconds: self._travel(self.now + number_of(seconds)),
            "evm_mine": self._mine,
        }

    def _receipt(self, name: str) -> dict[str, Any] | None:
        """A receipt with what eth-tester leaves out; a block holds one transaction, so their blooms are the same."""
        receipt = _found(self._tester.get_transaction_receipt, _hex(name))
        if receipt is None:
            return None
        block = self._tester.get_block_by_hash(receipt["blockHash"])
        logs = [{**log, "removed": False} for log in receipt["logs"]]
        return {**receipt, "logs": logs, "logsBloom": block["logs_bloom"]}

    def _height(self) -> int:
        return int(self._chain.header.block_number) - 1

    def _call(self, request: dict[str, Any], block: str = "latest") -> str:
        """Run at the time of the next block, whatever block is asked for: eth-tester has no other state."""
        with _told_by_py_evm():
            result = self._chain.get_transaction_result(self._unsigned(request), self._chain.header)
        return "0x" + bytes(result).hex()

    def _estimate_gas(self, request: dict[str, Any], block: str = "latest") -> str:
        with _told_by_py_evm():
            return hex(self._chain.estimate_gas(self._unsigned(request), self._chain.header))

    def _unsigned(self, request: dict[str, Any]) -> Any:
        """A transaction that nobody needs to have signed."""
        sender = to_canonical_address(request.get("from", self.accounts[0]))
        transaction = (
            self._chain.get_vm()
            .get_transaction_builder()
            .create_unsigned_transaction(
                nonce=self._tester.backend.get_nonce(sender),
                gas_price=0,
                gas=number_of(request.get("gas", BLOCK_GAS_LIMIT)),
                to=to_canonical_address(request["to"]) if request.get("to") else Address(b""),
                value=number_of(request.get("value", 0)),
                data=bytes(HexBytes(request.get("data") or request.get("input") or b"")),
            )
        )
        return SpoofTransaction(transaction, from_=sender)

    def _send(self, request: dict[str, Any]) -> str:
        sender = next((name for name in self.accounts if name.lower() == request["from"].lower()), None)
        if sender is None:
            raise TransactionRefused(f"the account {request['from']} is not unlocked")
        transaction = {
            "from": sender,
            "value": number_of(request.get("value", 0)),
            "gas": number_of(request.get("gas", BLOCK_GAS_LIMIT)),
            "data": HexBytes(request.get("data") or request.get("input") or b"").to_0x_hex(),
            "max_fee_per_gas": 2 * _base_fee(self._chain.header),
            "max_priority_fee_per_gas": 0,
        }
        transaction |= {"to": request["to"]} if request.get("to") else {}
        transaction |= {"nonce": number_of(request["nonce"])} if "nonce" in request else {}
        with _told_by_py_evm():
            return str(self._tester.send_transaction(transaction))

    def _send_raw(self, raw: str | bytes) -> str:
        decode_transaction(bytes(HexBytes(raw)), self.chain_id)  # eth-tester takes any chain's
        with _told_by_py_evm():
            return str(self._tester.send_raw_transaction(_hex(raw)))

    def _logs(self, query: dict[str, Any]) -> Any:
        if query.get("blockHash") is not None:
            number = self._tester.get_block_by_hash(_hex(query["blockHash"]))["number"]
            query = {**query, "fromBlock": number, "toBlock": number}
        return [{**log, "removed": False} for log in _plain(self._tester.get_logs(**_query(query)))]

    def _of_filter(self, method: Callable[[int], Any], name: str) -> Any:
        try:
            return _plain(method(number_of(name)))
        except FilterNotFound as error:
            raise ValueError(f"filter {name} is unknown") from error

    def _uninstall(self, name: str) -> bool:
        try:
            self._tester.delete_filter(number_of(name))
        except FilterNotFound:
            return False
        return True

    def _fee_history(
        self, n_blocks: str | int, newest: str | int, percentiles: Sequence[float] = ()
    ) -> dict[str, Any]:
        """Base fees; nobody pays tips here."""
        last = self._height()
        first = max(0, last + 1 - number_of(n_blocks))
        headers = [
            self._chain.get_canonical_block_header_by_number(BlockNumber(number))
            for number in range(first, last + 1)
        ]
        fees = [_base_fee(header) for header in [*headers, self._chain.header]]
        return {
            "oldestBlock": hex(first),
            "baseFeePerGas": [hex(fee) for fee in fees],
            "gasUsedRatio": [header.gas_used / header.gas_limit for header in headers],
            "reward": [["0x0"] * len(percentiles)] * len(headers),
        }

    def _snapshot(self) -> str:
        name = hex(self._tester.take_snapshot() + 1)
        self._times[name] = self.now
        return name

    def _revert(self, name: str) -> bool:
        """Go back to a snapshot, which with all later ones is then gone; False when there is none of that name."""
        if name not in self._times:
            return False
        self._tester.revert_to_snapshot(number_of(name) - 1)
        self.now = self._times[name]
        self._times = {other: now for other, now in self._times.items() if int(other, 16) < int(name, 16)}
        return True

    def _travel(self, seconds: int) -> str:
        if seconds < self.now:
            raise ValueError(f"now is set to {seconds}; it must not be before {self.now}")
        self._ahead_seconds += seconds - self.now
        self._set_now(seconds)
        return hex(seconds)

    def _set_now(self, seconds: int) -> None:
        self.now = seconds
        self._chain.header = self._chain.header.copy(timestamp=seconds)

    def _mine(self) -> str:
        self._tester.mine_block()
        return "0x0"


def _backend(now: int, chain_id: int) -> PyEVMBackend:
    """py-evm with the development accounts, at the contracts' hard fork."""
    balances = {
        to_canonical_address(account.address): {
            "balance": DEVELOPMENT_BALANCE_WEI,
            "storage": {},
            "code": b"",
            "nonce": 0,
        }
        for account in development_accounts()
    }
    genesis = PyEVMBackend.generate_genesis_params({"timestamp": now, "gas_limit": BLOCK_GAS_LIMIT})
    genesis["base_fee_per_gas"] = 0  # and it stays so while blocks are less than half full
    backend = PyEVMBackend(genesis, balances, vm_configuration=((0, CancunVM),))
    backend.account_keys = tuple(
        KeyAPI().PrivateKey(bytes(account.key)) for account in development_accounts()
    )
    type(backend.chain).chain_id = chain_id  # a class of this backend's own, made for it
    return backend


@contextmanager
def _told_by_py_evm() -> Iterator[None]:
    """py-evm's errors as ours."""
    try:
        yield
    except VMError as error:
        data = error.args[0] if error.args and isinstance(error.args[0], bytes) else b""
        raise ExecutionReverted("execution reverted" if data else str(error), data) from error
    except (PyEvmRefusal, ValidationError) as error:
        raise TransactionRefused(str(error)) from error


def _base_fee(header: Any) -> int:
    return int(header.base_fee_per_gas or 0)


def _found(method: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return _plain(method(*arguments))
    except (BlockNotFound, TransactionNotFound):
        return None


def _query(query: dict[str, Any]) -> dict[str, Any]:
    return {
        "from_block": _block(query.get("fromBlock", "latest")),
        "to_block": _block(query.get("toBlock", "latest")),
        "address": query.get("address"),
        "topics": query.get("topics"),
    }


def _block(name: str | int) -> str | int:
    """A block as eth-tester names it."""
    if name in ("latest", "pending", "safe", "finalized"):
        return "latest"
    return name if name == "earliest" else number_of(name)


def _hex(value: str | bytes) -> str:
    return value.lower() if isinstance(value, str) else "0x" + value.hex()


def _transaction(found: Any) -> Any:
    """A transaction whose data are named as JSON-RPC names them."""
    return found if found is None or "data" not in found else {**found, "input": found["data"]}


def _whole_block(found: Any) -> Any:
    """A block whose full transactions, if it has them, are named as JSON-RPC names them."""
    if found is None or not isinstance(found["transactions"], list):
        return found
    transactions = [
        _transaction(entry) if isinstance(entry, dict) else entry for entry in found["transactions"]
    ]
    return {**found, "miner": found["coinbase"], "transactions": transactions}


def _plain(value: Any) -> Any:
    """eth-tester's values as JSON-RPC has them: quantities in hex, names in camel case, nothing as null."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int):
        return hex(value)
    if hasattr(value, "items"):
        named = {_name(name): _plain(entry) for name, entry in value.items()}
        return named if named.get("to") != "" else {**named, "to": None}
    return [_plain(entry) for entry in value]


def _name(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
