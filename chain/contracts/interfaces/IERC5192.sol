// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice Minimal soulbound tokens, ERC-5192.
interface IERC5192 {
    event Locked(uint256 tokenId);
    event Unlocked(uint256 tokenId);

    /// @notice Whether a token cannot change hands; reverts where there is no such token.
    function locked(uint256 tokenId) external view returns (bool);
}
