"""The deployment file, and whether the chain holds what it says."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from eth_account import Account

from gridbid.chain.deployment.deployment import SCHEMA_VERSION, Deployment
from gridbid.chain.deployment.verify import verify
from gridbid.chain.errors import StopError
from gridbid.chain.ledgers.contract_view import ContractView
from gridbid.chain.ledgers.embedded_ledger import EmbeddedLedger


@pytest.fixture
def ledger() -> EmbeddedLedger:
    return EmbeddedLedger()


@pytest.fixture
def file(ledger: EmbeddedLedger, tmp_path: Path) -> Path:
    path = tmp_path / "deployment.json"
    ledger.deployment.save(path)
    return path


def altered(file: Path, **changes: object) -> Path:
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))
    return file


def test_what_is_written_is_read(ledger: EmbeddedLedger, file: Path):
    assert Deployment.read(file) == ledger.deployment
    document = json.loads(file.read_text())
    assert (document["schema"], document["chain_id"], document["network"]) == (1, 31_337, "embedded")
    token = document["contracts"]["EnergyToken"]
    assert token["arguments"][1:] == [10**16, 10**15]
    assert document["contracts"]["UtilityVerification"]["arguments"][1] == "0x4445"
    receipt = ledger.node.receipt(token["transaction"])
    assert (receipt["contractAddress"], int(receipt["blockNumber"], 16)) == (
        token["address"],
        token["block_number"],
    )
    assert {
        "contract": "EnergyTrading",
        "role": "PAUSER_ROLE",
        "holder": ledger.deployment.operations.address,
    } in (document["roles"])


def test_a_file_that_is_none_is_told(tmp_path: Path, file: Path):
    with pytest.raises(StopError, match=r"BadDeployment: .*nothing\.json is no deployment file"):
        Deployment.read(tmp_path / "nothing.json")
    for text, reason in (
        ("{", "is no deployment file"),
        ("[]", "no field schema"),
        ("{}", "no field schema"),
    ):
        file.write_text(text)
        with pytest.raises(StopError, match=f"BadDeployment: .*{reason}"):
            Deployment.read(file)


def test_another_version_is_told(file: Path):
    with pytest.raises(StopError, match=f"schema version 7; this version of gridbid reads {SCHEMA_VERSION}"):
        Deployment.read(altered(file, schema=7))


def test_a_missing_contract_is_told(file: Path, ledger: EmbeddedLedger):
    contracts = json.loads(file.read_text())["contracts"]
    del contracts["EnergyTrading"], contracts["EnergyToken"]
    with pytest.raises(StopError, match=r"MissingContract: .* names no EnergyToken, no EnergyTrading"):
        Deployment.read(altered(file, contracts=contracts))
    with pytest.raises(StopError, match="MissingContract: Nothing; the deployment has SafeSingleton, "):
        ledger.deployment.interface("Nothing")


def test_a_missing_or_unknown_field_is_told(file: Path):
    with pytest.raises(StopError, match="unexpected keyword argument 'slots'"):
        Deployment.read(altered(file, parameters={"slots": 5}))


def test_another_chain_is_told(ledger: EmbeddedLedger):
    elsewhere = replace(ledger.deployment, chain_id=5)
    with pytest.raises(StopError, match="WrongChain: the node is on chain 31337; the deployment is on 5"):
        ContractView(ledger.node, elsewhere)
    with pytest.raises(StopError, match="WrongChain"):
        verify(ledger.node, elsewhere)


def test_what_was_deployed_is_what_the_artifacts_hold(ledger: EmbeddedLedger):
    verify(ledger.node, ledger.deployment)


def test_each_contract_that_differs_is_named(ledger: EmbeddedLedger):
    contracts = dict(ledger.deployment.contracts)
    nowhere = Account.create().address
    contracts["EnergyToken"] = replace(contracts["EnergyToken"], address=nowhere)
    contracts["ModelRegistry"] = replace(
        contracts["ModelRegistry"], address=contracts["UtilityVerification"].address
    )
    contracts["Safe"] = replace(contracts["SafeSingleton"], build_hash="00")
    with pytest.raises(StopError) as raised:
        verify(ledger.node, replace(ledger.deployment, contracts=contracts))
    text = str(raised.value)
    assert f"EnergyToken: there is no contract at {nowhere}" in text
    assert "ModelRegistry: the code at" in text
    assert "has another hash than was recorded" in text
    assert "is not that of the artifact ModelRegistry" in text
    assert "Safe: was compiled with other settings" in text
    assert "EnergyTrading:" not in text


def test_another_immutable_shows_in_the_hash_alone(ledger: EmbeddedLedger):
    """The same code for another country: not the artifact differs but what its constructor was given."""
    other = EmbeddedLedger(replace(ledger.deployment.parameters, jurisdiction="AT"))
    record = ledger.deployment.contracts["UtilityVerification"]
    contracts = {
        **other.deployment.contracts,
        "UtilityVerification": replace(
            other.deployment.contracts["UtilityVerification"], code_hash=record.code_hash
        ),
    }
    with pytest.raises(StopError) as raised:
        verify(other.node, replace(other.deployment, contracts=contracts))
    assert str(raised.value).count("UtilityVerification") == 1
    assert "another hash than was recorded" in str(raised.value)
