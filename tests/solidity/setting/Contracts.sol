// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {IConsumerRegistration, IRegistrationObserver} from "../../../chain/contracts/interfaces/IConsumerRegistration.sol";
import {IERC5192} from "../../../chain/contracts/interfaces/IERC5192.sol";
import {IEnergyToken} from "../../../chain/contracts/interfaces/IEnergyToken.sol";
import {IEnergyTrading} from "../../../chain/contracts/interfaces/IEnergyTrading.sol";
import {IIdentityRegistry} from "../../../chain/contracts/interfaces/IIdentityRegistry.sol";
import {IMeterOracle} from "../../../chain/contracts/interfaces/IMeterOracle.sol";
import {IModelRegistry} from "../../../chain/contracts/interfaces/IModelRegistry.sol";
import {IUtilityVerification} from "../../../chain/contracts/interfaces/IUtilityVerification.sol";

/// @notice The contracts as callers see them: their interfaces with those of the base contracts.
interface Token is IEnergyToken, IERC20, IERC20Permit, IAccessControl {
    function decimals() external view returns (uint8);
}

interface Registration is IConsumerRegistration, IERC721, IERC5192, IAccessControl {
    function count() external view returns (uint32);
}

/// @notice The parts of the ERC-1056 registry that tests call.
interface IdentityRegistry is IIdentityRegistry {
    function changeOwner(address identity, address newOwner) external;
}

interface Utilities is IUtilityVerification, IAccessControl {}

interface Models is IModelRegistry, IAccessControl {}

interface Oracle is IMeterOracle, IRegistrationObserver, IAccessControl {}

interface Market is IEnergyTrading, IRegistrationObserver, IAccessControl {
    function supplierNeur() external view returns (int128);
    function operatorNeur() external view returns (int128);
    function paused() external view returns (bool);
}
