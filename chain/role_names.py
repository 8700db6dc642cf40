"""Roles by their names, and by the ids under which the contracts know them."""

from functools import cache

from eth_utils.crypto import keccak

from gridbid.chain.artifact import OWN_CONTRACTS, load

ADMIN_ROLE = "DEFAULT_ADMIN_ROLE"


def role_id(role: str) -> bytes:
    """A role as the contracts name it."""
    return bytes(32) if role == ADMIN_ROLE else keccak(text=role)


@cache
def role_names() -> dict[bytes, str]:
    """The name of each role that our contracts know, by its id."""
    names = {
        entry["name"]
        for contract in OWN_CONTRACTS
        for entry in load(contract).abi
        if entry.get("name", "").endswith("_ROLE")
    }
    return {role_id(name): name for name in sorted(names)}
