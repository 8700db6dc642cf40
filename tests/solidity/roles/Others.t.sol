// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {IConsumerRegistration, IRegistrationObserver} from "../../../chain/contracts/interfaces/IConsumerRegistration.sol";
import {IEnergyToken} from "../../../chain/contracts/interfaces/IEnergyToken.sol";
import {IMeterOracle} from "../../../chain/contracts/interfaces/IMeterOracle.sol";
import {IModelRegistry} from "../../../chain/contracts/interfaces/IModelRegistry.sol";
import {IUtilityVerification} from "../../../chain/contracts/interfaces/IUtilityVerification.sol";
import {RoleTable} from "./RoleTable.sol";
import {vm} from "../setting/Vm.sol";

/// @notice Who may call what of token, registration, utilities, oracle and models.
contract OtherRolesTest is RoleTable {
    bytes4 private constant EXPIRED = bytes4(keccak256("ERC2612ExpiredSignature(uint256)"));
    IUtilityVerification.Activity private constant SUPPLY = IUtilityVerification.Activity.Supply;

    function test_every_function_of_the_token_for_every_role() public {
        address target = address(token);
        _checkAccessControl(target);
        _only(Actor.Treasury, target, abi.encodeCall(IEnergyToken.mint, (STRANGER, 1, 0)));
        _only(Actor.Treasury, target, abi.encodeCall(IEnergyToken.redeem, (0, 0)));
        _only(Actor.Admin, target, abi.encodeCall(IEnergyToken.setSupplyCap, (1)));
        _only(Actor.Admin, target, abi.encodeCall(IEnergyToken.setDailyMintCap, (1)));
        bytes4 poor = IERC20Errors.ERC20InsufficientBalance.selector;
        _anyone(ALLOWED, target, abi.encodeCall(IERC20.approve, (STRANGER, 1)));
        _anyone(poor, target, abi.encodeCall(IERC20.transfer, (STRANGER, 1)));
        bytes memory steal = abi.encodeCall(IERC20.transferFrom, (address(market), STRANGER, 1));
        _anyone(IERC20Errors.ERC20InsufficientAllowance.selector, target, steal);
        bytes memory permit = abi.encodeCall(IERC20Permit.permit, (address(market), STRANGER, 1, 0, 0, 0, 0));
        _anyone(EXPIRED, target, permit);
        _assertTableIsComplete("EnergyToken");
    }

    function test_every_function_of_the_registration_for_every_role() public {
        address target = address(registration);
        _checkAccessControl(target);
        _only(Actor.Registrar, target, abi.encodeCall(IConsumerRegistration.register, (STRANGER, STRANGER)));
        _only(Actor.Registrar, target, abi.encodeCall(IConsumerRegistration.rotateMeterKey, (1, STRANGER)));
        _only(Actor.Registrar, target, abi.encodeCall(IConsumerRegistration.suspend, (1)));
        _only(Actor.Registrar, target, abi.encodeCall(IConsumerRegistration.reinstate, (2)));
        IRegistrationObserver observer = IRegistrationObserver(STRANGER);
        _only(Actor.Admin, target, abi.encodeCall(IConsumerRegistration.addObserver, (observer)));
        observer = IRegistrationObserver(address(market));
        _only(Actor.Admin, target, abi.encodeCall(IConsumerRegistration.removeObserver, (observer)));
        _anyone(ALLOWED, target, abi.encodeCall(IConsumerRegistration.sync, (1)));
        _checkDevicesAndKeys(target);
        _checkSoulbound(target);
        _assertTableIsComplete("ConsumerRegistration");
    }

    function _checkDevicesAndKeys(address target) private {
        IConsumerRegistration.DeviceKind kind = IConsumerRegistration.DeviceKind(0);
        _everyone(IConsumerRegistration.NotYourDevice.selector);
        _but(Actor.Member, ALLOWED);
        _but(Actor.Registrar, ALLOWED);
        _check(target, abi.encodeCall(IConsumerRegistration.addDevice, (1, bytes32("b"), kind, 1)));
        vm.prank(_account(1));
        registration.addDevice(1, bytes32("a"), kind, 1);
        _check(target, abi.encodeCall(IConsumerRegistration.removeDevice, (bytes32("a"))));

        bytes4 stranger = IConsumerRegistration.NotAMember.selector;
        uint40 until = uint40(block.timestamp + 1);
        bytes memory set = abi.encodeCall(IConsumerRegistration.setTradingKey, (STRANGER, 1, 1, until));
        _members(stranger, ALLOWED, ALLOWED, target, set);
        bytes memory revoke = abi.encodeCall(IConsumerRegistration.revokeTradingKey, (_actor(Actor.TradingKey)));
        _members(stranger, ALLOWED, IConsumerRegistration.TradingKeyUnknown.selector, target, revoke);
    }

    function _checkSoulbound(address target) private {
        bytes4 soulbound = IConsumerRegistration.Soulbound.selector;
        address owner = _account(1);
        _anyone(soulbound, target, abi.encodeCall(IERC721.transferFrom, (owner, STRANGER, 1)));
        _anyone(
            soulbound, target, abi.encodeWithSignature("safeTransferFrom(address,address,uint256)", owner, STRANGER, 1)
        );
        _anyone(
            soulbound,
            target,
            abi.encodeWithSignature("safeTransferFrom(address,address,uint256,bytes)", owner, STRANGER, 1, "")
        );
        _anyone(soulbound, target, abi.encodeCall(IERC721.approve, (STRANGER, 1)));
        _anyone(soulbound, target, abi.encodeCall(IERC721.setApprovalForAll, (STRANGER, true)));
    }

    function test_every_function_of_the_utilities_for_every_role() public {
        address target = address(utilities);
        _checkAccessControl(target);
        bytes memory grant =
            abi.encodeCall(IUtilityVerification.grantLicence, (SUPPLIER, SUPPLY, "DE", 0, 1, bytes32(0)));
        _only(Actor.Regulator, target, grant);
        vm.prank(_actor(Actor.Regulator));
        utilities.grantLicence(SUPPLIER, SUPPLY, "DE", 0, 1, 0);
        _only(Actor.Regulator, target, abi.encodeCall(IUtilityVerification.suspendLicence, (SUPPLIER, SUPPLY, "DE")));
        _only(Actor.Regulator, target, abi.encodeCall(IUtilityVerification.revokeLicence, (SUPPLIER, SUPPLY, "DE")));
        vm.prank(_actor(Actor.Regulator));
        utilities.suspendLicence(SUPPLIER, SUPPLY, "DE");
        _only(
            Actor.Regulator, target, abi.encodeCall(IUtilityVerification.reinstateLicence, (SUPPLIER, SUPPLY, "DE"))
        );
        _assertTableIsComplete("UtilityVerification");
    }

    function test_every_function_of_the_oracle_for_every_role() public {
        address target = address(oracle);
        _checkAccessControl(target);
        _endDelivery(SLOT);
        IMeterOracle.Reading memory reading = _reading(1, SLOT, 5, 1);
        (bytes32 r, bytes32 vs) = _sign(_meterKey(1), oracle.digestOf(reading));
        _anyone(ALLOWED, target, abi.encodeCall(IMeterOracle.submit, (reading, r, vs)));
        _anyone(ALLOWED, target, abi.encodeCall(IMeterOracle.submitMany, (SLOT, "")));
        _anyone(ALLOWED, target, abi.encodeCall(IRegistrationObserver.sync, (1)));
        address[] memory none = new address[](0);
        _only(Actor.Registrar, target, abi.encodeCall(IMeterOracle.setReporters, (1, none, 1, 1_000)));
        _read(1, SLOT, 5);
        _everyone(IMeterOracle.NotYourReading.selector);
        _but(Actor.Member, ALLOWED);
        _but(Actor.Operator, ALLOWED); // by its licence
        _check(target, abi.encodeCall(IMeterOracle.challenge, (1, SLOT, 0)));
        vm.prank(_account(1));
        oracle.challenge(1, SLOT, 0);
        _only(Actor.Arbiter, target, abi.encodeCall(IMeterOracle.rule, (1, SLOT, 6, 0)));
        vm.warp(block.timestamp + DEADLINE_SECONDS);
        _only(Actor.Keeper, target, abi.encodeCall(IMeterOracle.substitute, (3, SLOT, 6, 0)));
        _assertTableIsComplete("MeterOracle");
    }

    function test_every_function_of_the_models_for_every_role() public {
        address target = address(models);
        _checkAccessControl(target);
        _anyone(ALLOWED, target, abi.encodeCall(IModelRegistry.publish, (bytes32("a"), "", 0)));
        vm.prank(_account(1));
        models.publish(bytes32("b"), "", 0);
        _only(Actor.Approver, target, abi.encodeCall(IModelRegistry.approve, (bytes32("b"))));
        _everyone(IModelRegistry.NotYourModel.selector);
        _but(Actor.Approver, ALLOWED);
        _but(Actor.Member, ALLOWED);
        _check(target, abi.encodeCall(IModelRegistry.revoke, (bytes32("b"))));
        _assertTableIsComplete("ModelRegistry");
    }
}
