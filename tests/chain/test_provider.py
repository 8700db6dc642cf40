"""The chain in the process, through web3's own eyes."""

import pytest
from eth_account import Account
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak
from hexbytes import HexBytes
from web3 import Web3
from web3.contract import Contract
from web3.exceptions import (
    BadFunctionCallOutput,
    BlockNotFound,
    ContractCustomError,
    TransactionNotFound,
    Web3RPCError,
)
from web3.logs import DISCARD

from gridbid.chain.artifact import load
from gridbid.chain.nodes.embedded import EmbeddedProvider
from gridbid.chain.nodes.message import BLOCK_GAS_LIMIT, ExecutionReverted, Message
from gridbid.chain.rpc.interface import decode_error

GWEI = 10**9


@pytest.fixture
def web3() -> Web3:
    return Web3(EmbeddedProvider(now=1_000))


@pytest.fixture
def token(web3: Web3) -> Contract:
    """A credit token whose deployer is admin and treasury."""
    admin = web3.eth.accounts[0]
    artifact = load("EnergyToken")
    deployed = web3.eth.contract(abi=artifact.abi, bytecode=artifact.bytecode).constructor(
        admin, 2**63, 2**63
    )
    receipt = web3.eth.wait_for_transaction_receipt(deployed.transact({"from": admin}))
    token = web3.eth.contract(receipt["contractAddress"], abi=artifact.abi)
    token.functions.grantRole(token.functions.TREASURY_ROLE().call(), admin).transact({"from": admin})
    return token


def chain_of(web3: Web3):
    assert isinstance(web3.provider, EmbeddedProvider)
    return web3.provider.chain


def test_it_is_connected_and_names_itself(web3: Web3):
    assert web3.is_connected()
    assert (web3.eth.chain_id, web3.net.version) == (31_337, "31337")
    assert web3.client_version == "gridbid/embedded"
    assert web3.eth.gas_price == 0


def test_a_contract_lands_where_its_deployers_nonce_says(web3: Web3, token: Contract):
    """CREATE: the last 20 bytes of keccak(rlp([sender, nonce])); here nonce 0, encoded as an empty string."""
    sender = bytes(HexBytes(web3.eth.accounts[0]))
    assert token.address == to_checksum_address(keccak(b"\xd6\x94" + sender + b"\x80")[12:])
    assert web3.eth.get_code(token.address) == HexBytes(chain_of(web3).code(token.address)) != b""


def test_calls_change_nothing(web3: Web3, token: Contract):
    admin = web3.eth.accounts[0]
    height = web3.eth.block_number
    token.functions.mint(admin, 7, bytes(32)).call({"from": admin})
    assert token.functions.totalSupply().call() == 0
    assert (web3.eth.block_number, web3.eth.get_transaction_count(admin)) == (height, 2)


def test_a_transaction_is_a_block_with_receipt_and_logs(web3: Web3, token: Contract):
    admin, other = web3.eth.accounts[:2]
    name = token.functions.mint(other, 7, bytes(32)).transact({"from": admin})
    receipt = web3.eth.get_transaction_receipt(name)
    block = web3.eth.get_block("latest")
    assert receipt["status"] == 1
    assert block["transactions"] == [name]
    assert (receipt["blockNumber"], receipt["blockHash"]) == (block["number"], block["hash"])
    assert (block["timestamp"], block["gasUsed"]) == (1_000, receipt["gasUsed"])
    assert web3.eth.get_block(block["number"] - 1)["hash"] == block["parentHash"]
    assert web3.eth.get_block(block["hash"], full_transactions=True)["transactions"][0]["hash"] == name
    (transfer,) = token.events.Transfer().process_receipt(receipt, errors=DISCARD)
    assert dict(transfer["args"]) == {"from": "0x" + "00" * 20, "to": other, "value": 7}
    sent = web3.eth.get_transaction(name)
    assert (sent["from"], sent["to"], sent["nonce"]) == (admin, token.address, 2)


