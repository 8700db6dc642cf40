"""The chain's commands as an operator meets them: over HTTP, against contracts that have traded."""

import json
import re
import sys

import pyarrow.parquet as pq
import pytest
from eth_account import Account
from web3 import HTTPProvider, Web3

from gridbid.chain.deployment.deploy import MarketParameters
from gridbid.chain.ledgers.embedded_ledger import EmbeddedLedger
from gridbid.chain.nodes.embedded import EmbeddedProvider
from gridbid.chain.nodes.server import ChainServer
from gridbid.chain.rpc.node import Node
from gridbid.cli import main as command
from gridbid.market.types import Side, Terms

TERMS = Terms(retail=300_000, feed_in=78_600, fee=50_000, floor=78_600, price_cap=300_000)
SLOT = 2_000_000


class Community:
    """Contracts on a served chain, and the command with its node and deployment named."""

    def __init__(self, ledger, server, folder):
        self.ledger = ledger
        self.folder = folder
        self.file = folder / "deployment.json"
        ledger.deployment.save(self.file)
        self.place = ["--rpc", server.http_url, "--deployment", str(self.file)]


@pytest.fixture(scope="module")
def community(tmp_path_factory):
    """A home buys from a farm; the home is settled by a substitute, then corrected; the next slot trades."""
    ledger = EmbeddedLedger(MarketParameters(900, ring_size=16, deadline_seconds=600), now=SLOT * 900 - 900)
    home, farm = ledger.register(), ledger.register()
    for member in (home, farm):
        ledger.deposit(member, 10 * 10**9)
    ledger.deposit_supplier(100 * 10**9)
    limits = {home: 5_000, farm: 5_000}
    ledger.publish(SLOT, TERMS, limits, limits)
    ledger.place(SLOT, farm, Side.SELL, 20, 2_000)
    ledger.place(SLOT, home, Side.BUY, 40, 1_200)
    ledger.advance_to((SLOT + 1) * 900 + 600)
    ledger.substitute_reading(SLOT, home, 1_000)
    ledger.settle(SLOT, home)
    ledger.submit_reading(SLOT, home, 1_300)
    ledger.settle(SLOT, home)
    ledger.submit_reading(SLOT, farm, -2_000)
    ledger.settle(SLOT, farm)
    ledger.publish(SLOT + 3, TERMS, limits, limits)
    with ChainServer(ledger.node.web3.provider) as server:
        yield Community(ledger, server, tmp_path_factory.mktemp("community"))


def gridbid(monkeypatch, capsys, *arguments):
    """Exit status, output and error output of `gridbid chain`."""
    monkeypatch.setattr(sys, "argv", ["gridbid", "chain", *arguments])
    monkeypatch.setenv("COLUMNS", "200")
    with pytest.raises(SystemExit) as ended:
        command.main()
    told = capsys.readouterr()
    return ended.value.code or 0, told.out, told.err


@pytest.fixture
def chain(community, monkeypatch, capsys):
    """Run a command on the community; it must succeed. Returns what it printed."""

    def run(*arguments):
        code, out, err = gridbid(monkeypatch, capsys, *arguments, *community.place)
        assert (code, err) == (0, ""), err
        return out

    return run


@pytest.fixture
def refused(monkeypatch, capsys):
    """Run a command that must fail with one line; returns the line."""

    def run(*arguments, code=2):
        found, out, err = gridbid(monkeypatch, capsys, *arguments)
        assert (found, out) == (code, "")
        assert err.startswith("gridbid: ")
        assert err.count("\n") == 1
        return err

    return run


def test_a_seat_is_told_to_the_last_digit(community, chain):
    told = chain("trace", "--participant", "1", "--slot", str(SLOT))
    for words in (
        "Participant 1 in slot 2000000, delivered 2027-01-15 08:00 to 08:15 UTC",
        "retail 30.00 ct/kWh, feed-in 7.86 ct/kWh, local fee 5.00 ct/kWh",
        "bought 1.200 kWh from 2 at 11.86 ct/kWh = 0.142320000 EUR, fee 0.060000000 EUR",
        "1.000 kWh from the grid, substituted by the keeper",
        "0.200 kWh over, sold to the supplier at 7.86 ct/kWh",
        "0.100 kWh short, bought from the supplier at 30.00 ct/kWh",
        "-0.186600000 EUR  matches the chain",
        "-0.045720000 EUR  matches the chain",
        "credit before 10.000000000 EUR, after 9.813400000 EUR",
        "credit before 9.813400000 EUR, after 9.767680000 EUR",
        "All of it adds up",
    ):
        assert words in told
    assert "DIFFERS" not in told
    assert f"after {community.ledger.balance(1) / 1e9:.9f} EUR" in told


