"""EIP-712: what is signed over a struct, bound to one contract on one chain."""

from collections.abc import Sequence
from typing import Any

from eth_abi.abi import encode
from eth_utils.crypto import keccak

DOMAIN_TYPE = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"


def struct_hash(type_text: str, types: Sequence[str], values: Sequence[Any]) -> bytes:
    """Hash of a struct: of its type and its fields, of which arrays and structs stand here as hashes of theirs."""
    return keccak(encode(["bytes32", *types], [keccak(text=type_text), *values]))


def typed_digest(name: str, version: str, chain_id: int, contract_address: str, content: bytes) -> bytes:
    """The 32 bytes that are signed, `content` being the struct's hash."""
    domain = struct_hash(
        DOMAIN_TYPE,
        ["bytes32", "bytes32", "uint256", "address"],
        [keccak(text=name), keccak(text=version), chain_id, contract_address],
    )
    return keccak(b"\x19\x01" + domain + content)
