"""Networks: those that are built in, a user's own, and what is wrong with a file of them."""

from pathlib import Path

import pytest

from gridbid.chain.errors import StopError
from gridbid.chain.rpc.networks import (
    BUILT_IN,
    RPC_VARIABLE,
    FeeStrategy,
    find_network,
    network_of,
    node_url,
    read_networks,
)


def test_chain_ids_are_the_registered_ones():
    """By chainid.network, where EIP-155 ids are registered."""
    registered = {
        "mainnet": 1, "optimism": 10, "gnosis": 100, "polygon": 137, "base": 8_453,
        "arbitrum": 42_161, "sepolia": 11_155_111, "embedded": 31_337, "anvil": 31_337,
    }  # fmt: skip
    assert {network.name: network.chain_id for network in BUILT_IN} == registered


def test_what_is_worth_something_has_a_cap_and_waits():
    for network in BUILT_IN:
        if not network.is_test:
            assert network.max_fee_gwei is not None
            assert network.confirmations > 1
            assert not network.rpc_url


def test_a_network_is_found_by_name_or_chain():
    assert find_network("gnosis").chain_id == 100
    assert network_of(8_453).name == "base"
    assert (network_of(5).name, network_of(5).confirmations) == ("chain 5", 2)
    with pytest.raises(StopError, match="UnknownNetwork: marsnet; there are embedded, anvil, mainnet"):
        find_network("marsnet")


def test_a_users_own_are_read(tmp_path: Path):
    path = tmp_path / "networks.toml"
    path.write_text(
        '[networks.village]\nchain_id = 4242\nfee_strategy = "legacy"\nrpc_url = "http://10.0.0.7:8545"\n'
        "[networks.mainnet]\nchain_id = 1\nconfirmations = 12\nmax_fee_gwei = 20\n"
    )
    village = find_network("village", path)
    assert (village.chain_id, village.fee_strategy, village.confirmations) == (4_242, FeeStrategy.LEGACY, 1)
    assert find_network("mainnet", path).confirmations == 12
    assert find_network("base", path) == find_network("base")
    assert len(read_networks(path)) == len(BUILT_IN) + 1


def test_every_fault_of_a_file_is_named(tmp_path: Path):
    path = tmp_path / "networks.toml"
    path.write_text(
        '[networks.a]\nchain_id = "x"\nconfirmations = 0\nmax_fee_gwei = -1\nfee_strategy = "free"\nrpc_url = "x"\n'
        "[networks.b]\nconfirmations = 1\n[networks.c]\nchain_id = 1\ncolour = 3\n"
    )
    with pytest.raises(StopError) as raised:
        read_networks(path)
    for part in (
        "a: chain_id is 'x'; it must be a whole number from 1 on",
        "confirmations is 0",
        "max_fee_gwei is -1; it must be a positive number",
        "fee_strategy is 'free'; it must be dynamic or legacy",
        "rpc_url is 'x'; it must begin with http://",
        "b: chain_id is missing",
        "c: there is no field colour",
    ):
        assert part in str(raised.value)


@pytest.mark.parametrize("content", ["networks = 5", "[networks]\na = 1", "[", ""])
def test_what_is_no_file_of_networks_is_told(tmp_path: Path, content: str):
    path = tmp_path / "networks.toml"
    path.write_text(content)
    with pytest.raises(StopError, match=r"BadNetwork: .*networks\.toml"):
        read_networks(path)


def test_a_url_is_the_users_to_give(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(RPC_VARIABLE, raising=False)
    base = find_network("base")
    with pytest.raises(
        StopError, match="NoUrl: no node of base is known: give its URL, or set GRIDBID_RPC_URL"
    ):
        node_url(base)
    assert node_url(find_network("anvil")) == "http://127.0.0.1:8545"
    monkeypatch.setenv(RPC_VARIABLE, "https://one.example")
    assert node_url(base) == "https://one.example"
    assert node_url(base, "wss://two.example") == "wss://two.example"
    with pytest.raises(StopError, match=r"BadUrl: one\.example is no node's URL"):
        node_url(base, "one.example")
