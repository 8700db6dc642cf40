// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {EnumerableSet} from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";
import {IConsumerRegistration, IRegistrationObserver} from "./interfaces/IConsumerRegistration.sol";
import {IERC5192} from "./interfaces/IERC5192.sol";
import {IIdentityRegistry} from "./interfaces/IIdentityRegistry.sol";

/// @notice One soulbound token a participant: the token id is the participant's number.
contract ConsumerRegistration is IConsumerRegistration, IERC5192, ERC721, AccessControl {
    using EnumerableSet for EnumerableSet.AddressSet;
    using EnumerableSet for EnumerableSet.Bytes32Set;

    struct Participant {
        address account;
        uint32 accountChanges;
        bool suspended;
        address meterKey;
    }

    /// @dev A trading key, valid while the participant's account is the one that gave it; in one word of storage.
    struct KeyGrant {
        uint32 participant;
        uint40 expiresAt;
        uint32 maxOrderWh;
        uint32 maxSlotWh;
        uint32 accountChanges;
    }

    bytes32 public constant REGISTRAR_ROLE = keccak256("REGISTRAR_ROLE");
    uint256 public constant MAX_OBSERVERS = 8;
    uint256 public constant MAX_DEVICES = 64;

    /// @inheritdoc IConsumerRegistration
    IIdentityRegistry public immutable identityRegistry;

    /// @notice Number of participants so far; the last one's number.
    uint32 public count;

    /// @inheritdoc IConsumerRegistration
    mapping(address account => uint32 participant) public participantOf;

    mapping(uint32 participant => Participant) private _participants;
    mapping(address key => KeyGrant) private _grants;
    mapping(bytes32 device => Device) private _devices;
    mapping(uint32 participant => EnumerableSet.Bytes32Set) private _devicesOf;
    EnumerableSet.AddressSet private _observers;

    constructor(address admin, IIdentityRegistry identityRegistry_) ERC721("Gridbid Participant", "GBP") {
        identityRegistry = identityRegistry_;
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
    }

    /// @inheritdoc IConsumerRegistration
    function addObserver(IRegistrationObserver observer) external onlyRole(DEFAULT_ADMIN_ROLE) {
        if (address(observer) == address(0)) revert ZeroAddress();
        if (_observers.length() == MAX_OBSERVERS) revert TooManyObservers(MAX_OBSERVERS);
        if (!_observers.add(address(observer))) revert ObserverKnown(address(observer));
        emit ObserverAdded(address(observer));
    }

    /// @inheritdoc IConsumerRegistration
    function removeObserver(IRegistrationObserver observer) external onlyRole(DEFAULT_ADMIN_ROLE) {
        if (!_observers.remove(address(observer))) revert ObserverUnknown(address(observer));
        emit ObserverRemoved(address(observer));
    }

    /// @inheritdoc IConsumerRegistration
    function register(address identity, address meterKey)
        external
        onlyRole(REGISTRAR_ROLE)
        returns (uint32 participant)
    {
        if (identity == address(0) || meterKey == address(0)) revert ZeroAddress();
        if (balanceOf(identity) != 0) revert AlreadyRegistered(identity);
        address account = identityRegistry.identityOwner(identity);
        if (participantOf[account] != 0) revert AlreadyRegistered(account);
        participant = ++count;
        participantOf[account] = participant;
        _participants[participant].account = account;
        _participants[participant].meterKey = meterKey;
        _mint(identity, participant);
        emit Registered(participant, account, meterKey);
        emit Locked(participant);
        _notify(participant);
    }

    /// @inheritdoc IConsumerRegistration
    function rotateMeterKey(uint32 participant, address meterKey) external onlyRole(REGISTRAR_ROLE) {
        if (meterKey == address(0)) revert ZeroAddress();
        _requireOwned(participant);
        _participants[participant].meterKey = meterKey;
        emit MeterKeyRotated(participant, meterKey);
        _notify(participant);
    }

    /// @inheritdoc IConsumerRegistration
    function suspend(uint32 participant) external onlyRole(REGISTRAR_ROLE) {
        _requireOwned(participant);
        _participants[participant].suspended = true;
        emit ParticipantSuspended(participant);
        _notify(participant);
    }

    /// @inheritdoc IConsumerRegistration
    function reinstate(uint32 participant) external onlyRole(REGISTRAR_ROLE) {
        _requireOwned(participant);
        _participants[participant].suspended = false;
        emit ParticipantReinstated(participant);
        _notify(participant);
    }

    /// @inheritdoc IConsumerRegistration
    function sync(uint32 participant) external {
        address owner = identityRegistry.identityOwner(_requireOwned(participant));
        Participant storage member = _participants[participant];
        if (owner != member.account) _changeAccount(participant, member, owner);
        _notify(participant);
    }

    /// @inheritdoc IConsumerRegistration
    function addDevice(uint32 participant, bytes32 device, DeviceKind kind, uint32 ratedPowerW) external {
        _requireOwned(participant);
        _requireAccountOrRegistrar(participant);
        if (_devices[device].participant != 0) revert DeviceTaken(device, _devices[device].participant);
        if (_devicesOf[participant].length() == MAX_DEVICES) revert TooManyDevices(participant, MAX_DEVICES);
        _devices[device] = Device(participant, kind, ratedPowerW);
        _devicesOf[participant].add(device);
        emit DeviceAdded(participant, device, kind, ratedPowerW);
    }

    /// @inheritdoc IConsumerRegistration
    function removeDevice(bytes32 device) external {
        uint32 participant = _devices[device].participant;
        if (participant == 0) revert DeviceUnknown(device);
        _requireAccountOrRegistrar(participant);
        delete _devices[device];
        _devicesOf[participant].remove(device);
        emit DeviceRemoved(participant, device);
    }

    /// @inheritdoc IConsumerRegistration
    function setTradingKey(address key, uint32 maxOrderWh, uint32 maxSlotWh, uint40 expiresAt) external {
        uint32 participant = _requireMember();
        if (key == address(0)) revert ZeroAddress();
        if (expiresAt <= block.timestamp) revert TradingKeyExpired(expiresAt);
        TradingKey memory held = tradingKeyOf(key);
        bool taken = held.participant != 0 && held.participant != participant;
        if (taken && held.expiresAt > block.timestamp) revert TradingKeyTaken(key, held.participant);
        uint32 accountChanges = _participants[participant].accountChanges;
        _grants[key] = KeyGrant(participant, expiresAt, maxOrderWh, maxSlotWh, accountChanges);
        emit TradingKeySet(participant, key, maxOrderWh, maxSlotWh, expiresAt);
    }

    /// @inheritdoc IConsumerRegistration
    function revokeTradingKey(address key) external {
        uint32 participant = _requireMember();
        if (tradingKeyOf(key).participant != participant) revert TradingKeyUnknown(key);
        delete _grants[key];
        emit TradingKeyRevoked(participant, key);
    }

    /// @dev A soulbound token has nobody to be approved for.
    function approve(address, uint256) public pure override {
        revert Soulbound();
    }

    /// @dev As above.
    function setApprovalForAll(address, bool) public pure override {
        revert Soulbound();
    }

    /// @inheritdoc IConsumerRegistration
    function accountOf(uint32 participant) external view returns (address) {
        return _participants[participant].account;
    }

    /// @inheritdoc IConsumerRegistration
    function identityOf(uint32 participant) external view returns (address) {
        return _ownerOf(participant);
    }

    /// @inheritdoc IConsumerRegistration
    function meterKeyOf(uint32 participant) external view returns (address) {
        return _participants[participant].meterKey;
    }

    /// @inheritdoc IConsumerRegistration
    function isSuspended(uint32 participant) external view returns (bool) {
        return _participants[participant].suspended;
    }

    /// @inheritdoc IConsumerRegistration
    function deviceOf(bytes32 device) external view returns (Device memory) {
        return _devices[device];
    }

    /// @inheritdoc IConsumerRegistration
    function devicesOf(uint32 participant) external view returns (bytes32[] memory) {
        return _devicesOf[participant].values();
    }

    /// @inheritdoc IConsumerRegistration
    function observers() external view returns (IRegistrationObserver[] memory told) {
        told = new IRegistrationObserver[](_observers.length());
        for (uint256 i; i < told.length; ++i) {
            told[i] = IRegistrationObserver(_observers.at(i));
        }
    }

    /// @inheritdoc IERC5192
    function locked(uint256 tokenId) external view returns (bool) {
        _requireOwned(tokenId);
        return true;
    }

    /// @inheritdoc IConsumerRegistration
    function tradingKeyOf(address key) public view returns (TradingKey memory) {
        KeyGrant memory grant = _grants[key];
        if (grant.accountChanges != _participants[grant.participant].accountChanges) return TradingKey(0, 0, 0, 0);
        return TradingKey(grant.participant, grant.expiresAt, grant.maxOrderWh, grant.maxSlotWh);
    }

    function supportsInterface(bytes4 interfaceId) public view override(ERC721, AccessControl) returns (bool) {
        return interfaceId == type(IERC5192).interfaceId || super.supportsInterface(interfaceId);
    }

    function _update(address to, uint256 tokenId, address auth) internal override returns (address) {
        if (_ownerOf(tokenId) != address(0)) revert Soulbound();
        return super._update(to, tokenId, auth);
    }

    function _changeAccount(uint32 participant, Participant storage member, address newAccount) private {
        if (participantOf[newAccount] != 0) revert AlreadyRegistered(newAccount);
        address oldAccount = member.account;
        delete participantOf[oldAccount];
        participantOf[newAccount] = participant;
        member.account = newAccount;
        ++member.accountChanges;
        emit AccountChanged(participant, oldAccount, newAccount);
    }

    function _notify(uint32 participant) private {
        uint256 length = _observers.length();
        for (uint256 i; i < length; ++i) {
            IRegistrationObserver(_observers.at(i)).sync(participant);
        }
    }

    function _requireMember() private view returns (uint32 participant) {
        participant = participantOf[msg.sender];
        if (participant == 0) revert NotAMember(msg.sender);
    }

    function _requireAccountOrRegistrar(uint32 participant) private view {
        if (participantOf[msg.sender] != participant && !hasRole(REGISTRAR_ROLE, msg.sender)) {
            revert NotYourDevice(participant, msg.sender);
        }
    }
}
