"""What the community decides: calls that the governance Safe proposes to the timelock, and executes after its delay.

``operations`` and ``board`` give the two Safes of a deployment as accounts that act, for who has their owners' keys.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import encode
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

from gridbid.chain.deployment.deployment import Deployment
from gridbid.chain.deployment.safe import SafeAccount
from gridbid.chain.errors import RetryError, SkipError, StopError
from gridbid.chain.role_names import role_id
from gridbid.chain.rpc.fees import Fees
from gridbid.chain.rpc.interface import Interface
from gridbid.chain.rpc.node import Node, Receipt, Sender

NO_PREDECESSOR = bytes(32)
UNKNOWN, DONE = 0, 1
"""Times that the timelock gives for decisions that wait for none."""


@dataclass(frozen=True)
class Decision:
    """A call of the timelock to one of the contracts; the salt tells it from an equal one."""

    contract: Interface
    function: str
    arguments: tuple[Any, ...]
    salt: bytes = bytes(32)

    @property
    def call(self) -> tuple[str, int, bytes, bytes, bytes]:
        """The call as the timelock takes it."""
        data = self.contract.encode_call(self.function, *self.arguments)
        return self.contract.address, 0, data, NO_PREDECESSOR, self.salt

    @property
    def operation(self) -> bytes:
        """The name under which the timelock keeps it."""
        return keccak(encode(["address", "uint256", "bytes", "bytes32", "bytes32"], self.call))


def operations(
    node: Node, deployment: Deployment, owners: Sequence[LocalAccount], fees: Fees | None = None
) -> SafeAccount:
    """The Safe that has the daily roles, with the keys of enough of its owners."""
    return _account(node, deployment, deployment.operations, owners, fees)


def board(
    node: Node, deployment: Deployment, owners: Sequence[LocalAccount], fees: Fees | None = None
) -> SafeAccount:
    """The Safe that governs, with the keys of enough of its owners."""
    return _account(node, deployment, deployment.governance, owners, fees)


def set_supply_cap(deployment: Deployment, cap_neur: int) -> Decision:
    """How much credit may be outstanding."""
    return Decision(deployment.token, "setSupplyCap", (cap_neur,))


def set_daily_mint_cap(deployment: Deployment, cap_neur: int) -> Decision:
    """How much credit may be issued in a day."""
    return Decision(deployment.token, "setDailyMintCap", (cap_neur,))


def grant_role(deployment: Deployment, contract: str, role: str, holder: str) -> Decision:
    """Let an account have a role on a contract."""
    return Decision(deployment.interface(contract), "grantRole", (role_id(role), holder))


def revoke_role(deployment: Deployment, contract: str, role: str, holder: str) -> Decision:
    """Take a role on a contract from an account."""
    return Decision(deployment.interface(contract), "revokeRole", (role_id(role), holder))


def set_delay(deployment: Deployment, delay_seconds: int) -> Decision:
    """How long the timelock makes everybody wait."""
    return Decision(deployment.timelock, "updateDelay", (delay_seconds,))


def propose(account: Sender, node: Node, deployment: Deployment, decision: Decision) -> Receipt:
    """Announce a decision; the timelock's delay runs from now on."""
    delay_seconds = node.call(deployment.timelock, "getMinDelay")[0]
    return account.transact(deployment.timelock, "schedule", *decision.call, delay_seconds)


def execute(account: Sender, node: Node, deployment: Deployment, decision: Decision) -> Receipt:
    """Carry a decision out.

    Raises RetryError before its time, SkipError when it is done, StopError when it isn't proposed, and otherwise by
    what the contract says.
    """
    ready_at = int(node.call(deployment.timelock, "getTimestamp", decision.operation)[0])
    if ready_at in (UNKNOWN, DONE):
        known = ready_at == DONE
        raise SkipError("AlreadyExecuted") if known else StopError("NotProposed", "or it was withdrawn")
    try:
        return account.transact(deployment.timelock, "execute", *decision.call)
    except StopError as error:
        if error.name != "TimelockUnexpectedOperationState":
            raise
        raise RetryError("TooEarly", f"the decision can be executed from {ready_at} on") from error


def withdraw(account: Sender, deployment: Deployment, decision: Decision) -> Receipt:
    """Take a proposed decision back."""
    return account.transact(deployment.timelock, "cancel", decision.operation)


def _account(
    node: Node, deployment: Deployment, safe: Interface, owners: Sequence[LocalAccount], fees: Fees | None
) -> SafeAccount:
    accessor = deployment.interface("SimulateTxAccessor")
    return SafeAccount(node, safe.address, accessor.address, owners, fees)
