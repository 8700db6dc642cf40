"""Calls straight into the EVM of an embedded chain: senders are believed, and no block, signature or receipt is made."""

from typing import Any

from eth_account.signers.local import LocalAccount
from eth_utils.address import to_checksum_address
from pyrevm import BlockEnv
from web3 import Web3

from gridbid.chain.deployment.safe import SafeAccount
from gridbid.chain.errors import ledger_error
from gridbid.chain.nodes.embedded import EmbeddedProvider
from gridbid.chain.nodes.evm import EmbeddedChain
from gridbid.chain.nodes.message import BLOCK_GAS_LIMIT, ExecutionReverted, Message, Outcome
from gridbid.chain.rpc.interface import Interface, decode_error
from gridbid.chain.rpc.node import DEFAULT_GAS, Node, Receipt, Signer


class DirectNode(Node):
    """A node whose views go into the EVM at once; other requests go through the provider, to the same chain."""

    def __init__(self, provider: EmbeddedProvider) -> None:
        super().__init__(Web3(provider))
        self.chain: EmbeddedChain = provider.chain

    def call(
        self, contract: Interface, function: str, *arguments: Any, block: str = "latest"
    ) -> tuple[Any, ...]:
        """What a function returns; where it is no view, what it changes stays."""
        data = contract.encode_call(function, *arguments)
        output = self.execute(Message(ZERO_ADDRESS, contract.address, data)).output
        return contract.decode_output(function, len(arguments), output)

    def set_time(self, seconds: int) -> None:
        """Set the clock, also for those who ask the EVM without the chain."""
        self.chain.now = seconds
        block = BlockEnv(
            number=self.chain.height + 1, timestamp=seconds, gas_limit=BLOCK_GAS_LIMIT, basefee=0
        )
        self.chain.evm.set_block_env(block)

    def execute(self, message: Message) -> Outcome:
        """Run a message. Raises LedgerError by what the contract says."""
        outcome = self.chain.execute(message)
        if outcome.failure is not None:
            raise _refusal(outcome.failure)
        return outcome


class DirectSigner(Signer):
    """An account that calls without signing."""

    def __init__(self, node: DirectNode, account: LocalAccount) -> None:
        super().__init__(node, account)
        self._direct = node

    def transact(
        self, contract: Interface, function: str, *arguments: Any, gas: int = DEFAULT_GAS
    ) -> Receipt:
        """Call a function, with all the gas of a block. Raises LedgerError by what the contract says."""
        return self._send(contract.address, contract.encode_call(function, *arguments), BLOCK_GAS_LIMIT)

    def _send(self, to: str | None, data: bytes, gas: int) -> Receipt:
        outcome = self._direct.execute(Message(self.address, to, data, gas=gas))
        return {"status": "0x1", "logs": [_log(entry) for entry in outcome.logs]}


class DirectSafe(SafeAccount):
    """A Safe of one owner, who signs as ever and sends directly."""

    def __init__(self, node: DirectNode, address: str, accessor_address: str, owner: LocalAccount) -> None:
        super().__init__(node, address, accessor_address, [owner])
        self._payer = DirectSigner(node, owner)


ZERO_ADDRESS = to_checksum_address("0x" + "00" * 20)


def _refusal(failure: ExecutionReverted) -> Exception:
    return ledger_error(*decode_error(failure.data))


def _log(entry: Any) -> dict[str, Any]:
    return {
        "address": entry.address,
        "topics": [str(topic) for topic in entry.topics],
        "data": "0x" + bytes(entry.data[1]).hex(),
        "blockNumber": "0x0",
    }
