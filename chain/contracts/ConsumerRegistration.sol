// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {IConsumerRegistration, IRegistrationObserver} from "./interfaces/IConsumerRegistration.sol";
import {IERC5192} from "./interfaces/IERC5192.sol";

/// @notice One soulbound token a participant: the token id is the participant's number.
contract ConsumerRegistration is IConsumerRegistration, IERC5192, ERC721, AccessControl {
    struct Participant {
        address meterKey;
        bool suspended;
    }

    bytes32 public constant REGISTRAR_ROLE = keccak256("REGISTRAR_ROLE");

    /// @notice Number of participants so far; the last one's number.
    uint32 public count;

    /// @notice The market, which keeps a copy of what it needs of each participant.
    IRegistrationObserver public observer;

    mapping(address account => uint32 participant) public participantOf;
    mapping(uint32 participant => Participant) private _participants;

    constructor(address admin) ERC721("Gridbid Participant", "GBP") {
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
    }

    /// @notice Set who is told of changes. Admin only.
    function setObserver(IRegistrationObserver newObserver) external onlyRole(DEFAULT_ADMIN_ROLE) {
        observer = newObserver;
        emit ObserverSet(address(newObserver));
    }

    /// @inheritdoc IConsumerRegistration
    function register(address account, address meterKey)
        external
        onlyRole(REGISTRAR_ROLE)
        returns (uint32 participant)
    {
        if (account == address(0) || meterKey == address(0)) revert ZeroAddress();
        if (participantOf[account] != 0) revert AlreadyRegistered(account);
        participant = ++count;
        participantOf[account] = participant;
        _participants[participant].meterKey = meterKey;
        _mint(account, participant);
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
    function accountOf(uint32 participant) external view returns (address) {
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

    /// @inheritdoc IERC5192
    function locked(uint256 tokenId) external view returns (bool) {
        _requireOwned(tokenId);
        return true;
    }

    function supportsInterface(bytes4 interfaceId) public view override(ERC721, AccessControl) returns (bool) {
        return interfaceId == type(IERC5192).interfaceId || super.supportsInterface(interfaceId);
    }

    function _update(address to, uint256 tokenId, address auth) internal override returns (address from) {
        from = super._update(to, tokenId, auth);
        if (from != address(0)) revert Soulbound();
    }

    function _notify(uint32 participant) private {
        if (address(observer) != address(0)) observer.sync(participant);
    }
}
