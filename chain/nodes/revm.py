"""The EVM of pyrevm, as a chain in the process needs it.

pyrevm 0.3.7 keeps one transaction open for ever: what a message has touched stays warm for the next one, and its
interface has no way to write a storage word anywhere but into that transaction. So ``gas_used`` understates what any
other chain would charge.
"""

import re

from eth_utils.address import to_checksum_address
from pyrevm import EVM, AccountInfo, BlockEnv, CfgEnv, Env, JournalCheckpoint

from gridbid.chain.nodes.message import (
    BLOCK_GAS_LIMIT,
    ExecutionReverted,
    Message,
    Outcome,
    TransactionRefused,
)

EVM_VERSION = "CANCUN"
CODE_PADDING = 33
"""Zero bytes that the EVM keeps behind a contract's code."""
_REVERT = re.compile(r"^Revert \{ gas_used: (\d+), output: (0x[0-9a-f]*) \}$")


class Revm:
    """Accounts and storage, and messages executed on them."""

    def __init__(self, chain_id: int) -> None:
        self.evm = EVM(env=Env(cfg=CfgEnv(chain_id=chain_id)), spec_id=EVM_VERSION)

    def set_block(self, number: int, seconds: int) -> None:
        """Number and time of the block in which messages are executed from now on."""
        block = BlockEnv(number=number, timestamp=seconds, gas_limit=BLOCK_GAS_LIMIT, basefee=0)
        self.evm.set_block_env(block)

    def execute(self, message: Message, nonce: int) -> Outcome:
        """Run a message; what it changes stays. Raises TransactionRefused."""
        self.evm.reset_transient_storage()
        output, created, failure = b"", None, None
        try:
            if message.to is None:
                created = self._deploy(message, nonce)
            else:
                sender, to = to_checksum_address(message.sender), to_checksum_address(message.to)
                output = bytes(self.evm.message_call(sender, to, message.data, message.value, message.gas))
        except RuntimeError as error:
            failure = _failure(str(error))
        result = self.evm.result
        if result is None:
            raise TransactionRefused("the EVM ran nothing")
        logs = [] if failure is not None else list(result.logs)
        return Outcome(output, result.gas_used, created, failure, logs)

    def snapshot(self) -> JournalCheckpoint:
        """A moment to go back to."""
        return self.evm.snapshot()

    def revert(self, checkpoint: JournalCheckpoint) -> None:
        """Go back to a moment; those after it must have been gone back to before."""
        self.evm.revert(checkpoint)

    def balance(self, address: str) -> int:
        """Ether of an address, wei."""
        return self.evm.get_balance(to_checksum_address(address))

    def set_balance(self, address: str, wei: int) -> None:
        """Give an address ether."""
        self.evm.set_balance(to_checksum_address(address), wei)

    def code(self, address: str) -> bytes:
        """Code of a contract, empty where there is none."""
        padded = bytes(self.evm.get_code(to_checksum_address(address)) or b"")
        return padded[: len(padded) - CODE_PADDING]

    def storage(self, address: str, position: int) -> int:
        """A word of a contract's storage."""
        return self.evm.storage(to_checksum_address(address), position)

    def _deploy(self, message: Message, nonce: int) -> str:
        """Deploy at the address that the sender's nonce gives; the EVM itself counts no calls."""
        sender = to_checksum_address(message.sender)
        wei = self.balance(sender)
        self.evm.insert_account_info(sender, AccountInfo(nonce=nonce))
        self.evm.set_balance(sender, wei)
        return to_checksum_address(self.evm.deploy(sender, message.data, message.value, message.gas))


def _failure(text: str) -> ExecutionReverted:
    """The EVM's own words as an error. Raises TransactionRefused for what was not executed at all."""
    reverted = _REVERT.match(text)
    if reverted is not None:
        return ExecutionReverted("execution reverted", bytes.fromhex(reverted[2][2:]))
    if text.startswith("Halt"):
        return ExecutionReverted(text, b"")
    raise TransactionRefused(text)
