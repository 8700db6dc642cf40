// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice One participant's part in one slot's auction: a commitment, later the order that it was to.
/// @dev From the lowest bit: generation (21) | state (2) | and then, committed: the commitment's highest 233 bits;
/// revealed: side (1) | tick (8) | Wh (30). To find two orders with the same 233 bits takes some 2^116 attempts.
type SealedWord is uint256;

using SealedWords for SealedWord global;

library SealedWords {
    uint256 internal constant NONE = 0;
    uint256 internal constant COMMITTED = 1;
    uint256 internal constant REVEALED = 2;

    uint256 private constant GENERATION_MASK = (1 << 21) - 1;
    uint256 private constant STATE = 21;
    uint256 private constant CONTENT = 23;
    uint256 private constant CONTENT_MASK = ~((uint256(1) << CONTENT) - 1);
    uint256 private constant TICK = 24;
    uint256 private constant QUANTITY = 32;

    function committed(uint256 generation, bytes32 commitment) internal pure returns (SealedWord) {
        return SealedWord.wrap(generation | (COMMITTED << STATE) | (uint256(commitment) & CONTENT_MASK));
    }

    function revealed(uint256 generation, uint256 side_, uint256 tick_, uint256 wh) internal pure returns (SealedWord) {
        uint256 order = (side_ << CONTENT) | (tick_ << TICK) | (wh << QUANTITY);
        return SealedWord.wrap(generation | (REVEALED << STATE) | order);
    }

    function generationOf(SealedWord word) internal pure returns (uint256) {
        return SealedWord.unwrap(word) & GENERATION_MASK;
    }

    function state(SealedWord word) internal pure returns (uint256) {
        return (SealedWord.unwrap(word) >> STATE) & 3;
    }

    function side(SealedWord word) internal pure returns (uint256) {
        return (SealedWord.unwrap(word) >> CONTENT) & 1;
    }

    function tick(SealedWord word) internal pure returns (uint256) {
        return uint8(SealedWord.unwrap(word) >> TICK);
    }

    function quantityWh(SealedWord word) internal pure returns (uint256) {
        return SealedWord.unwrap(word) >> QUANTITY;
    }
}
