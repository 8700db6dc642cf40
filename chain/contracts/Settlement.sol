// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Accounts} from "./Accounts.sol";
import {IMeterOracle} from "./interfaces/IMeterOracle.sol";
import {AccountWord} from "./words/AccountWord.sol";
import {LogWords} from "./words/LogWord.sol";
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
        bool isFinal; // no reading changes any more
        int256 supplierNeur;
        uint256 operatorNeur;
        uint256 uncoveredNeur;
        uint256 promisedNeur;
        uint256 owedNeur;
    }

    IMeterOracle public immutable oracle;

    constructor(IMeterOracle oracle_) {
        oracle = oracle_;
    }

    /// @dev Settle those for whom there is something to settle; `closing`, also those whose reading never came.
    /// `owners` names their accounts, or is empty: then they are looked up.
    function _settleAll(uint32 slot, uint32[] memory participants, address[] memory owners, bool closing)
        internal
        returns (uint256 count)
    {
        uint256[] memory readings = oracle.readingsOf(slot, participants);
        Round memory round = _beginRound(slot);
        for (uint256 i; i < participants.length; ++i) {
            address owner = owners.length == 0 ? address(0) : owners[i];
            if (_settleSeat(round, participants[i], owner, readings[i], closing)) ++count;
        }
        if (count != 0) _endRound(round);
    }

    /// @dev What was received for energy sold, minus what was paid for energy bought, nEUR.
    function _tradeCash(SlotWord terms, PositionWord position) internal view returns (int256) {
        unchecked {
            return _energyCash(terms, position.soldWh(), position.soldTicks())
                - _energyCash(terms, position.boughtWh(), position.boughtTicks());
        }
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
        round.isFinal = block.timestamp > oracle.finalAt(slot);
        round.supplierNeur = supplierNeur;
        round.operatorNeur = uint256(int256(operatorNeur));
        round.uncoveredNeur = pledged.uncoveredNeur;
        round.promisedNeur = pledged.promisedNeur;
        round.owedNeur = pledged.owedNeur;
    }

    function _endRound(Round memory round) private {
        _setSlotWord(round.slot, round.terms);
        supplierNeur = SafeCast.toInt128(round.supplierNeur);
        operatorNeur = SafeCast.toInt128(SafeCast.toInt256(round.operatorNeur));
        _obligations = Obligations(
            SafeCast.toUint96(round.uncoveredNeur),
            SafeCast.toUint80(round.promisedNeur),
            SafeCast.toUint80(round.owedNeur)
        );
    }

    /// @dev Bring one seat to the oracle's reading, given as it tells several; false where it stands there already. A
    /// reading never gives way to one of lower quality, and once all is final to none: the oracle may have forgotten a
    /// part of it. Amounts are sums of a few products of energies
    /// under 2^31 and prices under 2^32, and balances are under 2^94: nothing overflows.
    function _settleSeat(
        Round memory round,
        uint32 participant,
        address owner,
        uint256 reading,
        bool closing
    ) private returns (bool) {
        uint256 quality = reading >> 32;
        int256 readingWh = int32(uint32(reading));
        Seat storage seat = _seat(_place(round.slot), participant);
        SeatWord before = seat.terms.inGeneration(round.generation);
        if (round.isFinal && before.isSettled()) return false;
        if (!_hasNews(before, quality, readingWh, closing)) return false;
        PositionWord position = seat.position.inGeneration(round.generation);
        if (quality == 0) readingWh = _netWh(position);
        seat.terms = before.settled(quality, int32(readingWh));

        if (owner == address(0)) owner = _ownerOf(participant);
        AccountWord stored = _accounts[owner];
        AccountWord account = stored;
        int256 dueNeur = _supplierPart(round.terms, position, readingWh);
        int256 changeNeur;
        uint256 toOperatorNeur;
        if (before.isSettled()) {
            dueNeur -= _supplierPart(round.terms, position, before.readingWh());
        } else {
            account = account.released(_heldBy(round, seat, before, position, account));
            (changeNeur, toOperatorNeur) = _settleTrades(round, before, position);
        }
        int256 toSupplierNeur;
        (account, toSupplierNeur) = _settleImbalance(round, participant, stored, account, changeNeur, dueNeur);
        unchecked {
            changeNeur -= toSupplierNeur;
            account = account.credited(changeNeur);
            round.uncoveredNeur = round.uncoveredNeur + account.uncovered() - stored.uncovered();
        }
        _accounts[owner] = account;
        emit Settled(
            LogWords.ofSettling(participant, round.slot, readingWh, quality, toOperatorNeur),
            LogWords.ofPair(changeNeur, toSupplierNeur)
        );
        return true;
    }

    /// @dev What a seat holds of its participant's credit; orders count until they are found to have expired.
    function _heldBy(
        Round memory round,
        Seat storage seat,
        SeatWord terms,
        PositionWord position,
        AccountWord account
    ) private view returns (uint256) {
        unchecked {
            (uint256 openLock, uint256 fillLock) = _locks(seat, terms, position);
            return _ownPart(terms, round.slot < account.cursor() ? fillLock : fillLock + openLock);
        }
    }

    /// @dev Cash of a seat's trades and the fee; the supplier takes its credit line back.
    function _settleTrades(Round memory round, SeatWord seat, PositionWord position)
        private
        view
        returns (int256 changeNeur, uint256 toOperatorNeur)
    {
        unchecked {
            toOperatorNeur = position.boughtWh() * uint256(int256(round.terms.fee()));
            changeNeur = _tradeCash(round.terms, position) - int256(toOperatorNeur);
            round.operatorNeur += toOperatorNeur;
            round.promisedNeur -= seat.creditLineNeur();
            if (seat.seated()) round.terms = round.terms.oneSettled();
        }
    }

    /// @dev What the supplier receives of `dueNeur`, below zero what it pays, of an account whose balance is about to
    /// change by `changeNeur` besides; and the account, its expired orders released where it isn't covered.
    function _settleImbalance(
        Round memory round,
        uint32 participant,
        AccountWord stored,
        AccountWord account,
        int256 changeNeur,
        int256 dueNeur
    ) private returns (AccountWord, int256 toSupplierNeur) {
        unchecked {
            int256 availableNeur = account.available() + changeNeur;
            if (availableNeur < 0 || availableNeur < dueNeur) {
                account = _released(account);
                availableNeur = account.available() + changeNeur;
            }
            if (dueNeur > 0) {
                toSupplierNeur = int256(_charge(round, participant, uint256(dueNeur)));
            } else if (dueNeur < 0) {
                uint256 uncoveredNeur = availableNeur < 0 ? uint256(-availableNeur) : 0;
                toSupplierNeur = -int256(_pay(round, participant, stored, uncoveredNeur, uint256(-dueNeur)));
            }
            round.supplierNeur += toSupplierNeur;
        }
        return (account, toSupplierNeur);
    }

    /// @dev What a participant has to pay of an amount: first it is set off against what the supplier owes it.
    function _charge(Round memory round, uint32 participant, uint256 neur) private returns (uint256) {
        if (round.owedNeur == 0) return neur;
        uint256 setOffNeur = Math.min(neur, _owedTo[participant]);
        if (setOffNeur != 0) _owe(round, participant, -int256(setOffNeur));
        return neur - setOffNeur;
    }

    /// @dev What the supplier can pay of an amount to an account, `stored` as it was and uncovered by so much now; the
    /// rest it owes. What fills the account's own hole costs the supplier nothing that is free.
    function _pay(Round memory round, uint32 participant, AccountWord stored, uint256 uncoveredNeur, uint256 neur)
        private
        returns (uint256 paidNeur)
    {
        unchecked {
            int256 freeNeur = round.supplierNeur + int256(stored.uncovered())
                - int256(round.uncoveredNeur + uncoveredNeur + round.promisedNeur);
            paidNeur = Math.min(neur, uncoveredNeur + (freeNeur > 0 ? uint256(freeNeur) : 0));
            if (paidNeur != neur) _owe(round, participant, int256(neur - paidNeur));
        }
    }

    function _owe(Round memory round, uint32 participant, int256 moreNeur) private {
        uint256 owedNeur = uint256(int256(_owedTo[participant]) + moreNeur);
        _owedTo[participant] = owedNeur;
        round.owedNeur = uint256(int256(round.owedNeur) + moreNeur);
        emit Owed(participant, round.slot, moreNeur, owedNeur);
    }

    /// @dev Whether a seat stands elsewhere than at this reading, or has none and is to be closed.
    function _hasNews(SeatWord seat, uint256 quality, int256 readingWh, bool closing) private pure returns (bool) {
        if (quality == 0) return closing && !seat.isSettled() && seat.seated();
        return quality > seat.quality() || (quality == seat.quality() && readingWh != seat.readingWh());
    }

    function _netWh(PositionWord position) private pure returns (int256) {
        unchecked {
            return int256(position.boughtWh()) - int256(position.soldWh());
        }
    }
}
