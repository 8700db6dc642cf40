// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice One participant's seat in one slot: its envelope, a copy of the prices that locks need, its settlement.
/// @dev The copy saves every order a storage read. From the lowest bit: generation (21) | import limit (31, signed) |
/// export limit (31, signed) | fee, floor, price cap (32 each, signed nEUR/Wh) | quality settled by (2) | closed
/// without a reading (1) | seated by the keeper (1) | reading settled by (32, signed Wh) | credit line (26, in units
/// of 1e6 nEUR) | whether the seat's excess word is used (1).
type SeatWord is uint256;

using SeatWords for SeatWord global;

library SeatWords {
    /// @notice A credit line is kept in this unit, nEUR, rounded down.
    uint256 internal constant CREDIT_LINE_UNIT = 1e6;

    /// @notice The longest credit line that fits, nEUR.
    uint256 internal constant MAX_CREDIT_LINE = ((1 << 26) - 1) * CREDIT_LINE_UNIT;

    uint256 private constant GENERATION_MASK = (1 << 21) - 1;
    uint256 private constant LIMIT_MASK = (1 << 31) - 1;
    uint256 private constant IMPORT = 21;
    uint256 private constant EXPORT = 52;
    uint256 private constant FEE = 83;
    uint256 private constant FLOOR = 115;
    uint256 private constant PRICE_CAP = 147;
    uint256 private constant QUALITY = 179;
    uint256 private constant QUALITY_MASK = 3;
    uint256 private constant SILENT = 181;
    uint256 private constant SEATED = 182;
    uint256 private constant READING = 183;
    uint256 private constant CREDIT_LINE = 215;
    uint256 private constant CREDIT_LINE_MASK = (1 << 26) - 1;
    uint256 private constant EXCESS = 241;
    uint256 private constant SETTLEMENT_MASK =
        (QUALITY_MASK << QUALITY) | (1 << SILENT) | (uint256(type(uint32).max) << READING);

    /// @notice A seat with an envelope; limits outside (-2^30, 2^30) Wh bind no differently than the nearest within.
    /// Assumes a credit line of MAX_CREDIT_LINE at most.
    function pack(
        uint256 generation,
        int256 importLimitWh_,
        int256 exportLimitWh_,
        int32 fee_,
        int32 floor_,
        int32 priceCap_,
        uint256 creditLineNeur_
    ) internal pure returns (SeatWord) {
        uint256 limits = (_limit(importLimitWh_) << IMPORT) | (_limit(exportLimitWh_) << EXPORT);
        uint256 prices = (uint256(uint32(fee_)) << FEE) | (uint256(uint32(floor_)) << FLOOR)
            | (uint256(uint32(priceCap_)) << PRICE_CAP);
        uint256 creditLine = (creditLineNeur_ / CREDIT_LINE_UNIT) << CREDIT_LINE;
        return SeatWord.wrap(generation | limits | prices | creditLine | (uint256(1) << SEATED));
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

    /// @notice How much of the seat's worst case the supplier answers for, nEUR.
    function creditLineNeur(SeatWord seat) internal pure returns (uint256) {
        unchecked {
            return ((SeatWord.unwrap(seat) >> CREDIT_LINE) & CREDIT_LINE_MASK) * CREDIT_LINE_UNIT;
        }
    }

    /// @notice Quality of the reading that the seat was settled by, as the oracle's enumeration counts it.
    function quality(SeatWord seat) internal pure returns (uint256) {
        return (SeatWord.unwrap(seat) >> QUALITY) & QUALITY_MASK;
    }

    /// @notice Whether the seat was closed at its position because no reading ever came.
    function silent(SeatWord seat) internal pure returns (bool) {
        return (SeatWord.unwrap(seat) >> SILENT) & 1 != 0;
    }

    function isSettled(SeatWord seat) internal pure returns (bool) {
        return SeatWord.unwrap(seat) & ((QUALITY_MASK << QUALITY) | (1 << SILENT)) != 0;
    }

    /// @notice The reading that the seat was settled by; its position where it was closed without one.
    function readingWh(SeatWord seat) internal pure returns (int256) {
        return int32(uint32(SeatWord.unwrap(seat) >> READING));
    }

    /// @notice Whether the keeper gave this participant an envelope.
    function seated(SeatWord seat) internal pure returns (bool) {
        return (SeatWord.unwrap(seat) >> SEATED) & 1 != 0;
    }

    /// @notice Whether an order at a price below zero, or above the price cap, has used the seat's excess word.
    function hasExcess(SeatWord seat) internal pure returns (bool) {
        return (SeatWord.unwrap(seat) >> EXCESS) & 1 != 0;
    }

    function withExcess(SeatWord seat) internal pure returns (SeatWord) {
        return SeatWord.wrap(SeatWord.unwrap(seat) | (uint256(1) << EXCESS));
    }

    /// @notice The seat settled by a reading, or by its position where the quality is 0.
    function settled(SeatWord seat, uint256 quality_, int32 readingWh_) internal pure returns (SeatWord) {
        uint256 others = SeatWord.unwrap(seat) & ~SETTLEMENT_MASK;
        uint256 silent_ = quality_ == 0 ? 1 : 0;
        return SeatWord.wrap(
            others | (quality_ << QUALITY) | (silent_ << SILENT) | (uint256(uint32(readingWh_)) << READING)
        );
    }

    function _limit(int256 limitWh) private pure returns (uint256) {
        if (limitWh > int256(LIMIT_MASK >> 1)) limitWh = int256(LIMIT_MASK >> 1);
        if (limitWh < -int256(LIMIT_MASK >> 1)) limitWh = -int256(LIMIT_MASK >> 1);
        return uint256(limitWh) & LIMIT_MASK;
    }
}
