"""After deployment only contracts hold roles; what they may not do themselves, the timelock does in time."""

import pytest
from eth_account import Account
from web3 import Web3

from gridbid.chain.artifact import load
from gridbid.chain.deployment.deploy import deploy
from gridbid.chain.deployment.deployment import Deployment
from gridbid.chain.deployment.governance import (
    Decision,
    board,
    execute,
    grant_role,
    operations,
    propose,
    revoke_role,
    set_delay,
    set_supply_cap,
    withdraw,
)
from gridbid.chain.deployment.parameters import Governance, Roles
from gridbid.chain.deployment.roles import role_holders
from gridbid.chain.deployment.safe import SafeAccount
from gridbid.chain.errors import LedgerError, RetryError, SkipError, StopError
from gridbid.chain.nodes.embedded import EmbeddedProvider
from gridbid.chain.role_names import ADMIN_ROLE, role_id
from gridbid.chain.rpc.node import Node, Signer

DELAY_SECONDS = 3_600
DEPLOYER, OWNER, KEEPER = (Account.create() for _ in range(3))


@pytest.fixture
def node() -> Node:
    return Node(Web3(EmbeddedProvider(1_000)))


@pytest.fixture
def deployment(node: Node) -> Deployment:
    governance = Governance((OWNER.address,), 1, (KEEPER.address,), 1, DELAY_SECONDS)
    return deploy(node, DEPLOYER, governance=governance, network="test")


@pytest.fixture
def governors(node: Node, deployment: Deployment) -> SafeAccount:
    return board(node, deployment, [OWNER])


def holders(node: Node, deployment: Deployment) -> set[tuple[str, str, str]]:
    interfaces = {name: deployment.interface(name) for name in deployment.contracts}
    return {tuple(entry) for entry in role_holders(node, interfaces, 0)}


def wait(node: Node, seconds: int) -> None:
    node.request("evm_increaseTime", seconds)
    node.request("evm_mine")


def test_every_holder_of_a_role_has_code(node: Node, deployment: Deployment):
    told = holders(node, deployment)
    assert told == {tuple(entry) for entry in deployment.roles}
    for contract, role, holder in told:
        assert node.request("eth_getCode", holder, "latest") != "0x", (contract, role, holder)
        assert node.call(deployment.interface(contract), "hasRole", role_id(role), holder) == (True,)


def test_each_role_has_a_holder_and_each_contract_an_admin(node: Node, deployment: Deployment):
    """Every role that a contract names, but for those of the extension, which is nobody's market alone."""
    named = {
        (name, entry["name"])
        for name, record in deployment.contracts.items()
        if name != "EnergyTradingExtension"
        for entry in load(record.artifact).abi
        if entry.get("name", "").endswith("_ROLE")
    }
    held = {(contract, role) for contract, role, _ in holders(node, deployment)}
    assert named - held <= {("EnergyTrading", "MODULE_ROLE")}
    timelock = deployment.timelock.address
    assert {holder for _, role, holder in holders(node, deployment) if role == ADMIN_ROLE} == {timelock}


def test_the_deployer_can_do_nothing(node: Node, deployment: Deployment):
    deployer = Signer(node, DEPLOYER)
    for name in sorted({contract for contract, _, _ in holders(node, deployment)}):
        with pytest.raises(StopError, match="AccessControlUnauthorizedAccount"):
            deployer.transact(deployment.interface(name), "grantRole", bytes(32), DEPLOYER.address)
    for contract, role, _ in holders(node, deployment):
        held = node.call(deployment.interface(contract), "hasRole", role_id(role), DEPLOYER.address)
        assert held == (False,)
    for safe in (deployment.governance, deployment.operations):
        with pytest.raises(LedgerError, match="GS031"):
            deployer.transact(safe, "addOwnerWithThreshold", DEPLOYER.address, 1)
    timelock, nothing = deployment.timelock, bytes(32)
    with pytest.raises(StopError, match="AccessControlUnauthorizedAccount"):
        deployer.transact(timelock, "schedule", timelock.address, 0, b"", nothing, nothing, DELAY_SECONDS)