def test_ether_moves(web3: Web3):
    payer, payee = web3.eth.accounts[0], Account.create().address
    before = web3.eth.get_balance(payer)
    web3.eth.send_transaction({"from": payer, "to": payee, "value": 5})
    assert (web3.eth.get_balance(payee), web3.eth.get_balance(payer)) == (5, before - 5)


def test_a_local_account_signs_for_itself(web3: Web3, token: Contract):
    account = Account.from_key("0x" + "05" * 32)
    transaction = token.functions.approve(web3.eth.accounts[0], 9).build_transaction(
        {"from": account.address, "nonce": 0, "gas": 100_000, "maxFeePerGas": GWEI, "maxPriorityFeePerGas": 0}
    )
    name = web3.eth.send_raw_transaction(account.sign_transaction(transaction).raw_transaction)
    assert name == keccak(account.sign_transaction(transaction).raw_transaction)
    assert web3.eth.get_transaction_receipt(name)["from"] == account.address
    assert token.functions.allowance(account.address, web3.eth.accounts[0]).call() == 9


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"nonce": 1}, "nonce too high: it is 1, the next one is 0"),
        ({"chainId": 5}, "for chain 5; this one is 31337"),
        ({"gas": BLOCK_GAS_LIMIT + 1}, "a block has 30000000"),
        ({"gas": 20_000}, "Initial gas spend is 21000"),
    ],
)
def test_what_cannot_stand_in_a_block_is_refused(web3: Web3, change: dict[str, int], message: str):
    account = Account.from_key("0x" + "05" * 32)
    transaction = {
        "type": 2,
        "chainId": 31_337,
        "nonce": 0,
        "gas": 21_000,
        "to": web3.eth.accounts[0],
        "value": 0,
        "maxFeePerGas": 0,
        "maxPriorityFeePerGas": 0,
        **change,
    }
    with pytest.raises(Web3RPCError, match=message):
        web3.eth.send_raw_transaction(account.sign_transaction(transaction).raw_transaction)
    assert (web3.eth.block_number, web3.eth.get_transaction_count(account.address)) == (0, 0)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ("0x", "the transaction is empty"),
        ("0x03c0", "type is 3; types 0, 1 and 2 are taken"),
        ("0x02ff", "not in RLP"),
        ("0x02c101", "has no 12 fields"),
        ("0xc9" + "80" * 6 + "1b0101", "signed for any chain"),
        ("0x02ce" + "827a69" + "80" * 7 + "c0" + "808080", "signature is broken"),
    ],
)
def test_what_is_no_transaction_is_refused(web3: Web3, raw: str, message: str):
    answer = web3.provider.make_request("eth_sendRawTransaction", [raw])
    assert answer["error"]["code"] == -32_000
    assert message in answer["error"]["message"]


@pytest.mark.parametrize("fees", [{"gasPrice": 0}, {"gasPrice": 0, "accessList": [], "type": 1}])
def test_older_kinds_of_transactions_are_taken(web3: Web3, fees: dict[str, object]):
    account, payee = Account.from_key("0x" + "05" * 32), web3.eth.accounts[1]
    transaction = {"chainId": 31_337, "nonce": 0, "gas": 30_000, "to": payee, "value": 0, **fees}
    name = web3.eth.send_raw_transaction(account.sign_transaction(transaction).raw_transaction)
    sent = web3.eth.get_transaction(name)
    assert (sent["from"], sent["to"], sent["type"]) == (account.address, payee, fees.get("type", 0))


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("eth_getBalance", []),
        ("eth_getBalance", ["nobody"]),
        ("eth_call", ["to"]),
        ("eth_getBlockByNumber", ["0xzz"]),
        ("evm_increaseTime", [-5]),
    ],
)
def test_wrong_parameters_are_told(web3: Web3, method: str, params: list[object]):
    error = web3.provider.make_request(method, params)["error"]
    assert error["code"] == -32_602
    assert error["message"].startswith(f"{method}(")


