// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IMarketTypes} from "../../../chain/contracts/interfaces/IMarketTypes.sol";
import {Community} from "../setting/Community.sol";
import {vm} from "../setting/Vm.sol";

/// @notice What the supplier answers for: it is exact, so its money is neither taken nor kept back.
contract ObligationsTest is Community {
    /// @dev Its gate is still open when SLOT has been delivered.
    uint32 private constant NEXT = SLOT + 2;

    function test_a_debt_is_owed_to_the_supplier_and_no_other_member_pays_it() public {
        _indebt(1, 10);
        assertEq(market.balanceOf(1), -3_000_000, "10 Wh at retail");
        (uint256 uncovered,,) = market.obligations();
        assertEq(uncovered, 3_000_000, "the supplier waits for it");
        _supplierCannotWithdraw(1);
        _withdrawAll(2);
        _withdrawAll(3);
        _fund(1, 3_000_000);
        _supplierWithdraws(3_000_000);
        assertEq(token.balanceOf(address(market)), 0, "all is out");
    }

    function test_an_order_that_a_debtor_cancels_covers_its_debt() public {
        _openSlot(NEXT);
        uint256 order = _restInNextSlot();
        _indebt(1, 10);
        (uint256 uncovered,,) = market.obligations();
        assertEq(uncovered, 3_000_000, "held by the order, so not covered");
        vm.prank(_account(1));
        market.cancel(order);
        (uncovered,,) = market.obligations();
        assertEq(uncovered, 0, "covered");
        _supplierWithdraws(3_000_000);
    }

    function test_an_order_that_a_debtor_reduces_covers_its_debt() public {
        _openSlot(NEXT);
        uint256 order = _restInNextSlot();
        _indebt(1, 10);
        vm.prank(_account(1));
        market.reduce(order, 100);
        (uint256 uncovered,,) = market.obligations();
        assertEq(uncovered, 0, "covered");
    }

    function test_an_order_placed_after_another_expired_finds_the_debt_covered() public {
        _openSlot(NEXT);
        _restInNextSlot();
        _indebtWithout(1);
        _openSlot(NEXT + 1);
        _closeGate(NEXT);
        vm.prank(_account(1));
        market.place(NEXT + 1, BUY, 10, 1, true);
        (uint256 uncovered,,) = market.obligations();
        assertEq(uncovered, 0, "covered");
    }

    function test_an_expired_order_is_released_once() public {
        _buy(1, 10, 100);
        _endDelivery(SLOT);
        for (uint32 participant = 1; participant <= MEMBERS; ++participant) {
            _readAndSettle(participant, SLOT, 0);
        }
        _openSlot(SLOT + uint32(RING_SIZE));
        assertEq(market.availableOf(1), int256(FUNDS_NEUR), "what it had, no more");
        _withdrawAll(1);
    }

    /// @dev All of member 1's credit, held by an order in the next slot.
    function _restInNextSlot() private returns (uint256) {
        uint256 wh = 1_000;
        vm.prank(_account(1));
        market.withdraw(FUNDS_NEUR - wh * _buyPrice(10));
        vm.prank(_account(1));
        return market.place(NEXT, BUY, 10, uint32(wh), true);
    }

    /// @dev A member is left without credit, and then uses energy.
    function _indebt(uint32 participant, int64 wh) private {
        int256 available = market.availableOf(participant);
        vm.prank(_account(participant));
        market.withdraw(uint256(available));
        _endDelivery(SLOT);
        _readAndSettle(participant, SLOT, wh);
    }

    /// @dev A member whose credit is held by orders uses energy.
    function _indebtWithout(uint32 participant) private {
        _endDelivery(SLOT);
        _readAndSettle(participant, SLOT, 10);
        (uint256 uncovered,,) = market.obligations();
        assertEq(uncovered, 3_000_000, "held, so not covered");
    }

    function _withdrawAll(uint32 participant) private {
        int256 available = market.availableOf(participant);
        vm.prank(_account(participant));
        market.withdraw(uint256(available));
        assertEq(token.balanceOf(_account(participant)), FUNDS_NEUR, "all that it had");
    }

    function _supplierWithdraws(uint256 neur) private {
        vm.prank(SUPPLIER);
        market.withdrawSupplier(SUPPLIER, neur);
    }

    function _supplierCannotWithdraw(uint256 neur) private {
        vm.prank(SUPPLIER);
        vm.expectRevert(abi.encodeWithSelector(IMarketTypes.InsufficientCredit.selector, int256(0), neur));
        market.withdrawSupplier(SUPPLIER, neur);
    }
}
