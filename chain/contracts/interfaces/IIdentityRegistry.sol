// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice What is used of an ERC-1056 registry: who controls an identity now.
interface IIdentityRegistry {
    /// @notice The identity itself until it has been handed to another account.
    function identityOwner(address identity) external view returns (address);
}
