// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IMarketTypes} from "./IMarketTypes.sol";

/// @notice The half of EnergyTrading that orders go through.
interface IEnergyTradingOrders is IMarketTypes {
    /// @notice Place an order, or revert with the reason why not.
    /// @return order Name of what rests of it, 0 if nothing does.
    function place(uint32 slot, Side side, uint8 tick, uint32 quantityWh, bool rest) external returns (uint256 order);

    /// @notice Place several orders; one that is not admitted is skipped. Each ends with Placed or with Handled.
    function placeMany(OrderRequest[] calldata requests) external;

    /// @notice Take `byWh` off a resting order, which keeps its place; all of it takes it out. Open while paused and to the suspended.
    function reduce(uint256 order, uint32 byWh) external;

    /// @notice Cancel a resting order. Open while paused and to the suspended.
    function cancel(uint256 order) external;

    /// @notice Cancel those of several orders that still rest.
    function cancelMany(uint256[] calldata orderNames) external;

    /// @notice Pass over up to `maxSteps` cancelled orders at the head of a tick's queue.
    /// @return steps How many were passed over.
    function sweep(uint32 slot, Side side, uint8 tick, uint256 maxSteps) external returns (uint256 steps);
}
