// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IModelRegistry} from "../../../chain/contracts/interfaces/IModelRegistry.sol";
import {IUtilityVerification} from "../../../chain/contracts/interfaces/IUtilityVerification.sol";
import {Community} from "../setting/Community.sol";
import {Models, Utilities} from "../setting/Contracts.sol";
import {vm} from "../setting/Vm.sol";

/// @notice What is licensed, and which bundles may act: each goes from state to state, never back from the last.
contract UtilitiesTest is Community {
    IUtilityVerification.Activity private constant SUPPLY = IUtilityVerification.Activity.Supply;

    function test_a_licence_holds_in_its_time_and_its_jurisdiction() public {
        uint64 now_ = uint64(block.timestamp);
        utilities.grantLicence(STRANGER, SUPPLY, "DE", now_ + 10, now_ + 20, "document");
        utilities.grantLicence(STRANGER, IUtilityVerification.Activity.Operation, "FR", 0, now_ + 20, 0);
        assertTrue(!utilities.isLicensed(STRANGER, SUPPLY), "not yet");
        vm.warp(now_ + 10);
        assertTrue(utilities.isLicensed(STRANGER, SUPPLY), "from its first second");
        assertTrue(!utilities.isLicensed(STRANGER, IUtilityVerification.Activity.Operation), "not here");
        vm.warp(now_ + 20);
        assertTrue(!utilities.isLicensed(STRANGER, SUPPLY), "until its last");
        assertTrue(utilities.licenceOf(STRANGER, SUPPLY, "DE").documentReference == "document", "document");
    }

    function test_a_licence_without_sense_is_refused() public {
        vm.expectRevert(IUtilityVerification.ZeroUtility.selector);
        utilities.grantLicence(address(0), SUPPLY, "DE", 0, 1, 0);
        vm.expectRevert(abi.encodeWithSelector(IUtilityVerification.BadValidity.selector, 5, 5));
        utilities.grantLicence(STRANGER, SUPPLY, "DE", 5, 5, 0);
        vm.expectRevert(abi.encodeWithSelector(IUtilityVerification.BadJurisdiction.selector, bytes2("dE")));
        utilities.grantLicence(STRANGER, SUPPLY, "dE", 0, 1, 0);
        vm.expectRevert(abi.encodeWithSelector(IUtilityVerification.BadJurisdiction.selector, bytes2("D[")));
        this.deployIn("D[");
    }

    function test_a_licence_that_is_revoked_stays_so() public {
        utilities.suspendLicence(SUPPLIER, SUPPLY, "DE");
        assertTrue(!utilities.isLicensed(SUPPLIER, SUPPLY), "suspended");
        _refuses(IUtilityVerification.Status.Suspended, IUtilityVerification.Status.Active);
        utilities.suspendLicence(SUPPLIER, SUPPLY, "DE");
        utilities.reinstateLicence(SUPPLIER, SUPPLY, "DE");
        assertTrue(utilities.isLicensed(SUPPLIER, SUPPLY), "reinstated");
        _refuses(IUtilityVerification.Status.Active, IUtilityVerification.Status.Suspended);
        utilities.reinstateLicence(SUPPLIER, SUPPLY, "DE");
        utilities.suspendLicence(SUPPLIER, SUPPLY, "DE");
        utilities.revokeLicence(SUPPLIER, SUPPLY, "DE");
        _refuses(IUtilityVerification.Status.Revoked, IUtilityVerification.Status.Suspended);
        utilities.reinstateLicence(SUPPLIER, SUPPLY, "DE");
        _refuses(IUtilityVerification.Status.Revoked, IUtilityVerification.Status.Active);
        utilities.revokeLicence(SUPPLIER, SUPPLY, "DE");
    }

    function test_a_bundle_is_published_once_approved_once_and_revoked_for_good() public {
        Models models = Models(_deploy("ModelRegistry", abi.encode(address(this))));
        models.grantRole(keccak256("APPROVER_ROLE"), address(this));
        vm.expectRevert(IModelRegistry.ZeroHash.selector);
        models.publish(0, "", 0);
        _notInStatus(IModelRegistry.Status.None);
        models.approve("bundle");
        vm.prank(STRANGER);
        models.publish("bundle", "ipfs://", "schema");
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelAlreadyPublished.selector, bytes32("bundle")));
        models.publish("bundle", "elsewhere", "schema");
        assertTrue(!models.isApproved("bundle"), "published alone");
        models.approve("bundle");
        assertTrue(models.isApproved("bundle"), "approved");
        _notInStatus(IModelRegistry.Status.Approved);
        models.approve("bundle");
        vm.prank(STRANGER);
        models.revoke("bundle");
        assertTrue(!models.isApproved("bundle"), "revoked by who published it");
        _notInStatus(IModelRegistry.Status.Revoked);
        models.revoke("bundle");
        _notInStatus(IModelRegistry.Status.Revoked);
        models.approve("bundle");
        assertEq(models.modelOf("bundle").publisher, STRANGER, "publisher");
    }

    function deployIn(bytes2 jurisdiction) external returns (Utilities) {
        return Utilities(_deploy("UtilityVerification", abi.encode(address(this), jurisdiction)));
    }

    function _refuses(IUtilityVerification.Status status, IUtilityVerification.Status needed) private {
        vm.expectRevert(
            abi.encodeWithSelector(IUtilityVerification.LicenceNotInStatus.selector, status, needed)
        );
    }

    function _notInStatus(IModelRegistry.Status status) private {
        vm.expectRevert(
            abi.encodeWithSelector(IModelRegistry.ModelNotInStatus.selector, bytes32("bundle"), status)
        );
    }
}