def test_an_account_has_a_statement(community, chain):
    told = chain("trace", "--participant", "2")
    assert "deposited" in told
    assert f"Credit now: {community.ledger.balance(2) / 1e9:.9f} EUR" in told
    assert "All of it adds up" in told


def test_a_slot_shows_who_sold_to_whom(chain):
    told = chain("trace", "--slot", str(SLOT))
    assert "2 -> 1: 1.200 kWh for 0.142320000 EUR" in told
    assert "2 -> supplier: 0.800 kWh for 0.062880000 EUR" in told
    assert "supplier -> 1: 0.100 kWh for 0.030000000 EUR" in told
    assert re.search(r"sum +\+0\.000000000 EUR", told)


def test_a_transaction_shows_what_it_did(community, chain):
    name = next(
        log["transactionHash"]
        for log in community.ledger.chain.history.logs
        if log["topics"][0].startswith("0x") and log["address"] == community.ledger.market.address
    )
    told = chain("trace", name)
    assert f"Transaction {name}" in told
    assert "called" in told
    assert "succeeded; the contracts told:" in told


def test_the_status_says_what_is_genuine_open_and_whose(community, chain):
    told = chain("status")
    assert told.count("genuine") == len(community.ledger.deployment.contracts)
    assert "Trading is open" in told
    assert f"{SLOT + 3}  2027-01-15 08:45 to 09:00 UTC  trades, 2 seats to settle" in told
    assert re.search(r"EnergyTrading +KEEPER_ROLE +OperationsSafe", told)


def test_what_a_script_wants_is_json(community, chain):
    status = json.loads(chain("status", "--json", "-"))
    assert status["paused"] is False
    assert status["slots"] == [{"slot": SLOT + 3, "trades": True, "unsettled_seats": 2}]
    chain("accounts", "--json", str(community.folder / "accounts.json"))
    accounts = json.loads((community.folder / "accounts.json").read_text())
    assert [account["balance_neur"] for account in accounts] == [
        community.ledger.balance(member) for member in (1, 2)
    ]
    assert [account["debt_neur"] for account in accounts] == [0, 0]


def test_accounts_are_a_table(chain):
    told = chain("accounts")
    assert len(told.splitlines()) == 3
    assert told.count("in good standing") == 2
    assert "9.767680000 EUR" in told


def test_an_export_is_brought_up_to_date(community, chain):
    folder = community.folder / "records"
    assert "1 energy transactions in all" in chain("export", "--out", str(folder))
    assert "is up to date" in chain("export", "--out", str(folder))
    (row,) = pq.read_table(folder / "transactions.parquet").to_pylist()
    assert (row["producer"], row["consumer"], row["energy_wh"], row["settled"]) == (2, 1, 1_200, True)


def test_what_is_wrong_with_node_or_file_is_one_line(community, refused, tmp_path):
    place, file = community.place[:2], str(community.file)
    assert "no such deployment file" in refused("status", *place, "--deployment", str(tmp_path / "no.json"))
    assert "NoNode" in refused("accounts", "--rpc", "http://127.0.0.1:1", "--deployment", file)
    assert "BadUrl" in refused("accounts", "--rpc", "localhost", "--deployment", file)
    (tmp_path / "bad.json").write_text("{}")
    assert "BadDeployment" in refused("status", *place, "--deployment", str(tmp_path / "bad.json"))
    document = json.loads(community.file.read_text())
    (tmp_path / "other.json").write_text(json.dumps({**document, "chain_id": 5}))
    assert "WrongChain" in refused("status", *place, "--deployment", str(tmp_path / "other.json"))
    with ChainServer(EmbeddedProvider()) as empty:
        line = refused("status", "--rpc", empty.http_url, "--deployment", file)
    assert "MissingContract: " in line
    assert "another history" in line


def test_a_trace_asks_for_one_thing(community, refused):
    assert "name a transaction's hash, or --participant" in refused("trace", *community.place)
    assert "slot 7 was opened" in refused("trace", "--slot", "7", *community.place)
    assert "UnknownParticipant" in refused("trace", "--participant", "77", *community.place)
    assert "0x and 64 hex digits" in refused("trace", "0x12", *community.place)
    assert "has no transaction" in refused("trace", "0x" + "ab" * 32, *community.place)


