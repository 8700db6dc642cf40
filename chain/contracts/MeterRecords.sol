// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {IMeterOracle} from "./interfaces/IMeterOracle.sol";
import {RecordWord, RecordWords} from "./words/RecordWord.sol";

/// @notice What keys have said of meters: signatures, sequences and times, with no regard to who a key belongs to.
/// @dev Records lie in a ring of slots, so that later ones are written over earlier ones at a recycled word's price.
/// The ring is longer than a reading can change, so nothing is overwritten that still matters.
abstract contract MeterRecords is IMeterOracle, EIP712 {
    /// @dev A reading with the energy of the slot instead of its end registers.
    struct Report {
        uint256 meter;
        uint256 slot;
        uint256 importStartWh;
        uint256 importedWh;
        uint256 exportStartWh;
        uint256 exportedWh;
        uint256 sequence;
    }

    bytes32 public constant READING_TYPEHASH = keccak256(
        "Reading(uint32 meter,uint32 slot,uint64 importStartWh,uint64 importEndWh,uint64 exportStartWh,uint64 exportEndWh,uint32 sequence)"
    );

    uint256 private constant BYTES_EACH = 96;

    uint256 public immutable slotSeconds;
    uint256 public immutable ringSize;
    uint256 public immutable deadlineSeconds;
    uint256 public immutable maxAgeSeconds;
    uint256 public immutable challengeSeconds;
    uint256 public immutable rulingSeconds;

    mapping(uint256 keyMeterPlace => RecordWord) private _records;

    constructor(uint256 slotSeconds_, uint256 ringSize_, Timing memory timing) EIP712("Gridbid MeterOracle", "1") {
        slotSeconds = slotSeconds_;
        ringSize = ringSize_;
        deadlineSeconds = timing.deadlineSeconds;
        maxAgeSeconds = timing.maxAgeSeconds;
        challengeSeconds = timing.challengeSeconds;
        rulingSeconds = timing.rulingSeconds;
        uint256 whole = maxAgeSeconds + challengeSeconds + rulingSeconds;
        if (whole >= RecordWords.AGE_LIMIT) revert TimingTooLong(whole);
        uint256 neededSlots = whole / slotSeconds + 2;
        if (ringSize < neededSlots) revert RingTooShort(ringSize, neededSlots);
    }

    /// @inheritdoc IMeterOracle
    function submitMany(uint32 slot, bytes calldata readings) external {
        if (readings.length % BYTES_EACH != 0) revert BadBatch(readings.length);
        uint256 age = _ageInTime(slot);
        bytes32 domain = _domainSeparatorV4();
        uint256[] memory recorded = new uint256[](readings.length / BYTES_EACH);
        uint256 count;
        Report memory report;
        report.slot = slot;
        for (uint256 start; start < readings.length; start += BYTES_EACH) {
            bytes32 content = bytes32(readings[start:start + 32]);
            _unpack(uint256(content), report);
            address key = ECDSA.recover(
                MessageHashUtils.toTypedDataHash(domain, _structHash(report)),
                bytes32(readings[start + 32:start + 64]),
                bytes32(readings[start + 64:start + BYTES_EACH])
            );
            if (_record(key, report, age)) recorded[count++] = _logWord(key, report);
        }
        assembly ("memory-safe") {
            mstore(recorded, count)
        }
        emit ReadingsSubmitted(recorded);
    }

    /// @inheritdoc IMeterOracle
    function finalAt(uint32 slot) public view returns (uint256) {
        return _endOf(slot) + maxAgeSeconds + challengeSeconds + rulingSeconds;
    }

    /// @inheritdoc IMeterOracle
    function recordOf(address key, uint32 meter, uint32 slot)
        external
        view
        returns (bool found, int64 readingWh, uint32 sequence)
    {
        RecordWord record = _recordOf(key, meter, slot);
        found = record.isOf(slot);
        if (found) return (true, int64(record.readingWh()), uint32(record.sequence()));
    }

    /// @inheritdoc IMeterOracle
    function digestOf(Reading calldata reading) public view returns (bytes32) {
        return _hashTypedDataV4(_structHash(_reportOf(reading)));
    }

    function _submitOne(Reading calldata reading, bytes32 r, bytes32 vs) internal returns (address key) {
        uint256 age = _ageInTime(reading.slot);
        Report memory report = _reportOf(reading);
        key = ECDSA.recover(_hashTypedDataV4(_structHash(report)), r, vs);
        if (!_record(key, report, age)) revert AlreadyRead(reading.meter, reading.slot);
        uint256[] memory recorded = new uint256[](1);
        recorded[0] = _logWord(key, report);
        emit ReadingsSubmitted(recorded);
    }

    /// @dev What lies in the place of that slot, of whichever slot it is.
    function _recordOf(address key, uint256 meter, uint256 slot) internal view returns (RecordWord) {
        return _records[_recordKey(key, meter, slot)];
    }

    function _endOf(uint256 slot) internal view returns (uint256) {
        return (slot + 1) * slotSeconds;
    }

    /// @dev Seconds since the slot's end; reverts before it.
    function _ageOf(uint32 slot) internal view returns (uint256) {
        uint256 end = _endOf(slot);
        if (block.timestamp < end) revert TooEarly(slot, end);
        return block.timestamp - end;
    }

    function _ageInTime(uint32 slot) private view returns (uint256 age) {
        age = _ageOf(slot);
        if (age > maxAgeSeconds) revert TooLate(slot, _endOf(slot) + maxAgeSeconds);
    }

    /// @dev Keep a report unless the key has said as much or more, or its time for corrections has passed.
    function _record(address key, Report memory report, uint256 age) private returns (bool) {
        unchecked {
            _requireInRange(report);
            uint256 place = _recordKey(key, report.meter, report.slot);
            RecordWord known = _records[place];
            if (report.sequence == 0) return false;
            if (known.isOf(report.slot)) {
                if (report.sequence <= known.sequence() || age > known.age() + challengeSeconds) return false;
            }
            _records[place] = RecordWords.pack(
                report.slot,
                report.sequence,
                report.importStartWh + report.importedWh,
                report.importedWh,
                report.exportStartWh + report.exportedWh,
                report.exportedWh,
                age
            );
            return true;
        }
    }

    function _recordKey(address key, uint256 meter, uint256 slot) private view returns (uint256) {
        return (uint256(uint160(key)) << 96) | (meter << 64) | (slot % ringSize);
    }

    /// @dev Fill in all but the slot from the first 32 of a packed reading's bytes.
    function _unpack(uint256 content, Report memory report) private pure {
        report.meter = content >> 224;
        report.importStartWh = uint64(content >> 160);
        report.importedWh = uint32(content >> 128);
        report.exportStartWh = uint64(content >> 64);
        report.exportedWh = uint32(content >> 32);
        report.sequence = uint32(content);
    }

    function _reportOf(Reading calldata reading) private pure returns (Report memory) {
        return Report(
            reading.meter,
            reading.slot,
            reading.importStartWh,
            _difference(reading.importStartWh, reading.importEndWh),
            reading.exportStartWh,
            _difference(reading.exportStartWh, reading.exportEndWh),
            reading.sequence
        );
    }

    function _difference(uint64 startWh, uint64 endWh) private pure returns (uint256) {
        if (endWh < startWh) revert RegisterRunsBackwards(startWh, endWh);
        return endWh - startWh;
    }

    /// @dev Start registers and energies are under 2^64, so their sums don't overflow.
    function _requireInRange(Report memory report) private pure {
        unchecked {
            uint256 limit = RecordWords.ENERGY_LIMIT_WH;
            if (report.importedWh >= limit || report.exportedWh >= limit) {
                revert ReadingOutOfRange(int64(uint64(report.importedWh)) - int64(uint64(report.exportedWh)));
            }
            uint256 importEndWh = report.importStartWh + report.importedWh;
            uint256 exportEndWh = report.exportStartWh + report.exportedWh;
            if (importEndWh >= RecordWords.REGISTER_LIMIT_WH) revert RegisterOutOfRange(uint64(importEndWh));
            if (exportEndWh >= RecordWords.REGISTER_LIMIT_WH) revert RegisterOutOfRange(uint64(exportEndWh));
        }
    }

    function _structHash(Report memory report) private pure returns (bytes32) {
        unchecked {
            return keccak256(
                abi.encode(
                    READING_TYPEHASH,
                    report.meter,
                    report.slot,
                    report.importStartWh,
                    report.importStartWh + report.importedWh,
                    report.exportStartWh,
                    report.exportStartWh + report.exportedWh,
                    report.sequence
                )
            );
        }
    }

    function _logWord(address key, Report memory report) private pure returns (uint256) {
        unchecked {
            uint256 readingWh = uint32(report.importedWh - report.exportedWh);
            return (uint256(uint160(key)) << 96) | (report.meter << 64) | (report.slot << 32) | readingWh;
        }
    }
}
