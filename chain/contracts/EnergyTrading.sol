// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Accounts} from "./Accounts.sol";
import {EnergyTradingExtension} from "./EnergyTradingExtension.sol";
import {IEnergyTradingOrders} from "./interfaces/IEnergyTradingOrders.sol";
import {MarketStorage} from "./MarketStorage.sol";
import {Reservations} from "./Reservations.sol";
import {Slots} from "./Slots.sol";
import {BookWords} from "./words/BookWord.sol";

/// @notice The community's market: its address, its storage, and the half of its code that orders go through. All
/// other calls go on to the extension's code, which works on this contract's storage.
contract EnergyTrading is IEnergyTradingOrders, MarketStorage, Reservations {
    /// @notice Where the other half of the code stands.
    address public immutable extension;

    /// @dev What is fixed is taken from the extension, so that the halves cannot disagree.
    constructor(address admin, EnergyTradingExtension extension_)
        Slots(extension_.slotSeconds(), extension_.tickSize(), extension_.ringSize())
        Accounts(extension_.token(), extension_.registration())
    {
        extension = address(extension_);
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
    }

    fallback() external {
        address target = extension;
        assembly ("memory-safe") {
            let start := mload(0x40)
            calldatacopy(start, 0, calldatasize())
            let succeeded := delegatecall(gas(), target, start, calldatasize(), 0, 0)
            returndatacopy(start, 0, returndatasize())
            if iszero(succeeded) { revert(start, returndatasize()) }
            return(start, returndatasize())
        }
    }

    /// @inheritdoc IEnergyTradingOrders
    function place(uint32 slot, Side side, uint8 tick, uint32 quantityWh, bool rest)
        external
        returns (uint256 order)
    {
        Reject reject;
        (reject, order) = _placeOrder(msg.sender, _taker(slot, side, tick, quantityWh), rest);
        if (reject != Reject.None) _revertWith(reject);
    }

    /// @inheritdoc IEnergyTradingOrders
    function placeMany(OrderRequest[] calldata requests) external returns (uint256[] memory orders) {
        return _placeAll(msg.sender, requests);
    }

    /// @inheritdoc IEnergyTradingOrders
    function replaceMany(uint256[] calldata cancels, OrderRequest[] calldata requests)
        external
        returns (uint256[] memory orders)
    {
        _cancelAll(msg.sender, cancels);
        return _placeAll(msg.sender, requests);
    }

    /// @inheritdoc IEnergyTradingOrders
    function reduce(uint256 order, uint32 byWh) external {
        _reduceOrder(msg.sender, order, byWh);
    }

    /// @inheritdoc IEnergyTradingOrders
    function cancel(uint256 order) external {
        if (!_cancelOrder(msg.sender, order)) revert NotResting(order);
    }

    /// @inheritdoc IEnergyTradingOrders
    function cancelMany(uint256[] calldata orderNames) external {
        _cancelAll(msg.sender, orderNames);
    }

    /// @inheritdoc IEnergyTradingOrders
    function tradeFor(uint32 participant, uint256[] calldata cancels, OrderRequest[] calldata requests)
        external
        onlyRole(MODULE_ROLE)
        returns (uint256[] memory orders)
    {
        address owner = _ownerOf(participant);
        _cancelAll(owner, cancels);
        return _placeAll(owner, requests);
    }

    /// @inheritdoc IEnergyTradingOrders
    function reserve(uint32 slot, uint32 participant, Side side, uint8 tick, uint32 quantityWh)
        external
        onlyRole(MODULE_ROLE)
        returns (Reject)
    {
        return _reserve(_owners[participant], _taker(slot, side, tick, quantityWh));
    }

    /// @inheritdoc IEnergyTradingOrders
    function fillReserved(
        uint32 slot,
        uint32 participant,
        Side side,
        uint8 limitTick,
        uint32 quantityWh,
        uint8 priceTick
    ) external onlyRole(MODULE_ROLE) {
        _fillReserved(OrderKey(slot, uint256(side), limitTick, 0), participant, quantityWh, priceTick);
    }

    /// @inheritdoc IEnergyTradingOrders
    function releaseReserved(uint32 slot, uint32 participant, Side side, uint8 limitTick, uint32 quantityWh)
        external
        onlyRole(MODULE_ROLE)
    {
        _releaseReserved(OrderKey(slot, uint256(side), limitTick, 0), participant, quantityWh);
    }

    /// @inheritdoc IEnergyTradingOrders
    function sweep(uint32 slot, Side side, uint8 tick, uint256 maxSteps) external returns (uint256 saved) {
        if (tick >= BookWords.TICKS) revert BadTick();
        return _sweep(OrderKey(slot, uint256(side), tick, 0), maxSteps);
    }

    function _placeAll(address owner, OrderRequest[] calldata requests) private returns (uint256[] memory orders) {
        orders = new uint256[](requests.length);
        Taker memory taker;
        for (uint256 i; i < requests.length; ++i) {
            OrderRequest calldata request = requests[i];
            _aim(taker, request.slot, request.side, request.tick, request.quantityWh);
            (Reject reject, uint256 order) = _placeOrder(owner, taker, request.rest);
            if (order != 0) orders[i] = order;
            else emit Handled(uint32(taker.participant), request.slot, reject);
        }
    }

    function _cancelAll(address owner, uint256[] calldata orderNames) private {
        for (uint256 i; i < orderNames.length; ++i) {
            _cancelOrder(owner, orderNames[i]);
        }
    }

    function _revertWith(Reject reject) private pure {
        if (reject == Reject.NotPublished) revert NotPublished();
        if (reject == Reject.GateClosed) revert GateClosed();
        if (reject == Reject.NotRegistered) revert NotRegistered();
        if (reject == Reject.Suspended) revert Suspended();
        if (reject == Reject.InDebt) revert InDebt();
        if (reject == Reject.BadQuantity) revert BadQuantity();
        if (reject == Reject.BadTick) revert BadTick();
        if (reject == Reject.Envelope) revert Envelope();
        revert Credit();
    }
}