def test_a_safe_is_set_up_once(node: Node, deployment: Deployment):
    zero = "0x" + "00" * 20
    for name in ("GovernanceSafe", "OperationsSafe", "SafeSingleton"):
        with pytest.raises(LedgerError, match="GS200"):
            Signer(node, DEPLOYER).transact(
                deployment.interface(name), "setup", [DEPLOYER.address], 1, zero, b"", zero, zero, 0, zero
            )


def test_no_role_goes_to_a_plain_account(node: Node):
    plain = Account.create().address
    height = node.latest_block()["number"]
    with pytest.raises(StopError, match=f"PlainHolder: keeper {plain} is an account without code; pauser"):
        deploy(node, DEPLOYER, roles=Roles(keeper=plain, pauser=plain))
    assert node.latest_block()["number"] == height


def test_a_role_may_go_to_another_contract(node: Node, deployment: Deployment):
    other = deployment.operations.address
    second = deploy(node, DEPLOYER, roles=Roles(keeper=other))
    keepers = {(entry.contract, entry.holder) for entry in second.roles if entry.role == "KEEPER_ROLE"}
    assert keepers == {("EnergyTrading", other), ("MeterOracle", other)}


def test_a_decision_waits_for_its_time(node: Node, deployment: Deployment, governors: SafeAccount):
    decision = set_supply_cap(deployment, 77)
    with pytest.raises(StopError, match="NotProposed"):
        execute(governors, node, deployment, decision)
    propose(governors, node, deployment, decision)
    with pytest.raises(RetryError, match="TooEarly: the decision can be executed from 4600 on"):
        execute(governors, node, deployment, decision)
    wait(node, DELAY_SECONDS)
    execute(governors, node, deployment, decision)
    assert node.call(deployment.token, "supplyCapNeur") == (77,)
    with pytest.raises(SkipError, match="AlreadyExecuted"):
        execute(governors, node, deployment, decision)


def test_a_decision_can_be_withdrawn(node: Node, deployment: Deployment, governors: SafeAccount):
    decision = set_supply_cap(deployment, 77)
    propose(governors, node, deployment, decision)
    withdraw(governors, deployment, decision)
    wait(node, DELAY_SECONDS)
    with pytest.raises(StopError, match="NotProposed"):
        execute(governors, node, deployment, decision)


def test_a_role_changes_hands(node: Node, deployment: Deployment, governors: SafeAccount):
    old, new = deployment.operations.address, deployment.governance.address
    for decision in (
        grant_role(deployment, "EnergyTrading", "PAUSER_ROLE", new),
        revoke_role(deployment, "EnergyTrading", "PAUSER_ROLE", old),
    ):
        propose(governors, node, deployment, decision)
        wait(node, DELAY_SECONDS)
        execute(governors, node, deployment, decision)
    pausers = {holder for contract, role, holder in holders(node, deployment) if role == "PAUSER_ROLE"}
    assert pausers == {new}
    governors.transact(deployment.market, "pause")
    with pytest.raises(StopError, match="AccessControlUnauthorizedAccount"):
        operations(node, deployment, [KEEPER]).transact(deployment.market, "unpause")


def test_the_delay_itself_waits(node: Node, deployment: Deployment, governors: SafeAccount):
    with pytest.raises(StopError, match="TimelockUnauthorizedCaller"):
        governors.transact(deployment.timelock, "updateDelay", 0)
    decision = set_delay(deployment, 60)
    propose(governors, node, deployment, decision)
    wait(node, DELAY_SECONDS)
    execute(governors, node, deployment, decision)
    assert node.call(deployment.timelock, "getMinDelay") == (60,)


def test_the_operations_safe_proposes_nothing(node: Node, deployment: Deployment):
    with pytest.raises(StopError, match="AccessControlUnauthorizedAccount"):
        propose(operations(node, deployment, [KEEPER]), node, deployment, set_supply_cap(deployment, 1))


def test_what_a_contract_refuses_is_told_through_the_timelock(
    node: Node, deployment: Deployment, governors: SafeAccount
):
    decision = Decision(deployment.registration, "removeObserver", (DEPLOYER.address,))
    propose(governors, node, deployment, decision)
    wait(node, DELAY_SECONDS)
    with pytest.raises(StopError, match="ObserverUnknown"):
        execute(governors, node, deployment, decision)
