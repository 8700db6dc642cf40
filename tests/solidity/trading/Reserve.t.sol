// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IMarketTypes} from "../../../chain/contracts/interfaces/IMarketTypes.sol";
import {Community} from "../setting/Community.sol";
import {vm} from "../setting/Vm.sol";

/// @notice What a module holds for a participant: admitted as an order, filled or given back before the gate.
contract ReserveTest is Community {
    /// @dev Below zero at the lower ticks, so that locks are cut off there.
    uint32 private constant CHEAP = SLOT + 1;

    function setUp() public override {
        super.setUp();
        market.grantRole(keccak256("MODULE_ROLE"), address(this));
    }

    function test_a_fill_at_a_better_price_releases_the_difference() public {
        _reserve(SLOT, 1, BUY, 50, 100);
        assertEq(market.availableOf(1), int256(FUNDS_NEUR - 100 * _buyPrice(50)), "held");
        market.fillReserved(SLOT, 1, BUY, 50, 60, 40);
        market.releaseReserved(SLOT, 1, BUY, 50, 40);
        assertEq(market.availableOf(1), int256(FUNDS_NEUR - 60 * _buyPrice(40)), "at the price");
        assertEq(market.positionOf(SLOT, 1).boughtWh, 60, "bought");
        assertEq(market.positionOf(SLOT, 1).openBuyWh, 0, "nothing open");
    }

    function test_a_worse_price_or_more_than_is_open_is_refused() public {
        _reserve(SLOT, 1, BUY, 50, 100);
        _reserve(SLOT, 2, SELL, 50, 100);
        vm.expectRevert(abi.encodeWithSelector(IMarketTypes.WorseThanLimit.selector, 50, 51));
        market.fillReserved(SLOT, 1, BUY, 50, 1, 51);
        vm.expectRevert(abi.encodeWithSelector(IMarketTypes.WorseThanLimit.selector, 50, 49));
        market.fillReserved(SLOT, 2, SELL, 50, 1, 49);
        vm.expectRevert(IMarketTypes.BadTick.selector);
        market.fillReserved(SLOT, 2, SELL, 50, 1, 224);
        vm.expectRevert(abi.encodeWithSelector(IMarketTypes.NotReserved.selector, SLOT, 1, 100));
        market.releaseReserved(SLOT, 1, BUY, 50, 101);
        vm.expectRevert(abi.encodeWithSelector(IMarketTypes.NotReserved.selector, SLOT, 1, 0));
        market.releaseReserved(SLOT, 1, SELL, 50, 1);
    }

    function test_another_slot_of_the_same_place_has_nothing_reserved() public {
        _reserve(SLOT, 1, BUY, 50, 100);
        uint32 foreign = SLOT + uint32(RING_SIZE);
        vm.expectRevert(abi.encodeWithSelector(IMarketTypes.NotReserved.selector, foreign, 1, 0));
        market.fillReserved(foreign, 1, BUY, 50, 1, 50);
        market.fillReserved(foreign, 1, BUY, 50, 0, 50);
        assertEq(market.availableOf(1), int256(FUNDS_NEUR - 100 * _buyPrice(50)), "held as before");
        assertEq(market.positionOf(SLOT, 1).openBuyWh, 100, "open as before");
    }

    function test_what_is_reserved_expires_at_the_gate_and_can_be_moved_no_more() public {
        _reserve(SLOT, 1, BUY, 50, 100);
        _closeGate(SLOT);
        vm.expectRevert(IMarketTypes.GateClosed.selector);
        market.fillReserved(SLOT, 1, BUY, 50, 100, 50);
        vm.expectRevert(IMarketTypes.GateClosed.selector);
        market.releaseReserved(SLOT, 1, BUY, 50, 100);
        assertEq(market.availableOf(1), int256(FUNDS_NEUR), "released");
    }

    function test_who_is_not_admitted_is_told_why() public {
        assertTrue(market.reserve(SLOT, 9, BUY, 50, 1) == IMarketTypes.Reject.NotRegistered, "a stranger");
        assertTrue(market.reserve(SLOT, 1, BUY, 50, 0) == IMarketTypes.Reject.BadQuantity, "nothing");
        vm.prank(PAUSER);
        market.pause();
        vm.expectRevert(IMarketTypes.TradingPaused.selector);
        market.reserve(SLOT, 1, BUY, 50, 1);
    }

    function test_prices_below_zero_hold_nothing_and_give_back_nothing() public {
        IMarketTypes.Terms memory terms = _terms();
        terms.floor = -200_000;
        _openSlot(CHEAP, terms, _limits());
        _reserve(CHEAP, 1, BUY, 100, 100); // -200 000 + 100 x 2 000 + 50 000
        assertEq(market.availableOf(1), int256(FUNDS_NEUR - 100 * 50_000), "held");
        market.fillReserved(CHEAP, 1, BUY, 100, 100, 10);
        assertEq(market.availableOf(1), int256(FUNDS_NEUR), "a price below zero holds nothing");
        _reserve(CHEAP, 1, BUY, 10, 100);
        market.releaseReserved(CHEAP, 1, BUY, 10, 100);
        assertEq(market.availableOf(1), int256(FUNDS_NEUR), "nor is anything given back");
    }

    function _reserve(uint32 slot, uint32 participant, IMarketTypes.Side side, uint8 tick, uint32 wh) private {
        assertTrue(market.reserve(slot, participant, side, tick, wh) == IMarketTypes.Reject.None, "admitted");
    }
}
