// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IConsumerRegistration, IRegistrationObserver} from "./interfaces/IConsumerRegistration.sol";
import {IMeterOracle} from "./interfaces/IMeterOracle.sol";
import {MeterRecords} from "./MeterRecords.sol";
import {MeterWord} from "./words/MeterWord.sol";
import {RecordWord} from "./words/RecordWord.sol";

/// @notice Whose keys report for a meter, from which slot on, and what they come to together.
abstract contract MeterReporters is MeterRecords, IRegistrationObserver {
    /// @dev The meter's own key comes first.
    struct Reporters {
        uint32 fromSlot;
        uint8 quorum;
        uint32 plausibleWh;
        address[] keys;
    }

    /// @notice Keys that may report for one meter.
    uint256 public constant MAX_REPORTERS = 7;

    /// @notice Changes of a meter's reporters after a slot, beyond which its readings are found no more.
    uint256 public constant MAX_CHANGES = 16;

    /// @notice A bound above any reading: everything is plausible.
    uint32 public constant ALL_PLAUSIBLE_WH = 2 ** 30 - 1;

    IConsumerRegistration public immutable registration;

    mapping(uint32 participant => MeterWord) internal _meters;
    mapping(uint32 participant => Reporters[]) private _reporters;

    constructor(IConsumerRegistration registration_) {
        registration = registration_;
    }

    /// @notice Take over a meter's key from the registration; it holds from the running slot on.
    function sync(uint32 participant) external {
        address key = registration.meterKeyOf(participant);
        if (key == address(0)) revert UnknownMeter(participant);
        Reporters[] storage history = _reporters[participant];
        if (history.length == 0) {
            address[] memory only = new address[](1);
            only[0] = key;
            _change(participant, Reporters(0, 1, ALL_PLAUSIBLE_WH, only));
            return;
        }
        Reporters memory reporters = history[history.length - 1];
        if (reporters.keys[0] == key) return;
        reporters.keys[0] = key;
        reporters.fromSlot = _runningSlot();
        _change(participant, reporters);
    }

    /// @inheritdoc IMeterOracle
    function reportersOf(uint32 participant, uint32 slot)
        external
        view
        returns (address[] memory keys, uint8 quorum, uint32 plausibleWh)
    {
        Reporters memory reporters = _reportersIn(participant, slot);
        return (reporters.keys, reporters.quorum, reporters.plausibleWh);
    }

    function _setReporters(uint32 participant, address[] calldata others, uint8 quorum, uint32 plausibleWh) internal {
        uint256 count = others.length + 1;
        if (count > MAX_REPORTERS) revert TooManyReporters(MAX_REPORTERS);
        if (quorum == 0 || quorum > count) revert BadQuorum(quorum, count);
        if (plausibleWh == 0 || plausibleWh > ALL_PLAUSIBLE_WH) revert PlausibleBoundOutOfRange(plausibleWh);
        address[] memory keys = new address[](count);
        keys[0] = _meters[participant].key();
        if (keys[0] == address(0)) revert UnknownMeter(participant);
        for (uint256 i = 1; i < count; ++i) {
            keys[i] = others[i - 1];
        }
        _change(participant, Reporters(_runningSlot(), quorum, plausibleWh, keys));
    }

    /// @dev The lower median of the plausible readings, if as many as must have reported.
    function _meteredOf(uint32 participant, uint32 slot) internal view returns (bool found, int256 readingWh) {
        MeterWord meter = _meters[participant];
        if (meter.hasSeveral() || slot < meter.fromSlot()) {
            return _medianOf(_reportersIn(participant, slot), participant, slot);
        }
        RecordWord record = _recordOf(meter.key(), participant, slot);
        readingWh = record.readingWh();
        found = record.isOf(slot) && _isWithin(readingWh, meter.plausibleWh());
    }

    /// @dev How many keys report, how many of them have, and the seconds from the slot's end to the last report; of
    /// readings that are plausible.
    function _reported(uint32 participant, uint32 slot)
        internal
        view
        returns (uint256 reporters_, uint256 count, uint256 lastAge)
    {
        Reporters memory reporters = _reportersIn(participant, slot);
        reporters_ = reporters.keys.length;
        for (uint256 i; i < reporters_; ++i) {
            RecordWord record = _recordOf(reporters.keys[i], participant, slot);
            if (!record.isOf(slot) || !_isWithin(record.readingWh(), reporters.plausibleWh)) continue;
            ++count;
            if (record.age() > lastAge) lastAge = record.age();
        }
    }

    function _isReporter(address key, uint32 participant, uint32 slot) internal view returns (bool) {
        address[] memory keys = _reportersIn(participant, slot).keys;
        for (uint256 i; i < keys.length; ++i) {
            if (keys[i] == key) return true;
        }
        return false;
    }

    function _runsBackwards(uint32 participant, uint32 slot) internal view returns (bool) {
        if (slot == 0) return false;
        address[] memory keys = _reportersIn(participant, slot).keys;
        for (uint256 i; i < keys.length; ++i) {
            RecordWord before = _recordOf(keys[i], participant, slot - 1);
            RecordWord record = _recordOf(keys[i], participant, slot);
            if (!before.isOf(slot - 1) || !record.isOf(slot)) continue;
            if (record.importStartWh() < before.importEndWh() || record.exportStartWh() < before.exportEndWh()) {
                return true;
            }
        }
        return false;
    }

    function _change(uint32 participant, Reporters memory reporters) private {
        _requireDistinct(reporters.keys);
        Reporters[] storage history = _reporters[participant];
        bool again = history.length != 0 && history[history.length - 1].fromSlot == reporters.fromSlot;
        if (again) history[history.length - 1] = reporters;
        else history.push(reporters);
        _meters[participant] = _meters[participant].withReporters(
            reporters.keys[0], reporters.fromSlot, reporters.plausibleWh, reporters.keys.length > 1
        );
        emit ReportersSet(
            participant, reporters.fromSlot, reporters.keys, reporters.quorum, reporters.plausibleWh
        );
    }

    /// @dev Who reported in a slot; nobody where there have been more than MAX_CHANGES since.
    function _reportersIn(uint32 participant, uint32 slot) private view returns (Reporters memory reporters) {
        Reporters[] storage history = _reporters[participant];
        uint256 length = history.length;
        for (uint256 back = 1; back <= length && back <= MAX_CHANGES + 1; ++back) {
            if (history[length - back].fromSlot <= slot) return history[length - back];
        }
    }

    function _medianOf(Reporters memory reporters, uint32 participant, uint32 slot)
        private
        view
        returns (bool found, int256 readingWh)
    {
        int256[MAX_REPORTERS] memory sorted;
        uint256 count;
        for (uint256 i; i < reporters.keys.length; ++i) {
            RecordWord record = _recordOf(reporters.keys[i], participant, slot);
            int256 oneWh = record.readingWh();
            if (!record.isOf(slot) || !_isWithin(oneWh, reporters.plausibleWh)) continue;
            uint256 rank = count++;
            for (; rank != 0 && sorted[rank - 1] > oneWh; --rank) {
                sorted[rank] = sorted[rank - 1];
            }
            sorted[rank] = oneWh;
        }
        if (count == 0 || count < reporters.quorum) return (false, 0);
        return (true, sorted[(count - 1) / 2]);
    }

    function _runningSlot() private view returns (uint32) {
        return uint32(block.timestamp / slotSeconds);
    }

    function _isWithin(int256 readingWh, uint256 boundWh) private pure returns (bool) {
        return readingWh <= int256(boundWh) && readingWh >= -int256(boundWh);
    }

    function _requireDistinct(address[] memory keys) private pure {
        for (uint256 i; i < keys.length; ++i) {
            if (keys[i] == address(0)) revert ZeroReporter();
            for (uint256 j; j < i; ++j) {
                if (keys[j] == keys[i]) revert DuplicateReporter(keys[i]);
            }
        }
    }
}
