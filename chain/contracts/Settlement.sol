// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Accounts} from "./Accounts.sol";
import {IMeterOracle} from "./interfaces/IMeterOracle.sol";
import {AccountWord} from "./words/AccountWord.sol";
import {PositionWord} from "./words/PositionWord.sol";
import {SeatWord} from "./words/SeatWord.sol";
import {SlotWord} from "./words/SlotWord.sol";

/// @notice Cash of a delivered slot, participant by participant: nobody waits for anybody.
/// @dev Settling brings a seat to the reading that the oracle has at present, and does nothing where it stands there
/// already. Every nEUR that enters one account leaves another: change of the balance + operator's part + supplier's
/// part = cash of the seat's trades, and those sum to zero over the slot. A surplus that the supplier can't pay moves
/// nothing and is noted as owed.
abstract contract Settlement is Accounts {
    /// @dev One slot's settlement under way: what all its seats have in common, stored at the end.
    struct Round {
        uint32 slot;
        uint256 generation;
        SlotWord terms;
        int256 supplierNeur;
        int256 operatorNeur;
        uint256 uncoveredNeur;
        uint256 promisedNeur;
        uint256 owedNeur;
    }

    /// @dev One seat's settlement under way.
    struct Settling {
        uint32 participant;
        int256 readingWh;
        SeatWord seat; // as it was
        PositionWord position;
        AccountWord stored; // the account as it was
        AccountWord account;
        int256 changeNeur; // of the balance
        int256 supplierNeur; // its part, received; below zero, paid
        uint256 operatorNeur; // its part
    }

    IMeterOracle public immutable oracle;

    constructor(IMeterOracle oracle_) {
        oracle = oracle_;
    }

    /// @dev Settle those for whom there is something to settle; `closing`, also those whose reading never came.
    function _settleAll(uint32 slot, uint32[] memory participants, bool closing) internal returns (uint256 count) {
        Round memory round = _beginRound(slot);
        for (uint256 i; i < participants.length; ++i) {
            if (_settleSeat(round, participants[i], closing)) ++count;
        }
        if (count != 0) _endRound(round);
    }

    /// @dev What was received for energy sold, minus what was paid for energy bought, nEUR.
    function _tradeCash(SlotWord terms, PositionWord position) internal view returns (int256) {
        return _energyCash(terms, position.soldWh(), position.soldTicks())
            - _energyCash(terms, position.boughtWh(), position.boughtTicks());
    }

    /// @dev Cash of fills at floor + tick * tickSize, nEUR.
    function _energyCash(SlotWord terms, uint256 wh, uint256 ticks) internal view returns (int256) {
        unchecked {
            return int256(wh) * terms.floor() + int256(ticks * tickSize);
        }
    }

    /// @dev What the supplier earns from an imbalance: a shortage at retail, a surplus at feed-in, nEUR.
    function _supplierPart(SlotWord terms, PositionWord position, int256 readingWh) internal pure returns (int256) {
        unchecked {
            int256 imbalanceWh = readingWh - _netWh(position);
            return imbalanceWh * (imbalanceWh > 0 ? terms.retail() : terms.feedIn());
        }
    }

    function _beginRound(uint32 slot) private view returns (Round memory round) {
        Obligations memory pledged = _obligations;
        round.slot = slot;
        round.generation = _generation(slot);
        round.terms = _slotWord(slot);
        round.supplierNeur = supplierNeur;
        round.operatorNeur = operatorNeur;
        round.uncoveredNeur = pledged.uncoveredNeur;
        round.promisedNeur = pledged.promisedNeur;
        round.owedNeur = pledged.owedNeur;
    }

    function _endRound(Round memory round) private {
        _setSlotWord(round.slot, round.terms);
        supplierNeur = SafeCast.toInt128(round.supplierNeur);
        operatorNeur = SafeCast.toInt128(round.operatorNeur);
        _obligations = Obligations(
            SafeCast.toUint96(round.uncoveredNeur),
            SafeCast.toUint80(round.promisedNeur),
            SafeCast.toUint80(round.owedNeur)
        );
    }

    /// @dev Bring one seat to the oracle's reading; false where it stands there already. A reading never gives way to
    /// one of lower quality: the oracle may have forgotten what it said.
    function _settleSeat(Round memory round, uint32 participant, bool closing) private returns (bool) {
        (IMeterOracle.Quality quality, int64 readingWh) = oracle.readingOf(participant, round.slot);
        Seat storage seat = _seat(_place(round.slot), participant);
        Settling memory one;
        one.seat = seat.terms.inGeneration(round.generation);
        one.position = seat.position.inGeneration(round.generation);
        one.participant = participant;
        one.readingWh = readingWh;
        if (quality == IMeterOracle.Quality.None) {
            if (!closing || one.seat.isSettled() || !one.seat.seated()) return false;
            one.readingWh = _netWh(one.position);
        } else if (_standsThere(one.seat, uint256(quality), readingWh)) {
            return false;
        }
        seat.terms = one.seat.settled(uint256(quality), int32(one.readingWh));
        address owner = _ownerOf(participant);
        one.stored = _accounts[owner];
        one.account = one.stored;
        if (!one.seat.isSettled()) _settleTrades(round, one, seat);
        _settleImbalance(round, one);
        round.uncoveredNeur = round.uncoveredNeur + one.account.uncovered() - one.stored.uncovered();
        _accounts[owner] = one.account;
        emit Settled(
            participant, round.slot, one.readingWh, quality, one.changeNeur, one.supplierNeur, one.operatorNeur
        );
        return true;
    }

    /// @dev Release what the seat holds, pay for its trades and the fee, and let the supplier take its line back.
    function _settleTrades(Round memory round, Settling memory one, Seat storage seat) private view {
        uint256 lockNeur = _fillLock(seat, one.position);
        if (round.slot >= one.account.cursor()) lockNeur += _openLock(seat, one.position);
        one.operatorNeur = one.position.boughtWh() * uint256(int256(round.terms.fee()));
        one.changeNeur = _tradeCash(round.terms, one.position) - int256(one.operatorNeur);
        one.account = one.account.released(_ownPart(one.seat, lockNeur)).credited(one.changeNeur);
        round.operatorNeur += int256(one.operatorNeur);
        round.promisedNeur -= one.seat.creditLineNeur();
        if (one.seat.seated()) round.terms = round.terms.oneSettled();
    }

    /// @dev Pay the imbalance, or how it differs from the one that was settled before.
    function _settleImbalance(Round memory round, Settling memory one) private {
        if (one.account.available() < 0) one.account = _released(one.account);
        int256 dueNeur = _supplierPart(round.terms, one.position, one.readingWh);
        if (one.seat.isSettled()) dueNeur -= _supplierPart(round.terms, one.position, one.seat.readingWh());
        if (dueNeur > 0) one.supplierNeur = int256(_charge(round, one.participant, uint256(dueNeur)));
        if (dueNeur < 0) one.supplierNeur = -int256(_pay(round, one, uint256(-dueNeur)));
        if (one.supplierNeur == 0) return;
        one.account = one.account.credited(-one.supplierNeur);
        one.changeNeur -= one.supplierNeur;
        round.supplierNeur += one.supplierNeur;
    }

    /// @dev What a participant has to pay of an amount: first it is set off against what the supplier owes it.
    function _charge(Round memory round, uint32 participant, uint256 neur) private returns (uint256) {
        if (round.owedNeur == 0) return neur;
        uint256 setOffNeur = Math.min(neur, _owedTo[participant]);
        if (setOffNeur != 0) _owe(round, participant, -int256(setOffNeur));
        return neur - setOffNeur;
    }

    /// @dev What the supplier can pay of an amount; the rest it owes. What covers the account's own hole costs it nothing.
    function _pay(Round memory round, Settling memory one, uint256 neur) private returns (uint256 paidNeur) {
        uint256 uncoveredNeur = one.account.uncovered();
        int256 freeNeur = round.supplierNeur + int256(one.stored.uncovered())
            - int256(round.uncoveredNeur + uncoveredNeur + round.promisedNeur);
        paidNeur = Math.min(neur, uncoveredNeur + (freeNeur > 0 ? uint256(freeNeur) : 0));
        if (paidNeur != neur) _owe(round, one.participant, int256(neur - paidNeur));
    }

    function _owe(Round memory round, uint32 participant, int256 moreNeur) private {
        uint256 owedNeur = uint256(int256(_owedTo[participant]) + moreNeur);
        _owedTo[participant] = owedNeur;
        round.owedNeur = uint256(int256(round.owedNeur) + moreNeur);
        emit Owed(participant, round.slot, moreNeur, owedNeur);
    }

    function _standsThere(SeatWord seat, uint256 quality, int256 readingWh) private pure returns (bool) {
        if (quality != seat.quality()) return quality < seat.quality();
        return readingWh == seat.readingWh();
    }

    function _netWh(PositionWord position) private pure returns (int256) {
        unchecked {
            return int256(position.boughtWh()) - int256(position.soldWh());
        }
    }
}
