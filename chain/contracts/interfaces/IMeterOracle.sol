// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice What the meters say: one reading a participant and slot, signed by the meter.
interface IMeterOracle {
    /// @notice What a reading rests on, in rising order.
    enum Quality {
        None,
        Substitute,
        Metered,
        Ruled
    }

    /// @notice A slot's net energy, import positive, Wh.
    struct Reading {
        uint32 participant;
        uint32 slot;
        int64 readingWh;
    }

    event ReadingSubmitted(uint32 indexed participant, uint32 indexed slot, int64 readingWh);
    event ReadingSubstituted(uint32 indexed participant, uint32 indexed slot, int64 readingWh);

    /// @notice The slot has not ended yet, or for a substitute its deadline has not passed; `from` is when it will.
    error TooEarly(uint32 slot, uint256 from);
    error WrongMeterKey(uint32 participant, address signer);
    error AlreadyRead(uint32 participant, uint32 slot);
    error ReadingOutOfRange(int64 readingWh);
    error LengthsDiffer(uint256 readings, uint256 signatures);

    /// @notice Record a reading; anyone may bring it, the meter's EIP-712 signature vouches for it.
    function submit(Reading calldata reading, bytes calldata signature) external;

    /// @notice Record several readings, or none of them.
    function submitMany(Reading[] calldata readings, bytes[] calldata signatures) external;

    /// @notice Stand in for a reading that has not come by the deadline. Keeper only; a metered reading replaces it.
    function substitute(Reading calldata reading) external;

    function readingOf(uint32 participant, uint32 slot) external view returns (Quality quality, int64 readingWh);

    /// @notice What the meter has to sign.
    function digestOf(Reading calldata reading) external view returns (bytes32);

    function slotSeconds() external view returns (uint256);
}
