// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IMarketTypes} from "./IMarketTypes.sol";

/// @notice The half of EnergyTrading that orders go through.
interface IEnergyTradingOrders is IMarketTypes {
    /// @notice Place an order, or revert with the reason why not.
    /// @return order Name of what rests of it, 0 if nothing does.
    function place(uint32 slot, Side side, uint8 tick, uint32 quantityWh, bool rest) external returns (uint256 order);

    /// @notice Place several orders; one that is not admitted is skipped. Each ends with Placed or with Handled.
    /// @return orders Name of what rests of each, 0 where nothing does.
    function placeMany(OrderRequest[] calldata requests) external returns (uint256[] memory orders);

    /// @notice Cancel those of several orders that still rest, then place several others as placeMany does.
    function replaceMany(uint256[] calldata cancels, OrderRequest[] calldata requests)
        external
        returns (uint256[] memory orders);

    /// @notice Take `byWh` off a resting order, which keeps its place; all of it takes it out. Open while paused and to
    /// the suspended.
    function reduce(uint256 order, uint32 byWh) external;

    /// @notice Cancel a resting order. Open while paused and to the suspended.
    function cancel(uint256 order) external;

    /// @notice Cancel those of several orders that still rest.
    function cancelMany(uint256[] calldata orderNames) external;

    /// @notice replaceMany for a participant that allowed it. Modules only.
    function tradeFor(uint32 participant, uint256[] calldata cancels, OrderRequest[] calldata requests)
        external
        returns (uint256[] memory orders);

    /// @notice Hold credit and envelope of a participant for a quantity that it may come to trade outside the book.
    /// Modules only. It is admitted by the rules of an order, and expires at the gate as a resting order does.
    /// @return reject Why it was not admitted; None: it is held.
    function reserve(uint32 slot, uint32 participant, Side side, uint8 tick, uint32 quantityWh)
        external
        returns (Reject reject);

    /// @notice Trade what was reserved, at a price tick no worse than the limit. Modules only, before the gate.
    /// @dev Warning: a module has to fill as much on one side as on the other at one price, and no more at a limit
    /// than it reserved there; only the open quantity of the seat's side is checked.
    function fillReserved(
        uint32 slot,
        uint32 participant,
        Side side,
        uint8 limitTick,
        uint32 quantityWh,
        uint8 priceTick
    ) external;

    /// @notice Give back what was reserved and is not traded. Modules only, before the gate.
    function releaseReserved(uint32 slot, uint32 participant, Side side, uint8 limitTick, uint32 quantityWh) external;

    /// @notice Look at up to `maxSteps` orders of a tick's queue, and let cancelled ones that stand one behind the other
    /// be passed over in one step.
    /// @return saved By how many steps an order's way through the queue is shorter.
    function sweep(uint32 slot, Side side, uint8 tick, uint256 maxSteps) external returns (uint256 saved);
}
