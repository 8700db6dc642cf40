"""A ledger on contracts of its own, on an EVM within the process: nothing to install, start or pay."""

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak
from web3 import Web3

from gridbid.chain.deployment.deploy import deploy
from gridbid.chain.deployment.governance import board, operations
from gridbid.chain.deployment.parameters import Governance, MarketParameters
from gridbid.chain.errors import StopError
from gridbid.chain.ledgers.contract_ledger import ContractLedger, ParticipantKeys
from gridbid.chain.nodes.backend import open_provider
from gridbid.chain.nodes.embedded import EmbeddedProvider
from gridbid.chain.nodes.evm import EmbeddedChain
from gridbid.chain.rpc.node import Node


class EmbeddedLedger(ContractLedger):
    """Contracts deployed for this ledger alone, on pyrevm or else py-evm; it holds all keys and sets the clock.

    ``operations`` is the Safe with the daily roles, its authority; ``board`` is the governance Safe, which changes
    through the timelock what the authority may not.
    """

    def __init__(self, parameters: MarketParameters | None = None, now: int = 0) -> None:
        self._provider = open_provider(now=now)
        node = Node(Web3(self._provider))
        governor, owner = _account("governor"), _account("authority")
        governance = Governance((governor.address,), 1, (owner.address,), 1, delay_seconds=0)
        deployment = deploy(node, _account("deployer"), parameters, governance, network="embedded")
        self.operations = operations(node, deployment, [owner])
        super().__init__(node, deployment, authority=self.operations)
        self.board = board(node, deployment, [governor])

    @property
    def chain(self) -> EmbeddedChain:
        """The chain itself. Raises StopError where py-evm stands in for it."""
        if not isinstance(self._provider, EmbeddedProvider):
            raise StopError("NoPyrevm", "only pyrevm's chain can be looked into")
        return self._provider.chain

    def advance_to(self, seconds: int) -> None:
        """Set the clock, never back."""
        now = self.now()
        if seconds < now:
            raise ValueError(f"the time is set to {seconds}; it must not be before {now}")
        self.node.request("evm_setNextBlockTimestamp", hex(seconds))
        self.node.request("evm_mine")

    def deposit(self, participant: int, amount_neur: int) -> None:
        """Issue the tokens, then pay them in."""
        account = self._signer(participant).address
        self._require_authority().transact(self.deployment.token, "mint", account, amount_neur, bytes(32))
        super().deposit(participant, amount_neur)

    def deposit_supplier(self, amount_neur: int) -> None:
        """Issue the tokens, then pay them into the supplier's account."""
        authority = self._require_authority()
        authority.transact(self.deployment.token, "mint", authority.address, amount_neur, bytes(32))
        super().deposit_supplier(amount_neur)

    def _new_keys(self) -> ParticipantKeys:
        """Keys derived from the number of participants so far: a run repeats itself to the last hash."""
        number = len(self._signers) + 1
        return ParticipantKeys(_account(f"participant {number}"), _account(f"meter {number}"))


def _account(name: str) -> LocalAccount:
    return Account.from_key(keccak(text=f"gridbid embedded {name}"))
