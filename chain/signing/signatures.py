"""Signatures over text (EIP-191, version 0x45): who vouches for a file."""

from eth_account import Account
from eth_account.messages import encode_defunct
from eth_keys.exceptions import BadSignature
from eth_utils.exceptions import ValidationError

from gridbid.market.errors import GridbidError


class SignatureError(GridbidError):
    """A key or a signature that isn't one."""


def sign_text(text: str, key: str) -> str:
    """Signature of a text by a private key (64 hex digits, 0x or not): 65 bytes as hex with 0x."""
    try:
        account = Account.from_key(key)
    except (ValueError, TypeError, ValidationError) as error:
        raise SignatureError("key: expected a private key, 64 hex digits") from error
    return "0x" + bytes(account.sign_message(encode_defunct(text=text)).signature).hex()


def recover_signer(text: str, signature: str) -> str:
    """Checksummed address of whoever signed the text."""
    try:
        return str(Account.recover_message(encode_defunct(text=text), signature=signature))
    except (ValueError, TypeError, IndexError, ValidationError, BadSignature) as error:
        raise SignatureError(f"signature {signature[:12]!r}...: expected 65 bytes as hex with 0x") from error
