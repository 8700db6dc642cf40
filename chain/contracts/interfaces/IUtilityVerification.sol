// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice Which utilities may supply energy to the community, and which may operate its grid.
interface IUtilityVerification {
    enum Activity {
        Supply,
        Operation
    }

    enum Status {
        None,
        Active,
        Suspended,
        Revoked
    }

    /// @notice A licence, for the time from `validFrom` until `validUntil`, Unix time, the latter excluded.
    /// `documentReference` is what the regulator's document is found by.
    struct Licence {
        Status status;
        uint64 validFrom;
        uint64 validUntil;
        bytes32 documentReference;
    }

    event LicenceGranted(
        address indexed utility,
        Activity indexed activity,
        bytes2 indexed jurisdiction,
        uint64 validFrom,
        uint64 validUntil,
        bytes32 documentReference
    );
    event LicenceSuspended(address indexed utility, Activity indexed activity, bytes2 indexed jurisdiction);
    event LicenceReinstated(address indexed utility, Activity indexed activity, bytes2 indexed jurisdiction);
    event LicenceRevoked(address indexed utility, Activity indexed activity, bytes2 indexed jurisdiction);

    error ZeroUtility();
    /// @notice Not two capital letters, as ISO 3166-1 alpha-2 has them.
    error BadJurisdiction(bytes2 jurisdiction);
    error BadValidity(uint64 validFrom, uint64 validUntil);
    error LicenceNotInStatus(Status status, Status needed);

    /// @notice Grant a licence, or renew it in other terms. Regulator only.
    /// @param jurisdiction Country whose law it is given under, ISO 3166-1 alpha-2.
    function grantLicence(
        address utility,
        Activity activity,
        bytes2 jurisdiction,
        uint64 validFrom,
        uint64 validUntil,
        bytes32 documentReference
    ) external;

    /// @notice Make an active licence void for the time being. Regulator only.
    function suspendLicence(address utility, Activity activity, bytes2 jurisdiction) external;

    /// @notice Make a suspended licence valid again. Regulator only.
    function reinstateLicence(address utility, Activity activity, bytes2 jurisdiction) external;

    /// @notice Make a licence void for good; only a new one can follow. Regulator only.
    function revokeLicence(address utility, Activity activity, bytes2 jurisdiction) external;

    /// @notice Country in which the community is: only licences under its law count.
    function communityJurisdiction() external view returns (bytes2);

    /// @notice Whether a utility has a licence in the community's country that is valid now.
    function isLicensed(address utility, Activity activity) external view returns (bool);

    function licenceOf(address utility, Activity activity, bytes2 jurisdiction)
        external
        view
        returns (Licence memory);
}
