// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IMarketTypes} from "../../../chain/contracts/interfaces/IMarketTypes.sol";
import {Community} from "../setting/Community.sol";
import {vm} from "../setting/Vm.sol";

/// @notice placeMany: one bad order does not keep the others out.
contract PlaceManyTest is Community {
    event Handled(uint32 participant, uint32 slot, IMarketTypes.Reject reject);

    function test_orders_of_several_slots_are_placed() public {
        _openSlot(SLOT + 1);
        IMarketTypes.OrderRequest[] memory requests = new IMarketTypes.OrderRequest[](2);
        requests[0] = IMarketTypes.OrderRequest(SLOT, BUY, 10, 100, true);
        requests[1] = IMarketTypes.OrderRequest(SLOT + 1, SELL, 200, 100, true);
        vm.prank(_account(1));
        market.placeMany(requests);
        assertEq(market.orders(SLOT, BUY).length, 1, "first");
        assertEq(market.orders(SLOT + 1, SELL).length, 1, "second");
        assertEq(
            market.availableOf(1),
            int256(FUNDS_NEUR - 100 * _buyPrice(10) - 100 * _sellLock(200)),
            "both hold credit"
        );
    }

    function test_what_is_not_admitted_is_skipped_with_its_reason() public {
        IMarketTypes.OrderRequest[] memory requests = new IMarketTypes.OrderRequest[](3);
        requests[0] = IMarketTypes.OrderRequest(SLOT, BUY, 224, 100, true);
        requests[1] = IMarketTypes.OrderRequest(SLOT + 9, BUY, 10, 100, true);
        requests[2] = IMarketTypes.OrderRequest(SLOT, BUY, 10, 100, true);
        vm.expectEmit(true, true, true, true, address(market));
        emit Handled(1, SLOT, IMarketTypes.Reject.BadTick);
        vm.expectEmit(true, true, true, true, address(market));
        emit Handled(1, SLOT + 9, IMarketTypes.Reject.NotPublished);
        vm.prank(_account(1));
        market.placeMany(requests);
        assertEq(market.orders(SLOT, BUY).length, 1, "the good one rests");
    }

    function test_reverts_while_paused() public {
        vm.prank(PAUSER);
        market.pause();
        IMarketTypes.OrderRequest[] memory requests = new IMarketTypes.OrderRequest[](1);
        requests[0] = IMarketTypes.OrderRequest(SLOT, BUY, 10, 100, true);
        vm.prank(_account(1));
        vm.expectRevert(IMarketTypes.TradingPaused.selector);
        market.placeMany(requests);
    }
}
