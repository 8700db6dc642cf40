// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IEnergyToken} from "../../../chain/contracts/interfaces/IEnergyToken.sol";
import {Community} from "../setting/Community.sol";
import {vm} from "../setting/Vm.sol";

/// @notice The credit token's caps: one on all that there is, one on what a day adds.
contract TokenTest is Community {
    function test_a_day_adds_no_more_than_its_cap() public {
        uint256 minted = token.mintedTodayNeur();
        assertEq(minted, MEMBERS * FUNDS_NEUR, "the members' funds");
        vm.expectRevert(
            abi.encodeWithSelector(
                IEnergyToken.DailyMintCapExceeded.selector, DAILY_MINT_CAP_NEUR + 1, DAILY_MINT_CAP_NEUR
            )
        );
        token.mint(STRANGER, DAILY_MINT_CAP_NEUR - minted + 1, 0);
        token.mint(STRANGER, DAILY_MINT_CAP_NEUR - minted, 0);
        vm.warp(block.timestamp + 1 days);
        assertEq(token.mintedTodayNeur(), 0, "another day");
        token.mint(STRANGER, DAILY_MINT_CAP_NEUR, 0);
    }

    function test_there_is_no_more_than_the_supply_cap_whatever_the_day() public {
        uint256 supply = token.totalSupply();
        token.setSupplyCap(supply + 5);
        vm.expectRevert(abi.encodeWithSelector(IEnergyToken.SupplyCapExceeded.selector, supply + 6, supply + 5));
        token.mint(STRANGER, 6, 0);
        token.mint(address(this), 5, 0);
        token.redeem(5, "paid out");
        token.mint(address(this), 5, 0);
        assertEq(token.totalSupply(), supply + 5, "what is redeemed makes room");
    }

    function test_redeeming_does_not_raise_the_day_again() public {
        token.setDailyMintCap(token.mintedTodayNeur() + 5);
        token.mint(address(this), 5, 0);
        token.redeem(5, 0);
        vm.expectRevert();
        token.mint(address(this), 1, 0);
    }

    function test_a_unit_is_a_billionth() public view {
        assertEq(token.decimals(), 9, "decimals");
    }
}
