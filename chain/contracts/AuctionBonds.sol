// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IAuctionedMarket} from "./interfaces/IAuctionedMarket.sol";
import {IClosingAuction} from "./interfaces/IClosingAuction.sol";
import {IConsumerRegistration} from "./interfaces/IConsumerRegistration.sol";

/// @notice What participants have paid in so that they reveal what they commit to.
abstract contract AuctionBonds is IClosingAuction {
    using SafeERC20 for IERC20;

    struct Bond {
        uint128 totalNeur;
        uint64 commitments;
    }

    bytes32 private constant OPERATOR_ROLE = keccak256("OPERATOR_ROLE");

    IAuctionedMarket public immutable market;
    IERC20 public immutable token;
    IConsumerRegistration public immutable registration;

    /// @notice What one commitment holds, nEUR.
    uint256 public immutable bondNeur;

    /// @notice What was forfeited and is not paid out yet, nEUR.
    uint256 public forfeitedNeur;

    mapping(uint32 participant => Bond) private _bonds;

    constructor(IAuctionedMarket market_, uint256 bondNeur_) {
        market = market_;
        token = market_.token();
        registration = market_.registration();
        bondNeur = bondNeur_;
    }

    /// @inheritdoc IClosingAuction
    function depositBond(uint32 participant, uint256 amountNeur) external {
        _bonds[participant].totalNeur += SafeCast.toUint128(amountNeur);
        emit BondDeposited(participant, msg.sender, amountNeur);
        token.safeTransferFrom(msg.sender, address(this), amountNeur);
    }

    /// @inheritdoc IClosingAuction
    function withdrawBond(uint32 participant, uint256 amountNeur) external {
        _requireAccount(participant);
        Bond storage bond = _bonds[participant];
        uint256 freeNeur = bond.totalNeur - bond.commitments * bondNeur;
        if (amountNeur > freeNeur) revert InsufficientBond(freeNeur, amountNeur);
        bond.totalNeur -= uint128(amountNeur);
        emit BondWithdrawn(participant, msg.sender, amountNeur);
        token.safeTransfer(msg.sender, amountNeur);
    }

    /// @inheritdoc IClosingAuction
    function withdrawForfeits(address to) external returns (uint256 amountNeur) {
        if (!market.hasRole(OPERATOR_ROLE, msg.sender)) revert NotTheOperator(msg.sender);
        amountNeur = forfeitedNeur;
        forfeitedNeur = 0;
        emit ForfeitsWithdrawn(to, amountNeur);
        token.safeTransfer(to, amountNeur);
    }

    /// @inheritdoc IClosingAuction
    function bondOf(uint32 participant) external view returns (uint256 totalNeur, uint256 heldNeur) {
        Bond memory bond = _bonds[participant];
        return (bond.totalNeur, bond.commitments * bondNeur);
    }

    function _holdBond(uint32 participant) internal {
        Bond storage bond = _bonds[participant];
        uint256 heldNeur = bond.commitments * bondNeur;
        if (bond.totalNeur < heldNeur + bondNeur) revert InsufficientBond(bond.totalNeur - heldNeur, bondNeur);
        ++bond.commitments;
    }

    function _freeBond(uint32 participant) internal {
        --_bonds[participant].commitments;
    }

    function _forfeitBond(uint32 participant) internal {
        Bond storage bond = _bonds[participant];
        --bond.commitments;
        bond.totalNeur -= uint128(bondNeur); // a commitment was only held with that much
        forfeitedNeur += bondNeur;
    }

    function _requireAccount(uint32 participant) internal view {
        if (registration.accountOf(participant) != msg.sender) revert NotTheAccount(participant, msg.sender);
    }
}
