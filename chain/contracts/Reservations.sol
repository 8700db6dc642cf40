// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Trading} from "./Trading.sol";
import {AccountWord} from "./words/AccountWord.sol";
import {BookWords} from "./words/BookWord.sol";
import {PositionWord} from "./words/PositionWord.sol";
import {SeatWord} from "./words/SeatWord.sol";

/// @notice Quantities that a module's auction holds for a participant: admitted, locked and expiring as resting orders
/// are, but in no book.
abstract contract Reservations is Trading {
    /// @dev Hold what `taker`, given with slot, side, tick and leftWh, may come to trade.
    function _reserve(address owner, Taker memory taker) internal returns (Reject) {
        (Reject reject, AccountWord account, Seat storage seat) = _admit(owner, taker);
        if (reject != Reject.None) return reject;
        _openBook(taker.place, taker.generation); // reverts while trading is paused
        _open(taker);
        _store(owner, account, seat, taker);
        return Reject.None;
    }

    /// @dev Move `wh` that were reserved at `key.tick` to what is filled, at a price that is no worse.
    function _fillReserved(OrderKey memory key, uint32 participant, uint256 wh, uint256 priceTick) internal {
        if (priceTick >= BookWords.TICKS) revert BadTick();
        if (key.side == BUY ? priceTick > key.tick : priceTick < key.tick) revert WorseThanLimit(key.tick, priceTick);
        address owner = _reservedBy(key, participant, wh);
        _releaseOpen(owner, key, participant, wh);
        Seat storage seat = _seat(_place(key.slot), participant);
        SeatWord terms = seat.terms;
        (uint256 lock, uint256 excess) = _lockPerWh(terms, key.side, priceTick);
        uint256 ownNeur = _ownNeur(seat, terms, seat.position, wh * lock);
        seat.position = seat.position.filled(key.side, wh, wh * priceTick);
        if (excess != 0) _addExcess(seat, _generation(key.slot), 0, wh * excess);
        AccountWord before = _accounts[owner];
        _storeAccount(owner, before, before.held(ownNeur));
    }

    /// @dev Give back what `wh` that were reserved at `key.tick` hold.
    function _releaseReserved(OrderKey memory key, uint32 participant, uint256 wh) internal {
        _releaseOpen(_reservedBy(key, participant, wh), key, participant, wh);
    }

    /// @dev The account that `wh` of a seat are reserved by; reverts when so much isn't open, or the gate has closed.
    function _reservedBy(OrderKey memory key, uint32 participant, uint256 wh) private view returns (address) {
        if (!_gateOpen(key.slot)) revert GateClosed();
        PositionWord position =
            _seat(_place(key.slot), participant).position.inGeneration(_generation(key.slot));
        uint256 openWh = key.side == BUY ? position.openBuyWh() : position.openSellWh();
        if (wh > openWh) revert NotReserved(uint32(key.slot), participant, uint32(openWh));
        return _ownerOf(participant);
    }
}
