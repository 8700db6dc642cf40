// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IMarketTypes} from "../../../chain/contracts/interfaces/IMarketTypes.sol";
import {Community} from "../setting/Community.sol";
import {vm} from "../setting/Vm.sol";

/// @notice cancel, cancelMany and reduce: the exits of an order.
contract CancelTest is Community {
    function test_cancelling_takes_the_order_out_and_gives_its_credit_back() public {
        uint256 order = _sell(1, 100, 700);
        _cancel(1, order);
        assertEq(market.orders(SLOT, SELL).length, 0, "book");
        assertEq(market.availableOf(1), int256(FUNDS_NEUR), "credit");
        assertEq(market.positionOf(SLOT, 1).openSellWh, 0, "open quantity");
    }

    function test_an_order_in_the_middle_goes_and_its_neighbours_keep_their_turn() public {
        uint256 first = _sell(1, 100, 10);
        uint256 second = _sell(2, 100, 20);
        uint256 third = _sell(1, 100, 30);
        _cancel(2, second);
        IMarketTypes.RestingOrder[] memory asks = market.orders(SLOT, SELL);
        assertEq(asks.length, 2, "two rest");
        assertEq(asks[0].order, first, "first");
        assertEq(asks[1].order, third, "third");
    }

    function test_what_is_left_after_a_part_was_filled_can_be_cancelled() public {
        uint256 order = _sell(1, 100, 700);
        _place(2, BUY, 100, 300, false);
        _cancel(1, order);
        assertEq(market.availableOf(1), int256(FUNDS_NEUR - 300 * _sellLock(100)), "the fill stays held");
    }

    function test_reducing_keeps_the_place_and_gives_credit_back_in_part() public {
        uint256 first = _sell(1, 100, 700);
        _sell(2, 100, 700);
        vm.prank(_account(1));
        market.reduce(first, 200);
        assertEq(market.orders(SLOT, SELL)[0].order, first, "still first");
        assertEq(market.orders(SLOT, SELL)[0].quantityWh, 500, "less");
        assertEq(market.availableOf(1), int256(FUNDS_NEUR - 500 * _sellLock(100)), "credit");
    }

    function test_reducing_by_all_takes_the_order_out() public {
        uint256 order = _buy(1, 100, 700);
        vm.prank(_account(1));
        market.reduce(order, 700);
        assertEq(market.orders(SLOT, BUY).length, 0, "book");
        assertEq(market.availableOf(1), int256(FUNDS_NEUR), "credit");
    }

    function test_exits_stay_open_while_paused_and_to_the_suspended() public {
        uint256 cancelled = _buy(1, 100, 10);
        uint256 reduced = _buy(1, 101, 10);
        uint256 among = _buy(1, 102, 10);
        registration.suspend(1);
        vm.prank(PAUSER);
        market.pause();
        _cancel(1, cancelled);
        vm.startPrank(_account(1));
        market.reduce(reduced, 10);
        uint256[] memory names = new uint256[](1);
        names[0] = among;
        market.cancelMany(names);
        market.withdraw(FUNDS_NEUR);
        vm.stopPrank();
        assertEq(token.balanceOf(_account(1)), FUNDS_NEUR, "all money is out");
    }

    function test_cancel_many_skips_what_does_not_rest() public {
        uint256[] memory names = new uint256[](5);
        names[0] = _buy(1, 100, 10);
        names[1] = _buy(2, 100, 10); // another's
        names[2] = names[0]; // twice
        names[3] = type(uint256).max; // no order
        names[4] = _buy(1, 101, 10);
        vm.prank(_account(1));
        market.cancelMany(names);
        assertEq(market.availableOf(1), int256(FUNDS_NEUR), "own orders are gone");
        assertEq(market.orders(SLOT, BUY).length, 1, "the other's stays");
    }

    function test_cancel_reverts_for_what_does_not_rest() public {
        uint256 order = _buy(1, 100, 10);
        _cancel(1, order);
        _cancelReverts(1, order);
        _cancelReverts(1, order + 1);
        _cancelReverts(1, order | (2 << 40)); // no such side
        _cancelReverts(1, order | (255 << 32)); // no such tick
        _cancelReverts(1, order | (1 << 80)); // no such slot
    }

    function test_cancel_reverts_for_an_order_of_another() public {
        _cancelReverts(2, _buy(1, 100, 10));
    }

    function test_cancel_reverts_after_the_gate() public {
        uint256 order = _buy(1, 100, 10);
        _closeGate(SLOT);
        _cancelReverts(1, order);
    }

    function test_cancel_reverts_for_an_order_of_an_earlier_use_of_the_place() public {
        uint256 order = _buy(1, 100, 10);
        _endDelivery(SLOT);
        for (uint32 participant = 1; participant <= MEMBERS; ++participant) {
            _readAndSettle(participant, SLOT, 0);
        }
        _openSlot(SLOT + uint32(RING_SIZE));
        _cancelReverts(1, order);
    }

    function test_reduce_reverts_with_its_reason() public {
        uint256 order = _buy(1, 100, 10);
        _reduceReverts(1, order + 1, 1, abi.encodeWithSelector(IMarketTypes.NotResting.selector, order + 1));
        _reduceReverts(2, order, 1, abi.encodeWithSelector(IMarketTypes.NotOwner.selector, order));
        _reduceReverts(1, order, 0, abi.encodeWithSelector(IMarketTypes.BadQuantity.selector));
        _reduceReverts(1, order, 11, abi.encodeWithSelector(IMarketTypes.BadQuantity.selector));
        _closeGate(SLOT);
        _reduceReverts(1, order, 1, abi.encodeWithSelector(IMarketTypes.GateClosed.selector));
    }

    function _cancel(uint32 participant, uint256 order) private {
        vm.prank(_account(participant));
        market.cancel(order);
    }

    function _cancelReverts(uint32 participant, uint256 order) private {
        vm.prank(_account(participant));
        vm.expectRevert(abi.encodeWithSelector(IMarketTypes.NotResting.selector, order));
        market.cancel(order);
    }

    function _reduceReverts(uint32 participant, uint256 order, uint32 byWh, bytes memory reason) private {
        vm.prank(_account(participant));
        vm.expectRevert(reason);
        market.reduce(order, byWh);
    }
}
