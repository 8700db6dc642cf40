"""Signatures over text, against the digest spelled out and public addresses known from elsewhere."""

import pytest
from coincurve import PublicKey
from eth_account import Account
from eth_utils.crypto import keccak

from gridbid.chain.signing.signatures import SignatureError, recover_signer, sign_text

KEY = "0x" + "11" * 32


def test_the_signature_is_over_the_prefixed_text():
    """EIP-191: keccak256("\\x19Ethereum Signed Message:\\n" + length in bytes + text)."""
    text = "a bundle of 3 networks, für alle"
    raw = text.encode()
    digest = keccak(b"\x19Ethereum Signed Message:\n" + str(len(raw)).encode() + raw)
    signature = bytes.fromhex(sign_text(text, KEY)[2:])
    recoverable = signature[:64] + bytes([signature[64] - 27])
    public = PublicKey.from_signature_and_message(recoverable, digest, hasher=None).format(compressed=False)
    assert "0x" + keccak(public[1:])[-20:].hex() == Account.from_key(KEY).address.lower()


def test_the_signer_is_recovered():
    assert recover_signer("text", sign_text("text", KEY)) == Account.from_key(KEY).address


def test_another_text_has_another_signer():
    assert recover_signer("other", sign_text("text", KEY)) != Account.from_key(KEY).address


@pytest.mark.parametrize("key", ["", "0x12", "no key"])
def test_what_is_no_key_is_refused(key):
    with pytest.raises(SignatureError, match="expected a private key, 64 hex digits"):
        sign_text("text", key)


@pytest.mark.parametrize("signature", ["", "0x12", "no signature", "0x" + "11" * 65, "0x" + "00" * 65])
def test_what_is_no_signature_is_refused(signature):
    with pytest.raises(SignatureError, match="expected 65 bytes as hex"):
        recover_signer("text", signature)
