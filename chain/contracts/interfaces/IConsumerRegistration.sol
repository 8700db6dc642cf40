// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice Told whenever a participant's registration changes.
interface IRegistrationObserver {
    /// @notice Take over a participant's account and status from the registration. Anyone may call it.
    function sync(uint32 participant) external;
}

/// @notice Who takes part: one soulbound token a participant, its number being the participant's.
interface IConsumerRegistration {
    event Registered(uint32 indexed participant, address indexed account, address indexed meterKey);
    event MeterKeyRotated(uint32 indexed participant, address indexed meterKey);
    event ParticipantSuspended(uint32 indexed participant);
    event ParticipantReinstated(uint32 indexed participant);
    event ObserverSet(address indexed observer);

    error Soulbound();
    error ZeroAddress();
    error AlreadyRegistered(address account);

    /// @notice Mint the next participant number to `account`; its meter signs with `meterKey`.
    function register(address account, address meterKey) external returns (uint32 participant);

    /// @notice Replace a participant's meter key; readings signed with the old one are refused from now on.
    function rotateMeterKey(uint32 participant, address meterKey) external;

    /// @notice Keep a participant from placing orders; cancelling and withdrawing stay open to it.
    function suspend(uint32 participant) external;

    /// @notice Let a suspended participant trade again.
    function reinstate(uint32 participant) external;

    /// @notice Participant number of an account, 0 if it has none.
    function participantOf(address account) external view returns (uint32);

    /// @notice Account of a participant, 0 if there is none.
    function accountOf(uint32 participant) external view returns (address);

    /// @notice Address whose signature a participant's readings bear, 0 if there is none.
    function meterKeyOf(uint32 participant) external view returns (address);

    function isSuspended(uint32 participant) external view returns (bool);
}
