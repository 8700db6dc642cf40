// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IConsumerRegistration} from "./IConsumerRegistration.sol";
import {IEnergyTradingOrders} from "./IEnergyTradingOrders.sol";

/// @notice What an auction needs of the market that it fills orders in.
interface IAuctionedMarket is IEnergyTradingOrders, IAccessControl {
    function token() external view returns (IERC20);

    function registration() external view returns (IConsumerRegistration);

    function slotSeconds() external view returns (uint256);

    function ringSize() external view returns (uint256);
}
