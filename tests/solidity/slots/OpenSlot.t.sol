// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IMarketTypes} from "../../../chain/contracts/interfaces/IMarketTypes.sol";
import {Community} from "../setting/Community.sol";
import {vm} from "../setting/Vm.sol";

/// @notice openSlot: a slot's terms and envelopes, and when its place in the ring may be used.
contract OpenSlotTest is Community {
    function test_terms_and_envelopes_are_published() public view {
        (IMarketTypes.Terms memory terms, uint256 unsettled) = market.termsOf(SLOT);
        assertEq(terms.retail, 300_000, "retail");
        assertEq(terms.feedIn, 80_000, "feed-in");
        assertEq(terms.fee, 50_000, "fee");
        assertEq(terms.floor, 80_000, "floor");
        assertEq(terms.priceCap, 600_000, "price cap");
        assertEq(unsettled, MEMBERS, "seats to settle");
        (int256 importWh, int256 exportWh, uint256 lineNeur) = market.limitsOf(SLOT, 1);
        assertEq(importWh, LIMIT_WH, "import");
        assertEq(exportWh, LIMIT_WH, "export");
        assertEq(lineNeur, 0, "no credit line");
    }

    function test_feed_in_and_fee_together_stay_under_retail() public {
        IMarketTypes.Terms memory terms = _terms();
        terms.feedIn = 280_000;
        _openSlot(SLOT + 1, terms, _limits());
        (terms,) = market.termsOf(SLOT + 1);
        assertEq(terms.feedIn, 250_000, "lowered");
    }

    function test_negative_prices_come_through() public {
        IMarketTypes.Terms memory terms = IMarketTypes.Terms(-1, -300_000, 5, -200_000, 400_000);
        _openSlot(SLOT + 1, terms, _limits());
        (IMarketTypes.Terms memory shown,) = market.termsOf(SLOT + 1);
        assertEq(keccak256(abi.encode(shown)) == keccak256(abi.encode(terms)) ? 1 : 0, 1, "as published");
    }

    function test_who_has_no_seat_cannot_trade() public {
        _openSlot(SLOT + 1, _terms(), new IMarketTypes.SeatLimits[](0));
        vm.prank(_account(1));
        vm.expectRevert(IMarketTypes.Envelope.selector);
        market.place(SLOT + 1, BUY, 10, 1, true);
    }

    function test_reverts_when_published_already() public {
        _reverts(SLOT, _limits(), abi.encodeWithSelector(IMarketTypes.AlreadyPublished.selector, SLOT));
    }

    function test_reverts_after_the_gate() public {
        _reverts(SLOT - 1, _limits(), abi.encodeWithSelector(IMarketTypes.GateClosed.selector));
    }

    function test_reverts_while_the_place_is_occupied() public {
        uint32 next = SLOT + uint32(RING_SIZE);
        _reverts(next, _limits(), abi.encodeWithSelector(IMarketTypes.RingPlaceOccupied.selector, next, SLOT));
    }

    function test_reverts_for_an_earlier_slot_of_the_place() public {
        vm.warp((SLOT - 5) * SLOT_SECONDS);
        uint32 earlier = SLOT - uint32(RING_SIZE);
        _reverts(
            earlier, _limits(), abi.encodeWithSelector(IMarketTypes.RingPlaceOccupied.selector, earlier, SLOT)
        );
    }

    function test_reverts_for_a_slot_whose_generation_does_not_fit() public {
        uint32 last = type(uint32).max;
        _reverts(last, _limits(), abi.encodeWithSelector(IMarketTypes.SlotOutOfRange.selector, last));
    }

    function test_reverts_for_a_participant_that_is_none_or_twice_there() public {
        IMarketTypes.SeatLimits[] memory limits = _limits();
        limits[2].participant = 9;
        _reverts(SLOT + 1, limits, abi.encodeWithSelector(IMarketTypes.UnknownParticipant.selector, uint32(9)));
        limits[2].participant = 1;
        _reverts(SLOT + 1, limits, abi.encodeWithSelector(IMarketTypes.AlreadySeated.selector, SLOT + 1, 1));
    }

    function test_reverts_while_paused() public {
        vm.prank(PAUSER);
        market.pause();
        _reverts(SLOT + 1, _limits(), abi.encodeWithSelector(bytes4(keccak256("EnforcedPause()"))));
    }

    function test_a_settled_slot_leaves_its_place_clean() public {
        _sell(1, 100, 100);
        _buy(2, 100, 60);
        _endDelivery(SLOT);
        for (uint32 participant = 1; participant <= MEMBERS; ++participant) {
            _readAndSettle(participant, SLOT, 0);
        }
        uint32 next = SLOT + uint32(RING_SIZE);
        _openSlot(next);
        assertEq(market.positionOf(next, 1).soldWh, 0, "no old position");
        assertEq(market.orders(next, SELL).length, 0, "no old order");
        vm.expectRevert(IMarketTypes.NotPublished.selector);
        market.termsOf(SLOT);
    }

    function _reverts(uint32 slot, IMarketTypes.SeatLimits[] memory limits, bytes memory reason) private {
        vm.prank(KEEPER);
        vm.expectRevert(reason);
        market.openSlot(slot, _terms(), _conditions(), limits);
    }
}
