"""Private keys of people: from the environment or from a keystore file, never from a command line."""

import json
import os
from collections.abc import Callable
from pathlib import Path

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.exceptions import ValidationError

from gridbid.chain.errors import StopError


def key_from_environment(variable: str) -> LocalAccount:
    """The account whose private key an environment variable holds. Raises StopError, and never tells the key."""
    key = os.environ.get(variable)
    if not key:
        raise StopError("NoKey", f"set {variable} to a private key, or name a keystore file with --keystore")
    try:
        return Account.from_key(key.strip())
    except (ValueError, TypeError, ValidationError) as error:
        raise StopError("BadKey", f"{variable} holds no private key: 64 hex digits, 0x or not") from error


def key_from_keystore(file: Path, ask_password: Callable[[], str]) -> LocalAccount:
    """The account of an encrypted keystore file (Web3 Secret Storage). Raises StopError for a wrong password."""
    try:
        document = json.loads(file.read_text())
    except (OSError, ValueError) as error:
        raise StopError("BadKey", f"{file} is no keystore file: {error}") from error
    if not isinstance(document, dict) or not {"crypto", "Crypto"} & set(document):
        raise StopError("BadKey", f"{file} is no keystore file: it has no field crypto")
    try:
        return Account.from_key(Account.decrypt(document, ask_password()))
    except (ValueError, TypeError, KeyError) as error:
        raise StopError("BadKey", f"{file} cannot be opened: is the password another one?") from error
