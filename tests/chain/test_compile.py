"""The artifacts belong to the sources, and another compilation gives the same bytes."""

import json
from pathlib import Path

import pytest

from gridbid.chain.artifact import ARTIFACT_FOLDER, CONTRACT_NAMES, load, source_of
from gridbid.chain.compilation import compile as compilation
from gridbid.chain.compilation.compiler import CompileError, packages_folder, run_compiler
from gridbid.chain.compilation.sources import CONTRACT_FOLDER, closure, own_closure


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the artifacts, to be altered."""
    for name in CONTRACT_NAMES:
        (tmp_path / f"{name}.json").write_text((ARTIFACT_FOLDER / f"{name}.json").read_text())
    monkeypatch.setattr(compilation, "ARTIFACT_FOLDER", tmp_path)
    return tmp_path


def test_a_new_compilation_gives_the_same_bytes():
    assert compilation.main(["--verify"]) == 0


def test_the_hashes_agree():
    assert compilation.main(["--check"]) == 0


@pytest.mark.parametrize(
    ("part", "entry"), [("sources", "MeterOracle.sol"), ("packages", "solc"), ("settings", "evmVersion")]
)
def test_another_source_package_or_setting_is_noticed(
    copied: Path, capsys: pytest.CaptureFixture[str], part: str, entry: str
):
    document = json.loads((copied / "MeterOracle.json").read_text())
    document[part][entry] = "another"
    (copied / "MeterOracle.json").write_text(json.dumps(document))
    assert compilation.main(["--check"]) == 1
    assert (
        "not up to date: MeterOracle; run python -m gridbid.chain.compilation.compile"
        in capsys.readouterr().err
    )


def test_a_missing_artifact_is_noticed(copied: Path):
    (copied / "EnergyToken.json").unlink()
    assert compilation.outdated() == ["EnergyToken"]


def test_a_contracts_sources_are_what_it_imports():
    assert set(own_closure("ConsumerRegistration.sol")) == {
        "ConsumerRegistration.sol",
        "interfaces/IConsumerRegistration.sol",
        "interfaces/IERC5192.sol",
        "interfaces/IIdentityRegistry.sol",
    }
    everything = closure("MeterOracle.sol", packages_folder())
    assert "@openzeppelin/contracts/utils/cryptography/EIP712.sol" in everything
    assert own_closure("MeterOracle.sol").items() < everything.items()


def test_no_source_is_left_out():
    used = {unit for name in CONTRACT_NAMES for unit in own_closure(source_of(name))}
    packages = CONTRACT_FOLDER / "node_modules"
    present = {
        path.relative_to(CONTRACT_FOLDER).as_posix()
        for path in CONTRACT_FOLDER.rglob("*.sol")
        if packages not in path.parents
    }
    assert present == used


def test_the_lock_names_no_registry():
    assert "://" not in "".join(
        line
        for line in (CONTRACT_FOLDER / "package-lock.json").read_text().splitlines()
        if '"url"' not in line  # where a package's authors ask for support
    )


def test_a_fault_in_a_source_is_told(monkeypatch: pytest.MonkeyPatch):
    def faulty(unit: str, packages: Path) -> dict[str, str]:
        return {unit: "pragma solidity ^0.8.28; contract Faulty { uint256 x = true; }"}

    monkeypatch.setattr(compilation, "closure", faulty)
    with pytest.raises(CompileError, match="Type bool is not implicitly convertible"):
        compilation.compile_contracts()


def test_a_compiler_that_is_not_there_is_told(tmp_path: Path):
    with pytest.raises(CompileError, match="Cannot find module"):
        run_compiler(tmp_path, {})


def test_an_unknown_contract_is_named():
    with pytest.raises(
        ValueError, match="contract 'Nothing' is unknown; there are EnergyToken, ConsumerRegistration"
    ):
        load("Nothing")
