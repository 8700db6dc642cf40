// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice Which policy bundles there are, who published them, and which of them may act in the community.
/// @dev A bundle is named by its hash, so whoever has the files can tell whether they are the ones that were approved.
interface IModelRegistry {
    enum Status {
        None,
        Published,
        Approved,
        Revoked
    }

    /// @notice `schemaHash` is the hash of what the policy observes and how it acts.
    struct Model {
        address publisher;
        uint64 publishedAt;
        Status status;
        bytes32 schemaHash;
        string uri;
    }

    event ModelPublished(
        bytes32 indexed bundleHash, address indexed publisher, bytes32 indexed schemaHash, string uri
    );
    event ModelApproved(bytes32 indexed bundleHash, address indexed approver);
    event ModelRevoked(bytes32 indexed bundleHash, address indexed by);

    error ZeroHash();
    error AlreadyPublished(bytes32 bundleHash);
    error ModelNotInStatus(bytes32 bundleHash, Status status);
    /// @notice The caller neither published the bundle nor is an approver.
    error NotYourModel(bytes32 bundleHash, address caller);

    /// @notice Publish a bundle under the caller's name. Anyone may; a hash is published once.
    /// @param uri Where the files are, say an IPFS address.
    function publish(bytes32 bundleHash, string calldata uri, bytes32 schemaHash) external;

    /// @notice Let a published bundle act. Approver only.
    function approve(bytes32 bundleHash) external;

    /// @notice Take a bundle back, for good. Its publisher, or approver.
    function revoke(bytes32 bundleHash) external;

    function isApproved(bytes32 bundleHash) external view returns (bool);

    function modelOf(bytes32 bundleHash) external view returns (Model memory);
}
