// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Community} from "../setting/Community.sol";
import {vm} from "../setting/Vm.sol";
import {HostileToken} from "./HostileToken.sol";

/// @notice A token that lies or calls back gets nobody more than was deposited.
contract HostileTokenTest is Community {
    HostileToken private hostile;

    function _deployToken() internal override returns (address) {
        hostile = new HostileToken();
        return address(hostile);
    }

    function _allowMinting() internal override {}

    /// @dev The token itself is a member, so that what it calls back counts.
    function _account(uint32 participant) internal view override returns (address) {
        return participant == 1 ? address(hostile) : super._account(participant);
    }

    function test_a_withdrawal_within_a_withdrawal_finds_the_account_debited() public {
        hostile.setManner(
            HostileToken.Manner.CallsBack, address(market), abi.encodeCall(market.withdraw, (FUNDS_NEUR))
        );
        vm.prank(address(hostile));
        market.withdraw(FUNDS_NEUR);
        assertTrue(hostile.calledBack() && !hostile.callSucceeded(), "the second one failed");
        assertEq(token.balanceOf(address(hostile)), FUNDS_NEUR, "once");
    }

    function test_a_withdrawal_within_a_deposit_cannot_take_more_than_there_is() public {
        uint256 most = FUNDS_NEUR + 5;
        hostile.setManner(
            HostileToken.Manner.CallsBack, address(market), abi.encodeCall(market.withdraw, (most))
        );
        hostile.mint(address(this), 5, 0);
        token.approve(address(market), 5);
        market.deposit(1, 5);
        assertEq(token.balanceOf(address(hostile)), most, "its own money");
        assertEq(token.balanceOf(address(market)), (MEMBERS - 1) * FUNDS_NEUR, "nobody else's");
    }

    function test_a_transfer_that_returns_false_is_no_transfer() public {
        hostile.setManner(HostileToken.Manner.ReturnsFalse, address(0), "");
        bytes memory failed = abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, token);
        vm.expectRevert(failed);
        market.deposit(2, 1);
        vm.prank(_account(2));
        vm.expectRevert(failed);
        market.withdraw(1);
        assertEq(market.balanceOf(2), int256(FUNDS_NEUR), "nothing moved");
    }
}
