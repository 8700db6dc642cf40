"""The words of nodes, each as its node puts them, and what they come to."""

from typing import Any

import pytest

from gridbid.chain.errors import LedgerError, RetryError, StopError
from gridbid.chain.rpc.node_errors import node_error

PAUSED = "0xd93c0665"
"""EnforcedPause(), OpenZeppelin's Pausable."""


@pytest.mark.parametrize(
    ("message", "kind", "name"),
    [
        ("already known", RetryError, "AlreadyKnown"),
        ("transaction already imported", RetryError, "AlreadyKnown"),
        ("replacement transaction underpriced", RetryError, "Underpriced"),
        ("max fee per gas less than block base fee: address 0x1, maxFeePerGas: 1", RetryError, "Underpriced"),
        ("insufficient funds for gas * price + value: have 1 want 2", StopError, "InsufficientFunds"),
        ("Sender does not have enough balance; cannot afford it", StopError, "InsufficientFunds"),
        ("nonce too low: next nonce 5, tx nonce 4", RetryError, "WrongNonce"),
        ("invalid chain id for signer: have 1 want 5", StopError, "WrongChain"),
        ("the method eth_nothing does not exist/is not available", StopError, "NoMethod"),
        ("429 Too Many Requests", RetryError, "Busy"),
        ("something new", StopError, "Refused"),
    ],
)
def test_words_have_their_kind(message: str, kind: type[LedgerError], name: str):
    error = node_error({"code": -32_000, "message": message})
    assert type(error) is kind
    assert (error.name, error.detail) == (name, message)


@pytest.mark.parametrize("data", [PAUSED, f"Reverted {PAUSED}", {"data": PAUSED}, {"result": PAUSED}])
def test_a_contracts_error_is_found_wherever_a_node_puts_it(data: Any):
    error = node_error({"code": 3, "message": "execution reverted", "data": data})
    assert (type(error), error.name) == (RetryError, "EnforcedPause")


def test_a_revert_without_a_word_says_so():
    assert "out of gas, or a broken assertion" in str(node_error({"message": "x", "data": "0x"}))
