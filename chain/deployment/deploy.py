"""Put all contracts on a chain, wire them, and hand every role over to contracts; works on any web3 connection.

Adding a contract is one entry in CONTRACTS, behind those that its constructor names; what it may do elsewhere is an
entry in GRANTS, what it is told of registrations one in OBSERVERS. A contract whose constructor begins with `admin`
gets the timelock as its admin in the end.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from eth_account.signers.local import LocalAccount
from eth_utils.address import to_checksum_address

from gridbid.chain.deployment.deployer import Deployer
from gridbid.chain.deployment.deployment import Deployment
from gridbid.chain.deployment.parameters import Governance, MarketParameters, Roles
from gridbid.chain.deployment.roles import role_holders
from gridbid.chain.errors import StopError
from gridbid.chain.role_names import ADMIN_ROLE, role_id
from gridbid.chain.rpc.fees import Fees
from gridbid.chain.rpc.node import Node

__all__ = ["Deployment", "MarketParameters", "deploy"]

ZERO_ADDRESS = "0x" + "00" * 20


class Scene(NamedTuple):
    """What a constructor's arguments are made of."""

    admin: str
    """Who may do everything until the contracts are wired: the deployer."""
    parameters: MarketParameters
    address_of: Callable[[str], str]
    """Address of a contract that is there already."""


class ContractPlan(NamedTuple):
    """A contract, and what its constructor is given."""

    name: str
    arguments: Callable[[Scene], list[Any]]


class Grant(NamedTuple):
    """A role on a contract, and who gets it: a field of Roles, or a contract."""

    contract: str
    role: str
    holder: str


CONTRACTS = (
    ContractPlan("EthereumDIDRegistry", lambda scene: []),
    ContractPlan(
        "EnergyToken",
        lambda scene: [scene.admin, scene.parameters.supply_cap_neur, scene.parameters.daily_mint_cap_neur],
    ),
    ContractPlan(
        "ConsumerRegistration", lambda scene: [scene.admin, scene.address_of("EthereumDIDRegistry")]
    ),
    ContractPlan("UtilityVerification", lambda scene: [scene.admin, scene.parameters.jurisdiction.encode()]),
    ContractPlan("ModelRegistry", lambda scene: [scene.admin]),
    ContractPlan(
        "MeterOracle",
        lambda scene: [
            scene.admin,
            scene.address_of("ConsumerRegistration"),
            scene.address_of("UtilityVerification"),
            scene.parameters.slot_seconds,
            scene.parameters.oracle_ring_size,
            scene.parameters.oracle_timing,
        ],
    ),
    ContractPlan(
        "EnergyTradingExtension",
        lambda scene: [
            scene.address_of("EnergyToken"),
            scene.address_of("ConsumerRegistration"),
            scene.address_of("MeterOracle"),
            scene.address_of("UtilityVerification"),
            scene.parameters.tick_size,
            scene.parameters.ring_size,
        ],
    ),
    ContractPlan("EnergyTrading", lambda scene: [scene.admin, scene.address_of("EnergyTradingExtension")]),
    ContractPlan(
        "ClosingAuction",
        lambda scene: [
            scene.address_of("EnergyTrading"),
            scene.parameters.auction_commit_seconds,
            scene.parameters.auction_reveal_seconds,
            scene.parameters.auction_clear_seconds,
            scene.parameters.auction_bond_neur,
        ],
    ),
    ContractPlan("OrderRelay", lambda scene: [scene.address_of("EnergyTrading")]),
)

OBSERVERS = ("EnergyTrading", "MeterOracle")
"""Contracts that ConsumerRegistration tells of changes."""

