"""Transactions of a Safe 1.4.1, signed by its owners (EIP-712) and sent by one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import encode
from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

from gridbid.chain.errors import LedgerError, StopError, ledger_error
from gridbid.chain.rpc.fees import Fees
from gridbid.chain.rpc.interface import Interface, decode_error
from gridbid.chain.rpc.node import DEFAULT_GAS, Node, Receipt, Signer

DOMAIN_TYPE = "EIP712Domain(uint256 chainId,address verifyingContract)"
TRANSACTION_TYPE = (
    "SafeTx(address to,uint256 value,bytes data,uint8 operation,uint256 safeTxGas,uint256 baseGas,"
    "uint256 gasPrice,address gasToken,address refundReceiver,uint256 nonce)"
)
ZERO_ADDRESS = "0x" + "00" * 20
INNER_CALL_FAILED = "GS013"
OWN_GAS = 200_000
"""What a Safe may need around a call, for the signatures and for what EIP-150 holds back."""


@dataclass(frozen=True)
class SafeTransaction:
    """A call that a Safe is to make; nobody is refunded for its gas."""

    to: str
    data: bytes
    nonce: int

    def digest(self, chain_id: int, safe_address: str) -> bytes:
        """The 32 bytes that the owners sign: they bind the call to one Safe on one chain."""
        domain = encode(["bytes32", "uint256", "address"], [keccak(text=DOMAIN_TYPE), chain_id, safe_address])
        content = encode(
            [
                "bytes32",
                "address",
                "uint256",
                "bytes32",
                "uint8",
                *["uint256"] * 3,
                *["address"] * 2,
                "uint256",
            ],
            [
                keccak(text=TRANSACTION_TYPE),
                self.to,
                0,
                keccak(self.data),
                0,
                0,
                0,
                0,
                *[ZERO_ADDRESS] * 2,
                self.nonce,
            ],
        )
        return keccak(b"\x19\x01" + keccak(domain) + keccak(content))


class SafeAccount:
    """A Safe and the keys of some of its owners; it sends transactions as ``rpc.Signer`` does."""

    def __init__(
        self,
        node: Node,
        address: str,
        accessor_address: str,
        owners: Sequence[LocalAccount],
        fees: Fees | None = None,
    ) -> None:
        """The first owner pays; the accessor is Safe's SimulateTxAccessor.

        Raises StopError when the keys are not those of enough owners.
        """
        self.node = node
        self.address = address
        self._safe = Interface("Safe", address)
        self._handler = Interface("CompatibilityFallbackHandler", address)
        self._accessor = Interface("SimulateTxAccessor", accessor_address)
        self._require_quorum(owners)
        self._owners = sorted({owner.address: owner for owner in owners}.values(), key=_number)
        self._payer = Signer(node, owners[0], fees)

    @property
    def payer(self) -> Signer:
        """The first owner."""
        return self._payer

    def transact(
        self, contract: Interface, function: str, *arguments: Any, gas: int = DEFAULT_GAS
    ) -> Receipt:
        """Have the Safe call a function and wait for it. Raises LedgerError by what the contract says.

        What would fail isn't sent.
        """
        data = contract.encode_call(function, *arguments)
        self._simulate(contract.address, data)
        nonce = int(self.node.call(self._safe, "nonce")[0])
        signatures = self._sign(SafeTransaction(contract.address, data, nonce))
        call = (contract.address, 0, data, 0, 0, 0, 0, ZERO_ADDRESS, ZERO_ADDRESS, signatures)
        try:
            return self._payer.transact(self._safe, "execTransaction", *call, gas=gas + gas // 63 + OWN_GAS)
        except LedgerError as error:
            if error.detail == INNER_CALL_FAILED:  # something has changed since the simulation
                self._simulate(contract.address, data)
            raise

    def _simulate(self, to: str, data: bytes) -> None:
        """Have the Safe make the call in a view, so that the contract's own error is raised and not the Safe's."""
        call = self._accessor.encode_call("simulate", to, 0, data, 0)
        response = self.node.call(self._handler, "simulate", self._accessor.address, call, block="pending")[0]
        _, succeeded, returned = self._accessor.decode_output("simulate", 4, response)
        if not succeeded:
            raise ledger_error(*decode_error(returned))

    def _sign(self, transaction: SafeTransaction) -> bytes:
        """Signatures in the order that the Safe asks for: by the owners' addresses."""
        digest = transaction.digest(self.node.chain_id, self.address)
        return b"".join(
            bytes(Account.unsafe_sign_hash(digest, owner.key).signature) for owner in self._owners
        )

    def _require_quorum(self, owners: Sequence[LocalAccount]) -> None:
        members = {str(owner).lower() for owner in self.node.call(self._safe, "getOwners")[0]}
        strangers = [owner.address for owner in owners if owner.address.lower() not in members]
        if strangers:
            raise StopError("NotAnOwner", f"{', '.join(strangers)} of the Safe at {self.address}")
        threshold = int(self.node.call(self._safe, "getThreshold")[0])
        if len({owner.address for owner in owners}) < threshold:
            raise StopError(
                "TooFewOwners",
                f"the Safe at {self.address} needs {threshold} signatures; there are {len(owners)} keys",
            )


def _number(owner: LocalAccount) -> int:
    return int(owner.address, 16)
