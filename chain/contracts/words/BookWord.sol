// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {BitScan} from "./BitScan.sol";

/// @notice The occupied ticks of one slot, both sides in one word.
/// @dev From the lowest bit: one bit a tick (224) | split (8) | generation (21) | halted (1). A book is never crossed, so every
/// tick below the split is a bid and every tick from it on an ask.
type BookWord is uint256;

using BookWords for BookWord global;

library BookWords {
    uint256 internal constant TICKS = 224;
    uint256 private constant SPLIT = 224;
    uint256 private constant GENERATION = 232;
    uint256 private constant GENERATION_MASK = (1 << 21) - 1;
    uint256 private constant HALTED = 1 << 253;
    uint256 private constant TICK_BITS = (1 << TICKS) - 1;

    /// @notice The word if it belongs to this generation, else an empty book.
    function inGeneration(BookWord book, uint256 generation) internal pure returns (BookWord) {
        return (BookWord.unwrap(book) >> GENERATION) & GENERATION_MASK == generation
            ? book
            : BookWord.wrap(generation << GENERATION);
    }

    /// @notice Whether the book takes no orders for now.
    function halted(BookWord book) internal pure returns (bool) {
        return BookWord.unwrap(book) & HALTED != 0;
    }

    function withHalted(BookWord book, bool isHalted) internal pure returns (BookWord) {
        uint256 others = BookWord.unwrap(book) & ~HALTED;
        return BookWord.wrap(isHalted ? others | HALTED : others);
    }

    /// @notice Whether orders of a side, 0 for bids and 1 for asks, rest at a tick. Assumes tick < TICKS.
    function has(BookWord book, uint256 side, uint256 tick) internal pure returns (bool) {
        bool isBid = tick < _split(book);
        return (BookWord.unwrap(book) >> tick) & 1 != 0 && isBid == (side == 0);
    }

    function bestBid(BookWord book) internal pure returns (bool found, uint256 tick) {
        uint256 bids = bidBits(book);
        return bids == 0 ? (false, 0) : (true, BitScan.highest(bids));
    }

    function bestAsk(BookWord book) internal pure returns (bool found, uint256 tick) {
        uint256 asks = askBits(book);
        return asks == 0 ? (false, 0) : (true, BitScan.lowest(asks));
    }

    function bidBits(BookWord book) internal pure returns (uint256) {
        unchecked {
            return BookWord.unwrap(book) & ((1 << _split(book)) - 1);
        }
    }

    function askBits(BookWord book) internal pure returns (uint256) {
        uint256 split = _split(book);
        return ((BookWord.unwrap(book) & TICK_BITS) >> split) << split;
    }

    /// @notice The book with a bid at `tick`. Assumes that no ask is at or below it.
    function withBid(BookWord book, uint256 tick) internal pure returns (BookWord) {
        unchecked {
            uint256 split = _split(book);
            return _withTick(book, tick, split > tick ? split : tick + 1);
        }
    }

    /// @notice The book with an ask at `tick`. Assumes that no bid is at or above it.
    function withAsk(BookWord book, uint256 tick) internal pure returns (BookWord) {
        uint256 split = _split(book);
        return _withTick(book, tick, split < tick ? split : tick);
    }

    /// @notice The book after the last order of `tick` has gone.
    function without(BookWord book, uint256 tick) internal pure returns (BookWord) {
        return BookWord.wrap(BookWord.unwrap(book) & ~(uint256(1) << tick));
    }

    function _split(BookWord book) private pure returns (uint256) {
        return uint8(BookWord.unwrap(book) >> SPLIT);
    }

    function _withTick(BookWord book, uint256 tick, uint256 split) private pure returns (BookWord) {
        uint256 others = BookWord.unwrap(book) & ~(uint256(type(uint8).max) << SPLIT);
        return BookWord.wrap(others | (split << SPLIT) | (uint256(1) << tick));
    }
}
