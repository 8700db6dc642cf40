"""The accounts that every development chain funds: the same on all of them, and known to everybody."""

from functools import cache

from eth_account import Account
from eth_account.hdaccount import seed_from_mnemonic
from eth_account.hdaccount.deterministic import HDPath
from eth_account.signers.local import LocalAccount

DEVELOPMENT_MNEMONIC = "test test test test test test test test test test test junk"
"""Anvil's and Hardhat's. Whoever sends such an account something of value has lost it."""
DEVELOPMENT_BALANCE_WEI = 10_000 * 10**18


@cache
def development_accounts(n_accounts: int = 10) -> tuple[LocalAccount, ...]:
    """The first accounts of the mnemonic, BIP-44."""
    seed = seed_from_mnemonic(DEVELOPMENT_MNEMONIC, "")
    return tuple(
        Account.from_key(HDPath(f"m/44'/60'/0'/0/{number}").derive(seed)) for number in range(n_accounts)
    )
