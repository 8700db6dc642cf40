// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice What the events of orders, trades and settlements tell, in few words: an event costs 8 gas a byte.
/// @dev An order's name has 80 bits; participants and quantities have 32 each.
library LogWords {
    /// @notice Order (80) | participant (32) | Wh (32, lowest).
    function ofOrder(uint256 order, uint256 participant, uint256 wh) internal pure returns (uint256) {
        return (order << 64) | (participant << 32) | wh;
    }

    /// @notice Maker's order (80) | maker (32) | taker (32) | Wh (32, lowest).
    function ofFill(uint256 makerOrder, uint256 maker, uint256 taker, uint256 wh) internal pure returns (uint256) {
        return (makerOrder << 96) | (maker << 64) | (taker << 32) | wh;
    }

    /// @notice Participant (32) | slot (32) | reading (32, signed) | quality (8) | operator's nEUR (128, lowest).
    function ofSettling(uint256 participant, uint256 slot, int256 readingWh, uint256 quality, uint256 operatorNeur)
        internal
        pure
        returns (uint256)
    {
        uint256 seat = (participant << 200) | (slot << 168);
        return seat | (uint256(uint32(int32(readingWh))) << 136) | (quality << 128) | operatorNeur;
    }

    /// @notice Two signed amounts of 128 bits, the second one lowest. Assumes that they fit.
    function ofPair(int256 high, int256 low) internal pure returns (uint256) {
        return (uint256(high) << 128) | uint128(uint256(low));
    }
}
