// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Accounts} from "./Accounts.sol";
import {Book} from "./Book.sol";
import {AccountWord} from "./words/AccountWord.sol";
import {BookWord, BookWords} from "./words/BookWord.sol";
import {LevelWord, LevelWords} from "./words/LevelWord.sol";
import {LogWords} from "./words/LogWord.sol";
import {PositionWord} from "./words/PositionWord.sol";
import {SeatWord} from "./words/SeatWord.sol";

/// @notice Admission and matching of orders.
abstract contract Trading is Accounts, Book {
    /// @dev An order on its way through the book.
    struct Taker {
        uint256 slot;
        uint256 side; // BUY or SELL
        uint256 tick; // its limit
        uint256 leftWh;
        uint256 participant;
        uint256 place;
        uint256 generation;
        SeatWord terms;
        PositionWord position;
        BookWord book;
        uint256 limitLock; // of one Wh at its limit, and how far it exceeds the plain one
        uint256 limitExcess;
        uint256 stepsLeft; // fills, in units of A_FILL, and below them cancelled orders to pass over
        uint256 lockNeur;
        uint256 filledExcessNeur;
        uint256 openExcessNeur;
    }

    /// @notice An order's fills, at most; then its remainder is cancelled.
    uint256 internal constant MAX_FILLS = 64;

    /// @notice Cancelled orders that an order passes over, at all ticks together; beyond, it asks for a sweep.
    uint256 internal constant MAX_PASSED_OVER = 256;

    /// @dev Steps are counted in one number, because another one to be set would cost each order.
    uint256 private constant A_FILL = 1 << 16;

    /// @notice Quantities stay under this, Wh.
    uint256 internal constant QUANTITY_LIMIT_WH = 1 << 30;

    /// @dev Place an order of `owner`, given with slot, side, tick and leftWh; the rest of `taker` is filled in.
    function _placeOrder(address owner, Taker memory taker, bool rest)
        internal
        returns (Reject reject, uint256 order)
    {
        AccountWord account;
        Seat storage seat;
        (reject, account, seat) = _admit(owner, taker);
        if (reject != Reject.None) return (reject, 0);
        _match(taker);
        if (taker.leftWh != 0 && rest) order = _rest(taker);
        _store(owner, account, seat, taker);
    }

    /// @dev Whether rule 6 admits an order; then `taker` holds what its seat and the terms say, and `account` has
    /// the credit that it may come to hold.
    function _admit(address owner, Taker memory taker)
        internal
        returns (Reject reject, AccountWord account, Seat storage seat)
    {
        account = _accounts[owner];
        taker.participant = account.participant();
        taker.place = _place(taker.slot);
        taker.generation = _generation(taker.slot);
        seat = _seat(taker.place, taker.participant);
        taker.terms = seat.terms.inGeneration(taker.generation);
        reject = _eligibility(taker, account);
        if (reject != Reject.None) return (reject, account, seat);

        taker.position = seat.position.inGeneration(taker.generation);
        if (!_insideEnvelope(taker)) return (Reject.Envelope, account, seat);

        (taker.limitLock, taker.limitExcess) = _lockPerWh(taker.terms, taker.side, taker.tick);
        unchecked {
            uint256 ownNeur = taker.leftWh * taker.limitLock; // under 2^30 times under 2^34
            if (taker.terms.creditLineNeur() != 0) {
                ownNeur = _ownNeur(seat, taker.terms, taker.position, ownNeur);
            }
            int256 needed = int256(ownNeur);
            if (needed > account.available()) {
                account = _release(owner);
                if (needed > account.available()) reject = Reject.Credit;
            }
        }
    }

    /// @dev Store what an order has changed at its participant's account and seat.
    function _store(address owner, AccountWord account, Seat storage seat, Taker memory taker) internal {
        uint256 ownNeur = taker.lockNeur;
        if (taker.terms.creditLineNeur() != 0) {
            PositionWord before = seat.position.inGeneration(taker.generation);
            ownNeur = _ownNeur(seat, taker.terms, before, ownNeur);
        }
        _accounts[owner] = account.held(ownNeur);
        seat.position = taker.position;
        if ((taker.openExcessNeur | taker.filledExcessNeur) != 0) {
            _addExcess(seat, taker.generation, taker.openExcessNeur, taker.filledExcessNeur);
        }
    }

    /// @dev Let what is left of an order count as open.
    function _open(Taker memory taker) internal pure {
        unchecked {
            uint256 wh = taker.leftWh;
            taker.position = taker.position.opened(taker.side, wh, wh * taker.tick);
            taker.lockNeur += wh * taker.limitLock;
            taker.openExcessNeur = wh * taker.limitExcess;
        }
    }

    /// @dev Take `byWh` off a resting order of an account.
    function _reduceOrder(address account, uint256 order, uint256 byWh) internal {
        OrderKey memory key = _keyOf(order);
        (uint256 owner, uint256 restingWh) = _resting(key);
        if (restingWh == 0) revert NotResting(order);
        if (!_gateOpen(key.slot)) revert GateClosed();
        if (owner != _accounts[account].participant()) revert NotOwner(order);
        if (byWh == 0 || byWh > restingWh) revert BadQuantity();
        if (byWh == restingWh) _remove(key);
        else _shrink(key, owner, restingWh - byWh);
        _releaseOpen(account, key, owner, byWh);
        emit Reduced(order, uint32(owner), uint32(byWh), uint32(restingWh - byWh));
    }

    /// @dev Cancel a resting order of an account; false where there is none, or the gate has closed.
    function _cancelOrder(address account, uint256 order) internal returns (bool) {
        OrderKey memory key = _keyOf(order);
        (uint256 owner, uint256 restingWh) = _resting(key);
        if (restingWh == 0 || owner != _accounts[account].participant() || !_gateOpen(key.slot)) return false;
        _remove(key);
        _releaseOpen(account, key, owner, restingWh);
        emit Cancelled(LogWords.ofOrder(order, owner, restingWh));
        return true;
    }

    /// @dev Release what `wh` that were open at a tick held of an account's credit.
    function _releaseOpen(address account, OrderKey memory key, uint256 participant, uint256 wh) internal {
        Seat storage seat = _seat(_place(key.slot), participant);
        SeatWord terms = seat.terms;
        (uint256 lock, uint256 excess) = _lockPerWh(terms, key.side, key.tick);
        seat.position = seat.position.closed(key.side, wh, wh * key.tick);
        if (excess != 0) seat.excess = seat.excess.closed(wh * excess);
        AccountWord before = _accounts[account];
        _storeAccount(account, before, before.released(_ownNeur(seat, terms, seat.position, wh * lock)));
    }

    /// @dev What `neur` of worst case beyond a position's hold of the participant's own credit.
    function _ownNeur(Seat storage seat, SeatWord terms, PositionWord position, uint256 neur)
        internal
        view
        returns (uint256)
    {
        if (terms.creditLineNeur() == 0) return neur;
        (uint256 openNeur, uint256 fillNeur) = _locks(seat, terms, position);
        unchecked {
            uint256 earlierNeur = openNeur + fillNeur;
            return _ownPart(terms, earlierNeur + neur) - _ownPart(terms, earlierNeur);
        }
    }

    function _taker(uint256 slot, Side side, uint256 tick, uint256 wh) internal pure returns (Taker memory taker) {
        _aim(taker, slot, side, tick, wh);
    }

    /// @dev Use `taker`, whose memory may have served an earlier order, for another one.
    function _aim(Taker memory taker, uint256 slot, Side side, uint256 tick, uint256 wh) internal pure {
        taker.slot = slot;
        taker.side = uint256(side);
        taker.tick = tick;
        taker.leftWh = wh;
        taker.stepsLeft = MAX_FILLS * A_FILL + MAX_PASSED_OVER;
        taker.lockNeur = 0;
        taker.filledExcessNeur = 0;
        taker.openExcessNeur = 0;
    }

    function _eligibility(Taker memory taker, AccountWord account) private view returns (Reject) {
        if (!taker.terms.seated() && !_isPublished(taker.slot)) return Reject.NotPublished;
        if (!_gateOpen(taker.slot)) return Reject.GateClosed;
        if (taker.participant == 0) return Reject.NotRegistered;
        if (account.suspended()) return Reject.Suspended;
        if (account.balance() < 0) return Reject.InDebt;
        unchecked {
            if (taker.leftWh - 1 >= QUANTITY_LIMIT_WH - 1) return Reject.BadQuantity; // 0 wraps round
        }
        if (taker.tick >= BookWords.TICKS) return Reject.BadTick;
        return Reject.None;
    }

    /// @dev Whether position, open quantity and this order together stay inside the envelope, and what is bought or
    /// sold in the slot inside the fields' widths. A seat without an envelope has limits of zero.
    function _insideEnvelope(Taker memory taker) private pure returns (bool) {
        unchecked {
            PositionWord position = taker.position;
            uint256 bought = position.boughtWh();
            uint256 sold = position.soldWh();
            bool isBuy = taker.side == BUY;
            uint256 gross = taker.leftWh + (isBuy ? bought + position.openBuyWh() : sold + position.openSellWh());
            int256 reach = int256(gross) - int256(isBuy ? sold : bought);
            int256 limit = isBuy ? taker.terms.importLimitWh() : taker.terms.exportLimitWh();
            return reach <= limit && gross < QUANTITY_LIMIT_WH;
        }
    }

    /// @dev Fill the taker from the best opposite ticks within its limit.
    function _match(Taker memory taker) private {
        BookWord book = _openBook(taker.place, taker.generation);
        bool isBuy = taker.side == BUY;
        uint256 limit = taker.tick;
        bool changed;
        while (taker.leftWh != 0) {
            (bool found, uint256 tick) = isBuy ? book.bestAsk() : book.bestBid();
            if (!found || (isBuy ? tick > limit : tick < limit)) break;
            if (_takeLevel(taker, tick)) {
                book = book.without(tick);
                changed = true;
            }
        }
        if (changed) _books[taker.place] = book;
        taker.book = book;
    }

    /// @dev Fill the taker from one tick, oldest first; true when the tick is empty afterwards.
    function _takeLevel(Taker memory taker, uint256 tick) private returns (bool emptied) {
        unchecked {
            uint256 side = 1 - taker.side;
            uint256 first = _orderName(taker.slot, side, tick, 0);
            (, uint256 excess) = _lockPerWh(taker.terms, side, tick);
            uint256 levelKey = _levelKey(taker.place, side, tick);
            LevelWord level = _levels[levelKey];
            uint256 leftWh = taker.leftWh;
            uint256 live = level.live();
            uint256 sequence = level.head();
            while (leftWh != 0 && live != 0) {
                (uint256 maker, uint256 wh) = LevelWords.unpackEntry(_entry(levelKey, level, sequence));
                if (wh == 0) {
                    if (taker.stepsLeft % A_FILL == 0) _askForSweep(taker.slot, side, tick);
                    --taker.stepsLeft;
                    sequence += 1 + maker; // what is passed over has no maker, but says how many like it follow
                    continue;
                }
                if (maker == taker.participant || taker.stepsLeft < A_FILL) {
                    taker.leftWh -= leftWh;
                    leftWh = 0;
                    break;
                }
                taker.stepsLeft -= A_FILL;
                uint256 order = first | sequence;
                if (wh > leftWh) {
                    level = _withEntry(levelKey, level, sequence, maker, wh - leftWh);
                    wh = leftWh;
                } else {
                    --live;
                    ++sequence;
                }
                leftWh -= wh;
                _fillMaker(taker, maker, side, wh, wh * tick, wh * excess);
                emit Traded(LogWords.ofFill(order, maker, taker.participant, wh));
            }
            _fillTaker(taker, tick, taker.leftWh - leftWh);
            taker.leftWh = leftWh;
            emptied = live == 0;
            if (!emptied) _levels[levelKey] = level.withLive(live).withHead(sequence);
        }
    }

    /// @dev Move a resting quantity from open to filled. Its lock stays what it was, so the account is not touched.
    function _fillMaker(
        Taker memory taker,
        uint256 maker,
        uint256 side,
        uint256 wh,
        uint256 ticks,
        uint256 excessNeur
    ) private {
        Seat storage seat = _seat(taker.place, maker);
        seat.position = seat.position.openFilled(side, wh, ticks);
        if (excessNeur != 0) seat.excess = seat.excess.closed(excessNeur).filled(excessNeur);
    }

    function _fillTaker(Taker memory taker, uint256 tick, uint256 wh) private view {
        unchecked {
            uint256 side = taker.side;
            (uint256 lock, uint256 excess) = _lockPerWh(taker.terms, side, tick);
            taker.position = taker.position.filled(side, wh, wh * tick);
            taker.lockNeur += wh * lock;
            taker.filledExcessNeur += wh * excess;
        }
    }

    /// @dev Let the taker's remainder join the end of its tick's queue.
    function _rest(Taker memory taker) private returns (uint256 order) {
        (uint256 side, uint256 tick, uint256 wh) = (taker.side, taker.tick, taker.leftWh);
        uint256 sequence =
            _append(taker.book, taker.place, taker.generation, side, tick, taker.participant, wh);
        _open(taker);
        order = _orderName(taker.slot, side, tick, sequence);
        emit Placed(LogWords.ofOrder(order, taker.participant, wh));
    }

    function _askForSweep(uint256 slot, uint256 side, uint256 tick) private pure {
        revert SweepNeeded(uint32(slot), Side(side), uint8(tick));
    }
}
