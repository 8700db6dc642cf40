// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IMarketTypes} from "../../../chain/contracts/interfaces/IMarketTypes.sol";
import {IMeterOracle} from "../../../chain/contracts/interfaces/IMeterOracle.sol";
import {Community} from "../setting/Community.sol";
import {vm} from "../setting/Vm.sol";

/// @notice settle, settleMany, closeSilent and payOwed: cash of a delivered slot.
contract SettleTest is Community {
    uint256 private constant PRICE = 280_000; // tick 100
    uint256 private constant FEE = 50_000;
    uint256 private constant RETAIL = 300_000;
    uint256 private constant FEED_IN = 80_000;

    function test_buyer_seller_and_operator_each_get_their_part() public {
        _trade(1_000);
        _readAndSettle(1, SLOT, -1_000);
        _readAndSettle(2, SLOT, 1_000);
        assertEq(market.balanceOf(1), int256(FUNDS_NEUR + 1_000 * PRICE), "seller");
        assertEq(market.balanceOf(2), int256(FUNDS_NEUR - 1_000 * (PRICE + FEE)), "buyer");
        assertEq(market.operatorNeur(), int256(1_000 * FEE), "operator");
        assertEq(market.supplierNeur(), int256(0), "supplier");
    }

    function test_a_shortage_is_bought_at_retail_and_a_surplus_sold_at_feed_in() public {
        _fundSupplier(1e9);
        _endDelivery(SLOT);
        _readAndSettle(1, SLOT, 100);
        _readAndSettle(2, SLOT, -100);
        assertEq(market.balanceOf(1), int256(FUNDS_NEUR - 100 * RETAIL), "shortage");
        assertEq(market.balanceOf(2), int256(FUNDS_NEUR + 100 * FEED_IN), "surplus");
        assertEq(market.supplierNeur(), int256(1e9 + 100 * (RETAIL - FEED_IN)), "supplier");
    }

    function test_settling_again_does_nothing() public {
        _endDelivery(SLOT);
        _readAndSettle(1, SLOT, 100);
        int256 balance = market.balanceOf(1);
        vm.expectRevert(abi.encodeWithSelector(IMarketTypes.NothingToSettle.selector, 1, SLOT));
        market.settle(SLOT, 1);
        market.settleMany(SLOT, _all());
        assertEq(market.balanceOf(1), balance, "balance");
    }

    function test_a_participant_that_is_named_twice_is_settled_once() public {
        _endDelivery(SLOT);
        _read(1, SLOT, 100);
        uint32[] memory twice = new uint32[](2);
        twice[0] = 1;
        twice[1] = 1;
        market.settleMany(SLOT, twice);
        assertEq(market.balanceOf(1), int256(FUNDS_NEUR - 100 * RETAIL), "once");
    }

    function test_a_substitute_is_corrected_by_the_difference() public {
        _endDelivery(SLOT);
        vm.warp(block.timestamp + DEADLINE_SECONDS);
        vm.prank(KEEPER);
        oracle.substitute(1, SLOT, 300, "profile");
        market.settle(SLOT, 1);
        assertEq(market.balanceOf(1), int256(FUNDS_NEUR - 300 * RETAIL), "by the substitute");
        _readAndSettle(1, SLOT, 100);
        assertEq(market.balanceOf(1), int256(FUNDS_NEUR - 100 * RETAIL), "by the meter");
        IMarketTypes.Position memory position = market.positionOf(SLOT, 1);
        assertTrue(position.quality == IMeterOracle.Quality.Metered, "quality");
    }

    function test_a_correction_and_a_ruling_settle_by_the_difference() public {
        _endDelivery(SLOT);
        _readAndSettle(1, SLOT, 100);
        _read(1, SLOT, 200, 2);
        market.settle(SLOT, 1);
        assertEq(market.balanceOf(1), int256(FUNDS_NEUR - 200 * RETAIL), "corrected");
        vm.prank(_account(1));
        oracle.challenge(1, SLOT, "broken");
        vm.prank(ARBITER);
        oracle.rule(1, SLOT, 50, "broken");
        market.settle(SLOT, 1);
        assertEq(market.balanceOf(1), int256(FUNDS_NEUR - 50 * RETAIL), "ruled");
    }

    function test_a_surplus_that_the_supplier_cannot_pay_is_owed_and_paid_later() public {
        _endDelivery(SLOT);
        _readAndSettle(1, SLOT, -100);
        assertEq(market.balanceOf(1), int256(FUNDS_NEUR), "not paid");
        assertEq(market.owedToNeur(1), 100 * FEED_IN, "but owed");
        vm.expectRevert(
            abi.encodeWithSelector(IMarketTypes.NothingToPay.selector, uint32(1), 100 * FEED_IN)
        );
        market.payOwed(1);
        _fundSupplier(60 * FEED_IN);
        vm.prank(SUPPLIER);
        vm.expectRevert(
            abi.encodeWithSelector(IMarketTypes.InsufficientCredit.selector, -int256(40 * FEED_IN), 1)
        );
        market.withdrawSupplier(SUPPLIER, 1);
        market.payOwed(1);
        assertEq(market.balanceOf(1), int256(FUNDS_NEUR + 60 * FEED_IN), "in part");
        _fundSupplier(40 * FEED_IN);
        market.payOwed(1);
        assertEq(market.balanceOf(1), int256(FUNDS_NEUR + 100 * FEED_IN), "in full");
        assertEq(market.owedToNeur(1), 0, "nothing owed");
    }

    function test_what_is_owed_is_set_off_against_what_is_due() public {
        _openSlot(SLOT + 1);
        _endDelivery(SLOT);
        _readAndSettle(1, SLOT, -100);
        _endDelivery(SLOT + 1);
        _readAndSettle(1, SLOT + 1, 10);
        assertEq(market.owedToNeur(1), 100 * FEED_IN - 10 * RETAIL, "less is owed");
        assertEq(market.balanceOf(1), int256(FUNDS_NEUR), "nothing is paid");
    }

    function test_a_silent_meter_does_not_keep_the_place() public {
        _trade(1_000);
        _endDelivery(SLOT);
        _readAndSettle(1, SLOT, -1_000);
        _readAndSettle(3, SLOT, 0);
        uint256 until = oracle.finalAt(SLOT);
        vm.expectRevert(abi.encodeWithSelector(IMarketTypes.StillOpen.selector, SLOT, until));
        market.closeSilent(SLOT, _all());
        vm.warp(until + 1);
        vm.prank(STRANGER);
        market.closeSilent(SLOT, _all());
        assertEq(market.balanceOf(2), int256(FUNDS_NEUR - 1_000 * (PRICE + FEE)), "at its position");
        assertTrue(market.positionOf(SLOT, 2).quality == IMeterOracle.Quality.None, "flagged");
        (, uint256 unsettled) = market.termsOf(SLOT);
        assertEq(unsettled, 0, "all settled");
    }

    function test_an_account_that_changes_hands_takes_its_money_and_orders_along() public {
        uint256 order = _sell(1, 100, 1_000);
        address heir = address(0x4E14);
        vm.prank(_account(1));
        identities.changeOwner(_account(1), heir);
        registration.sync(1);
        vm.prank(_account(1));
        vm.expectRevert(IMarketTypes.NotRegistered.selector);
        market.withdraw(1);
        vm.prank(heir);
        market.cancel(order);
        vm.prank(heir);
        market.withdraw(FUNDS_NEUR);
        assertEq(token.balanceOf(heir), FUNDS_NEUR, "all of it");
    }

    function test_a_credit_line_is_held_from_the_supplier_until_it_is_settled() public {
        IMarketTypes.SeatLimits[] memory limits = _limits();
        limits[0].creditLineNeur = 5e9;
        vm.prank(KEEPER);
        vm.expectRevert(abi.encodeWithSelector(IMarketTypes.InsufficientCredit.selector, int256(0), 5e9));
        market.openSlot(SLOT + 1, _terms(), _conditions(), limits);
        _fundSupplier(5e9);
        _openSlot(SLOT + 1, _terms(), limits);
        vm.prank(SUPPLIER);
        vm.expectRevert(abi.encodeWithSelector(IMarketTypes.InsufficientCredit.selector, int256(0), 1));
        market.withdrawSupplier(SUPPLIER, 1);
        _endDelivery(SLOT + 1);
        _readAndSettle(1, SLOT + 1, 0);
        vm.prank(SUPPLIER);
        market.withdrawSupplier(SUPPLIER, 5e9);
    }

    function test_what_a_line_covers_and_is_not_paid_is_missing_from_the_supplier_alone() public {
        IMarketTypes.SeatLimits[] memory limits = _limits();
        limits[1].creditLineNeur = 5e9;
        _fundSupplier(5e9);
        _openSlot(SLOT + 1, _terms(), limits);
        vm.prank(_account(2));
        market.withdraw(FUNDS_NEUR);
        vm.prank(_account(1));
        market.place(SLOT + 1, SELL, 100, 1_000, true);
        vm.prank(_account(2));
        market.place(SLOT + 1, BUY, 100, 1_000, false);
        _endDelivery(SLOT + 1);
        _readAndSettle(1, SLOT + 1, -1_000);
        _readAndSettle(2, SLOT + 1, 1_000);
        uint256 due = 1_000 * (PRICE + FEE);
        assertEq(market.balanceOf(2), -int256(due), "owes");
        vm.prank(_account(1));
        market.withdraw(FUNDS_NEUR + 1_000 * PRICE);
        vm.prank(SUPPLIER);
        vm.expectRevert(
            abi.encodeWithSelector(IMarketTypes.InsufficientCredit.selector, int256(5e9 - due), 5e9 - due + 1)
        );
        market.withdrawSupplier(SUPPLIER, 5e9 - due + 1);
    }

    /// @dev A key's record makes room for a later slot's, so what is left of an old slot's median is not what it was.
    function test_a_seat_that_is_settled_for_good_stays_as_it_is() public {
        address[] memory others = new address[](2);
        others[0] = vm.addr(0xAAA);
        others[1] = vm.addr(0xBBB);
        oracle.setReporters(1, others, 2, 1_000);
        _endDelivery(SLOT);
        _readBy(_meterKey(1), SLOT, 300);
        _readBy(0xAAA, SLOT, 200);
        _readBy(0xBBB, SLOT, 100);
        market.settle(SLOT, 1);
        assertEq(market.balanceOf(1), int256(FUNDS_NEUR - 200 * RETAIL), "by the median");
        uint32 later = SLOT + uint32(ORACLE_RING_SIZE);
        _endDelivery(later);
        _readBy(0xAAA, later, 0);
        vm.expectRevert(abi.encodeWithSelector(IMarketTypes.NothingToSettle.selector, 1, SLOT));
        market.settle(SLOT, 1);
    }

    function _readBy(uint256 key, uint32 slot, int64 wh) private {
        IMeterOracle.Reading memory reading = _reading(1, slot, wh, 1);
        (bytes32 r, bytes32 vs) = _sign(key, oracle.digestOf(reading));
        oracle.submit(reading, r, vs);
    }

    function test_nothing_is_settled_for_a_slot_that_is_not_there() public {
        vm.expectRevert(IMarketTypes.NotPublished.selector);
        market.settle(SLOT + 1, 1);
    }

    function _trade(uint32 wh) private {
        _sell(1, 100, wh);
        _buy(2, 100, wh);
        _endDelivery(SLOT);
    }

    function _all() private pure returns (uint32[] memory participants) {
        participants = new uint32[](MEMBERS);
        for (uint32 i; i < MEMBERS; ++i) {
            participants[i] = i + 1;
        }
    }
}
