// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {Accounts} from "./Accounts.sol";
import {Book} from "./Book.sol";

/// @notice What both halves of EnergyTrading stand on: all storage, and the roles.
/// @dev The halves work on the same storage, so nothing that inherits from this contract may add any.
abstract contract MarketStorage is Accounts, Book, AccessControl, Pausable {
    bytes32 public constant KEEPER_ROLE = keccak256("KEEPER_ROLE");
    bytes32 public constant PAUSER_ROLE = keccak256("PAUSER_ROLE");
    bytes32 public constant SUPPLIER_ROLE = keccak256("SUPPLIER_ROLE");
    bytes32 public constant OPERATOR_ROLE = keccak256("OPERATOR_ROLE");

    /// @notice Contracts that trade for participants who allowed it: the relay of signed orders, the closing auction.
    bytes32 public constant MODULE_ROLE = keccak256("MODULE_ROLE");
}
