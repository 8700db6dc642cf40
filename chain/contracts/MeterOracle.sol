// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IMeterOracle} from "./interfaces/IMeterOracle.sol";
import {IConsumerRegistration} from "./interfaces/IConsumerRegistration.sol";

/// @notice Keeps each participant's reading of each slot, as signed by its meter.
contract MeterOracle is IMeterOracle, EIP712, AccessControl {
    struct Record {
        Quality quality;
        int64 readingWh;
    }

    bytes32 public constant KEEPER_ROLE = keccak256("KEEPER_ROLE");
    bytes32 public constant READING_TYPEHASH =
        keccak256("Reading(uint32 participant,uint32 slot,int64 readingWh)");

    /// @notice Readings stay under this, Wh, so that a slot's cash fits its fields.
    int64 public constant READING_LIMIT_WH = 2 ** 30;

    IConsumerRegistration public immutable registration;
    uint256 public immutable slotSeconds;

    /// @notice Time after a slot's end from which the keeper may stand in for a missing reading.
    uint256 public immutable deadlineSeconds;

    mapping(uint32 participant => mapping(uint32 slot => Record)) private _records;

    constructor(address admin, IConsumerRegistration registration_, uint256 slotSeconds_, uint256 deadlineSeconds_)
        EIP712("Gridbid MeterOracle", "1")
    {
        registration = registration_;
        slotSeconds = slotSeconds_;
        deadlineSeconds = deadlineSeconds_;
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
    }

    /// @inheritdoc IMeterOracle
    function submit(Reading calldata reading, bytes calldata signature) external {
        _submit(reading, signature);
    }

    /// @inheritdoc IMeterOracle
    function submitMany(Reading[] calldata readings, bytes[] calldata signatures) external {
        if (readings.length != signatures.length) revert LengthsDiffer(readings.length, signatures.length);
        for (uint256 i; i < readings.length; ++i) {
            _submit(readings[i], signatures[i]);
        }
    }

    /// @inheritdoc IMeterOracle
    function substitute(Reading calldata reading) external onlyRole(KEEPER_ROLE) {
        _record(reading, Quality.Substitute, deadlineSeconds);
        emit ReadingSubstituted(reading.participant, reading.slot, reading.readingWh);
    }

    /// @inheritdoc IMeterOracle
    function readingOf(uint32 participant, uint32 slot) external view returns (Quality quality, int64 readingWh) {
        Record memory record = _records[participant][slot];
        return (record.quality, record.readingWh);
    }

    /// @inheritdoc IMeterOracle
    function digestOf(Reading calldata reading) public view returns (bytes32) {
        return _hashTypedDataV4(
            keccak256(abi.encode(READING_TYPEHASH, reading.participant, reading.slot, reading.readingWh))
        );
    }

    function _submit(Reading calldata reading, bytes calldata signature) private {
        address signer = ECDSA.recoverCalldata(digestOf(reading), signature);
        if (signer != registration.meterKeyOf(reading.participant)) {
            revert WrongMeterKey(reading.participant, signer);
        }
        _record(reading, Quality.Metered, 0);
        emit ReadingSubmitted(reading.participant, reading.slot, reading.readingWh);
    }

    /// @dev A better quality replaces a worse one; the same never replaces itself.
    function _record(Reading calldata reading, Quality quality, uint256 delaySeconds) private {
        uint256 from = (uint256(reading.slot) + 1) * slotSeconds + delaySeconds;
        if (block.timestamp < from) revert TooEarly(reading.slot, from);
        if (reading.readingWh >= READING_LIMIT_WH || reading.readingWh <= -READING_LIMIT_WH) {
            revert ReadingOutOfRange(reading.readingWh);
        }
        Record storage record = _records[reading.participant][reading.slot];
        if (record.quality >= quality) revert AlreadyRead(reading.participant, reading.slot);
        record.quality = quality;
        record.readingWh = reading.readingWh;
    }
}
