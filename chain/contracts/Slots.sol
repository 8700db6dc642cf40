// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IMarketTypes} from "./interfaces/IMarketTypes.sol";
import {BitScan} from "./words/BitScan.sol";
import {ExcessWord} from "./words/ExcessWord.sol";
import {PositionWord} from "./words/PositionWord.sol";
import {SeatWord, SeatWords} from "./words/SeatWord.sol";
import {SlotWord, SlotWords} from "./words/SlotWord.sol";

/// @notice The ring of slots: their terms, and each participant's seat in them.
/// @dev Slot s lives in place s % ringSize. Every stored word carries the slot's generation, s / ringSize + 1, so
/// that what an earlier slot left behind reads as empty, and is overwritten at a recycled word's price.
abstract contract Slots is IMarketTypes {
    struct Seat {
        SeatWord terms;
        PositionWord position;
        ExcessWord excess;
    }

    uint256 internal constant BUY = uint256(Side.Buy);
    uint256 internal constant SELL = uint256(Side.Sell);

    uint256 public immutable slotSeconds;

    /// @notice Price step of a tick, nEUR/Wh.
    uint256 public immutable tickSize;

    /// @notice Number of places, a power of two, so that a slot's place and generation are bits of its number.
    uint256 public immutable ringSize;

    uint256 private immutable _ringBits;

    mapping(uint256 place => SlotWord) private _slotWords;
    mapping(uint256 placeAndParticipant => Seat) private _seats;

    constructor(uint256 slotSeconds_, uint256 tickSize_, uint256 ringSize_) {
        slotSeconds = slotSeconds_;
        tickSize = tickSize_;
        if (ringSize_ == 0 || ringSize_ & (ringSize_ - 1) != 0) revert RingSizeNotPowerOfTwo(ringSize_);
        ringSize = ringSize_;
        _ringBits = BitScan.highest(ringSize_);
    }

    /// @dev Start a slot with `seats` seats to be settled; returns the feed-in price, lowered where it must be.
    function _openSlot(uint32 slot, Terms calldata terms, Conditions calldata conditions, uint256 seats)
        internal
        returns (int32 feedIn)
    {
        uint256 generation = _generation(slot);
        _requireFreePlace(slot, generation);
        _requireSound(terms, conditions);
        int256 highestFeedIn = int256(terms.retail) - terms.fee;
        feedIn = terms.feedIn > highestFeedIn ? SafeCast.toInt32(highestFeedIn) : terms.feedIn;
        _slotWords[_place(slot)] = SlotWords.pack(
            generation, terms.retail, feedIn, terms.fee, terms.floor, terms.priceCap, seats
        ).withConditions(conditions.renewablePpm, uint256(conditions.gridState));
    }

    /// @dev Give a participant its envelope in a slot that was just opened; returns its credit line as kept.
    function _seatParticipant(uint32 slot, Terms calldata terms, SeatLimits calldata limits)
        internal
        returns (uint256 creditLineNeur)
    {
        uint256 generation = _generation(slot);
        Seat storage seat = _seat(_place(slot), limits.participant);
        if (seat.terms.generationOf() == generation) revert AlreadySeated(slot, limits.participant);
        if (limits.creditLineNeur > SeatWords.MAX_CREDIT_LINE) revert CreditLineTooLong(limits.creditLineNeur);
        SeatWord word = SeatWords.pack(
            generation,
            limits.importLimitWh,
            limits.exportLimitWh,
            terms.fee,
            terms.floor,
            terms.priceCap,
            limits.creditLineNeur
        );
        seat.terms = word;
        creditLineNeur = word.creditLineNeur();
    }

    function _setSlotWord(uint256 slot, SlotWord word) internal {
        _slotWords[_place(slot)] = word;
    }

    /// @dev The slot's word; reverts where the slot is not published, or its place is used by a later one.
    function _slotWord(uint256 slot) internal view returns (SlotWord word) {
        word = _slotWords[_place(slot)];
        if (word.generationOf() != _generation(slot)) revert NotPublished();
    }

    function _isPublished(uint256 slot) internal view returns (bool) {
        return _slotWords[_place(slot)].generationOf() == _generation(slot);
    }

    /// @dev Generation of the slot in a ring place, 0 if its gate has closed.
    function _openGeneration(uint256 place_) internal view returns (uint256 generation) {
        generation = _slotWords[place_].generationOf();
        if (generation != 0 && !_gateOpen(_slotOf(place_, generation))) return 0;
    }

    function _seat(uint256 place_, uint256 participant) internal view returns (Seat storage) {
        return _seats[(place_ << 32) | participant];
    }

    function _place(uint256 slot) internal view returns (uint256) {
        unchecked {
            return slot & (ringSize - 1);
        }
    }

    function _generation(uint256 slot) internal view returns (uint256) {
        unchecked {
            return (slot >> _ringBits) + 1;
        }
    }

    function _slotOf(uint256 place_, uint256 generation) internal view returns (uint256) {
        return ((generation - 1) << _ringBits) | place_;
    }

    /// @dev The last slot whose gate has closed.
    function _lastClosedSlot() internal view returns (uint256) {
        return block.timestamp / slotSeconds;
    }

    function _gateOpen(uint256 slot) internal view returns (bool) {
        unchecked {
            return block.timestamp < slot * slotSeconds; // both factors are under 2^32
        }
    }

    /// @dev Lock of one Wh at a tick before it is cut off at zero: what a buyer pays with the fee, what a seller may
    /// come to owe.
    function _plainLockPerWh(SeatWord seat, uint256 side, uint256 tick) internal view returns (int256) {
        unchecked {
            int256 price = seat.floor() + int256(tick * tickSize);
            return side == BUY ? price + seat.fee() : seat.priceCap() - price;
        }
    }

    /// @dev Lock of one Wh at a tick, and how far it exceeds the plain one.
    function _lockPerWh(SeatWord seat, uint256 side, uint256 tick) internal view returns (uint256 lock, uint256 excess) {
        unchecked {
            int256 plain = _plainLockPerWh(seat, side, tick);
            if (plain >= 0) lock = uint256(plain);
            else excess = uint256(-plain);
        }
    }

    /// @dev Worst case of a seat's open orders, and of its fills.
    function _locks(Seat storage seat, SeatWord terms, PositionWord position)
        internal
        view
        returns (uint256 openLock, uint256 fillLock)
    {
        unchecked {
            int256 filledTicks = int256(position.boughtTicks()) - int256(position.soldTicks());
            openLock =
                uint256(_plainLock(terms, position.openTicks(), position.openBuyWh(), position.openSellWh()));
            fillLock = uint256(_plainLock(terms, filledTicks, position.boughtWh(), position.soldWh()));
            if (!terms.hasExcess()) return (openLock, fillLock);
            ExcessWord excess = seat.excess;
            openLock += excess.openNeur();
            fillLock += excess.filledNeur();
        }
    }

    /// @dev Note how far locks of a seat's new orders and fills exceed the plain ones.
    function _addExcess(Seat storage seat, uint256 generation, uint256 openNeur, uint256 filledNeur) internal {
        seat.excess = seat.excess.inGeneration(generation).opened(openNeur).filled(filledNeur);
        seat.terms = seat.terms.withExcess();
    }

    /// @dev What a seat's orders and fills hold of its participant's own credit, if their worst case comes to
    /// `lockNeur`: what the credit line doesn't cover.
    function _ownPart(SeatWord terms, uint256 lockNeur) internal pure returns (uint256) {
        unchecked {
            uint256 line = terms.creditLineNeur();
            return lockNeur > line ? lockNeur - line : 0;
        }
    }

    /// @dev Sum of plain locks over energy bought and sold, `ticks` being Wh x tick, buys minus sells.
    /// Energies are under 2^30, prices under 2^32, the tick size under 2^32: nothing overflows.
    function _plainLock(SeatWord terms, int256 ticks, uint256 buyWh, uint256 sellWh) private view returns (int256) {
        unchecked {
            int256 floor = terms.floor();
            return ticks * int256(tickSize) + int256(buyWh) * (floor + terms.fee())
                + int256(sellWh) * (terms.priceCap() - floor);
        }
    }

    /// @dev Refuses terms under which the locks of rule 6 would not cover what a seat may come to owe: a seller that
    /// delivers nothing buys at retail, one that delivers at a price below zero pays that price, and the operator
    /// pays nobody.
    function _requireSound(Terms calldata terms, Conditions calldata conditions) private pure {
        if (terms.priceCap < terms.retail) revert PriceCapBelowRetail(terms.priceCap, terms.retail);
        if (terms.priceCap < 0) revert PriceCapBelowZero(terms.priceCap);
        if (terms.fee < 0) revert FeeBelowZero(terms.fee);
        if (conditions.renewablePpm > 1e6) revert RenewableShareOutOfRange(conditions.renewablePpm);
    }

    function _requireFreePlace(uint32 slot, uint256 generation) private view {
        if (generation > SlotWords.GENERATION_MASK) revert SlotOutOfRange(slot);
        if (!_gateOpen(slot)) revert GateClosed();
        SlotWord previous = _slotWords[_place(slot)];
        uint256 occupant = previous.generationOf();
        if (occupant == generation) revert AlreadyPublished(slot);
        if (occupant > generation || previous.unsettled() != 0) {
            revert RingPlaceOccupied(slot, _slotOf(_place(slot), occupant));
        }
    }
}
