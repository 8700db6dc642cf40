// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IIdentityRegistry} from "./IIdentityRegistry.sol";

/// @notice Told whenever a participant's registration changes.
interface IRegistrationObserver {
    /// @notice Take over a participant's account and status from the registration. Anyone may call it.
    function sync(uint32 participant) external;
}

/// @notice Who takes part: one soulbound token a participant, its number being the participant's.
/// @dev The token is bound to an identity of an ERC-1056 registry. The identity's owner there is the participant's
/// account; when it hands the identity on, `sync` makes the new owner the account. Until then the old one is.
/// Assumptions:
///  - the registrar has checked who stands behind an account, a meter and its key.
///  - observers are contracts that the admin trusts: one that reverts stops registering.
interface IConsumerRegistration {
    enum DeviceKind {
        Load,
        Photovoltaics,
        Battery,
        ChargePoint,
        HeatPump
    }

    /// @notice A device behind a participant's meter.
    struct Device {
        uint32 participant;
        DeviceKind kind;
        uint32 ratedPowerW;
    }

    /// @notice What a key may do for a participant: an order of at most `maxOrderWh`, and all its orders of a slot
    /// together at most `maxSlotWh`, before `expiresAt`. Both 0: it may only cancel.
    struct TradingKey {
        uint32 participant;
        uint40 expiresAt;
        uint32 maxOrderWh;
        uint32 maxSlotWh;
    }

    event Registered(uint32 indexed participant, address indexed account, address indexed meterKey);
    event AccountChanged(uint32 indexed participant, address indexed oldAccount, address indexed newAccount);
    event MeterKeyRotated(uint32 indexed participant, address indexed meterKey);
    event ParticipantSuspended(uint32 indexed participant);
    event ParticipantReinstated(uint32 indexed participant);
    event ObserverAdded(address indexed observer);
    event ObserverRemoved(address indexed observer);
    event DeviceAdded(uint32 indexed participant, bytes32 indexed device, DeviceKind kind, uint32 ratedPowerW);
    event DeviceRemoved(uint32 indexed participant, bytes32 indexed device);
    event TradingKeySet(
        uint32 indexed participant, address indexed key, uint32 maxOrderWh, uint32 maxSlotWh, uint40 expiresAt
    );
    event TradingKeyRevoked(uint32 indexed participant, address indexed key);

    error Soulbound();
    error ZeroAddress();
    /// @notice The account, or the identity, is a participant's already.
    error AlreadyRegistered(address account);
    error NotAMember(address account);
    error TooManyObservers(uint256 most);
    error ObserverUnknown(address observer);
    error ObserverKnown(address observer);
    /// @notice The caller is neither the participant's account nor a registrar.
    error NotYourDevice(uint32 participant, address caller);
    error DeviceTaken(bytes32 device, uint32 participant);
    error DeviceUnknown(bytes32 device);
    error TooManyDevices(uint32 participant, uint256 most);
    error TradingKeyTaken(address key, uint32 participant);
    error TradingKeyUnknown(address key);
    error TradingKeyExpired(uint40 expiresAt);

    /// @notice Mint the next participant number to an identity; its meter signs with `meterKey`. Registrar only.
    function register(address identity, address meterKey) external returns (uint32 participant);

    /// @notice Replace a participant's meter key; readings signed with the old one are refused from now on.
    function rotateMeterKey(uint32 participant, address meterKey) external;

    /// @notice Keep a participant from placing orders; cancelling and withdrawing stay open to it.
    function suspend(uint32 participant) external;

    /// @notice Let a suspended participant trade again.
    function reinstate(uint32 participant) external;

    /// @notice Take over who owns the identity now, and tell the observers. Anyone may call it.
    /// @dev With a new account all trading keys end that the old one had given.
    function sync(uint32 participant) external;

    /// @notice Add a contract that is told of changes. Admin only.
    function addObserver(IRegistrationObserver observer) external;

    /// @notice Remove a contract that is told of changes. Admin only.
    function removeObserver(IRegistrationObserver observer) external;

    /// @notice Note a device behind a participant's meter. The participant's account, or registrar.
    /// @param device Hash that names it, of its maker and serial number say; one device is behind one meter.
    function addDevice(uint32 participant, bytes32 device, DeviceKind kind, uint32 ratedPowerW) external;

    /// @notice Take a device off the list. The participant's account, or registrar.
    function removeDevice(bytes32 device) external;

    /// @notice Let a key trade for the caller within limits; replaces what it was allowed before. Members only.
    /// @param expiresAt Unix time from which the key may do nothing more.
    function setTradingKey(address key, uint32 maxOrderWh, uint32 maxSlotWh, uint40 expiresAt) external;

    /// @notice Take a key of the caller its right to trade. Members only.
    function revokeTradingKey(address key) external;

    function identityRegistry() external view returns (IIdentityRegistry);

    function observers() external view returns (IRegistrationObserver[] memory);

    /// @notice Participant number of an account, 0 if it has none.
    function participantOf(address account) external view returns (uint32);

    /// @notice Account of a participant: owner of its identity when it was last looked up. 0 if there is none.
    function accountOf(uint32 participant) external view returns (address);

    /// @notice Identity of a participant, for good. 0 if there is none.
    function identityOf(uint32 participant) external view returns (address);

    /// @notice Address whose signature a participant's readings bear, 0 if there is none.
    function meterKeyOf(uint32 participant) external view returns (address);

    function isSuspended(uint32 participant) external view returns (bool);

    /// @notice What a key may do; participant 0 if it may do nothing. Its expiry is for the reader to check.
    function tradingKeyOf(address key) external view returns (TradingKey memory);

    function deviceOf(bytes32 device) external view returns (Device memory);

    /// @notice Devices behind a participant's meter, in no particular order.
    function devicesOf(uint32 participant) external view returns (bytes32[] memory);
}
