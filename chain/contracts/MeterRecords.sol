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
    /// @dev A reading as its struct hash is made of: in memory, these eight words one behind the other.
    struct Report {
        bytes32 typeHash;
        uint256 meter;
        uint256 slot;
        uint256 importStartWh;
        uint256 importEndWh;
        uint256 exportStartWh;
        uint256 exportEndWh;
        uint256 sequence;
    }

    bytes32 public constant READING_TYPEHASH = keccak256(
        "Reading(uint32 meter,uint32 slot,uint64 importStartWh,uint64 importEndWh,uint64 exportStartWh,uint64 exportEndWh,uint32 sequence)"
    );

    uint256 private constant BYTES_EACH = 96;

    /// @dev Half of the order of secp256k1.
    uint256 private constant HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;

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
        report.typeHash = READING_TYPEHASH;
        report.slot = slot;
        unchecked {
            for (uint256 start; start < readings.length; start += BYTES_EACH) {
                (uint256 content, bytes32 r, bytes32 vs) = _wordsAt(readings, start);
                _unpack(content, report);
                address key = _recover(domain, report, r, vs);
                if (_record(key, report, age)) recorded[count++] = _logWord(key, report);
            }
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
        key = _recover(_domainSeparatorV4(), report, r, vs);
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
            (uint256 importedWh, uint256 exportedWh) = _energyOf(report);
            uint256 place = _recordKey(key, report.meter, report.slot);
            RecordWord known = _records[place];
            if (report.sequence == 0) return false;
            if (known.isOf(report.slot)) {
                if (report.sequence <= known.sequence() || age > known.age() + challengeSeconds) return false;
            }
            _records[place] = RecordWords.pack(
                report.slot,
                report.sequence,
                report.importEndWh,
                importedWh,
                report.exportEndWh,
                exportedWh,
                age
            );
            return true;
        }
    }

    function _recordKey(address key, uint256 meter, uint256 slot) private view returns (uint256) {
        return (uint256(uint160(key)) << 96) | (meter << 64) | (slot % ringSize);
    }

    /// @dev The three words of a packed reading; assumes that they lie within `readings`.
    function _wordsAt(bytes calldata readings, uint256 start)
        private
        pure
        returns (uint256 content, bytes32 r, bytes32 vs)
    {
        assembly ("memory-safe") {
            let place := add(readings.offset, start)
            content := calldataload(place)
            r := calldataload(add(place, 32))
            vs := calldataload(add(place, 64))
        }
    }

    /// @dev Fill in all but the slot from the first word of a packed reading.
    function _unpack(uint256 content, Report memory report) private pure {
        unchecked {
            report.meter = content >> 224;
            report.importStartWh = uint64(content >> 160);
            report.importEndWh = uint64(content >> 160) + uint256(uint32(content >> 128));
            report.exportStartWh = uint64(content >> 64);
            report.exportEndWh = uint64(content >> 64) + uint256(uint32(content >> 32));
            report.sequence = uint32(content);
        }
    }

    function _reportOf(Reading calldata reading) private pure returns (Report memory) {
        return Report(
            READING_TYPEHASH,
            reading.meter,
            reading.slot,
            reading.importStartWh,
            reading.importEndWh,
            reading.exportStartWh,
            reading.exportEndWh,
            reading.sequence
        );
    }

    /// @dev What a report's registers have counted; reverts where they run backwards, or don't fit their fields.
    function _energyOf(Report memory report) private pure returns (uint256 importedWh, uint256 exportedWh) {
        unchecked {
            importedWh = _counted(report.importStartWh, report.importEndWh);
            exportedWh = _counted(report.exportStartWh, report.exportEndWh);
            uint256 limit = RecordWords.ENERGY_LIMIT_WH;
            if (importedWh >= limit || exportedWh >= limit) {
                revert ReadingOutOfRange(int64(uint64(importedWh)) - int64(uint64(exportedWh)));
            }
        }
    }

    function _counted(uint256 startWh, uint256 endWh) private pure returns (uint256) {
        unchecked {
            if (endWh < startWh) revert RegisterRunsBackwards(uint64(startWh), uint64(endWh));
            if (endWh >= RecordWords.REGISTER_LIMIT_WH) revert RegisterOutOfRange(uint64(endWh));
            return endWh - startWh;
        }
    }

    /// @dev Whose signature it is. Written out, because the library's way costs each reading of a batch 250 gas more; as
    /// there, the upper half of s is refused, and so is a signature of nobody.
    function _recover(bytes32 domain, Report memory report, bytes32 r, bytes32 vs) private view returns (address key) {
        bytes32 digest = MessageHashUtils.toTypedDataHash(domain, _structHash(report));
        uint256 s = uint256(vs) & (type(uint256).max >> 1);
        if (s > HALF_ORDER) revert ECDSA.ECDSAInvalidSignatureS(bytes32(s));
        assembly ("memory-safe") {
            let start := mload(0x40)
            mstore(start, digest)
            mstore(add(start, 32), add(27, shr(255, vs)))
            mstore(add(start, 64), r)
            mstore(add(start, 96), s)
            mstore(0, 0)
            pop(staticcall(gas(), 1, start, 128, 0, 32))
            key := mload(0)
        }
        if (key == address(0)) revert ECDSA.ECDSAInvalidSignature();
    }

    function _structHash(Report memory report) private pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            hash := keccak256(report, 0x100)
        }
    }

    function _logWord(address key, Report memory report) private pure returns (uint256) {
        unchecked {
            uint256 importedWh = report.importEndWh - report.importStartWh;
            uint256 readingWh = uint32(importedWh - (report.exportEndWh - report.exportStartWh));
            return (uint256(uint160(key)) << 96) | (report.meter << 64) | (report.slot << 32) | readingWh;
        }
    }
}
