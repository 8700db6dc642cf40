// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {IModelRegistry} from "./interfaces/IModelRegistry.sol";

/// @notice Keeps one record a policy bundle.
contract ModelRegistry is IModelRegistry, AccessControl {
    bytes32 public constant APPROVER_ROLE = keccak256("APPROVER_ROLE");

    mapping(bytes32 bundleHash => Model) private _models;

    constructor(address admin) {
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
    }

    /// @inheritdoc IModelRegistry
    function publish(bytes32 bundleHash, string calldata uri, bytes32 schemaHash) external {
        if (bundleHash == 0) revert ZeroHash();
        if (_models[bundleHash].status != Status.None) revert AlreadyPublished(bundleHash);
        _models[bundleHash] = Model(msg.sender, uint64(block.timestamp), Status.Published, schemaHash, uri);
        emit ModelPublished(bundleHash, msg.sender, schemaHash, uri);
    }

    /// @inheritdoc IModelRegistry
    function approve(bytes32 bundleHash) external onlyRole(APPROVER_ROLE) {
        Model storage model = _models[bundleHash];
        if (model.status != Status.Published) revert ModelNotInStatus(bundleHash, model.status);
        model.status = Status.Approved;
        emit ModelApproved(bundleHash, msg.sender);
    }

    /// @inheritdoc IModelRegistry
    function revoke(bytes32 bundleHash) external {
        Model storage model = _models[bundleHash];
        if (msg.sender != model.publisher && !hasRole(APPROVER_ROLE, msg.sender)) {
            revert NotYourModel(bundleHash, msg.sender);
        }
        if (model.status != Status.Published && model.status != Status.Approved) {
            revert ModelNotInStatus(bundleHash, model.status);
        }
        model.status = Status.Revoked;
        emit ModelRevoked(bundleHash, msg.sender);
    }

    /// @inheritdoc IModelRegistry
    function isApproved(bytes32 bundleHash) external view returns (bool) {
        return _models[bundleHash].status == Status.Approved;
    }

    /// @inheritdoc IModelRegistry
    function modelOf(bytes32 bundleHash) external view returns (Model memory) {
        return _models[bundleHash];
    }
}
