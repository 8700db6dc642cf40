// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice What one participant has traded and holds open in one slot, exact in one word.
/// @dev A price is floor + tick * tickSize, so cash is kept as energy and as ticks x energy: both exact.
/// From the lowest bit: generation (21) | bought (30) | sold (30) | open buy (30) | open sell (30) |
/// bought ticks (38) | sold ticks (38) | open ticks, buys minus sells (39, signed).
/// Widths: admission keeps bought + open buy, and sold + open sell, under 2^30 Wh; a tick is under 224 < 2^8. So
/// each field stays within its width and plain addition on the word cannot carry from one field into the next.
/// A side is 0 for buys and 1 for sells; a sell's field lies just above the buy's.
type PositionWord is uint256;

using PositionWords for PositionWord global;

library PositionWords {
    uint256 private constant GENERATION_MASK = (1 << 21) - 1;
    uint256 private constant WH_BITS = 30;
    uint256 private constant TICKS_BITS = 38;
    uint256 private constant WH_MASK = (1 << WH_BITS) - 1;
    uint256 private constant TICKS_MASK = (1 << TICKS_BITS) - 1;
    uint256 private constant BOUGHT = 21;
    uint256 private constant SOLD = BOUGHT + WH_BITS;
    uint256 private constant OPEN_BUY = 81;
    uint256 private constant OPEN_SELL = OPEN_BUY + WH_BITS;
    uint256 private constant BOUGHT_TICKS = 141;
    uint256 private constant SOLD_TICKS = BOUGHT_TICKS + TICKS_BITS;
    uint256 private constant OPEN_TICKS = 217;

    /// @notice The word if it belongs to this generation, else an empty position.
    function inGeneration(PositionWord position, uint256 generation) internal pure returns (PositionWord) {
        return generationOf(position) == generation ? position : PositionWord.wrap(generation);
    }

    function generationOf(PositionWord position) internal pure returns (uint256) {
        return PositionWord.unwrap(position) & GENERATION_MASK;
    }

    function boughtWh(PositionWord position) internal pure returns (uint256) {
        return (PositionWord.unwrap(position) >> BOUGHT) & WH_MASK;
    }

    function soldWh(PositionWord position) internal pure returns (uint256) {
        return (PositionWord.unwrap(position) >> SOLD) & WH_MASK;
    }

    function openBuyWh(PositionWord position) internal pure returns (uint256) {
        return (PositionWord.unwrap(position) >> OPEN_BUY) & WH_MASK;
    }

    function openSellWh(PositionWord position) internal pure returns (uint256) {
        return (PositionWord.unwrap(position) >> OPEN_SELL) & WH_MASK;
    }

    /// @notice Sum of Wh x tick over what was bought.
    function boughtTicks(PositionWord position) internal pure returns (uint256) {
        return (PositionWord.unwrap(position) >> BOUGHT_TICKS) & TICKS_MASK;
    }

    /// @notice Sum of Wh x tick over what was sold.
    function soldTicks(PositionWord position) internal pure returns (uint256) {
        return (PositionWord.unwrap(position) >> SOLD_TICKS) & TICKS_MASK;
    }

    /// @notice Sum of Wh x tick over open buys, minus that over open sells.
    function openTicks(PositionWord position) internal pure returns (int256) {
        return int256(PositionWord.unwrap(position)) >> OPEN_TICKS;
    }

    /// @notice The position after `wh` were filled on a side, `ticks` being the sum of Wh x tick over the fills.
    function filled(PositionWord position, uint256 side, uint256 wh, uint256 ticks)
        internal
        pure
        returns (PositionWord)
    {
        unchecked {
            uint256 change = (wh << (BOUGHT + side * WH_BITS)) + (ticks << (BOUGHT_TICKS + side * TICKS_BITS));
            return PositionWord.wrap(PositionWord.unwrap(position) + change);
        }
    }

    /// @notice The position after `wh` that rested at a tick were filled, `ticks` being Wh x tick.
    function openFilled(PositionWord position, uint256 side, uint256 wh, uint256 ticks)
        internal
        pure
        returns (PositionWord)
    {
        return filled(closed(position, side, wh, ticks), side, wh, ticks);
    }

    /// @notice The position after `wh` came to rest at a tick, `ticks` being Wh x tick.
    function opened(PositionWord position, uint256 side, uint256 wh, uint256 ticks)
        internal
        pure
        returns (PositionWord)
    {
        unchecked {
            return PositionWord.wrap(PositionWord.unwrap(position) + _openChange(side, wh, ticks));
        }
    }

    /// @notice The position after `wh` ceased to rest at a tick, `ticks` being Wh x tick.
    function closed(PositionWord position, uint256 side, uint256 wh, uint256 ticks)
        internal
        pure
        returns (PositionWord)
    {
        unchecked {
            return PositionWord.wrap(PositionWord.unwrap(position) - _openChange(side, wh, ticks));
        }
    }

    /// @dev Buys (side 0) add to the open ticks, sells (side 1) take from them.
    function _openChange(uint256 side, uint256 wh, uint256 ticks) private pure returns (uint256) {
        unchecked {
            return (wh << (OPEN_BUY + side * WH_BITS)) + (ticks << OPEN_TICKS) * (1 - 2 * side);
        }
    }
}
