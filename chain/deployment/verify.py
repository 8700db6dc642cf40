"""Whether what stands on a chain is what a deployment says and what the artifacts hold."""

from eth_utils.crypto import keccak

from gridbid.chain.artifact import Artifact, load
from gridbid.chain.deployment.deployment import ContractRecord, Deployment
from gridbid.chain.errors import StopError
from gridbid.chain.rpc.node import Node


def verify(node: Node, deployment: Deployment) -> None:
    """Compare the code of each contract with its artifact, and with the hash that was recorded.

    What a constructor fills in (immutables) is not part of an artifact's code; the recorded hash covers it. Raises
    StopError that names every contract that differs, or says that the node is on another chain.
    """
    deployment.require_chain(node.chain_id)
    faults = [fault for name, record in deployment.contracts.items() for fault in _faults(node, name, record)]
    if faults:
        raise StopError("NotAsDeployed", "; ".join(faults))


def _faults(node: Node, name: str, record: ContractRecord) -> list[str]:
    code = bytes.fromhex(node.request("eth_getCode", record.address, "latest")[2:])
    if not code:
        return [f"{name}: there is no contract at {record.address}"]
    artifact, faults = load(record.artifact), []
    if artifact.build_hash != record.build_hash:
        faults.append(
            f"{name}: was compiled with other settings or packages than the artifact {artifact.name}"
        )
    if "0x" + keccak(code).hex() != record.code_hash:
        faults.append(f"{name}: the code at {record.address} has another hash than was recorded")
    if _masked(code, artifact) != _masked(bytes.fromhex(artifact.deployed_bytecode[2:]), artifact):
        faults.append(f"{name}: the code at {record.address} is not that of the artifact {artifact.name}")
    return faults


def _masked(code: bytes, artifact: Artifact) -> bytes:
    """Code with zeros for what a constructor fills in."""
    masked = bytearray(code)
    for start, length in artifact.immutables:
        masked[start : start + length] = bytes(len(masked[start : start + length]))
    return bytes(masked)
