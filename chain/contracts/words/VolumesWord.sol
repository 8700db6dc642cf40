// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice What is offered at six ticks in a row, Wh.
/// @dev From the lowest bit: six sums (39 each) | generation (21, from bit 234). A sum is of orders under 2^30 Wh each.
type VolumesWord is uint256;

using VolumesWords for VolumesWord global;

library VolumesWords {
    error VolumeOutOfRange();

    uint256 internal constant TICKS = 6;
    uint256 private constant BITS = 39;
    uint256 private constant MASK = (1 << BITS) - 1;
    uint256 private constant GENERATION = TICKS * BITS;

    /// @notice The word if it belongs to this generation, else one without any offer.
    function inGeneration(VolumesWord volumes, uint256 generation) internal pure returns (VolumesWord) {
        return VolumesWord.unwrap(volumes) >> GENERATION == generation
            ? volumes
            : VolumesWord.wrap(generation << GENERATION);
    }

    /// @notice What is offered at one of the six ticks.
    function offeredAt(VolumesWord volumes, uint256 index) internal pure returns (uint256) {
        return (VolumesWord.unwrap(volumes) >> (index * BITS)) & MASK;
    }

    function added(VolumesWord volumes, uint256 index, uint256 wh) internal pure returns (VolumesWord) {
        if (offeredAt(volumes, index) + wh > MASK) revert VolumeOutOfRange();
        return VolumesWord.wrap(VolumesWord.unwrap(volumes) + (wh << (index * BITS)));
    }
}
