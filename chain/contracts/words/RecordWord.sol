// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice What one key has said of one meter in one slot.
/// @dev From the lowest bit: slot (32) | sequence (32) | import register at the slot's end, Wh (48) | export register
/// at its end, Wh (48) | imported, Wh (30) | exported, Wh (30) | seconds from the slot's end to its submission (24).
/// Sequences count from 1, so a word is 0 only where nothing was said.
type RecordWord is uint256;

using RecordWords for RecordWord global;

library RecordWords {
    /// @notice Registers stay under this, Wh: an import of 1 GW needs 32 years to come there.
    uint256 internal constant REGISTER_LIMIT_WH = 1 << 48;

    /// @notice What a slot imports or exports stays under this, Wh.
    uint256 internal constant ENERGY_LIMIT_WH = 1 << 30;

    /// @notice Ages stay under this, seconds.
    uint256 internal constant AGE_LIMIT = 1 << 24;

    uint256 private constant SEQUENCE = 32;
    uint256 private constant IMPORT_END = 64;
    uint256 private constant EXPORT_END = 112;
    uint256 private constant IMPORTED = 160;
    uint256 private constant EXPORTED = 190;
    uint256 private constant AGE = 220;
    uint256 private constant REGISTER_MASK = REGISTER_LIMIT_WH - 1;
    uint256 private constant ENERGY_MASK = ENERGY_LIMIT_WH - 1;
    uint256 private constant AGE_MASK = AGE_LIMIT - 1;

    /// @notice Assumes that each value is under its limit.
    function pack(
        uint256 slot_,
        uint256 sequence_,
        uint256 importEndWh_,
        uint256 importedWh_,
        uint256 exportEndWh_,
        uint256 exportedWh_,
        uint256 age_
    ) internal pure returns (RecordWord) {
        return RecordWord.wrap(
            slot_ | (sequence_ << SEQUENCE) | (importEndWh_ << IMPORT_END) | (exportEndWh_ << EXPORT_END)
                | (importedWh_ << IMPORTED) | (exportedWh_ << EXPORTED) | (age_ << AGE)
        );
    }

    /// @notice Whether this is a record of that slot.
    function isOf(RecordWord record, uint256 slot_) internal pure returns (bool) {
        return uint32(RecordWord.unwrap(record)) == slot_ && RecordWord.unwrap(record) != 0;
    }

    function sequence(RecordWord record) internal pure returns (uint256) {
        return uint32(RecordWord.unwrap(record) >> SEQUENCE);
    }

    function importEndWh(RecordWord record) internal pure returns (uint256) {
        return (RecordWord.unwrap(record) >> IMPORT_END) & REGISTER_MASK;
    }

    function exportEndWh(RecordWord record) internal pure returns (uint256) {
        return (RecordWord.unwrap(record) >> EXPORT_END) & REGISTER_MASK;
    }

    function importStartWh(RecordWord record) internal pure returns (uint256) {
        return importEndWh(record) - _importedWh(record);
    }

    function exportStartWh(RecordWord record) internal pure returns (uint256) {
        return exportEndWh(record) - _exportedWh(record);
    }

    /// @notice Net energy of the slot, import positive, Wh.
    function readingWh(RecordWord record) internal pure returns (int256) {
        unchecked {
            return int256(_importedWh(record)) - int256(_exportedWh(record));
        }
    }

    /// @notice Seconds from the slot's end to the record's submission.
    function age(RecordWord record) internal pure returns (uint256) {
        return (RecordWord.unwrap(record) >> AGE) & AGE_MASK;
    }

    function _importedWh(RecordWord record) private pure returns (uint256) {
        return (RecordWord.unwrap(record) >> IMPORTED) & ENERGY_MASK;
    }

    function _exportedWh(RecordWord record) private pure returns (uint256) {
        return (RecordWord.unwrap(record) >> EXPORTED) & ENERGY_MASK;
    }
}
