// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IMarketTypes} from "../../../chain/contracts/interfaces/IMarketTypes.sol";
import {Community} from "../setting/Community.sol";
import {vm} from "../setting/Vm.sol";

/// @notice withdraw and the supplier's and operator's accounts: money goes out, and no more than there is.
contract WithdrawTest is Community {
    function test_a_member_takes_out_what_nothing_holds() public {
        _withdraw(1, FUNDS_NEUR);
        assertEq(token.balanceOf(_account(1)), FUNDS_NEUR, "tokens");
        assertEq(market.balanceOf(1), int256(0), "balance");
    }

    function test_what_an_order_holds_cannot_be_withdrawn() public {
        uint256 held = 100 * _buyPrice(10);
        _buy(1, 10, 100);
        _withdrawReverts(1, FUNDS_NEUR - held + 1, int256(FUNDS_NEUR - held));
        _withdraw(1, FUNDS_NEUR - held);
        _withdrawReverts(1, 1, 0);
    }

    function test_what_expired_orders_held_is_free_after_the_gate() public {
        _buy(1, 10, 100);
        _closeGate(SLOT);
        _withdraw(1, FUNDS_NEUR);
        assertEq(token.balanceOf(_account(1)), FUNDS_NEUR, "tokens");
    }

    function test_what_a_fill_holds_stays_until_it_is_settled() public {
        _sell(1, 100, 100);
        _buy(2, 100, 100);
        _endDelivery(SLOT);
        _withdrawReverts(1, FUNDS_NEUR, int256(FUNDS_NEUR - 100 * _sellLock(100)));
        _readAndSettle(1, SLOT, -100);
        _withdraw(1, FUNDS_NEUR + 100 * 280_000);
        assertEq(market.balanceOf(1), int256(0), "all out, with what was earned");
    }

    function test_reverts_for_a_stranger() public {
        vm.prank(STRANGER);
        vm.expectRevert(IMarketTypes.NotRegistered.selector);
        market.withdraw(1);
    }

    function test_huge_amounts_do_not_wrap() public {
        _withdrawReverts(1, type(uint256).max, int256(FUNDS_NEUR));
        _withdrawReverts(1, 1 << 255, int256(FUNDS_NEUR));
    }

    function test_the_operator_takes_out_fees_and_no_more() public {
        _sell(1, 100, 100);
        _buy(2, 100, 100);
        _endDelivery(SLOT);
        _readAndSettle(2, SLOT, 100);
        uint256 fees = 100 * 50_000;
        vm.prank(OPERATOR);
        vm.expectRevert(
            abi.encodeWithSelector(IMarketTypes.InsufficientCredit.selector, int256(fees), fees + 1)
        );
        market.withdrawOperator(OPERATOR, fees + 1);
        vm.prank(OPERATOR);
        market.withdrawOperator(OPERATOR, fees);
        assertEq(token.balanceOf(OPERATOR), fees, "tokens");
    }

    function test_the_supplier_takes_out_what_it_put_in() public {
        _fundSupplier(1_000);
        vm.prank(SUPPLIER);
        market.withdrawSupplier(SUPPLIER, 1_000);
        assertEq(token.balanceOf(SUPPLIER), 1_000, "tokens");
        vm.prank(SUPPLIER);
        vm.expectRevert(abi.encodeWithSelector(IMarketTypes.InsufficientCredit.selector, int256(0), 1));
        market.withdrawSupplier(SUPPLIER, 1);
    }

    function _withdraw(uint32 participant, uint256 neur) private {
        vm.prank(_account(participant));
        market.withdraw(neur);
    }

    function _withdrawReverts(uint32 participant, uint256 neur, int256 availableNeur) private {
        vm.prank(_account(participant));
        vm.expectRevert(abi.encodeWithSelector(IMarketTypes.InsufficientCredit.selector, availableNeur, neur));
        market.withdraw(neur);
    }
}
