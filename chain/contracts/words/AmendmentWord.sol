// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice What the community has put to a participant's reading of one slot: a substitute, a challenge, a ruling.
/// @dev From the lowest bit: slot (32) | substitute (32, signed Wh) | seconds from the slot's end to the substitution
/// (24) | ruled (32, signed Wh) | whether substituted, challenged, ruled (1 each).
type AmendmentWord is uint256;

using AmendmentWords for AmendmentWord global;

library AmendmentWords {
    uint256 private constant SUBSTITUTE = 32;
    uint256 private constant AGE = 64;
    uint256 private constant AGE_MASK = (1 << 24) - 1;
    uint256 private constant RULED = 88;
    uint256 private constant IS_SUBSTITUTED = 120;
    uint256 private constant IS_CHALLENGED = 121;
    uint256 private constant IS_RULED = 122;

    /// @notice The word if it belongs to this slot, else one that amends nothing.
    function inSlot(AmendmentWord amendment, uint256 slot) internal pure returns (AmendmentWord) {
        return uint32(AmendmentWord.unwrap(amendment)) == slot ? amendment : AmendmentWord.wrap(slot);
    }

    function isSubstituted(AmendmentWord amendment) internal pure returns (bool) {
        return (AmendmentWord.unwrap(amendment) >> IS_SUBSTITUTED) & 1 != 0;
    }

    function isChallenged(AmendmentWord amendment) internal pure returns (bool) {
        return (AmendmentWord.unwrap(amendment) >> IS_CHALLENGED) & 1 != 0;
    }

    function isRuled(AmendmentWord amendment) internal pure returns (bool) {
        return (AmendmentWord.unwrap(amendment) >> IS_RULED) & 1 != 0;
    }

    function substituteWh(AmendmentWord amendment) internal pure returns (int64) {
        return int32(uint32(AmendmentWord.unwrap(amendment) >> SUBSTITUTE));
    }

    /// @notice Seconds from the slot's end to the substitution.
    function age(AmendmentWord amendment) internal pure returns (uint256) {
        return (AmendmentWord.unwrap(amendment) >> AGE) & AGE_MASK;
    }

    function ruledWh(AmendmentWord amendment) internal pure returns (int64) {
        return int32(uint32(AmendmentWord.unwrap(amendment) >> RULED));
    }

    /// @notice Assumes that there is no substitute yet, and that the age is under 2^24.
    function substituted(AmendmentWord amendment, int32 readingWh, uint256 age_) internal pure returns (AmendmentWord) {
        uint256 added = (uint256(uint32(readingWh)) << SUBSTITUTE) | (age_ << AGE) | (uint256(1) << IS_SUBSTITUTED);
        return AmendmentWord.wrap(AmendmentWord.unwrap(amendment) | added);
    }

    function challenged(AmendmentWord amendment) internal pure returns (AmendmentWord) {
        return AmendmentWord.wrap(AmendmentWord.unwrap(amendment) | (uint256(1) << IS_CHALLENGED));
    }

    /// @notice Assumes that there is no ruling yet.
    function ruled(AmendmentWord amendment, int32 readingWh) internal pure returns (AmendmentWord) {
        uint256 added = (uint256(uint32(readingWh)) << RULED) | (uint256(1) << IS_RULED);
        return AmendmentWord.wrap(AmendmentWord.unwrap(amendment) | added);
    }
}
