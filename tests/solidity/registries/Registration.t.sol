// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {IConsumerRegistration, IRegistrationObserver} from "../../../chain/contracts/interfaces/IConsumerRegistration.sol";
import {IERC5192} from "../../../chain/contracts/interfaces/IERC5192.sol";
import {IMarketTypes} from "../../../chain/contracts/interfaces/IMarketTypes.sol";
import {Community} from "../setting/Community.sol";
import {vm} from "../setting/Vm.sol";

/// @notice Members, their accounts, devices, keys, and who is told of them.
contract RegistrationTest is Community {
    IConsumerRegistration.DeviceKind private constant KIND = IConsumerRegistration.DeviceKind.Battery;

    function test_nobody_is_registered_twice_or_without_address() public {
        vm.expectRevert(IConsumerRegistration.ZeroAddress.selector);
        registration.register(address(0), STRANGER);
        vm.expectRevert(IConsumerRegistration.ZeroAddress.selector);
        registration.register(STRANGER, address(0));
        bytes memory again = abi.encodeWithSelector(IConsumerRegistration.AlreadyRegistered.selector, _account(1));
        vm.expectRevert(again);
        registration.register(_account(1), STRANGER);
        vm.prank(STRANGER);
        identities.changeOwner(STRANGER, _account(1));
        vm.expectRevert(again);
        registration.register(STRANGER, STRANGER);
        vm.expectRevert(IConsumerRegistration.ZeroAddress.selector);
        registration.rotateMeterKey(1, address(0));
    }

    function test_a_member_token_is_locked_and_says_so() public {
        assertTrue(registration.locked(1), "locked");
        assertTrue(registration.supportsInterface(type(IERC5192).interfaceId), "ERC-5192");
        assertTrue(registration.supportsInterface(type(IERC165).interfaceId), "ERC-165");
        assertEq(registration.identityOf(1), _account(1), "identity");
        vm.expectRevert();
        registration.locked(9);
    }

    function test_an_account_cannot_be_handed_to_a_member() public {
        vm.prank(_account(1));
        identities.changeOwner(_account(1), _account(2));
        vm.expectRevert(
            abi.encodeWithSelector(IConsumerRegistration.AlreadyRegistered.selector, _account(2))
        );
        registration.sync(1);
        assertEq(registration.accountOf(1), _account(1), "as it was");
    }

    function test_what_an_account_left_behind_is_free_for_another_member() public {
        _endDelivery(SLOT);
        _readAndSettle(1, SLOT, 4_000_000); // 1 200 EUR: in debt
        int256 debt = market.balanceOf(1);
        (uint256 uncovered,,) = market.obligations();
        vm.prank(_account(1));
        identities.changeOwner(_account(1), STRANGER);
        registration.sync(1);
        assertEq(market.balanceOf(1), debt, "the debt goes along");
        (uint256 uncoveredAfter,,) = market.obligations();
        assertEq(uncoveredAfter, uncovered, "the supplier answers for as much");
        address child = address(0xC41D);
        vm.prank(child);
        identities.changeOwner(child, _account(1));
        uint32 newcomer = registration.register(child, address(0x3E7));
        assertEq(registration.accountOf(newcomer), _account(1), "the old account");
        assertEq(market.balanceOf(newcomer), 0, "begins with nothing");
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IMarketTypes.InsufficientCredit.selector, debt, 1));
        market.withdraw(1);
    }

    function test_a_device_has_one_owner_and_a_member_so_many_at_most() public {
        registration.addDevice(1, "d", KIND, 5_000);
        assertEq(registration.deviceOf("d").ratedPowerW, 5_000, "power");
        vm.expectRevert(abi.encodeWithSelector(IConsumerRegistration.DeviceTaken.selector, bytes32("d"), 1));
        registration.addDevice(2, "d", KIND, 1);
        for (uint256 i = 1; i < 64; ++i) {
            registration.addDevice(1, bytes32(i), KIND, 1);
        }
        assertEq(registration.devicesOf(1).length, 64, "devices");
        vm.expectRevert(abi.encodeWithSelector(IConsumerRegistration.TooManyDevices.selector, 1, 64));
        registration.addDevice(1, "one more", KIND, 1);
        registration.removeDevice("d");
        vm.expectRevert(abi.encodeWithSelector(IConsumerRegistration.DeviceUnknown.selector, bytes32("d")));
        registration.removeDevice("d");
        registration.addDevice(2, "d", KIND, 1);
    }

    function test_a_trading_key_is_given_for_a_time_to_come_and_by_one_member() public {
        vm.prank(_account(1));
        vm.expectRevert(IConsumerRegistration.ZeroAddress.selector);
        registration.setTradingKey(address(0), 1, 1, uint40(block.timestamp + 1));
        vm.prank(_account(1));
        vm.expectRevert(
            abi.encodeWithSelector(IConsumerRegistration.TradingKeyExpired.selector, block.timestamp)
        );
        registration.setTradingKey(STRANGER, 1, 1, uint40(block.timestamp));
        vm.prank(_account(1));
        registration.setTradingKey(STRANGER, 1, 1, uint40(block.timestamp + 1));
        vm.prank(_account(1));
        registration.setTradingKey(STRANGER, 2, 2, uint40(block.timestamp + 1));
        assertEq(registration.tradingKeyOf(STRANGER).maxOrderWh, 2, "its member may change it");
        vm.prank(_account(2));
        vm.expectRevert(abi.encodeWithSelector(IConsumerRegistration.TradingKeyTaken.selector, STRANGER, 1));
        registration.setTradingKey(STRANGER, 1, 1, uint40(block.timestamp + 1));
    }

    function test_observers_are_known_once_and_so_many_at_most() public {
        IRegistrationObserver known = IRegistrationObserver(address(market));
        vm.expectRevert(abi.encodeWithSelector(IConsumerRegistration.ObserverKnown.selector, market));
        registration.addObserver(known);
        vm.expectRevert(IConsumerRegistration.ZeroAddress.selector);
        registration.addObserver(IRegistrationObserver(address(0)));
        vm.expectRevert(abi.encodeWithSelector(IConsumerRegistration.ObserverUnknown.selector, STRANGER));
        registration.removeObserver(IRegistrationObserver(STRANGER));
        for (uint160 i = 1; i < 7; ++i) {
            registration.addObserver(IRegistrationObserver(address(i)));
        }
        assertEq(registration.observers().length, 8, "observers");
        vm.expectRevert(abi.encodeWithSelector(IConsumerRegistration.TooManyObservers.selector, 8));
        registration.addObserver(IRegistrationObserver(STRANGER));
    }
}
