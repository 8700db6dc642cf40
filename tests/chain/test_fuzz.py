"""The differential fuzzer: core, twin and contracts agree after every event, and a fault in any is found and made small."""

import json

import pytest
from typer.testing import CliRunner

from gridbid.chain.fuzz import campaign
from gridbid.chain.fuzz.compare import Match
from gridbid.chain.fuzz.events import KINDS
from gridbid.chain.fuzz.laws import broken_law
from gridbid.chain.fuzz.players.core_player import CorePlayer
from gridbid.chain.fuzz.players.twin_player import TwinPlayer
from gridbid.chain.fuzz.report import figures, read_log, smallest
from gridbid.chain.fuzz.situations import SITUATIONS
from gridbid.chain.fuzz.tally import Tally
from gridbid.cli.main import app
from gridbid.market.naive.exchange import NaiveExchange
from gridbid.market.types import Reject


def told(tally: Tally) -> str:
    return "" if tally.failing is None else str(tally.failing[1])


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_core_twin_and_contracts_agree_after_each_of_20_000_events(seed: int) -> None:
    tally = campaign.run(5_000, seed)
    assert (tally.events, tally.mismatches) == (5_000, 0), told(tally)
    assert set(tally.kinds) == set(KINDS)
    assert all(tally.outcomes[f"order {reject.name}"] for reject in Reject)
    for seen in ("fills", "cancel done", "reduce done", "withdraw refused", "publish RingPlaceOccupied"):
        assert tally.outcomes[seen] > 0
    assert set(tally.situations) == set(SITUATIONS)


@pytest.mark.slow
def test_core_twin_and_contracts_agree_after_each_of_a_million_events() -> None:
    tally = campaign.run(1_000_000, seed=2_026, processes=2)
    assert (tally.events, tally.mismatches) == (1_000_000, 0), told(tally)
    assert figures(tally, 2_026, 1.0)["mismatch_rate_bound_95"] == 3e-6


def test_laws_of_cash_hold_of_a_market_and_break_with_a_unit() -> None:
    twin = TwinPlayer()
    twin.reset()
    state = twin.state()
    assert broken_law(state) is None and broken_law(state, (0,)) is None
    assert "make" in str(broken_law(state | {"supplier and operator": (10**18 + 1, 0)}))
    assert "1 is not covered; it should be 0" in str(broken_law(state, (1,)))
    balance_neur, _ = state["account 1"]
    assert "tokens cover" in str(broken_law(state | {"account 1": (balance_neur, balance_neur + 1)}))
    assert "tokens cover" in str(broken_law(state | {"promised and owed": (10**18 + 1, 0)}))


class OpenAtTheGate(NaiveExchange):
    """Takes orders in the second in which delivery begins."""

    def gate_open(self, slot: int) -> bool:
        return self.now <= slot * self.slot_seconds


def core_and_twin(twin: type[NaiveExchange] = NaiveExchange) -> Match:
    return Match([TwinPlayer(twin), CorePlayer()])


def failing_tally(match: Match) -> Tally:
    """The first random log that fails."""
    for index in range(100):
        tally = campaign.play_random_log(match, f"planted/{index}", campaign.EVENTS_A_LOG)
        if tally.failing is not None:
            return tally
    raise AssertionError("the planted fault was not noticed")


def test_a_failing_log_shrinks_to_a_handful_of_events() -> None:
    match = core_and_twin(OpenAtTheGate)
    log, mismatch = failing_tally(match).failing
    assert len(log) > 6 and set(mismatch.said) == {"twin", "core"}
    small, again = smallest(log, match)
    assert len(small) <= 4
    assert match.play(small) == again
    assert core_and_twin().play(small) is None
    assert all(match.play(small[:index] + small[index + 1 :]) is None for index in range(len(small)))


def test_a_log_that_does_not_fail_has_no_smallest() -> None:
    with pytest.raises(ValueError, match="does not fail"):
        smallest([{"kind": "advance", "to": 1_001}], core_and_twin())


def test_a_campaign_is_the_same_in_one_process_and_in_two() -> None:
    alone, together = campaign.run(500, 7), campaign.run(500, 7, processes=2)
    assert (alone.kinds, alone.outcomes) == (together.kinds, together.outcomes)


def test_the_command_writes_its_figures_and_replays_a_log(tmp_path) -> None:
    figures_file, log_file = tmp_path / "figures.json", tmp_path / "log.json"
    arguments = [
        "chain",
        "fuzz",
        "--events",
        "300",
        "--seed",
        "5",
        "--processes",
        "1",
        "--json",
        figures_file,
    ]
    ran = CliRunner().invoke(app, list(map(str, arguments)))
    assert ran.exit_code == 0, ran.output
    nowhere = [*map(str, arguments[:-1]), str(tmp_path / "none" / "figures.json")]
    assert "there is no such folder" in CliRunner().invoke(app, nowhere).output
    document = json.loads(figures_file.read_text())
    assert (document["events"], document["mismatches"], document["seed"]) == (300, 0, 5)
    assert document["mismatch_rate_bound_95"] == 3 / 300
    log_file.write_text(json.dumps([{"kind": "advance", "to": 1_001}]))
    assert "no mismatch" in CliRunner().invoke(app, ["chain", "fuzz", "--replay", str(log_file)]).output
    log_file.write_text("{}")
    assert CliRunner().invoke(app, ["chain", "fuzz", "--replay", str(log_file)]).exit_code == 2
    with pytest.raises(ValueError, match="no list of events"):
        read_log(log_file)
