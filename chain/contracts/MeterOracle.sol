// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {IConsumerRegistration} from "./interfaces/IConsumerRegistration.sol";
import {IMeterOracle} from "./interfaces/IMeterOracle.sol";
import {IUtilityVerification} from "./interfaces/IUtilityVerification.sol";
import {MeterRecords} from "./MeterRecords.sol";
import {MeterReporters} from "./MeterReporters.sol";
import {AmendmentWord} from "./words/AmendmentWord.sol";
import {RecordWords} from "./words/RecordWord.sol";

/// @notice The reading that holds: what the meter's keys say, unless it was ruled; a substitute where they say nothing.
contract MeterOracle is MeterReporters, AccessControl {
    bytes32 public constant KEEPER_ROLE = keccak256("KEEPER_ROLE");
    bytes32 public constant REGISTRAR_ROLE = keccak256("REGISTRAR_ROLE");
    bytes32 public constant ARBITER_ROLE = keccak256("ARBITER_ROLE");

    /// @notice Who is licensed to operate the grid, and so may challenge a reading.
    IUtilityVerification public immutable utilities;

    mapping(uint256 participantAndPlace => AmendmentWord) private _amendments;

    constructor(
        address admin,
        IConsumerRegistration registration_,
        IUtilityVerification utilities_,
        uint256 slotSeconds_,
        uint256 ringSize_,
        Timing memory timing
    ) MeterRecords(slotSeconds_, ringSize_, timing) MeterReporters(registration_) {
        utilities = utilities_;
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
    }

    /// @inheritdoc IMeterOracle
    function submit(Reading calldata reading, bytes32 r, bytes32 vs) external {
        address key = _submitOne(reading, r, vs);
        if (!_isReporter(key, reading.meter, reading.slot)) revert WrongMeterKey(reading.meter, key);
    }

    /// @inheritdoc IMeterOracle
    function substitute(uint32 participant, uint32 slot, int64 readingWh, bytes32 method)
        external
        onlyRole(KEEPER_ROLE)
    {
        uint256 age = _ageOf(slot);
        if (age < deadlineSeconds) revert TooEarly(slot, _endOf(slot) + deadlineSeconds);
        _requireNotFinal(slot);
        if (_meters[participant].key() == address(0)) revert UnknownMeter(participant);
        (Quality quality,) = readingOf(participant, slot);
        if (quality != Quality.None) revert AlreadyRead(participant, slot);
        _amend(participant, slot, _amendment(participant, slot).substituted(_inRange(readingWh), age));
        emit ReadingSubstituted(participant, slot, readingWh, method);
    }

    /// @inheritdoc IMeterOracle
    function challenge(uint32 participant, uint32 slot, bytes32 reason) external {
        if (!_mayChallenge(participant, slot)) revert NotYourReading(participant, msg.sender);
        AmendmentWord amendment = _amendment(participant, slot);
        if (amendment.isChallenged()) revert AlreadyChallenged(participant, slot);
        (Quality quality,) = readingOf(participant, slot);
        if (quality == Quality.None) revert NothingToChallenge(participant, slot);
        uint256 until = _endOf(slot) + _lastAge(participant, slot, amendment) + challengeSeconds;
        if (block.timestamp > until) revert TooLate(slot, until);
        _amend(participant, slot, amendment.challenged());
        emit ReadingChallenged(participant, slot, msg.sender, reason);
    }

    /// @inheritdoc IMeterOracle
    function rule(uint32 participant, uint32 slot, int64 readingWh, bytes32 reason) external onlyRole(ARBITER_ROLE) {
        AmendmentWord amendment = _amendment(participant, slot);
        if (!amendment.isChallenged()) revert NotChallenged(participant, slot);
        if (amendment.isRuled()) revert AlreadyRuled(participant, slot);
        _requireNotFinal(slot);
        _amend(participant, slot, amendment.ruled(_inRange(readingWh)));
        emit ReadingRuled(participant, slot, readingWh, reason);
    }

    /// @inheritdoc IMeterOracle
    function setReporters(uint32 participant, address[] calldata others, uint8 quorum, uint32 plausibleWh)
        external
        onlyRole(REGISTRAR_ROLE)
    {
        _setReporters(participant, others, quorum, plausibleWh);
    }

    /// @inheritdoc IMeterOracle
    function readingOf(uint32 participant, uint32 slot) public view returns (Quality quality, int64 readingWh) {
        AmendmentWord amendment;
        if (slot <= _meters[participant].lastAmended()) amendment = _amendment(participant, slot);
        if (amendment.isRuled()) return (Quality.Ruled, amendment.ruledWh());
        (bool found, int256 meteredWh) = _meteredOf(participant, slot);
        if (found) return (Quality.Metered, int64(meteredWh));
        if (amendment.isSubstituted()) return (Quality.Substitute, amendment.substituteWh());
        return (Quality.None, 0);
    }

    /// @inheritdoc IMeterOracle
    function readingsOf(uint32 slot, uint32[] calldata participants)
        external
        view
        returns (uint256[] memory qualitiesAndWh)
    {
        qualitiesAndWh = new uint256[](participants.length);
        for (uint256 i; i < participants.length; ++i) {
            (Quality quality, int64 readingWh) = readingOf(participants[i], slot);
            qualitiesAndWh[i] = (uint256(quality) << 32) | uint32(int32(readingWh));
        }
    }

    /// @inheritdoc IMeterOracle
    function isFinal(uint32 participant, uint32 slot) external view returns (bool) {
        if (block.timestamp > finalAt(slot)) return true;
        AmendmentWord amendment = _amendment(participant, slot);
        if (amendment.isRuled()) return true;
        if (amendment.isChallenged()) return false;
        (uint256 reporters, uint256 count, uint256 lastAge) = _reported(participant, slot);
        return reporters != 0 && count == reporters && block.timestamp > _endOf(slot) + lastAge + challengeSeconds;
    }

    /// @inheritdoc IMeterOracle
    function runsBackwards(uint32 participant, uint32 slot) external view returns (bool) {
        return _runsBackwards(participant, slot);
    }

    function _mayChallenge(uint32 participant, uint32 slot) private view returns (bool) {
        return msg.sender == registration.accountOf(participant)
            || utilities.isLicensed(msg.sender, IUtilityVerification.Activity.Operation)
            || _runsBackwards(participant, slot);
    }

    /// @dev Seconds from the slot's end to when its reading last changed.
    function _lastAge(uint32 participant, uint32 slot, AmendmentWord amendment) private view returns (uint256 lastAge) {
        (,, lastAge) = _reported(participant, slot);
        if (amendment.isSubstituted() && amendment.age() > lastAge) lastAge = amendment.age();
    }

    function _amendment(uint32 participant, uint32 slot) private view returns (AmendmentWord) {
        return _amendments[_amendmentKey(participant, slot)].inSlot(slot);
    }

    function _amend(uint32 participant, uint32 slot, AmendmentWord amendment) private {
        _amendments[_amendmentKey(participant, slot)] = amendment;
        _meters[participant] = _meters[participant].amended(slot);
    }

    function _amendmentKey(uint32 participant, uint32 slot) private view returns (uint256) {
        return (uint256(participant) << 32) | (slot % ringSize);
    }

    function _requireNotFinal(uint32 slot) private view {
        if (block.timestamp > finalAt(slot)) revert TooLate(slot, finalAt(slot));
    }

    function _inRange(int64 readingWh) private pure returns (int32) {
        int64 limit = int64(uint64(RecordWords.ENERGY_LIMIT_WH));
        if (readingWh >= limit || readingWh <= -limit) revert ReadingOutOfRange(readingWh);
        return int32(readingWh);
    }
}
