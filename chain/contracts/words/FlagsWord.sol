// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {BitScan} from "./BitScan.sol";

/// @notice Which of 224 things are there.
/// @dev From the lowest bit: one flag each (224) | generation (21).
type FlagsWord is uint256;

using FlagsWords for FlagsWord global;

library FlagsWords {
    uint256 internal constant FLAGS = 224;
    uint256 private constant MASK = (1 << FLAGS) - 1;

    /// @notice The word if it belongs to this generation, else one without a flag.
    function inGeneration(FlagsWord flags, uint256 generation) internal pure returns (FlagsWord) {
        return FlagsWord.unwrap(flags) >> FLAGS == generation ? flags : FlagsWord.wrap(generation << FLAGS);
    }

    function isEmpty(FlagsWord flags) internal pure returns (bool) {
        return FlagsWord.unwrap(flags) & MASK == 0;
    }

    function with(FlagsWord flags, uint256 index) internal pure returns (FlagsWord) {
        return FlagsWord.wrap(FlagsWord.unwrap(flags) | (uint256(1) << index));
    }

    /// @notice The first flag at `from` or after it. Assumes `from` <= 224.
    function next(FlagsWord flags, uint256 from) internal pure returns (bool found, uint256 index) {
        uint256 rest = ((FlagsWord.unwrap(flags) & MASK) >> from) << from;
        return rest == 0 ? (false, 0) : (true, BitScan.lowest(rest));
    }
}
