"""Faults planted in the contracts and in the twin (mutants.toml): the fuzzer notices each of them."""

import shutil
import sys
import tomllib
import types
from collections.abc import Callable
from pathlib import Path

import pytest

import gridbid.chain.artifact
import gridbid.chain.compilation.sources
import gridbid.market.naive.exchange
from gridbid.chain.artifact import ARTIFACT_FOLDER, load
from gridbid.chain.compilation.compile import compile_contracts, render
from gridbid.chain.compilation.sources import CONTRACT_FOLDER
from gridbid.chain.fuzz.campaign import EVENTS_A_LOG, match_of_all, play_random_log
from gridbid.chain.fuzz.compare import Match
from gridbid.chain.fuzz.players.core_player import CorePlayer
from gridbid.chain.fuzz.players.twin_player import TwinPlayer

CATALOGUE = tomllib.loads((Path(__file__).parent / "mutants.toml").read_text(encoding="utf-8"))
TWIN_SOURCE = Path(gridbid.market.naive.exchange.__file__)
MARKET_CODE = ("EnergyTrading", "EnergyTradingExtension")
MOST_LOGS = 400
"""A mutant that this many logs don't show would be reported as a survivor."""

Mutant = dict[str, str]


def planted(text: str, mutant: Mutant) -> str:
    """A source with the fault in it."""
    found = text.count(mutant["old"])
    assert found == 1, f"{mutant['name']!r}: its old text stands {found} times; bring mutants.toml up to date"
    return text.replace(mutant["old"], mutant["new"])


def logs_until_noticed(match: Match) -> int | None:
    """How many random logs it takes until the players part; None when none does."""
    for index in range(MOST_LOGS):
        if play_random_log(match, f"mutant/{index}", EVENTS_A_LOG).mismatches:
            return index + 1
    return None


def mutated_twin(mutant: Mutant) -> TwinPlayer:
    module = types.ModuleType(f"mutated_twin_{abs(hash(mutant['name']))}")
    sys.modules[module.__name__] = module  # dataclasses look their module up
    code = compile(planted(TWIN_SOURCE.read_text(), mutant), module.__name__, "exec")
    exec(code, module.__dict__)  # noqa: S102  # our own source, with a fault of our own
    return TwinPlayer(
        type("Mutated", (module.NaiveExchange, gridbid.market.naive.exchange.NaiveExchange), {})
    )


@pytest.fixture
def with_contracts_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Mutant], None]:
    """Compile the market with a fault planted, and have the artifacts of that deployed."""
    sources, artifacts = tmp_path / "contracts", tmp_path / "artifacts"
    shutil.copytree(CONTRACT_FOLDER, sources)
    shutil.copytree(ARTIFACT_FOLDER, artifacts)
    monkeypatch.setattr(gridbid.chain.compilation.sources, "CONTRACT_FOLDER", sources)
    monkeypatch.setattr(gridbid.chain.artifact, "ARTIFACT_FOLDER", artifacts)

    def compile_mutant(mutant: Mutant) -> None:
        path = sources / mutant["file"]
        path.write_text(planted(path.read_text(), mutant))
        for name, document in compile_contracts(MARKET_CODE).items():
            (artifacts / f"{name}.json").write_text(render(document))
        load.cache_clear()

    yield compile_mutant
    load.cache_clear()


def cases(kind: str) -> list[object]:
    return [
        pytest.param(mutant, id=mutant["name"], marks=[] if mutant.get("quick") else [pytest.mark.slow])
        for mutant in CATALOGUE[kind]
    ]


@pytest.mark.parametrize("mutant", cases("contract"))
def test_a_fault_in_the_contracts_is_noticed(
    mutant: Mutant, with_contracts_of: Callable[[Mutant], None]
) -> None:
    with_contracts_of(mutant)
    noticed = logs_until_noticed(match_of_all())
    print(f"{mutant['file']}: {mutant['name']}: log {noticed}")
    assert noticed is not None, f"nobody noticed that {mutant['name']} ({mutant['file']})"


@pytest.mark.parametrize("mutant", CATALOGUE["twin"], ids=[mutant["name"] for mutant in CATALOGUE["twin"]])
def test_a_fault_in_the_twin_is_noticed(mutant: Mutant) -> None:
    noticed = logs_until_noticed(Match([mutated_twin(mutant), CorePlayer()]))
    assert noticed is not None, f"nobody noticed that {mutant['name']}"


def test_every_fault_can_be_planted() -> None:
    for mutant in CATALOGUE["contract"]:
        planted((CONTRACT_FOLDER / mutant["file"]).read_text(), mutant)
    for mutant in CATALOGUE["twin"]:
        planted(TWIN_SOURCE.read_text(), mutant)
    assert len(CATALOGUE["contract"]) >= 25 and len(CATALOGUE["twin"]) >= 15
