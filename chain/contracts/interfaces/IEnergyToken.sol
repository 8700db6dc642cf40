// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice The community's credit, issued against local currency that the treasury holds: 1 unit is 1 nEUR.
/// @dev Both caps bind the treasury alone: the supply's what may be outstanding, the day's what a stolen treasury key
/// may issue before somebody notices. A day is one of Unix time, from midnight UTC.
interface IEnergyToken {
    event Minted(address indexed to, uint256 amountNeur, bytes32 indexed paymentReference);
    event Redeemed(address indexed from, uint256 amountNeur, bytes32 indexed paymentReference);
    event SupplyCapSet(uint256 capNeur);
    event DailyMintCapSet(uint256 capNeur);

    /// @notice What would be outstanding is more than the cap on the supply.
    error SupplyCapExceeded(uint256 supplyNeur, uint256 capNeur);
    /// @notice What would have been issued today is more than the cap on a day.
    error DailyMintCapExceeded(uint256 mintedTodayNeur, uint256 capNeur);

    /// @notice Issue credit against money received outside. Treasury only.
    /// @param paymentReference What the payment is found by in the treasury's books.
    function mint(address to, uint256 amountNeur, bytes32 paymentReference) external;

    /// @notice Burn credit of the caller against money paid outside. Treasury only.
    function redeem(uint256 amountNeur, bytes32 paymentReference) external;

    /// @notice Set how much may be outstanding; what is above already stays. Admin only.
    function setSupplyCap(uint256 capNeur) external;

    /// @notice Set how much may be issued a day. Admin only.
    function setDailyMintCap(uint256 capNeur) external;

    function supplyCapNeur() external view returns (uint256);

    function dailyMintCapNeur() external view returns (uint256);

    /// @notice How much has been issued since midnight UTC.
    function mintedTodayNeur() external view returns (uint256);
}
