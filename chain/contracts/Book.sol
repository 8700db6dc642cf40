// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Slots} from "./Slots.sol";
import {BookWord, BookWords} from "./words/BookWord.sol";
import {LevelWord, LevelWords} from "./words/LevelWord.sol";

/// @notice The queues of resting orders, by slot, side and tick.
abstract contract Book is Slots {
    /// @dev A decoded order name.
    struct OrderKey {
        uint256 slot;
        uint256 side; // BUY or SELL
        uint256 tick;
        uint256 sequence;
    }

    uint256 private constant LANE_BITS = 62;
    uint256 private constant LANE_MASK = (1 << 62) - 1;

    mapping(uint256 place => BookWord) internal _books;
    mapping(uint256 placeSideTick => LevelWord) internal _levels;
    mapping(uint256 levelKeyAndIndex => uint256) private _overflow;

    /// @dev Put an order at the end of its tick's queue; returns its sequence there.
    function _append(
        BookWord book,
        uint256 place,
        uint256 generation,
        uint256 side,
        uint256 tick,
        uint256 participant,
        uint256 wh
    ) internal returns (uint256 sequence) {
        uint256 levelKey = _levelKey(place, side, tick);
        LevelWord level = _levels[levelKey];
        if (!book.has(side, tick)) {
            level = level.reopened(generation);
            _books[place] = side == BUY ? book.withBid(tick) : book.withAsk(tick);
        }
        sequence = level.tail();
        if (sequence == LevelWords.MAX_TAIL) {
            revert TickFull(uint32(_slotOf(place, generation)), Side(side), uint8(tick));
        }
        _levels[levelKey] = _withEntry(levelKey, level.appended(), sequence, participant, wh);
    }

    /// @dev Leave `leftWh`, above 0, of a resting order, which keeps its place.
    function _shrink(OrderKey memory key, uint256 owner, uint256 leftWh) internal {
        uint256 levelKey = _levelKey(_place(key.slot), key.side, key.tick);
        _levels[levelKey] = _withEntry(levelKey, _levels[levelKey], key.sequence, owner, leftWh);
    }

    /// @dev Take a resting order out. The first one moves the head; another one stays in the queue with 0 Wh.
    function _remove(OrderKey memory key) internal {
        uint256 place = _place(key.slot);
        uint256 levelKey = _levelKey(place, key.side, key.tick);
        LevelWord level = _levels[levelKey].died();
        if (level.live() == 0) _books[place] = _books[place].without(key.tick);
        else if (key.sequence == level.head()) _levels[levelKey] = level.withHead(key.sequence + 1);
        else _levels[levelKey] = _withEntry(levelKey, level, key.sequence, 0, 0);
    }

    /// @dev Halt all books whose gates are open, or let them go on. A book's own word says so, which every order
    /// reads anyway: one flag for all would cost each order another read.
    function _setHalted(bool isHalted) internal {
        for (uint256 place_; place_ < ringSize; ++place_) {
            uint256 generation = _openGeneration(place_);
            if (generation != 0) {
                _books[place_] = _books[place_].inGeneration(generation).withHalted(isHalted);
            }
        }
    }

    /// @dev Look at up to `maxSteps` orders and make each run of cancelled ones passed over in one step: its first
    /// entry says how many follow. A run at the head leaves the queue. Returns by how many steps the way is shorter.
    function _sweep(OrderKey memory key, uint256 maxSteps) internal returns (uint256 saved) {
        if (!_book(key.slot).has(key.side, key.tick)) return 0;
        uint256 levelKey = _levelKey(_place(key.slot), key.side, key.tick);
        LevelWord level = _levels[levelKey];
        uint256 first = level.head(); // of the run at hand
        uint256 sequence = first;
        uint256 runSteps;
        for (; maxSteps != 0 && sequence != level.tail(); --maxSteps) {
            (uint256 following, uint256 wh) = LevelWords.unpackEntry(_entry(levelKey, level, sequence));
            if (wh == 0) {
                ++runSteps;
                sequence += 1 + following;
            } else {
                saved += _savedBy(level, first, runSteps);
                level = _withRun(levelKey, level, first, sequence);
                first = ++sequence;
                runSteps = 0;
            }
        }
        saved += _savedBy(level, first, runSteps);
        _levels[levelKey] = _withRun(levelKey, level, first, sequence);
    }

    /// @dev Owner and quantity of a resting order; 0 Wh when no such order rests.
    function _resting(OrderKey memory key) internal view returns (uint256 owner, uint256 restingWh) {
        if (key.slot > type(uint32).max || key.side > SELL || key.tick >= BookWords.TICKS) return (0, 0);
        if (!_book(key.slot).has(key.side, key.tick)) return (0, 0);
        uint256 levelKey = _levelKey(_place(key.slot), key.side, key.tick);
        LevelWord level = _levels[levelKey];
        if (key.sequence < level.head() || key.sequence >= level.tail()) return (0, 0);
        return LevelWords.unpackEntry(_entry(levelKey, level, key.sequence));
    }

    function _entry(uint256 levelKey, LevelWord level, uint256 sequence) internal view returns (uint256) {
        if (sequence < LevelWords.INLINE_ENTRIES) return level.entry(sequence);
        (uint256 wordKey, uint256 shift) = _lane(levelKey, sequence);
        return (_overflow[wordKey] >> shift) & LANE_MASK;
    }

    /// @dev The level with an entry set; an entry beyond the level's own word is stored at once.
    function _withEntry(uint256 levelKey, LevelWord level, uint256 sequence, uint256 participant, uint256 wh)
        internal
        returns (LevelWord)
    {
        uint256 packed = LevelWords.packEntry(participant, wh);
        if (sequence < LevelWords.INLINE_ENTRIES) return level.withEntry(sequence, packed);
        (uint256 wordKey, uint256 shift) = _lane(levelKey, sequence);
        _overflow[wordKey] = (_overflow[wordKey] & ~(LANE_MASK << shift)) | (packed << shift);
        return level;
    }

    /// @dev The book of a slot that orders are placed in; reverts while it is halted.
    function _openBook(uint256 place_, uint256 generation) internal view returns (BookWord book) {
        book = _books[place_].inGeneration(generation);
        if (book.halted()) revert TradingPaused();
    }

    function _book(uint256 slot) internal view returns (BookWord) {
        return _books[_place(slot)].inGeneration(_generation(slot));
    }

    function _levelKey(uint256 place_, uint256 side, uint256 tick) internal pure returns (uint256) {
        return (place_ << 9) | (side << 8) | tick;
    }

    /// @dev Name of an order: slot 32 | side 8 | tick 8 | sequence 32 bits.
    function _orderName(uint256 slot, uint256 side, uint256 tick, uint256 sequence) internal pure returns (uint256) {
        return (slot << 48) | (side << 40) | (tick << 32) | sequence;
    }

    function _keyOf(uint256 order) internal pure returns (OrderKey memory) {
        return OrderKey(order >> 48, uint8(order >> 40), uint8(order >> 32), uint32(order));
    }

    /// @dev The level with the cancelled orders from `first` on and before `end` made one run.
    function _withRun(uint256 levelKey, LevelWord level, uint256 first, uint256 end) private returns (LevelWord) {
        if (first == level.head()) return level.withHead(end);
        return end - first < 2 ? level : _withEntry(levelKey, level, first, end - first - 1, 0);
    }

    /// @dev Steps that a run saves which took so many: all of them at the head, elsewhere all but one.
    function _savedBy(LevelWord level, uint256 first, uint256 runSteps) private pure returns (uint256) {
        return first == level.head() || runSteps == 0 ? runSteps : runSteps - 1;
    }

    function _lane(uint256 levelKey, uint256 sequence) private pure returns (uint256 wordKey, uint256 shift) {
        unchecked {
            uint256 index = sequence - LevelWords.INLINE_ENTRIES;
            wordKey = (levelKey << 16) | (index / LevelWords.OVERFLOW_ENTRIES);
            shift = (index % LevelWords.OVERFLOW_ENTRIES) * LANE_BITS;
        }
    }
}
