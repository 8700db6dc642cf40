// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice What is published for a slot, and how many of its seats are not settled yet.
/// @dev From the lowest bit: generation (21) | retail, feed-in, fee, floor, price cap (32 each, signed nEUR/Wh) |
/// unsettled seats (32) | renewable share (20, ppm) | grid state (2).
type SlotWord is uint256;

using SlotWords for SlotWord global;

library SlotWords {
    uint256 internal constant GENERATION_MASK = (1 << 21) - 1;
    uint256 private constant RETAIL = 21;
    uint256 private constant FEED_IN = 53;
    uint256 private constant FEE = 85;
    uint256 private constant FLOOR = 117;
    uint256 private constant PRICE_CAP = 149;
    uint256 private constant UNSETTLED = 181;
    uint256 private constant RENEWABLE = 213;
    uint256 private constant RENEWABLE_MASK = (1 << 20) - 1;
    uint256 private constant GRID_STATE = 233;

    function pack(
        uint256 generation,
        int32 retail_,
        int32 feedIn_,
        int32 fee_,
        int32 floor_,
        int32 priceCap_,
        uint256 unsettled_
    ) internal pure returns (SlotWord) {
        uint256 prices = (uint256(uint32(retail_)) << RETAIL) | (uint256(uint32(feedIn_)) << FEED_IN)
            | (uint256(uint32(fee_)) << FEE) | (uint256(uint32(floor_)) << FLOOR)
            | (uint256(uint32(priceCap_)) << PRICE_CAP);
        return SlotWord.wrap(generation | prices | (unsettled_ << UNSETTLED));
    }

    function generationOf(SlotWord word) internal pure returns (uint256) {
        return SlotWord.unwrap(word) & GENERATION_MASK;
    }

    function retail(SlotWord word) internal pure returns (int32) {
        return int32(uint32(SlotWord.unwrap(word) >> RETAIL));
    }

    function feedIn(SlotWord word) internal pure returns (int32) {
        return int32(uint32(SlotWord.unwrap(word) >> FEED_IN));
    }

    function fee(SlotWord word) internal pure returns (int32) {
        return int32(uint32(SlotWord.unwrap(word) >> FEE));
    }

    function floor(SlotWord word) internal pure returns (int32) {
        return int32(uint32(SlotWord.unwrap(word) >> FLOOR));
    }

    function priceCap(SlotWord word) internal pure returns (int32) {
        return int32(uint32(SlotWord.unwrap(word) >> PRICE_CAP));
    }

    function unsettled(SlotWord word) internal pure returns (uint256) {
        return uint32(SlotWord.unwrap(word) >> UNSETTLED);
    }

    /// @notice Share of renewable generation, millionths.
    function renewablePpm(SlotWord word) internal pure returns (uint32) {
        return uint32((SlotWord.unwrap(word) >> RENEWABLE) & RENEWABLE_MASK);
    }

    function gridState(SlotWord word) internal pure returns (uint256) {
        return SlotWord.unwrap(word) >> GRID_STATE;
    }

    /// @notice The word with how the slot's energy is generated and how the grid stands.
    function withConditions(SlotWord word, uint256 renewablePpm_, uint256 gridState_) internal pure returns (SlotWord) {
        uint256 others = SlotWord.unwrap(word) & ((1 << RENEWABLE) - 1);
        return SlotWord.wrap(others | (renewablePpm_ << RENEWABLE) | (gridState_ << GRID_STATE));
    }

    function oneSettled(SlotWord word) internal pure returns (SlotWord) {
        return SlotWord.wrap(SlotWord.unwrap(word) - (1 << UNSETTLED));
    }
}
