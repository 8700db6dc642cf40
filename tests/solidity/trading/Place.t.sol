// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IMarketTypes} from "../../../chain/contracts/interfaces/IMarketTypes.sol";
import {Community} from "../setting/Community.sol";
import {vm} from "../setting/Vm.sol";

/// @notice place: one order, resting or taking, and each reason to refuse it.
contract PlaceTest is Community {
    function test_a_resting_order_stands_in_the_book_and_holds_its_worst_case() public {
        uint256 order = _buy(1, 10, 500);
        assertEq(order, (uint256(SLOT) << 48) | (10 << 32), "name");
        (IMarketTypes.Depth memory bid, IMarketTypes.Depth memory ask) = market.best(SLOT);
        assertEq(bid.tick, 10, "best bid");
        assertEq(bid.quantityWh, 500, "depth");
        assertEq(ask.quantityWh, 0, "no ask");
        assertEq(market.availableOf(1), int256(FUNDS_NEUR - 500 * _buyPrice(10)), "credit left");
    }

    function test_a_seller_holds_what_it_may_come_to_owe() public {
        _sell(2, 200, 1_000);
        assertEq(market.availableOf(2), int256(FUNDS_NEUR - 1_000 * _sellLock(200)), "credit left");
    }

    function test_fills_are_at_the_resting_price_oldest_first() public {
        _sell(1, 50, 100);
        uint256 younger = _sell(2, 50, 100);
        _buy(3, 60, 150);
        IMarketTypes.Position memory buyer = market.positionOf(SLOT, 3);
        assertEq(buyer.boughtWh, 150, "bought");
        assertEq(buyer.paidNeur, 150 * 180_000, "at tick 50");
        IMarketTypes.RestingOrder[] memory asks = market.orders(SLOT, SELL);
        assertEq(asks.length, 1, "the older is gone");
        assertEq(asks[0].order, younger, "the younger rests");
        assertEq(asks[0].quantityWh, 50, "with its rest");
    }

    function test_the_best_price_is_taken_first() public {
        _sell(1, 70, 100);
        _sell(2, 50, 100);
        _place(3, BUY, 100, 100, false);
        assertEq(market.positionOf(SLOT, 2).soldWh, 100, "the cheaper seller sold");
        assertEq(market.positionOf(SLOT, 1).soldWh, 0, "the dearer did not");
    }

    function test_what_an_immediate_order_leaves_is_cancelled() public {
        _sell(1, 50, 100);
        uint256 order = _place(2, BUY, 50, 300, false);
        assertEq(order, 0, "nothing rests");
        assertEq(market.positionOf(SLOT, 2).openBuyWh, 0, "nothing open");
        assertEq(market.availableOf(2), int256(FUNDS_NEUR - 100 * _buyPrice(50)), "only the fill is held");
    }

    function test_an_order_that_meets_its_own_is_cancelled() public {
        _sell(1, 50, 100);
        uint256 order = _buy(1, 60, 300);
        assertEq(order, 0, "nothing rests");
        assertEq(market.positionOf(SLOT, 1).boughtWh, 0, "nothing bought");
        assertEq(market.orders(SLOT, SELL).length, 1, "the resting order stays");
    }

    function test_after_64_fills_the_remainder_is_cancelled() public {
        for (uint256 i; i < 65; ++i) {
            _sell(1, 50, 10);
        }
        uint256 order = _buy(2, 50, 1_000);
        assertEq(order, 0, "would still match, so nothing rests");
        assertEq(market.positionOf(SLOT, 2).boughtWh, 640, "64 fills");
    }

    function test_reverts_not_published() public {
        vm.prank(_account(1));
        vm.expectRevert(IMarketTypes.NotPublished.selector);
        market.place(SLOT + 1, BUY, 10, 1, true);
    }

    function test_reverts_gate_closed() public {
        _closeGate(SLOT);
        _refused(1, BUY, 10, 1, IMarketTypes.GateClosed.selector);
    }

    function test_is_open_until_the_gate() public {
        vm.warp(uint256(SLOT) * SLOT_SECONDS - 1);
        assertTrue(_buy(1, 10, 1) != 0, "rests");
    }

    function test_reverts_not_registered() public {
        vm.prank(STRANGER);
        vm.expectRevert(IMarketTypes.NotRegistered.selector);
        market.place(SLOT, BUY, 10, 1, true);
    }

    function test_reverts_suspended() public {
        registration.suspend(1);
        _refused(1, BUY, 10, 1, IMarketTypes.Suspended.selector);
        registration.reinstate(1);
        assertTrue(_buy(1, 10, 1) != 0, "rests again");
    }

    function test_reverts_in_debt() public {
        _makeDebtor(1);
        vm.warp(uint256(SLOT + 3) * SLOT_SECONDS);
        _openSlot(SLOT + 4);
        vm.prank(_account(1));
        vm.expectRevert(IMarketTypes.InDebt.selector);
        market.place(SLOT + 4, BUY, 10, 1, true);
    }

    function test_reverts_bad_quantity() public {
        _refused(1, BUY, 10, 0, IMarketTypes.BadQuantity.selector);
        _refused(1, BUY, 10, 1 << 30, IMarketTypes.BadQuantity.selector);
    }

    function test_reverts_bad_tick() public {
        _refused(1, BUY, 224, 1, IMarketTypes.BadTick.selector);
    }

    function test_reverts_outside_the_envelope() public {
        uint32 limit = uint32(uint64(LIMIT_WH));
        _refused(1, BUY, 0, limit + 1, IMarketTypes.Envelope.selector);
        _buy(1, 0, limit);
        _refused(1, BUY, 0, 1, IMarketTypes.Envelope.selector);
        _refused(2, SELL, 223, limit + 1, IMarketTypes.Envelope.selector);
    }

    function test_reverts_without_credit() public {
        uint32 affordable = 1_000;
        uint256 price = _buyPrice(100);
        vm.prank(_account(1));
        market.withdraw(FUNDS_NEUR - affordable * price);
        _refused(1, BUY, 100, affordable + 1, IMarketTypes.Credit.selector);
        assertTrue(_buy(1, 100, affordable) != 0, "just affordable");
        assertEq(market.availableOf(1), int256(0), "nothing left");
    }

    function test_reverts_while_paused() public {
        vm.prank(PAUSER);
        market.pause();
        _refused(1, BUY, 10, 1, IMarketTypes.TradingPaused.selector);
        vm.prank(PAUSER);
        market.unpause();
        assertTrue(_buy(1, 10, 1) != 0, "rests");
    }

    /// forge-config: default.fuzz.runs = 64
    function test_fuzz_placing_and_cancelling_gives_all_credit_back(uint8 tick, uint32 wh, bool buys) public {
        tick = uint8(bound(tick, 0, 223));
        wh = uint32(bound(wh, 1, uint64(LIMIT_WH)));
        int256 before = market.availableOf(1);
        uint256 order = _place(1, buys ? BUY : SELL, tick, wh, true);
        vm.prank(_account(1));
        market.cancel(order);
        assertEq(market.availableOf(1), before, "credit");
    }

    function _refused(uint32 participant, IMarketTypes.Side side, uint8 tick, uint32 wh, bytes4 reason) private {
        vm.prank(_account(participant));
        vm.expectRevert(reason);
        market.place(SLOT, side, tick, wh, true);
    }

    /// @dev A member with nothing on its account that has used energy.
    function _makeDebtor(uint32 participant) private {
        vm.prank(_account(participant));
        market.withdraw(FUNDS_NEUR);
        _endDelivery(SLOT);
        for (uint32 other = 1; other <= MEMBERS; ++other) {
            _readAndSettle(other, SLOT, other == participant ? int64(1_000) : int64(0));
        }
        assertEq(market.balanceOf(participant), -1_000 * 300_000, "owes");
    }
}
