// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IClosingAuction} from "../../../chain/contracts/interfaces/IClosingAuction.sol";
import {IMarketTypes} from "../../../chain/contracts/interfaces/IMarketTypes.sol";
import {Community} from "../setting/Community.sol";
import {vm} from "../setting/Vm.sol";

/// @notice The sealed auction: bonds, phases, one price, and who gets what of it.
contract AuctionTest is Community {
    uint256 private constant PHASE = 60;
    uint256 private constant BOND = 1e9;
    bytes32 private constant SALT = "salt";

    IClosingAuction private auction;

    function setUp() public override {
        super.setUp();
        auction = _newAuction(PHASE, PHASE, PHASE);
        market.grantRole(keccak256("MODULE_ROLE"), address(auction));
        token.mint(address(this), MEMBERS * 3 * BOND, 0);
        token.approve(address(auction), MEMBERS * 3 * BOND);
        for (uint32 participant = 1; participant <= MEMBERS; ++participant) {
            auction.depositBond(participant, 3 * BOND);
        }
        _to(SLOT, 3 * PHASE);
    }

    function test_all_trade_at_the_middle_of_the_prices_that_let_most_trade() public {
        _commit(1, BUY, 120, 100);
        _commit(2, SELL, 90, 60);
        _commit(3, SELL, 100, 60);
        _to(SLOT, 2 * PHASE);
        _reveal(1, BUY, 120, 100);
        _reveal(2, SELL, 90, 60);
        _reveal(3, SELL, 100, 60);
        _to(SLOT, PHASE);
        assertTrue(auction.clear(SLOT, 100), "finished");
        IClosingAuction.Outcome memory outcome = auction.outcomeOf(SLOT);
        assertTrue(outcome.decided && outcome.finished, "outcome");
        assertEq(outcome.volumeWh, 100, "volume");
        assertEq(outcome.priceTick, 100, "the last seller's, since more is on offer there than trades");
        assertEq(market.positionOf(SLOT, 1).boughtWh, 100, "bought");
        assertEq(market.positionOf(SLOT, 2).soldWh, 60, "better than the last tick: whole");
        assertEq(market.positionOf(SLOT, 3).soldWh, 40, "its part of the last tick");
        assertEq(market.positionOf(SLOT, 3).openSellWh, 0, "the rest is given back");
        assertEq(market.availableOf(1), int256(FUNDS_NEUR - 100 * _buyPrice(100)), "held at the price");
        vm.expectRevert(abi.encodeWithSelector(IClosingAuction.AlreadyFinished.selector, SLOT));
        auction.clear(SLOT, 1);
    }

    function test_the_last_tick_is_shared_in_proportion() public {
        _commit(1, SELL, 100, 90);
        _commit(2, BUY, 100, 100);
        _commit(3, BUY, 100, 200);
        _to(SLOT, 2 * PHASE);
        _reveal(1, SELL, 100, 90);
        _reveal(2, BUY, 100, 100);
        _reveal(3, BUY, 100, 200);
        _to(SLOT, PHASE);
        uint256 steps;
        while (!auction.clear(SLOT, 1)) ++steps;
        assertTrue(steps > 4, "one at a time comes to the same");
        assertEq(market.positionOf(SLOT, 2).boughtWh, 30, "a third");
        assertEq(market.positionOf(SLOT, 3).boughtWh, 60, "two thirds");
        assertEq(market.positionOf(SLOT, 1).soldWh, 90, "bought is sold");
    }

    function test_where_nothing_crosses_everything_is_given_back() public {
        _commit(1, SELL, 150, 90);
        _commit(2, BUY, 100, 100);
        _to(SLOT, 2 * PHASE);
        _reveal(1, SELL, 150, 90);
        _reveal(2, BUY, 100, 100);
        _to(SLOT, PHASE);
        assertTrue(auction.clear(SLOT, 100), "finished");
        assertEq(auction.outcomeOf(SLOT).volumeWh, 0, "no volume");
        assertEq(market.availableOf(1), int256(FUNDS_NEUR), "seller");
        assertEq(market.availableOf(2), int256(FUNDS_NEUR), "buyer");
    }

    function test_a_worse_order_than_the_last_tick_trades_nothing() public {
        _commit(1, SELL, 80, 50);
        _commit(2, SELL, 150, 50);
        _commit(3, BUY, 100, 50);
        _to(SLOT, 2 * PHASE);
        _reveal(1, SELL, 80, 50);
        _reveal(2, SELL, 150, 50);
        _reveal(3, BUY, 100, 50);
        _to(SLOT, PHASE);
        assertTrue(auction.clear(SLOT, 100), "finished");
        assertEq(auction.outcomeOf(SLOT).priceTick, 90, "the middle");
        assertEq(market.positionOf(SLOT, 2).soldWh, 0, "too dear");
        assertEq(market.availableOf(2), int256(FUNDS_NEUR), "given back");
    }

    function test_who_does_not_reveal_forfeits_where_others_did() public {
        _commit(1, BUY, 120, 100);
        _commit(2, SELL, 90, 60);
        _to(SLOT, 2 * PHASE);
        _reveal(1, BUY, 120, 100);
        vm.expectRevert(
            abi.encodeWithSelector(IClosingAuction.WrongPhase.selector, IClosingAuction.Phase.Reveal)
        );
        auction.closeUnrevealed(SLOT, 2);
        _to(SLOT, PHASE);
        auction.closeUnrevealed(SLOT, 2);
        _assertBond(2, 2 * BOND, 0);
        vm.expectRevert(abi.encodeWithSelector(IClosingAuction.NotCommitted.selector, SLOT, 2));
        auction.closeUnrevealed(SLOT, 2);
        vm.prank(OPERATOR);
        assertEq(auction.withdrawForfeits(OPERATOR), BOND, "forfeited");
        assertEq(token.balanceOf(OPERATOR), BOND, "to the operator");
        vm.prank(OPERATOR);
        assertEq(auction.withdrawForfeits(OPERATOR), 0, "once");
    }

    function test_where_nobody_reveals_bonds_are_given_back() public {
        _commit(1, BUY, 120, 100);
        _assertBond(1, 3 * BOND, BOND);
        _to(SLOT, 0);
        auction.closeUnrevealed(SLOT, 1);
        _assertBond(1, 3 * BOND, 0);
    }

    function test_an_old_commitment_is_closed_by_the_next_one_in_its_place() public {
        _commit(1, BUY, 120, 100);
        _commit(2, SELL, 120, 100);
        _to(SLOT, 2 * PHASE);
        _reveal(2, SELL, 120, 100);
        uint32 later = SLOT + uint32(RING_SIZE);
        _to(later, 3 * PHASE);
        vm.prank(_account(1));
        auction.commit(later, 1, "another");
        _assertBond(1, 2 * BOND, BOND);
    }

    function test_a_commitment_is_replaced_on_the_same_bond_and_shown_by_no_one_else() public {
        _commit(1, BUY, 120, 100);
        _commit(1, BUY, 121, 100);
        _assertBond(1, 3 * BOND, BOND);
        assertTrue(auction.sealedOrderOf(SLOT, 1).state == IClosingAuction.State.Committed, "committed");
        _to(SLOT, 2 * PHASE);
        vm.expectRevert(abi.encodeWithSelector(IClosingAuction.WrongCommitment.selector, SLOT, 1));
        auction.reveal(SLOT, 1, BUY, 120, 100, SALT);
        _reveal(1, BUY, 121, 100);
        _assertBond(1, 3 * BOND, 0);
        IClosingAuction.SealedOrder memory shown = auction.sealedOrderOf(SLOT, 1);
        assertEq(shown.tick, 121, "tick");
        assertEq(shown.quantityWh, 100, "Wh");
        vm.expectRevert(abi.encodeWithSelector(IClosingAuction.NotCommitted.selector, SLOT, 1));
        auction.reveal(SLOT, 1, BUY, 121, 100, SALT);
    }

    function test_what_the_market_does_not_admit_can_be_revealed_again() public {
        _commit(1, BUY, 120, 100);
        registration.suspend(1);
        _to(SLOT, 2 * PHASE);
        vm.expectRevert(
            abi.encodeWithSelector(IClosingAuction.NotAdmitted.selector, IMarketTypes.Reject.Suspended)
        );
        auction.reveal(SLOT, 1, BUY, 120, 100, SALT);
        registration.reinstate(1);
        _reveal(1, BUY, 120, 100);
    }

    function test_a_bond_that_is_held_stays_and_what_is_free_goes() public {
        _commit(1, BUY, 120, 100);
        vm.prank(_account(1));
        vm.expectRevert(
            abi.encodeWithSelector(IClosingAuction.InsufficientBond.selector, 2 * BOND, 2 * BOND + 1)
        );
        auction.withdrawBond(1, 2 * BOND + 1);
        vm.prank(_account(1));
        auction.withdrawBond(1, 2 * BOND);
        vm.prank(_account(1));
        vm.expectRevert(abi.encodeWithSelector(IClosingAuction.WrongPhase.selector, IClosingAuction.Phase.Early));
        auction.commit(SLOT + 1, 1, "more");
        _openSlot(SLOT + 1);
        _to(SLOT + 1, 3 * PHASE);
        vm.prank(_account(1));
        vm.expectRevert(abi.encodeWithSelector(IClosingAuction.InsufficientBond.selector, 0, BOND));
        auction.commit(SLOT + 1, 1, "more");
    }

    function test_bonds_and_forfeits_are_all_that_the_auction_holds() public {
        _commit(1, BUY, 120, 100);
        _commit(2, SELL, 90, 60);
        _to(SLOT, 2 * PHASE);
        _reveal(1, BUY, 120, 100);
        _to(SLOT, 0);
        auction.closeUnrevealed(SLOT, 2);
        for (uint32 participant = 1; participant <= MEMBERS; ++participant) {
            (uint256 totalNeur,) = auction.bondOf(participant);
            vm.prank(_account(participant));
            auction.withdrawBond(participant, totalNeur);
        }
        vm.prank(OPERATOR);
        auction.withdrawForfeits(OPERATOR);
        assertEq(token.balanceOf(address(auction)), 0, "all is out");
    }

    function test_a_phase_has_a_length() public {
        vm.expectRevert(IClosingAuction.PhaseTooShort.selector);
        this.deployWith(0, PHASE, PHASE);
        vm.expectRevert(IClosingAuction.PhaseTooShort.selector);
        this.deployWith(PHASE, 0, PHASE);
        vm.expectRevert(IClosingAuction.PhaseTooShort.selector);
        this.deployWith(PHASE, PHASE, 0);
    }

    function deployWith(uint256 commitSeconds, uint256 revealSeconds, uint256 clearSeconds) external {
        _newAuction(commitSeconds, revealSeconds, clearSeconds);
    }

    function _newAuction(uint256 commitSeconds, uint256 revealSeconds, uint256 clearSeconds)
        private
        returns (IClosingAuction)
    {
        bytes memory arguments = abi.encode(market, commitSeconds, revealSeconds, clearSeconds, BOND);
        return IClosingAuction(_deploy("ClosingAuction", arguments));
    }

    /// @dev To so many seconds before a slot's gate.
    function _to(uint32 slot, uint256 before) private {
        vm.warp(uint256(slot) * SLOT_SECONDS - before);
    }

    function _commit(uint32 participant, IMarketTypes.Side side, uint8 tick, uint32 wh) private {
        bytes32 commitment = auction.commitmentTo(SLOT, participant, side, tick, wh, SALT);
        vm.prank(_account(participant));
        auction.commit(SLOT, participant, commitment);
    }

    function _reveal(uint32 participant, IMarketTypes.Side side, uint8 tick, uint32 wh) private {
        auction.reveal(SLOT, participant, side, tick, wh, SALT);
    }

    function _assertBond(uint32 participant, uint256 expectedNeur, uint256 expectedHeldNeur) private view {
        (uint256 totalNeur, uint256 heldNeur) = auction.bondOf(participant);
        assertEq(totalNeur, expectedNeur, "bond");
        assertEq(heldNeur, expectedHeldNeur, "held");
    }
}
