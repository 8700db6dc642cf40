// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IConsumerRegistration} from "../../../chain/contracts/interfaces/IConsumerRegistration.sol";
import {IMarketTypes} from "../../../chain/contracts/interfaces/IMarketTypes.sol";
import {IOrderRelay} from "../../../chain/contracts/interfaces/IOrderRelay.sol";
import {Community} from "../setting/Community.sol";
import {vm} from "../setting/Vm.sol";

/// @notice Trading keys: what one may order for its member, until when, and no more.
contract KeysTest is Community {
    address private constant KEY = address(0x4E1);

    IOrderRelay private relay;

    function setUp() public override {
        super.setUp();
        relay = IOrderRelay(_deploy("OrderRelay", abi.encode(market)));
        market.grantRole(keccak256("MODULE_ROLE"), address(relay));
        vm.prank(_account(1));
        registration.setTradingKey(KEY, 100, 250, uint40(block.timestamp + 1 hours));
    }

    function test_a_key_orders_up_to_its_limits_and_counts_what_it_cancelled() public {
        uint256[] memory names = _order(SLOT, 100);
        assertEq(relay.orderedWhOf(KEY, SLOT), 100, "counted");
        _refuses(SLOT, 101, abi.encodeWithSelector(IOrderRelay.OrderAboveLimit.selector, 101, 100));
        vm.prank(KEY);
        relay.trade(1, names, new IMarketTypes.OrderRequest[](0));
        assertEq(market.orders(SLOT, BUY).length, 0, "cancelled");
        _order(SLOT, 100);
        _refuses(SLOT, 51, abi.encodeWithSelector(IOrderRelay.SlotAboveLimit.selector, SLOT, 251, 250));
        _order(SLOT, 50);
    }

    function test_a_key_does_not_get_rid_of_its_count_by_turning_to_a_later_slot() public {
        _order(SLOT, 100);
        uint32 later = SLOT + uint32(RING_SIZE);
        _order(later, 100); // not open yet, but counted
        _refuses(SLOT, 1, abi.encodeWithSelector(IOrderRelay.SlotPassed.selector, SLOT, later));
        assertEq(relay.orderedWhOf(KEY, SLOT), 0, "the place is the later slot's");
    }

    function test_a_key_ends_when_it_expires_is_revoked_or_the_account_changes() public {
        bytes memory notAllowed = abi.encodeWithSelector(IOrderRelay.NotAllowed.selector, 1, KEY);
        uint256 start = vm.snapshotState();
        vm.warp(block.timestamp + 1 hours);
        _refuses(SLOT, 1, notAllowed);
        vm.revertToState(start);
        vm.prank(_account(1));
        registration.revokeTradingKey(KEY);
        _refuses(SLOT, 1, notAllowed);
        vm.revertToState(start);
        vm.prank(_account(1));
        identities.changeOwner(_account(1), address(0x4E14));
        registration.sync(1);
        _refuses(SLOT, 1, notAllowed);
    }

    function test_a_key_trades_for_its_member_alone() public {
        vm.prank(KEY);
        vm.expectRevert(abi.encodeWithSelector(IOrderRelay.NotAllowed.selector, 2, KEY));
        relay.trade(2, new uint256[](0), new IMarketTypes.OrderRequest[](0));
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IOrderRelay.NotAllowed.selector, 0, STRANGER));
        relay.trade(0, new uint256[](0), new IMarketTypes.OrderRequest[](0));
    }

    /// @dev What it can do is keep the address from serving as another's key, until its own grant ends.
    function test_who_squats_a_key_gains_nothing_by_it() public {
        address squatted = _account(3);
        vm.prank(_account(2));
        registration.setTradingKey(squatted, 1, 1, uint40(block.timestamp + 1 hours));
        vm.prank(_account(3));
        relay.trade(3, new uint256[](0), _requests(SLOT, 500));
        assertEq(market.positionOf(SLOT, 3).openBuyWh, 500, "an account trades as ever");
        vm.prank(_account(3));
        vm.expectRevert(abi.encodeWithSelector(IConsumerRegistration.TradingKeyTaken.selector, squatted, 2));
        registration.setTradingKey(squatted, 1, 1, uint40(block.timestamp + 1 hours));
        vm.warp(block.timestamp + 1 hours);
        vm.prank(_account(3));
        registration.setTradingKey(squatted, 1, 1, uint40(block.timestamp + 1 hours));
    }

    function test_nonces_are_cancelled_one_by_one_or_by_the_word() public {
        vm.prank(KEY);
        relay.cancelNonce(300);
        assertTrue(relay.isNonceUsed(KEY, 300) && !relay.isNonceUsed(KEY, 301), "one");
        vm.prank(KEY);
        relay.invalidateNonces(1, type(uint256).max);
        assertTrue(relay.isNonceUsed(KEY, 256) && relay.isNonceUsed(KEY, 511), "its word");
        assertTrue(!relay.isNonceUsed(KEY, 255) && !relay.isNonceUsed(KEY, 512), "no other");
        assertTrue(!relay.isNonceUsed(STRANGER, 300), "nobody else's");
    }

    function _order(uint32 slot, uint32 wh) private returns (uint256[] memory) {
        vm.prank(KEY);
        return relay.trade(1, new uint256[](0), _requests(slot, wh));
    }

    function _refuses(uint32 slot, uint32 wh, bytes memory reason) private {
        vm.prank(KEY);
        vm.expectRevert(reason);
        relay.trade(1, new uint256[](0), _requests(slot, wh));
    }

    function _requests(uint32 slot, uint32 wh) private pure returns (IMarketTypes.OrderRequest[] memory requests) {
        requests = new IMarketTypes.OrderRequest[](1);
        requests[0] = IMarketTypes.OrderRequest(slot, BUY, 10, wh, true);
    }
}