def test_deploying_writes_a_file_that_the_others_read(monkeypatch, capsys, refused, tmp_path):
    monkeypatch.setenv("GRIDBID_DEPLOYER_KEY", "0x" + "11" * 32)
    out = tmp_path / "mine.json"
    with ChainServer(EmbeddedProvider()) as server:
        place = ["--rpc", server.http_url]
        code, told, err = gridbid(monkeypatch, capsys, "deploy", *place, "--out", str(out))
        assert (code, err) == (0, "")
        assert "this is for development" in told
        code, told, err = gridbid(monkeypatch, capsys, "status", *place, "--deployment", str(out))
        assert (code, err) == (0, "")
        assert "NOT THE CODE" not in told
        assert "exists; move it away" in refused("deploy", *place, "--out", str(out))
        code, told, _ = gridbid(monkeypatch, capsys, "accounts", *place, "--deployment", str(out))
        assert told == "No members are registered yet.\n"


def test_a_bad_key_is_said_and_never_shown(monkeypatch, refused, tmp_path):
    monkeypatch.delenv("GRIDBID_DEPLOYER_KEY", raising=False)
    assert "NoKey" in refused("deploy", "--out", str(tmp_path / "x.json"))
    monkeypatch.setenv("GRIDBID_DEPLOYER_KEY", "0xsecret")
    line = refused("deploy", "--out", str(tmp_path / "x.json"))
    assert "BadKey" in line
    assert "secret" not in line
    (tmp_path / "key.json").write_text("[]")
    assert "no keystore file" in refused(
        "deploy", "--keystore", str(tmp_path / "key.json"), "--out", str(tmp_path / "x.json")
    )


def test_a_keystore_is_opened_by_its_password(tmp_path):
    from gridbid.chain.errors import StopError
    from gridbid.chain.rpc.keys import key_from_keystore

    account = Account.from_key("0x" + "22" * 32)
    file = tmp_path / "key.json"
    file.write_text(json.dumps(Account.encrypt(account.key, "open", iterations=2)))
    assert key_from_keystore(file, lambda: "open").address == account.address
    with pytest.raises(StopError, match="is the password another one"):
        key_from_keystore(file, lambda: "shut")


def test_a_network_gives_its_rules(community, chain, refused, tmp_path):
    file = tmp_path / "networks.toml"
    file.write_text("[networks.village]\nchain_id = 31337\nconfirmations = 3\nmax_fee_gwei = 5\n")
    village = ["--networks", str(file), "--network", "village"]
    rules = "Network village: a transaction counts when 3 blocks hold it; gas is bought for at most 5 gwei"
    assert rules in chain("status", *village)
    assert rules in chain("status", "--networks", str(file))
    assert "Network anvil: a transaction counts when 1 block holds it" in chain("status")
    last = community.ledger.chain.history.logs[-1]["transactionHash"]
    assert "It does not count yet: 1 of 3 blocks hold it." in chain("trace", last, *village)
    assert "does not count yet" not in chain("trace", last)
    told = chain("export", "--out", str(tmp_path / "records"), *village)
    assert f"to {int(community.ledger.node.latest_block()['number'], 16) - 2}:" in told
    assert "WrongChain: the node is on chain 31337; base is chain 8453" in refused(
        "accounts", "--network", "base", *community.place
    )
    assert "UnknownNetwork: mars" in refused("accounts", "--network", "mars", *community.place)
    assert "NoUrl: no node of base" in refused(
        "trace", "--slot", "1", "--network", "base", *community.place[2:]
    )


def test_a_narrow_terminal_keeps_addresses_whole(community, chain, monkeypatch):
    monkeypatch.setattr("gridbid.cli.terminal.console.width", 60)
    told = chain("accounts")
    for member in (1, 2):
        account = community.ledger.node.call(community.ledger.deployment.registration, "accountOf", member)[0]
        assert account.lower() in told.lower()


def test_nothing_is_deployed_when_its_file_cannot_be_written(monkeypatch, refused, tmp_path):
    monkeypatch.setenv("GRIDBID_DEPLOYER_KEY", "0x" + "11" * 32)
    with ChainServer(EmbeddedProvider()) as server:
        place = ["--rpc", server.http_url]
        assert "can't be written" in refused("deploy", *place, "--out", str(tmp_path / "none" / "d.json"))
        assert "holds 'xyz'" in refused("deploy", *place, "--out", str(tmp_path / "d.json"), "--owner", "xyz")
        node = Node(Web3(HTTPProvider(server.http_url)))
        assert node.latest_block()["number"] == "0x0"
