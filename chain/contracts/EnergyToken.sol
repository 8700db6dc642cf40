// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {IEnergyToken} from "./interfaces/IEnergyToken.sol";

/// @notice The community's credit: one unit is one nEUR, one token one euro.
contract EnergyToken is IEnergyToken, ERC20, ERC20Permit, AccessControl {
    bytes32 public constant TREASURY_ROLE = keccak256("TREASURY_ROLE");

    /// @inheritdoc IEnergyToken
    uint256 public supplyCapNeur;
    /// @inheritdoc IEnergyToken
    uint256 public dailyMintCapNeur;

    uint256 private _mintDay;
    uint256 private _mintedOnMintDayNeur;

    constructor(address admin, uint256 supplyCapNeur_, uint256 dailyMintCapNeur_)
        ERC20("Gridbid Energy Credit", "GBC")
        ERC20Permit("Gridbid Energy Credit")
    {
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
        _setSupplyCap(supplyCapNeur_);
        _setDailyMintCap(dailyMintCapNeur_);
    }

    /// @inheritdoc IEnergyToken
    function mint(address to, uint256 amountNeur, bytes32 paymentReference) external onlyRole(TREASURY_ROLE) {
        uint256 mintedNeur = mintedTodayNeur() + amountNeur;
        if (mintedNeur > dailyMintCapNeur) revert DailyMintCapExceeded(mintedNeur, dailyMintCapNeur);
        uint256 supplyNeur = totalSupply() + amountNeur;
        if (supplyNeur > supplyCapNeur) revert SupplyCapExceeded(supplyNeur, supplyCapNeur);
        _mintDay = _today();
        _mintedOnMintDayNeur = mintedNeur;
        _mint(to, amountNeur);
        emit Minted(to, amountNeur, paymentReference);
    }

    /// @inheritdoc IEnergyToken
    function redeem(uint256 amountNeur, bytes32 paymentReference) external onlyRole(TREASURY_ROLE) {
        _burn(msg.sender, amountNeur);
        emit Redeemed(msg.sender, amountNeur, paymentReference);
    }

    /// @inheritdoc IEnergyToken
    function setSupplyCap(uint256 capNeur) external onlyRole(DEFAULT_ADMIN_ROLE) {
        _setSupplyCap(capNeur);
    }

    /// @inheritdoc IEnergyToken
    function setDailyMintCap(uint256 capNeur) external onlyRole(DEFAULT_ADMIN_ROLE) {
        _setDailyMintCap(capNeur);
    }

    /// @inheritdoc IEnergyToken
    function mintedTodayNeur() public view returns (uint256) {
        return _mintDay == _today() ? _mintedOnMintDayNeur : 0;
    }

    function decimals() public pure override returns (uint8) {
        return 9;
    }

    function _setSupplyCap(uint256 capNeur) private {
        supplyCapNeur = capNeur;
        emit SupplyCapSet(capNeur);
    }

    function _setDailyMintCap(uint256 capNeur) private {
        dailyMintCapNeur = capNeur;
        emit DailyMintCapSet(capNeur);
    }

    function _today() private view returns (uint256) {
        return block.timestamp / 1 days;
    }
}
