// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice One participant's seat in one slot: its envelope, a copy of the prices that locks need, its settlement.
/// @dev The copy saves every order a storage read. From the lowest bit: generation (21) | import limit (31, signed) |
/// export limit (31, signed) | fee, floor, price cap (32 each, signed nEUR/Wh) | settlement (2) | reading (48,
/// signed Wh) | seated by the keeper (1).
type SeatWord is uint256;

using SeatWords for SeatWord global;

library SeatWords {
    /// @notice State of a seat's settlement.
    uint256 internal constant OPEN = 0;
    uint256 internal constant SUBSTITUTED = 1;
    uint256 internal constant FINAL = 2;

    uint256 private constant GENERATION_MASK = (1 << 21) - 1;
    uint256 private constant LIMIT_MASK = (1 << 31) - 1;
    uint256 private constant IMPORT = 21;
    uint256 private constant EXPORT = 52;
    uint256 private constant FEE = 83;
    uint256 private constant FLOOR = 115;
    uint256 private constant PRICE_CAP = 147;
    uint256 private constant SETTLEMENT = 179;
    uint256 private constant READING = 181;
    uint256 private constant SETTLEMENT_MASK = ((1 << 50) - 1) << SETTLEMENT;
    uint256 private constant SEATED = 229;

    /// @notice A seat with an envelope; limits outside (-2^30, 2^30) Wh bind no differently than the nearest within.
    function pack(
        uint256 generation,
        int256 importLimitWh_,
        int256 exportLimitWh_,
        int32 fee_,
        int32 floor_,
        int32 priceCap_
    ) internal pure returns (SeatWord) {
        uint256 limits = (_limit(importLimitWh_) << IMPORT) | (_limit(exportLimitWh_) << EXPORT);
        uint256 prices = (uint256(uint32(fee_)) << FEE) | (uint256(uint32(floor_)) << FLOOR)
            | (uint256(uint32(priceCap_)) << PRICE_CAP);
        return SeatWord.wrap(generation | limits | prices | (uint256(1) << SEATED));
    }

    /// @notice The word if it belongs to this generation, else a seat with no envelope.
    function inGeneration(SeatWord seat, uint256 generation) internal pure returns (SeatWord) {
        return generationOf(seat) == generation ? seat : SeatWord.wrap(generation);
    }

    function generationOf(SeatWord seat) internal pure returns (uint256) {
        return SeatWord.unwrap(seat) & GENERATION_MASK;
    }

    function importLimitWh(SeatWord seat) internal pure returns (int256) {
        return int256(SeatWord.unwrap(seat) << (225 - IMPORT)) >> 225;
    }

    function exportLimitWh(SeatWord seat) internal pure returns (int256) {
        return int256(SeatWord.unwrap(seat) << (225 - EXPORT)) >> 225;
    }

    function fee(SeatWord seat) internal pure returns (int256) {
        return int32(uint32(SeatWord.unwrap(seat) >> FEE));
    }

    function floor(SeatWord seat) internal pure returns (int256) {
        return int32(uint32(SeatWord.unwrap(seat) >> FLOOR));
    }

    function priceCap(SeatWord seat) internal pure returns (int256) {
        return int32(uint32(SeatWord.unwrap(seat) >> PRICE_CAP));
    }

    function settlement(SeatWord seat) internal pure returns (uint256) {
        return (SeatWord.unwrap(seat) >> SETTLEMENT) & 3;
    }

    function readingWh(SeatWord seat) internal pure returns (int256) {
        return int48(uint48(SeatWord.unwrap(seat) >> READING));
    }

    /// @notice Whether the keeper gave this participant an envelope.
    function seated(SeatWord seat) internal pure returns (bool) {
        return (SeatWord.unwrap(seat) >> SEATED) & 1 != 0;
    }

    function settled(SeatWord seat, uint256 settlement_, int48 readingWh_) internal pure returns (SeatWord) {
        uint256 others = SeatWord.unwrap(seat) & ~SETTLEMENT_MASK;
        return SeatWord.wrap(others | (settlement_ << SETTLEMENT) | (uint256(uint48(readingWh_)) << READING));
    }

    function _limit(int256 limitWh) private pure returns (uint256) {
        if (limitWh > int256(LIMIT_MASK >> 1)) limitWh = int256(LIMIT_MASK >> 1);
        if (limitWh < -int256(LIMIT_MASK >> 1)) limitWh = -int256(LIMIT_MASK >> 1);
        return uint256(limitWh) & LIMIT_MASK;
    }
}
