// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IConsumerRegistration} from "./IConsumerRegistration.sol";
import {IEnergyTradingExtension} from "./IEnergyTradingExtension.sol";
import {IEnergyTradingOrders} from "./IEnergyTradingOrders.sol";

/// @notice A continuous double auction for each delivery slot, with its accounts and its settlement.
/// @dev Energy in Wh, prices in nEUR/Wh, cash in nEUR, all exact integers; 1 token unit is 1 nEUR. Slot s is
/// delivered from s * slotSeconds on, when its gate closes; slots are kept in a ring and their storage is reused.
/// Assumptions:
///  - keeper, registrar, supplier and operator are trusted within their roles; participants are not.
///  - the token is a plain ERC-20: no fee on transfer, no callbacks, no rebasing.
///  - nothing of the supplier: a surplus beyond its free balance is owed, and no member's credit pays for it.
/// Its code stands in two contracts, for the size that one may have; both answer at the one address.
interface IEnergyTrading is IEnergyTradingOrders, IEnergyTradingExtension {
    /// @notice Where participants and their keys are registered.
    function registration() external view returns (IConsumerRegistration);

    /// @notice Length of a slot, seconds.
    function slotSeconds() external view returns (uint256);

    /// @notice Price step of a tick, nEUR/Wh.
    function tickSize() external view returns (uint256);

    /// @notice Number of slots that are kept at once.
    function ringSize() external view returns (uint256);
}
