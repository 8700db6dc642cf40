// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Accounts} from "./Accounts.sol";
import {IMeterOracle} from "./interfaces/IMeterOracle.sol";
import {AccountWord} from "./words/AccountWord.sol";
import {PositionWord} from "./words/PositionWord.sol";
import {SeatWord} from "./words/SeatWord.sol";
import {SlotWord} from "./words/SlotWord.sol";

/// @notice Cash of a delivered slot, participant by participant: nobody waits for anybody.
abstract contract Settlement is Accounts {
    IMeterOracle public immutable oracle;

    constructor(IMeterOracle oracle_) {
        oracle = oracle_;
    }

    /// @dev Settle by the oracle's reading; false where there is none, or none better than what was settled by.
    function _settle(uint32 slot, uint32 participant) internal returns (bool) {
        SlotWord terms = _slotWord(slot);
        uint256 generation = _generation(slot);
        Seat storage seat = _seat(_place(slot), participant);
        SeatWord before = seat.terms.inGeneration(generation);
        (IMeterOracle.Quality quality, int32 readingWh) = _reading(slot, participant);
        if (uint256(quality) <= before.quality()) return false;

        PositionWord position = seat.position.inGeneration(generation);
        bool first = !before.isSettled();
        int256 changeNeur = first
            ? _settleFirst(participant, terms, seat, position, readingWh)
            : _correct(participant, terms, position, before.readingWh(), readingWh);
        seat.terms = before.settled(uint256(quality), readingWh);
        if (first && before.seated()) _setSlotWord(slot, terms.oneSettled());
        emit Settled(participant, slot, readingWh, quality, changeNeur);
        return true;
    }

    /// @dev Pay fee and imbalance, and release what the fills held.
    function _settleFirst(
        uint32 participant,
        SlotWord terms,
        Seat storage seat,
        PositionWord position,
        int256 readingWh
    ) private returns (int256 cashNeur) {
        int256 supplier = _supplierPart(terms, position, readingWh);
        int256 operator = int256(position.boughtWh()) * terms.fee();
        cashNeur = _tradeCash(terms, position) - operator - supplier;
        supplierNeur += SafeCast.toInt128(supplier);
        operatorNeur += SafeCast.toInt128(operator);
        address owner = _ownerOf(participant);
        AccountWord account = _released(_accounts[owner]);
        _accounts[owner] = account.released(_fillLock(seat, position)).credited(cashNeur);
    }

    /// @dev Replace a substitute's imbalance by the metered one.
    function _correct(
        uint32 participant,
        SlotWord terms,
        PositionWord position,
        int256 substituteWh,
        int256 readingWh
    ) private returns (int256 changeNeur) {
        changeNeur = _supplierPart(terms, position, substituteWh) - _supplierPart(terms, position, readingWh);
        supplierNeur -= SafeCast.toInt128(changeNeur);
        address owner = _ownerOf(participant);
        _accounts[owner] = _accounts[owner].credited(changeNeur);
    }

    /// @dev What was received for energy sold, minus what was paid for energy bought, nEUR.
    function _tradeCash(SlotWord terms, PositionWord position) internal view returns (int256) {
        return _energyCash(terms, position.soldWh(), position.soldTicks())
            - _energyCash(terms, position.boughtWh(), position.boughtTicks());
    }

    /// @dev Cash of fills at floor + tick * tickSize, nEUR.
    function _energyCash(SlotWord terms, uint256 wh, uint256 ticks) internal view returns (int256) {
        return int256(wh) * terms.floor() + int256(ticks * tickSize);
    }

    /// @dev What the supplier earns from an imbalance: a shortage at retail, a surplus at feed-in, nEUR.
    function _supplierPart(SlotWord terms, PositionWord position, int256 readingWh) internal pure returns (int256) {
        int256 imbalanceWh = readingWh - int256(position.boughtWh()) + int256(position.soldWh());
        return imbalanceWh * (imbalanceWh > 0 ? terms.retail() : terms.feedIn());
    }

    function _reading(uint32 slot, uint32 participant) private view returns (IMeterOracle.Quality quality, int32 readingWh) {
        int64 reading;
        (quality, reading) = oracle.readingOf(participant, slot);
        readingWh = SafeCast.toInt32(reading);
    }
}
