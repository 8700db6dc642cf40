"""Who holds which role on the contracts, as their events tell."""

from eth_utils.address import to_checksum_address

from gridbid.chain.deployment.deployment import RoleHolder
from gridbid.chain.role_names import role_id
from gridbid.chain.rpc.interface import Interface
from gridbid.chain.rpc.node import Node


def role_holders(node: Node, contracts: dict[str, Interface], first_block: int) -> list[RoleHolder]:
    """Each role's present holders on contracts by name, in the order in which they were given."""
    query = {
        "fromBlock": hex(first_block),
        "toBlock": "latest",
        "address": [contract.address for contract in contracts.values()],
    }
    held: dict[RoleHolder, None] = {}
    for log in node.request("eth_getLogs", query):
        for name, contract in contracts.items():
            event = contract.decode_log(log)
            if event is None or event.name not in ("RoleGranted", "RoleRevoked"):
                continue
            holder = to_checksum_address(event.arguments["account"])
            entry = RoleHolder(name, _role_name(contract, event.arguments["role"]), holder)
            if event.name == "RoleGranted":
                held[entry] = None
            else:
                held.pop(entry, None)
    return list(held)


def _role_name(contract: Interface, role: bytes) -> str:
    """A role as its constant is called; in hex where the contract has none of that id."""
    names = [entry["name"] for entry in contract.abi if entry.get("name", "").endswith("_ROLE")]
    return next((name for name in names if role_id(name) == role), "0x" + role.hex())
