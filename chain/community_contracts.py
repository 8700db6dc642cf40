"""The contracts of one community, each with its typed client."""

from gridbid.chain.client import ContractClient
from gridbid.chain.clients.closing_auction import ClosingAuction
from gridbid.chain.clients.consumer_registration import ConsumerRegistration
from gridbid.chain.clients.energy_token import EnergyToken
from gridbid.chain.clients.energy_trading import EnergyTrading
from gridbid.chain.clients.ethereum_did_registry import EthereumDIDRegistry
from gridbid.chain.clients.meter_oracle import MeterOracle
from gridbid.chain.clients.model_registry import ModelRegistry
from gridbid.chain.clients.order_relay import OrderRelay
from gridbid.chain.clients.safe import Safe
from gridbid.chain.clients.timelock_controller import TimelockController
from gridbid.chain.clients.utility_verification import UtilityVerification
from gridbid.chain.deployment.deployment import Deployment
from gridbid.chain.rpc.node import Node

TYPES: tuple[type[ContractClient], ...] = (
    EnergyToken,
    ConsumerRegistration,
    UtilityVerification,
    ModelRegistry,
    MeterOracle,
    EnergyTrading,
    OrderRelay,
    ClosingAuction,
    EthereumDIDRegistry,
    TimelockController,
    Safe,
)


class CommunityContracts:
    """What a deployment put on a chain, reached over a node."""

    def __init__(self, node: Node, deployment: Deployment) -> None:
        self.node = node
        self.deployment = deployment
        self.token = EnergyToken(node, deployment.token.address)
        self.registration = ConsumerRegistration(node, deployment.registration.address)
        self.oracle = MeterOracle(node, deployment.oracle.address)
        self.trading = EnergyTrading(node, deployment.market.address)
        self.auction = ClosingAuction(node, deployment.auction.address)

    @property
    def clients(self) -> dict[str, ContractClient]:
        """A client of each contract that has one, by its name within the community."""
        types = {kind.CONTRACT: kind for kind in TYPES}
        found = {}
        for name in self.deployment.contracts:
            interface = self.deployment.interface(name)
            if interface.name in types:
                found[name] = types[interface.name](self.node, interface.address)
        return found

    @property
    def slot_seconds(self) -> int:
        """Length of a slot, seconds."""
        return self.deployment.parameters.slot_seconds

    @property
    def tick_size(self) -> int:
        """Price step, nEUR/Wh."""
        return self.deployment.parameters.tick_size
