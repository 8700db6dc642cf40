// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IMarketTypes} from "../../../chain/contracts/interfaces/IMarketTypes.sol";
import {Community} from "../setting/Community.sol";
import {vm} from "../setting/Vm.sol";

/// @notice What the market shows of a slot and its book.
contract ViewsTest is Community {
    function test_best_and_depth_show_live_orders_best_first() public {
        (IMarketTypes.Depth memory bid, IMarketTypes.Depth memory ask) = market.best(SLOT);
        assertEq(bid.quantityWh + ask.quantityWh, 0, "an empty book");
        _buy(1, 10, 5);
        _buy(2, 12, 6);
        _sell(1, 30, 7);
        _sell(3, 30, 8);
        _sell(3, 31, 9);
        (bid, ask) = market.best(SLOT);
        assertEq(bid.tick, 12, "highest bid");
        assertEq(ask.tick, 30, "lowest ask");
        assertEq(ask.quantityWh, 15, "of both");
        IMarketTypes.Depth[] memory asks = market.depth(SLOT, SELL, 5);
        assertEq(asks.length, 2, "ticks");
        assertEq(asks[1].quantityWh, 9, "the second");
        assertEq(market.depth(SLOT, BUY, 1).length, 1, "no more than asked for");
        assertEq(market.depth(SLOT, BUY, 1)[0].tick, 12, "the best");
    }

    function test_conditions_come_through_and_only_for_slots_that_are_there() public {
        IMarketTypes.Conditions memory conditions = market.conditionsOf(SLOT);
        assertEq(conditions.renewablePpm, 400_000, "renewable");
        assertTrue(conditions.gridState == IMarketTypes.GridState.Normal, "grid");
        vm.expectRevert(IMarketTypes.NotPublished.selector);
        market.conditionsOf(SLOT + 1);
    }

    function test_an_unknown_function_is_named() public {
        (bool succeeded, bytes memory reason) = address(market).call(abi.encodeWithSignature("nothing()"));
        assertTrue(!succeeded, "fails");
        bytes4 selector = bytes4(keccak256("nothing()"));
        bytes memory expected = abi.encodeWithSelector(IMarketTypes.UnknownFunction.selector, selector);
        assertTrue(keccak256(reason) == keccak256(expected), "by its selector");
    }

    function test_settling_by_accounts_is_settling_by_numbers() public {
        _endDelivery(SLOT);
        _read(1, SLOT, 100);
        address[] memory accounts = new address[](2);
        (accounts[0], accounts[1]) = (_account(1), STRANGER);
        market.settleAccounts(SLOT, accounts);
        assertEq(market.balanceOf(1), int256(FUNDS_NEUR - 100 * 300_000), "at retail");
        (, uint256 unsettled) = market.termsOf(SLOT);
        assertEq(unsettled, MEMBERS - 1, "one");
    }
}
