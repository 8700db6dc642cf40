// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice What the events of orders and trades tell, in one word each: an event costs 8 gas a byte.
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
}
