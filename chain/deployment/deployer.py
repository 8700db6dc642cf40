"""Makes contracts from their artifacts, one transaction each, and keeps a record of them."""

from collections.abc import Sequence
from typing import Any

from eth_abi.abi import encode
from eth_account.signers.local import LocalAccount
from eth_utils.abi import get_abi_input_types
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from gridbid.chain.artifact import load
from gridbid.chain.deployment.deployment import ContractRecord
from gridbid.chain.rpc.fees import Fees
from gridbid.chain.rpc.interface import Interface
from gridbid.chain.rpc.node import Node, Receipt, Signer

ZERO_ADDRESS = "0x" + "00" * 20


class Deployer:
    """An account that makes contracts; ``records`` tells which, by name."""

    def __init__(self, node: Node, account: LocalAccount, fees: Fees | None = None) -> None:
        self.records: dict[str, ContractRecord] = {}
        self._node = node
        self._signer = Signer(node, account, fees)

    def address_of(self, name: str) -> str:
        """Address of a contract that is there already."""
        return self.records[name].address

    def create(self, artifact: str, arguments: list[Any], name: str | None = None) -> None:
        """Make a contract; its name is its artifact's unless another is given."""
        types = get_abi_input_types(self._constructor(artifact))
        code = bytes.fromhex(load(artifact).bytecode[2:]) + encode(types, arguments)
        receipt = self._signer.deploy(code)
        self._record(name or artifact, artifact, receipt["contractAddress"], arguments, receipt)

    def create_safe(self, name: str, owners: Sequence[str], threshold: int) -> None:
        """Make a Safe: a proxy of the one code, set up in the same transaction."""
        singleton = self.address_of("SafeSingleton")
        handler = self.address_of("CompatibilityFallbackHandler")
        setup = Interface("Safe", singleton).encode_call(
            "setup", list(owners), threshold, ZERO_ADDRESS, b"", handler, ZERO_ADDRESS, 0, ZERO_ADDRESS
        )
        factory = Interface("SafeProxyFactory", self.address_of("SafeProxyFactory"))
        salt = int.from_bytes(keccak(text=name))
        receipt = self._signer.transact(factory, "createProxyWithNonce", singleton, setup, salt)
        created = [log for log in map(factory.decode_log, receipt["logs"]) if log is not None]
        self._record(name, "SafeProxy", created[0].arguments["proxy"], [singleton], receipt)

    def transact(self, name: str, function: str, *arguments: Any) -> None:
        """Call a function of one of the contracts."""
        artifact = self.records[name].artifact
        self._signer.transact(Interface(artifact, self.address_of(name)), function, *arguments)

    def constructor_inputs(self, artifact: str) -> list[str]:
        """Names of what a contract's constructor is given."""
        return [str(entry["name"]) for entry in self._constructor(artifact)["inputs"]]

    def _constructor(self, artifact: str) -> Any:
        """The ABI entry of a constructor; one without inputs where there is none."""
        entries = (entry for entry in load(artifact).abi if entry["type"] == "constructor")
        return next(entries, {"type": "constructor", "inputs": []})

    def _record(self, name: str, artifact: str, address: str, arguments: list[Any], receipt: Receipt) -> None:
        code = bytes.fromhex(self._node.request("eth_getCode", address, "latest")[2:])
        self.records[name] = ContractRecord(
            artifact,
            to_checksum_address(address),
            tuple(_as_json(argument) for argument in arguments),
            _hex(receipt["transactionHash"]),
            int(receipt["blockNumber"], 16),
            "0x" + keccak(code).hex(),
            load(artifact).build_hash,
        )


def _as_json(argument: Any) -> Any:
    if isinstance(argument, bytes):
        return "0x" + argument.hex()
    return tuple(_as_json(item) for item in argument) if isinstance(argument, list) else argument


def _hex(value: str | bytes) -> str:
    return value if isinstance(value, str) else "0x" + value.hex()