def test_a_revert_carries_the_contracts_own_error(web3: Web3, token: Contract):
    stranger = web3.eth.accounts[1]
    with pytest.raises(ContractCustomError) as raised:
        token.functions.mint(stranger, 1, bytes(32)).call({"from": stranger})
    name, detail = decode_error(bytes.fromhex(str(raised.value.data)[2:]))
    assert name == "AccessControlUnauthorizedAccount"
    assert stranger.lower() in detail


def test_a_failed_transaction_stands_in_its_block(web3: Web3, token: Contract):
    stranger = web3.eth.accounts[1]
    name = token.functions.mint(stranger, 1, bytes(32)).transact({"from": stranger, "gas": 100_000})
    receipt = web3.eth.get_transaction_receipt(name)
    assert (receipt["status"], receipt["logs"]) == (0, [])
    assert web3.eth.get_transaction_count(stranger) == 1
    assert token.functions.totalSupply().call() == 0


def test_running_out_of_gas_fails_without_data(web3: Web3, token: Contract):
    admin = web3.eth.accounts[0]
    data = bytes.fromhex(token.encode_abi("mint", [admin, 1, bytes(32)])[2:])
    with pytest.raises(ExecutionReverted, match="OutOfGas") as raised:
        chain_of(web3).call(Message(admin, token.address, data, gas=30_000))
    assert raised.value.data == b""


def test_an_estimate_suffices(web3: Web3, token: Contract):
    admin = web3.eth.accounts[0]
    gas = token.functions.mint(admin, 1, bytes(32)).estimate_gas({"from": admin})
    name = token.functions.mint(admin, 1, bytes(32)).transact({"from": admin, "gas": gas})
    assert web3.eth.get_transaction_receipt(name)["status"] == 1


def test_logs_are_found_by_block_address_and_topic(web3: Web3, token: Contract):
    admin, other = web3.eth.accounts[:2]
    first = web3.eth.block_number + 1
    for payee, amount in ((admin, 1), (other, 2), (admin, 3)):
        token.functions.mint(payee, amount, bytes(32)).transact({"from": admin})

    def amounts(**query: object) -> list[int]:
        return [log["args"]["value"] for log in token.events.Transfer().get_logs(**query)]

    assert amounts(from_block=0) == [1, 2, 3]
    assert amounts(from_block=first + 1, to_block=first + 1) == [2]
    assert amounts(from_block=0, argument_filters={"to": admin}) == [1, 3]
    assert amounts() == [3]
    assert web3.eth.get_logs({"fromBlock": 0, "address": other}) == []
    block_hash = web3.eth.get_block(first)["hash"]
    of_block = web3.eth.get_logs({"blockHash": block_hash})
    assert [log["blockNumber"] for log in of_block] == [first, first]  # Transfer and Minted
    topics = [["0x" + "11" * 32, Web3.to_hex(keccak(text="Transfer(address,address,uint256)"))]]
    assert len(web3.eth.get_logs({"fromBlock": 0, "topics": topics})) == 3


def test_filters_hand_out_what_is_new(web3: Web3, token: Contract):
    admin = web3.eth.accounts[0]
    transfers = token.events.Transfer().create_filter(from_block="latest")
    blocks = web3.eth.filter("latest")
    assert (transfers.get_new_entries(), blocks.get_new_entries()) == ([], [])
    token.functions.mint(admin, 1, bytes(32)).transact({"from": admin})
    assert [entry["args"]["value"] for entry in transfers.get_new_entries()] == [1]
    assert blocks.get_new_entries() == [web3.eth.get_block("latest")["hash"]]
    assert transfers.get_new_entries() == []
    assert len(transfers.get_all_entries()) == 1
    assert web3.eth.uninstall_filter(transfers.filter_id)
    with pytest.raises(Web3RPCError, match="is unknown"):
        transfers.get_new_entries()


