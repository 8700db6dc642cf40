// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IMarketTypes} from "../../../chain/contracts/interfaces/IMarketTypes.sol";
import {Community} from "../setting/Community.sol";
import {vm} from "../setting/Vm.sol";

/// @notice No loop without a bound: what the dearest calls cost, beside a block of 30 million gas.
contract WorstCaseTest is Community {
    uint256 private constant BLOCK_GAS = 30_000_000;
    uint32 private constant GRIEVER = 1;
    uint32 private constant MAKER = 2;
    uint32 private constant TAKER = 3;

    function test_64_fills_over_64_ticks_fit_a_block_many_times() public {
        for (uint8 tick; tick < 64; ++tick) {
            _sell(MAKER, tick, 10);
        }
        uint256 gas = gasleft();
        _place(TAKER, BUY, 223, 640, false);
        assertAtMost(gas - gasleft(), BLOCK_GAS / 10, "gas");
        assertEq(market.positionOf(SLOT, TAKER).boughtWh, 640, "all filled");
    }

    function test_cancelled_orders_in_the_way_cost_a_bounded_walk() public {
        _griefLevel(50, 256);
        _sell(MAKER, 50, 100);
        uint256 gas = gasleft();
        _place(TAKER, BUY, 50, 100, false);
        assertAtMost(gas - gasleft(), BLOCK_GAS / 10, "gas");
        assertEq(market.positionOf(SLOT, TAKER).boughtWh, 100, "from the griever and the maker");
    }

    function test_cancelled_orders_at_many_ticks_are_counted_together() public {
        for (uint8 tick = 50; tick < 53; ++tick) {
            _griefLevel(tick, 100);
            _sell(MAKER, tick, 100);
        }
        vm.prank(_account(TAKER));
        vm.expectRevert(abi.encodeWithSelector(IMarketTypes.SweepNeeded.selector, SLOT, SELL, 52));
        market.place(SLOT, BUY, 223, 303, false);
        market.sweep(SLOT, SELL, 52, 1_000);
        _place(TAKER, BUY, 223, 303, false);
        assertEq(market.positionOf(SLOT, TAKER).boughtWh, 303, "all ticks");
    }

    function test_a_live_order_at_the_head_does_not_keep_those_behind_it_from_being_swept() public {
        _griefLevel(50, 600);
        _sell(MAKER, 50, 100);
        assertEq(market.sweep(SLOT, SELL, 50, 301), 299, "one step instead of 300");
        assertEq(market.sweep(SLOT, SELL, 50, 1_000), 300, "one instead of 301");
        assertEq(market.sweep(SLOT, SELL, 50, 1_000), 0, "no shorter way");
        assertEq(market.orders(SLOT, SELL).length, 2, "live ones stay");
        _place(TAKER, BUY, 50, 101, false);
        assertEq(market.positionOf(SLOT, TAKER).boughtWh, 101, "from the griever and the maker");
    }

    function test_orders_between_swept_ones_can_be_cancelled_and_swept_too() public {
        _sell(MAKER, 50, 10);
        uint256[] memory names = new uint256[](12);
        for (uint256 i; i < 12; ++i) {
            names[i] = _sell(GRIEVER, 50, 1);
        }
        for (uint256 i; i < 12; ++i) {
            if (i == 5) continue;
            vm.prank(_account(GRIEVER));
            market.cancel(names[i]);
        }
        assertEq(market.sweep(SLOT, SELL, 50, 100), 9, "two runs, of five and six");
        vm.prank(_account(GRIEVER));
        market.cancel(names[5]);
        assertEq(market.sweep(SLOT, SELL, 50, 100), 2, "one run");
        _sell(MAKER, 50, 7);
        _place(TAKER, BUY, 50, 17, false);
        assertEq(market.positionOf(SLOT, TAKER).boughtWh, 17, "what is live");
        assertEq(market.orders(SLOT, SELL).length, 0, "nothing left");
    }

    function test_beyond_the_bound_a_taker_asks_for_a_sweep_and_anyone_can_give_it() public {
        _griefLevel(50, 600);
        _sell(MAKER, 50, 100);
        _place(TAKER, BUY, 50, 1, false); // the griever's live order at the head
        vm.prank(_account(TAKER));
        vm.expectRevert(abi.encodeWithSelector(IMarketTypes.SweepNeeded.selector, SLOT, SELL, 50));
        market.place(SLOT, BUY, 50, 100, false);

        vm.prank(STRANGER);
        uint256 gas = gasleft();
        uint256 steps = market.sweep(SLOT, SELL, 50, 1_000);
        assertAtMost(gas - gasleft(), BLOCK_GAS / 10, "gas of a sweep");
        assertEq(steps, 600, "all cancelled ones");
        _place(TAKER, BUY, 50, 99, false);
        assertEq(market.positionOf(SLOT, TAKER).boughtWh, 100, "trades again");
    }

    function test_a_sweep_stops_where_it_is_told_and_at_the_first_live_order() public {
        _griefLevel(50, 20);
        _sell(MAKER, 50, 100);
        _place(TAKER, BUY, 50, 1, false);
        assertEq(market.sweep(SLOT, SELL, 50, 5), 5, "as told");
        assertEq(market.sweep(SLOT, SELL, 50, 100), 15, "to the live one");
        assertEq(market.sweep(SLOT, SELL, 50, 100), 0, "nothing left");
        assertEq(market.sweep(SLOT, BUY, 50, 100), 0, "an empty level");
        assertEq(market.orders(SLOT, SELL).length, 1, "the live one stays");
    }

    function test_sweep_reverts_for_no_tick() public {
        vm.expectRevert(IMarketTypes.BadTick.selector);
        market.sweep(SLOT, SELL, 224, 1);
    }

    function test_releasing_a_whole_ring_of_expired_orders_fits_a_block() public {
        for (uint32 slot = SLOT; slot < SLOT + RING_SIZE; ++slot) {
            if (slot != SLOT) _openSlot(slot);
            vm.prank(_account(1));
            market.place(slot, BUY, 10, 100, true);
        }
        vm.warp(uint256(SLOT + 1_000_000) * SLOT_SECONDS);
        uint256 gas = gasleft();
        vm.prank(_account(1));
        market.withdraw(FUNDS_NEUR);
        assertAtMost(gas - gasleft(), BLOCK_GAS / 10, "gas, however long the account was idle");
    }

    /// @dev One live order of a single Wh at the head of a tick, and `tombstones` cancelled ones behind it.
    function _griefLevel(uint8 tick, uint256 tombstones) private {
        _sell(GRIEVER, tick, 1);
        uint256[] memory names = new uint256[](tombstones);
        for (uint256 i; i < tombstones; ++i) {
            names[i] = _sell(GRIEVER, tick, 1);
        }
        vm.prank(_account(GRIEVER));
        market.cancelMany(names);
    }
}
