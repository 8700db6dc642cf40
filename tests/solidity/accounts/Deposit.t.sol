// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IMarketTypes} from "../../../chain/contracts/interfaces/IMarketTypes.sol";
import {Community} from "../setting/Community.sol";
import {vm} from "../setting/Vm.sol";

/// @notice deposit and depositWithPermit: money comes in.
contract DepositTest is Community {
    bytes32 private constant PERMIT_TYPEHASH =
        keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
    bytes4 private constant PAUSED = bytes4(keccak256("EnforcedPause()"));

    function test_anyone_may_deposit_for_a_member() public {
        token.mint(STRANGER, 5, 0);
        vm.startPrank(STRANGER);
        token.approve(address(market), 5);
        market.deposit(1, 5);
        vm.stopPrank();
        assertEq(market.balanceOf(1), int256(FUNDS_NEUR + 5), "balance");
        assertEq(token.balanceOf(address(market)), MEMBERS * FUNDS_NEUR + 5, "tokens");
    }

    function test_reverts_for_no_participant() public {
        vm.expectRevert(abi.encodeWithSelector(IMarketTypes.UnknownParticipant.selector, uint32(9)));
        market.deposit(9, 5);
    }

    function test_reverts_without_allowance() public {
        token.mint(STRANGER, 5, 0);
        vm.prank(STRANGER);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(market), 0, 5)
        );
        market.deposit(1, 5);
        assertEq(market.balanceOf(1), int256(FUNDS_NEUR), "nothing credited");
    }

    function test_reverts_while_paused() public {
        vm.prank(PAUSER);
        market.pause();
        vm.expectRevert(PAUSED);
        market.deposit(1, 5);
        vm.expectRevert(PAUSED);
        market.depositWithPermit(1, 5, 0, 0, 0, 0);
    }

    function test_a_permit_saves_the_approval() public {
        (address owner, uint8 v, bytes32 r, bytes32 s) = _permit(5);
        vm.prank(owner);
        market.depositWithPermit(1, 5, block.timestamp, v, r, s);
        assertEq(market.balanceOf(1), int256(FUNDS_NEUR + 5), "balance");
    }

    function test_who_spends_the_permit_first_does_not_stop_the_deposit() public {
        (address owner, uint8 v, bytes32 r, bytes32 s) = _permit(5);
        vm.prank(STRANGER);
        token.permit(owner, address(market), 5, block.timestamp, v, r, s);
        vm.prank(owner);
        market.depositWithPermit(1, 5, block.timestamp, v, r, s);
        assertEq(market.balanceOf(1), int256(FUNDS_NEUR + 5), "balance");
    }

    function test_a_permit_of_another_moves_nothing() public {
        (, uint8 v, bytes32 r, bytes32 s) = _permit(5);
        vm.prank(STRANGER);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(market), 0, 5)
        );
        market.depositWithPermit(1, 5, block.timestamp, v, r, s);
    }

    function _permit(uint256 neur) private returns (address owner, uint8 v, bytes32 r, bytes32 s) {
        owner = vm.addr(0x7E4417);
        token.mint(owner, neur, 0);
        bytes32 content = keccak256(
            abi.encode(PERMIT_TYPEHASH, owner, address(market), neur, token.nonces(owner), block.timestamp)
        );
        (v, r, s) = vm.sign(0x7E4417, keccak256(abi.encodePacked("\x19\x01", token.DOMAIN_SEPARATOR(), content)));
    }
}
