// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice How far a participant's locks in one slot exceed the plain sum of price differences.
/// @dev A lock is never negative: a buy at price + fee < 0, or a sell above the price cap, locks nothing, where the
/// plain sum would count a credit. The excess makes up for it. It is written only by orders at such ticks, so
/// ordinary trades never touch this word. From the lowest bit: generation (21) | open (117) | filled (118), nEUR.
type ExcessWord is uint256;

using ExcessWords for ExcessWord global;

library ExcessWords {
    uint256 private constant GENERATION_MASK = (1 << 21) - 1;
    uint256 private constant OPEN = 21;
    uint256 private constant OPEN_MASK = (1 << 117) - 1;
    uint256 private constant FILLED = 138;

    /// @notice The word if it belongs to this generation, else none.
    function inGeneration(ExcessWord excess, uint256 generation) internal pure returns (ExcessWord) {
        return ExcessWord.unwrap(excess) & GENERATION_MASK == generation ? excess : ExcessWord.wrap(generation);
    }

    function openNeur(ExcessWord excess) internal pure returns (uint256) {
        return (ExcessWord.unwrap(excess) >> OPEN) & OPEN_MASK;
    }

    function filledNeur(ExcessWord excess) internal pure returns (uint256) {
        return ExcessWord.unwrap(excess) >> FILLED;
    }

    function opened(ExcessWord excess, uint256 neur) internal pure returns (ExcessWord) {
        return ExcessWord.wrap(ExcessWord.unwrap(excess) + (neur << OPEN));
    }

    function closed(ExcessWord excess, uint256 neur) internal pure returns (ExcessWord) {
        return ExcessWord.wrap(ExcessWord.unwrap(excess) - (neur << OPEN));
    }

    function filled(ExcessWord excess, uint256 neur) internal pure returns (ExcessWord) {
        return ExcessWord.wrap(ExcessWord.unwrap(excess) + (neur << FILLED));
    }
}
