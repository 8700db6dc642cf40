// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice Positions of the outermost set bits of a word, by halving.
library BitScan {
    /// @notice Index of the highest set bit. Assumes `bits` is not zero.
    function highest(uint256 bits) internal pure returns (uint256 index) {
        unchecked {
            if (bits >> 128 != 0) (bits, index) = (bits >> 128, 128);
            if (bits >> 64 != 0) (bits, index) = (bits >> 64, index + 64);
            if (bits >> 32 != 0) (bits, index) = (bits >> 32, index + 32);
            if (bits >> 16 != 0) (bits, index) = (bits >> 16, index + 16);
            if (bits >> 8 != 0) (bits, index) = (bits >> 8, index + 8);
            if (bits >> 4 != 0) (bits, index) = (bits >> 4, index + 4);
            if (bits >> 2 != 0) (bits, index) = (bits >> 2, index + 2);
            if (bits >> 1 != 0) ++index;
        }
    }

    /// @notice Index of the lowest set bit. Assumes `bits` is not zero.
    function lowest(uint256 bits) internal pure returns (uint256) {
        unchecked {
            return highest(bits & (~bits + 1));
        }
    }
}
