// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {IConsumerRegistration, IRegistrationObserver} from "../../../chain/contracts/interfaces/IConsumerRegistration.sol";
import {IERC5192} from "../../../chain/contracts/interfaces/IERC5192.sol";
import {IEnergyTrading} from "../../../chain/contracts/interfaces/IEnergyTrading.sol";
import {IMeterOracle} from "../../../chain/contracts/interfaces/IMeterOracle.sol";

/// @notice The contracts as callers see them: their interfaces with those of the base contracts.
interface Token is IERC20, IERC20Permit, IAccessControl {
    function mint(address to, uint256 amountNeur) external;
    function burn(uint256 amountNeur) external;
    function decimals() external view returns (uint8);
}

interface Registration is IConsumerRegistration, IERC721, IERC5192, IAccessControl {
    function setObserver(IRegistrationObserver observer) external;
    function count() external view returns (uint32);
}

interface Oracle is IMeterOracle, IAccessControl {
    function READING_LIMIT_WH() external view returns (int64);
}

interface Market is IEnergyTrading, IRegistrationObserver, IAccessControl {
    function supplierNeur() external view returns (int128);
    function operatorNeur() external view returns (int128);
    function paused() external view returns (bool);
}
