// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IEnergyTradingExtension} from "../../../chain/contracts/interfaces/IEnergyTradingExtension.sol";
import {IEnergyTradingOrders} from "../../../chain/contracts/interfaces/IEnergyTradingOrders.sol";
import {IMarketTypes} from "../../../chain/contracts/interfaces/IMarketTypes.sol";
import {IMeterOracle} from "../../../chain/contracts/interfaces/IMeterOracle.sol";
import {IRegistrationObserver} from "../../../chain/contracts/interfaces/IConsumerRegistration.sol";
import {RoleTable} from "./RoleTable.sol";
import {vm} from "../setting/Vm.sol";

/// @notice Who may call what of the market.
contract MarketRolesTest is RoleTable {
    bytes4 private constant NOTHING_PAUSED = bytes4(keccak256("ExpectedPause()"));

    function test_every_function_for_every_role() public {
        uint256 order = _buy(1, 10, 100);
        _checkAccessControl(address(market));
        _checkOrders(order);
        _checkAccounts();
        _checkKeeping();
        _checkModules();
        _assertTableIsComplete("EnergyTrading");
    }

    function _checkOrders(uint256 order) private {
        bytes4 stranger = IMarketTypes.NotRegistered.selector;
        bytes4 suspended = IMarketTypes.Suspended.selector;
        bytes memory place = abi.encodeCall(IEnergyTradingOrders.place, (SLOT, BUY, 10, 1, true));
        _members(stranger, ALLOWED, suspended, address(market), place);
        _anyone(ALLOWED, address(market), abi.encodeCall(IEnergyTradingOrders.placeMany, (_requests())));
        _anyone(
            ALLOWED, address(market), abi.encodeCall(IEnergyTradingOrders.replaceMany, (_names(order), _requests()))
        );
        bytes4 notOwner = IMarketTypes.NotOwner.selector;
        bytes memory reduce = abi.encodeCall(IEnergyTradingOrders.reduce, (order, 1));
        _members(notOwner, ALLOWED, notOwner, address(market), reduce);
        bytes4 notResting = IMarketTypes.NotResting.selector;
        bytes memory cancel = abi.encodeCall(IEnergyTradingOrders.cancel, (order));
        _members(notResting, ALLOWED, notResting, address(market), cancel);
        _anyone(ALLOWED, address(market), abi.encodeCall(IEnergyTradingOrders.cancelMany, (_names(order))));
        _anyone(ALLOWED, address(market), abi.encodeCall(IEnergyTradingOrders.sweep, (SLOT, BUY, 10, 1)));
    }

    function _checkAccounts() private {
        address target = address(market);
        _anyone(ALLOWED, target, abi.encodeCall(IEnergyTradingExtension.deposit, (1, 0)));
        _anyone(ALLOWED, target, abi.encodeCall(IEnergyTradingExtension.depositWithPermit, (1, 0, 0, 0, 0, 0)));
        _anyone(ALLOWED, target, abi.encodeCall(IEnergyTradingExtension.depositSupplier, (0)));
        bytes4 stranger = IMarketTypes.NotRegistered.selector;
        _members(stranger, ALLOWED, ALLOWED, target, abi.encodeCall(IEnergyTradingExtension.withdraw, (1)));
        _only(Actor.Supplier, target, abi.encodeCall(IEnergyTradingExtension.withdrawSupplier, (SUPPLIER, 0)));
        _only(Actor.Operator, target, abi.encodeCall(IEnergyTradingExtension.withdrawOperator, (OPERATOR, 0)));
        _anyone(
            IMarketTypes.NothingToPay.selector, target, abi.encodeCall(IEnergyTradingExtension.payOwed, (1))
        );
        _anyone(ALLOWED, target, abi.encodeCall(IRegistrationObserver.sync, (1)));
    }

    function _checkKeeping() private {
        address target = address(market);
        bytes memory openSlot =
            abi.encodeCall(IEnergyTradingExtension.openSlot, (SLOT + 1, _terms(), _conditions(), _limits()));
        _only(Actor.Keeper, target, openSlot);
        bytes4 nothing = IMarketTypes.NothingToSettle.selector;
        _anyone(nothing, target, abi.encodeCall(IEnergyTradingExtension.settle, (SLOT, 1)));
        uint32[] memory participants = new uint32[](1);
        participants[0] = 1;
        _anyone(ALLOWED, target, abi.encodeCall(IEnergyTradingExtension.settleMany, (SLOT, participants)));
        _anyone(ALLOWED, target, abi.encodeCall(IEnergyTradingExtension.settleAccounts, (SLOT, new address[](0))));
        _anyone(
            IMarketTypes.StillOpen.selector,
            target,
            abi.encodeCall(IEnergyTradingExtension.closeSilent, (SLOT, participants))
        );
        _only(Actor.Pauser, target, abi.encodeCall(IEnergyTradingExtension.pause, ()));
        _everyone(NO_ROLE);
        _but(Actor.Pauser, NOTHING_PAUSED);
        _check(target, abi.encodeCall(IEnergyTradingExtension.unpause, ()));
    }

    function test_without_a_licence_the_role_of_a_utility_is_not_enough() public {
        vm.warp(uint256(type(uint64).max) + 1);
        vm.prank(SUPPLIER);
        vm.expectRevert(abi.encodeWithSelector(IMarketTypes.NotLicensed.selector, SUPPLIER));
        market.withdrawSupplier(SUPPLIER, 0);
        vm.prank(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(IMarketTypes.NotLicensed.selector, OPERATOR));
        market.withdrawOperator(OPERATOR, 0);
    }

    function _checkModules() private {
        address target = address(market);
        bytes memory trade = abi.encodeCall(IEnergyTradingOrders.tradeFor, (1, new uint256[](0), _requests()));
        _only(Actor.Module, target, trade);
        _only(Actor.Module, target, abi.encodeCall(IEnergyTradingOrders.reserve, (SLOT, 1, BUY, 10, 1)));
        bytes memory fill = abi.encodeCall(IEnergyTradingOrders.fillReserved, (SLOT, 1, BUY, 10, 1, 10));
        _only(Actor.Module, target, fill);
        bytes memory release = abi.encodeCall(IEnergyTradingOrders.releaseReserved, (SLOT, 1, BUY, 10, 1));
        _only(Actor.Module, target, release);
    }

    function _requests() private pure returns (IMarketTypes.OrderRequest[] memory requests) {
        requests = new IMarketTypes.OrderRequest[](1);
        requests[0] = IMarketTypes.OrderRequest(SLOT, BUY, 10, 1, true);
    }

    function _names(uint256 order) private pure returns (uint256[] memory names) {
        names = new uint256[](1);
        names[0] = order;
    }
}
