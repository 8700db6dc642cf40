// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @notice The community's credit: one unit is one nEUR, one token one euro.
contract EnergyToken is ERC20, ERC20Burnable, ERC20Permit, AccessControl {
    bytes32 public constant MINTER_ROLE = keccak256("MINTER_ROLE");

    constructor(address admin) ERC20("Gridbid Energy Credit", "GBC") ERC20Permit("Gridbid Energy Credit") {
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
    }

    /// @notice Issue credit against money received outside. Minter only.
    function mint(address to, uint256 amountNeur) external onlyRole(MINTER_ROLE) {
        _mint(to, amountNeur);
    }

    function decimals() public pure override returns (uint8) {
        return 9;
    }
}