GRANTS = (
    Grant("EnergyToken", "TREASURY_ROLE", "treasury"),
    Grant("ConsumerRegistration", "REGISTRAR_ROLE", "registrar"),
    Grant("UtilityVerification", "REGULATOR_ROLE", "regulator"),
    Grant("ModelRegistry", "APPROVER_ROLE", "approver"),
    Grant("MeterOracle", "KEEPER_ROLE", "keeper"),
    Grant("MeterOracle", "REGISTRAR_ROLE", "registrar"),
    Grant("MeterOracle", "ARBITER_ROLE", "arbiter"),
    Grant("EnergyTrading", "KEEPER_ROLE", "keeper"),
    Grant("EnergyTrading", "PAUSER_ROLE", "pauser"),
    Grant("EnergyTrading", "SUPPLIER_ROLE", "supplier"),
    Grant("EnergyTrading", "OPERATOR_ROLE", "operator"),
    Grant("EnergyTrading", "MODULE_ROLE", "ClosingAuction"),
    Grant("EnergyTrading", "MODULE_ROLE", "OrderRelay"),
)


def deploy(
    node: Node,
    deployer: LocalAccount,
    parameters: MarketParameters | None = None,
    governance: Governance | None = None,
    roles: Roles | None = None,
    network: str = "",
    fees: Fees | None = None,
) -> Deployment:
    """Deploy and wire all contracts; afterwards only contracts hold roles. Without `governance` the deployer owns both Safes.

    Raises StopError when `roles` names an account without code, before anything is deployed.
    """
    parameters = parameters or MarketParameters()
    governance = governance or Governance.by_one(deployer.address)
    roles = roles or Roles()
    _require_contracts(node, roles)
    work = Deployer(node, deployer, fees)
    _deploy_governance(work, governance)
    scene = Scene(deployer.address, parameters, work.address_of)
    for plan in CONTRACTS:
        work.create(plan.name, plan.arguments(scene))
    for observer in OBSERVERS:
        work.transact("ConsumerRegistration", "addObserver", work.address_of(observer))
    for grant in GRANTS:
        work.transact(grant.contract, "grantRole", role_id(grant.role), _holder(work, roles, grant.holder))
    _hand_over(work, deployer.address)
    deployed = Deployment(node.chain_id, network, parameters, work.records, ())
    interfaces = {name: deployed.interface(name) for name in work.records}
    holders = role_holders(node, interfaces, deployed.first_block)
    return Deployment(node.chain_id, network, parameters, work.records, tuple(holders))


def _deploy_governance(work: Deployer, governance: Governance) -> None:
    """Both Safes, and the timelock to which the governance Safe alone proposes, and which it alone executes."""
    work.create("Safe", [], name="SafeSingleton")
    work.create("SafeProxyFactory", [])
    work.create("CompatibilityFallbackHandler", [])
    work.create("SimulateTxAccessor", [])
    work.create_safe("GovernanceSafe", governance.owners, governance.threshold)
    work.create_safe("OperationsSafe", governance.operations_owners, governance.operations_threshold)
    safe = work.address_of("GovernanceSafe")
    work.create("TimelockController", [governance.delay_seconds, [safe], [safe], ZERO_ADDRESS])


def _hand_over(work: Deployer, deployer: str) -> None:
    """Make the timelock the only admin."""
    admin, timelock = role_id(ADMIN_ROLE), work.address_of("TimelockController")
    for plan in CONTRACTS:
        if work.constructor_inputs(plan.name)[:1] == ["admin"]:
            work.transact(plan.name, "grantRole", admin, timelock)
            work.transact(plan.name, "renounceRole", admin, deployer)


def _holder(work: Deployer, roles: Roles, holder: str) -> str:
    if holder in work.records:
        return work.address_of(holder)
    return to_checksum_address(getattr(roles, holder) or work.address_of("OperationsSafe"))


def _require_contracts(node: Node, roles: Roles) -> None:
    """Refuse to give a role to an account that a single stolen key would open."""
    faults = [
        f"{role} {holder} is an account without code"
        for role, holder in vars(roles).items()
        if holder is not None and node.request("eth_getCode", holder, "latest") == "0x"
    ]
    if faults:
        raise StopError("PlainHolder", f"{'; '.join(faults)}; name a contract, such as a Safe that it owns")