def test_the_clock_is_set_by_hand(web3: Web3):
    make = web3.provider.make_request
    make("evm_setNextBlockTimestamp", [2_000])
    make("evm_mine", [])
    assert web3.eth.get_block("latest")["timestamp"] == 2_000
    make("evm_increaseTime", [60])
    web3.eth.send_transaction({"from": web3.eth.accounts[0], "to": web3.eth.accounts[1]})
    assert web3.eth.get_block("latest")["timestamp"] == 2_060
    assert "must not be before 2060" in make("evm_setNextBlockTimestamp", [5])["error"]["message"]


def test_going_back_to_a_snapshot_undoes_everything(web3: Web3, token: Contract):
    admin = web3.eth.accounts[0]
    make = web3.provider.make_request
    token.functions.mint(admin, 1, bytes(32)).transact({"from": admin})
    outer = make("evm_snapshot", [])["result"]
    height, nonce = web3.eth.block_number, web3.eth.get_transaction_count(admin)
    make("evm_increaseTime", [60])
    dropped = token.functions.mint(admin, 2, bytes(32)).transact({"from": admin})
    inner = make("evm_snapshot", [])["result"]
    token.functions.mint(admin, 4, bytes(32)).transact({"from": admin})
    assert make("evm_revert", [outer])["result"] is True
    assert make("evm_revert", [inner])["result"] is False
    assert token.functions.totalSupply().call() == 1
    assert (web3.eth.block_number, web3.eth.get_transaction_count(admin)) == (height, nonce)
    assert len(token.events.Transfer().get_logs(from_block=0)) == 1
    with pytest.raises(TransactionNotFound):
        web3.eth.get_transaction(dropped)
    token.functions.mint(admin, 8, bytes(32)).transact({"from": admin})
    assert web3.eth.get_block("latest")["timestamp"] == 1_000
    assert token.functions.totalSupply().call() == 9


def test_transient_storage_ends_with_its_transaction(web3: Web3):
    """Runtime: return tload(0) after tstore(0, 1); each call must find 0."""
    admin = web3.eth.accounts[0]
    runtime = "5f5c5f5260015f5d60205ff3"
    receipt = web3.eth.wait_for_transaction_receipt(
        web3.eth.send_transaction({"from": admin, "data": f"0x6b{runtime}5f52600c6014f3"})
    )
    for _ in range(2):
        web3.eth.send_transaction({"from": admin, "to": receipt["contractAddress"]})
        assert int.from_bytes(web3.eth.call({"to": receipt["contractAddress"]})) == 0


def test_storage_can_be_read(web3: Web3, token: Contract):
    admin = web3.eth.accounts[0]
    token.functions.mint(admin, 7, bytes(32)).transact({"from": admin})
    total_supply_position = 2
    assert int.from_bytes(web3.eth.get_storage_at(token.address, total_supply_position)) == 7


def test_what_is_not_there_is_said_so(web3: Web3):
    with pytest.raises(BlockNotFound):
        web3.eth.get_block(99)
    with pytest.raises(BlockNotFound):
        web3.eth.get_block(HexBytes("0x" + "11" * 32))
    with pytest.raises(TransactionNotFound):
        web3.eth.get_transaction_receipt(HexBytes("0x" + "11" * 32))
    with pytest.raises(Web3RPCError, match="eth_nothing does not exist"):
        web3.manager.request_blocking("eth_nothing", [])
    with pytest.raises(Web3RPCError, match="is not unlocked"):
        web3.eth.send_transaction({"from": Account.create().address, "to": web3.eth.accounts[0]})
    nobody = web3.eth.contract(Account.create().address, abi=load("EnergyToken").abi)
    with pytest.raises(BadFunctionCallOutput):
        nobody.functions.totalSupply().call()
