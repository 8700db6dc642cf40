"""The contracts of one community, each with its typed client."""

from gridbid.chain.client import ContractClient
from gridbid.chain.clients.consumer_registration import ConsumerRegistration
from gridbid.chain.clients.energy_token import EnergyToken
from gridbid.chain.clients.energy_trading import EnergyTrading
from gridbid.chain.clients.meter_oracle import MeterOracle
from gridbid.chain.deploy import Deployment
from gridbid.chain.rpc import Node


class CommunityContracts:
    """What a deployment put on a chain, reached over a node."""

    def __init__(self, node: Node, deployment: Deployment) -> None:
        self.node = node
        self.deployment = deployment
        self.token = EnergyToken(node, deployment.token_address)
        self.registration = ConsumerRegistration(node, deployment.registration_address)
        self.oracle = MeterOracle(node, deployment.oracle_address)
        self.trading = EnergyTrading(node, deployment.market_address)
        self.clients: tuple[ContractClient, ...] = (
            self.token,
            self.registration,
            self.oracle,
            self.trading,
        )

    @property
    def first_block(self) -> int:
        """Block from which on the contracts have something to tell."""
        return self.deployment.block_number + 1

    @property
    def slot_seconds(self) -> int:
        """Length of a slot, seconds."""
        return self.deployment.parameters.slot_seconds

    @property
    def tick_size(self) -> int:
        """Price step, nEUR/Wh."""
        return self.deployment.parameters.tick_size
