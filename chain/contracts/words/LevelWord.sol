// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice One tick's queue of orders: its counters, and its first three orders.
/// @dev From the lowest bit: generation (21) | head (16) | tail (16) | live orders (16) | three entries (62 each).
/// An entry is participant (32) | Wh (30, lowest). Entry `sequence` >= 3 stands in overflow word (sequence - 3) / 4.
/// Entries from head on and before tail rest; one with 0 Wh was cancelled and waits to be passed over, and has in place
/// of the participant how many cancelled ones right behind it may be passed over with it. When the last order goes, the word stays as it was, for a write less: that the tick is empty is told by the book's word alone.
type LevelWord is uint256;

using LevelWords for LevelWord global;

library LevelWords {
    uint256 internal constant INLINE_ENTRIES = 3;
    uint256 internal constant OVERFLOW_ENTRIES = 4;
    uint256 internal constant MAX_TAIL = type(uint16).max;
    uint256 private constant GENERATION_MASK = (1 << 21) - 1;
    uint256 private constant HEAD = 21;
    uint256 private constant TAIL = 37;
    uint256 private constant LIVE = 53;
    uint256 private constant ENTRIES = 69;
    uint256 private constant ENTRY_BITS = 62;
    uint256 private constant ENTRY_MASK = (1 << 62) - 1;
    uint256 private constant QUANTITY_MASK = (1 << 30) - 1;

    /// @notice The word for the first order of an empty tick: sequences go on where they were in this generation.
    function reopened(LevelWord level, uint256 generation) internal pure returns (LevelWord) {
        return LevelWord.unwrap(level) & GENERATION_MASK == generation
            ? withHead(withLive(level, 0), tail(level))
            : LevelWord.wrap(generation);
    }

    function head(LevelWord level) internal pure returns (uint256) {
        return uint16(LevelWord.unwrap(level) >> HEAD);
    }

    function tail(LevelWord level) internal pure returns (uint256) {
        return uint16(LevelWord.unwrap(level) >> TAIL);
    }

    function live(LevelWord level) internal pure returns (uint256) {
        return uint16(LevelWord.unwrap(level) >> LIVE);
    }

    /// @notice The level with one order more at its end. Assumes tail < MAX_TAIL.
    function appended(LevelWord level) internal pure returns (LevelWord) {
        unchecked {
            return LevelWord.wrap(LevelWord.unwrap(level) + (1 << TAIL) + (1 << LIVE));
        }
    }

    /// @notice The level with one live order less.
    function died(LevelWord level) internal pure returns (LevelWord) {
        unchecked {
            return LevelWord.wrap(LevelWord.unwrap(level) - (1 << LIVE));
        }
    }

    function withLive(LevelWord level, uint256 orders) internal pure returns (LevelWord) {
        uint256 others = LevelWord.unwrap(level) & ~(uint256(type(uint16).max) << LIVE);
        return LevelWord.wrap(others | (orders << LIVE));
    }

    function withHead(LevelWord level, uint256 sequence) internal pure returns (LevelWord) {
        uint256 others = LevelWord.unwrap(level) & ~(uint256(type(uint16).max) << HEAD);
        return LevelWord.wrap(others | (sequence << HEAD));
    }

    /// @notice An entry of the level's own word. Assumes sequence < INLINE_ENTRIES.
    function entry(LevelWord level, uint256 sequence) internal pure returns (uint256) {
        unchecked {
            return (LevelWord.unwrap(level) >> (ENTRIES + sequence * ENTRY_BITS)) & ENTRY_MASK;
        }
    }

    function withEntry(LevelWord level, uint256 sequence, uint256 newEntry) internal pure returns (LevelWord) {
        unchecked {
            uint256 shift = ENTRIES + sequence * ENTRY_BITS;
            return LevelWord.wrap((LevelWord.unwrap(level) & ~(ENTRY_MASK << shift)) | (newEntry << shift));
        }
    }

    function packEntry(uint256 participant, uint256 quantityWh) internal pure returns (uint256) {
        return (participant << 30) | quantityWh;
    }

    function unpackEntry(uint256 packed) internal pure returns (uint256 participant, uint256 quantityWh) {
        return (packed >> 30, packed & QUANTITY_MASK);
    }
}
