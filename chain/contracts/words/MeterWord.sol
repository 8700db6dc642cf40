// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice What the oracle needs of a meter to find its reading in most slots.
/// @dev From the lowest bit: the meter's key (160) | slot from which it and all below hold (32) | last slot with an
/// amendment (32) | bound on a plausible reading, Wh (30) | whether further keys report (1).
type MeterWord is uint256;

using MeterWords for MeterWord global;

library MeterWords {
    uint256 private constant FROM_SLOT = 160;
    uint256 private constant LAST_AMENDED = 192;
    uint256 private constant LAST_AMENDED_MASK = uint256(type(uint32).max) << LAST_AMENDED;
    uint256 private constant PLAUSIBLE = 224;
    uint256 private constant PLAUSIBLE_MASK = (1 << 30) - 1;
    uint256 private constant SEVERAL = 254;

    function key(MeterWord meter) internal pure returns (address) {
        return address(uint160(MeterWord.unwrap(meter)));
    }

    function fromSlot(MeterWord meter) internal pure returns (uint256) {
        return uint32(MeterWord.unwrap(meter) >> FROM_SLOT);
    }

    function lastAmended(MeterWord meter) internal pure returns (uint256) {
        return uint32(MeterWord.unwrap(meter) >> LAST_AMENDED);
    }

    /// @notice A reading beyond this, of either sign, counts as missing, Wh.
    function plausibleWh(MeterWord meter) internal pure returns (uint256) {
        return (MeterWord.unwrap(meter) >> PLAUSIBLE) & PLAUSIBLE_MASK;
    }

    function hasSeveral(MeterWord meter) internal pure returns (bool) {
        return (MeterWord.unwrap(meter) >> SEVERAL) & 1 != 0;
    }

    /// @notice The word under other reporters; what it says of amendments stays.
    function withReporters(MeterWord meter, address key_, uint256 fromSlot_, uint256 plausibleWh_, bool several)
        internal
        pure
        returns (MeterWord)
    {
        uint256 lastAmended_ = MeterWord.unwrap(meter) & LAST_AMENDED_MASK;
        return MeterWord.wrap(
            uint256(uint160(key_)) | (fromSlot_ << FROM_SLOT) | lastAmended_ | (plausibleWh_ << PLAUSIBLE)
                | (uint256(several ? 1 : 0) << SEVERAL)
        );
    }

    /// @notice The word after an amendment of a slot.
    function amended(MeterWord meter, uint256 slot) internal pure returns (MeterWord) {
        if (slot <= lastAmended(meter)) return meter;
        return MeterWord.wrap((MeterWord.unwrap(meter) & ~LAST_AMENDED_MASK) | (slot << LAST_AMENDED));
    }
}
