// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {IUtilityVerification} from "./interfaces/IUtilityVerification.sol";

/// @notice One licence a utility, activity and jurisdiction.
contract UtilityVerification is IUtilityVerification, AccessControl {
    bytes32 public constant REGULATOR_ROLE = keccak256("REGULATOR_ROLE");

    /// @inheritdoc IUtilityVerification
    bytes2 public immutable communityJurisdiction;

    mapping(address utility => mapping(Activity => mapping(bytes2 jurisdiction => Licence))) private _licences;

    constructor(address admin, bytes2 communityJurisdiction_) {
        _requireJurisdiction(communityJurisdiction_);
        communityJurisdiction = communityJurisdiction_;
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
    }

    /// @inheritdoc IUtilityVerification
    function grantLicence(
        address utility,
        Activity activity,
        bytes2 jurisdiction,
        uint64 validFrom,
        uint64 validUntil,
        bytes32 documentReference
    ) external onlyRole(REGULATOR_ROLE) {
        if (utility == address(0)) revert ZeroUtility();
        if (validUntil <= validFrom) revert BadValidity(validFrom, validUntil);
        _requireJurisdiction(jurisdiction);
        _licences[utility][activity][jurisdiction] =
            Licence(Status.Active, validFrom, validUntil, documentReference);
        emit LicenceGranted(utility, activity, jurisdiction, validFrom, validUntil, documentReference);
    }

    /// @inheritdoc IUtilityVerification
    function suspendLicence(address utility, Activity activity, bytes2 jurisdiction)
        external
        onlyRole(REGULATOR_ROLE)
    {
        _change(_licences[utility][activity][jurisdiction], Status.Active, Status.Suspended);
        emit LicenceSuspended(utility, activity, jurisdiction);
    }

    /// @inheritdoc IUtilityVerification
    function reinstateLicence(address utility, Activity activity, bytes2 jurisdiction)
        external
        onlyRole(REGULATOR_ROLE)
    {
        _change(_licences[utility][activity][jurisdiction], Status.Suspended, Status.Active);
        emit LicenceReinstated(utility, activity, jurisdiction);
    }

    /// @inheritdoc IUtilityVerification
    function revokeLicence(address utility, Activity activity, bytes2 jurisdiction)
        external
        onlyRole(REGULATOR_ROLE)
    {
        Licence storage licence = _licences[utility][activity][jurisdiction];
        Status from = licence.status == Status.Suspended ? Status.Suspended : Status.Active;
        _change(licence, from, Status.Revoked);
        emit LicenceRevoked(utility, activity, jurisdiction);
    }

    /// @inheritdoc IUtilityVerification
    function isLicensed(address utility, Activity activity) external view returns (bool) {
        Licence memory licence = _licences[utility][activity][communityJurisdiction];
        return licence.status == Status.Active && licence.validFrom <= block.timestamp
            && block.timestamp < licence.validUntil;
    }

    /// @inheritdoc IUtilityVerification
    function licenceOf(address utility, Activity activity, bytes2 jurisdiction)
        external
        view
        returns (Licence memory)
    {
        return _licences[utility][activity][jurisdiction];
    }

    function _change(Licence storage licence, Status from, Status to) private {
        if (licence.status != from) revert LicenceNotInStatus(licence.status, from);
        licence.status = to;
    }

    function _requireJurisdiction(bytes2 jurisdiction) private pure {
        for (uint256 i; i < 2; ++i) {
            if (jurisdiction[i] < "A" || jurisdiction[i] > "Z") revert BadJurisdiction(jurisdiction);
        }
    }
}
