// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {Accounts} from "./Accounts.sol";
import {IConsumerRegistration} from "./interfaces/IConsumerRegistration.sol";
import {IEnergyTradingExtension} from "./interfaces/IEnergyTradingExtension.sol";
import {IMeterOracle} from "./interfaces/IMeterOracle.sol";
import {IUtilityVerification} from "./interfaces/IUtilityVerification.sol";
import {MarketStorage} from "./MarketStorage.sol";
import {MarketViews} from "./MarketViews.sol";
import {Settlement} from "./Settlement.sol";
import {Slots} from "./Slots.sol";

/// @notice The half of EnergyTrading that is called less often, as code that EnergyTrading runs on its own storage.
/// @dev Alone it is nobody's market: no account has a role there, and it is paused for good.
contract EnergyTradingExtension is IEnergyTradingExtension, MarketStorage, MarketViews {
    /// @notice Who is licensed to supply, and to operate the grid.
    IUtilityVerification public immutable utilities;

    modifier onlyLicensed(IUtilityVerification.Activity activity) {
        if (!utilities.isLicensed(msg.sender, activity)) revert NotLicensed(msg.sender);
        _;
    }

    constructor(
        IERC20 token_,
        IConsumerRegistration registration_,
        IMeterOracle oracle_,
        IUtilityVerification utilities_,
        uint256 tickSize_,
        uint256 ringSize_
    )
        Slots(oracle_.slotSeconds(), tickSize_, ringSize_)
        Accounts(token_, registration_)
        Settlement(oracle_)
    {
        utilities = utilities_;
        _pause();
    }

    fallback() external {
        revert UnknownFunction(msg.sig);
    }

    /// @inheritdoc IEnergyTradingExtension
    function deposit(uint32 participant, uint256 amountNeur) external whenNotPaused {
        _deposit(participant, amountNeur);
    }

    /// @inheritdoc IEnergyTradingExtension
    function depositWithPermit(uint32 participant, uint256 amountNeur, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external
        whenNotPaused
    {
        // Whoever sees a permit may spend it first; then the allowance stands and the deposit succeeds all the same.
        try IERC20Permit(address(token)).permit(msg.sender, address(this), amountNeur, deadline, v, r, s) {} catch {}
        _deposit(participant, amountNeur);
    }

    /// @inheritdoc IEnergyTradingExtension
    function withdraw(uint256 amountNeur) external {
        _withdraw(amountNeur);
    }

    /// @inheritdoc IEnergyTradingExtension
    function depositSupplier(uint256 amountNeur) external {
        _depositSupplier(amountNeur);
    }

    /// @inheritdoc IEnergyTradingExtension
    function withdrawSupplier(address to, uint256 amountNeur)
        external
        onlyRole(SUPPLIER_ROLE)
        onlyLicensed(IUtilityVerification.Activity.Supply)
    {
        _withdrawSupplier(to, amountNeur);
    }

    /// @inheritdoc IEnergyTradingExtension
    function withdrawOperator(address to, uint256 amountNeur)
        external
        onlyRole(OPERATOR_ROLE)
        onlyLicensed(IUtilityVerification.Activity.Operation)
    {
        _withdrawOperator(to, amountNeur);
    }

    /// @inheritdoc IEnergyTradingExtension
    function openSlot(
        uint32 slot,
        Terms calldata terms,
        Conditions calldata conditions,
        SeatLimits[] calldata limits
    ) external onlyRole(KEEPER_ROLE) whenNotPaused {
        uint256 promisedNeur;
        int32 feedIn = _openSlot(slot, terms, conditions, limits.length);
        for (uint256 i; i < limits.length; ++i) {
            _ownerOf(limits[i].participant);
            promisedNeur += _seatParticipant(slot, terms, limits[i]);
        }
        _promise(promisedNeur);
        emit SlotOpened(
            slot,
            terms.retail,
            feedIn,
            terms.fee,
            terms.floor,
            terms.priceCap,
            conditions.renewablePpm,
            conditions.gridState
        );
    }

    /// @inheritdoc IEnergyTradingExtension
    function settle(uint32 slot, uint32 participant) external {
        uint32[] memory only = new uint32[](1);
        only[0] = participant;
        if (_settleAll(slot, only, new address[](0), false) == 0) revert NothingToSettle(participant, slot);
    }

    /// @inheritdoc IEnergyTradingExtension
    function settleMany(uint32 slot, uint32[] calldata participants) external {
        _settleAll(slot, participants, new address[](0), false);
    }

    /// @inheritdoc IEnergyTradingExtension
    function settleAccounts(uint32 slot, address[] calldata accounts) external {
        uint32[] memory participants = new uint32[](accounts.length);
        for (uint256 i; i < accounts.length; ++i) {
            participants[i] = uint32(_accounts[accounts[i]].participant());
        }
        _settleAll(slot, participants, accounts, false);
    }

    /// @inheritdoc IEnergyTradingExtension
    function closeSilent(uint32 slot, uint32[] calldata participants) external {
        uint256 from = oracle.finalAt(slot);
        if (block.timestamp <= from) revert StillOpen(slot, from);
        _settleAll(slot, participants, new address[](0), true);
    }

    /// @inheritdoc IEnergyTradingExtension
    function payOwed(uint32 participant) external {
        _payOwed(participant);
    }

    /// @inheritdoc IEnergyTradingExtension
    function pause() external onlyRole(PAUSER_ROLE) {
        _pause();
        _setHalted(true);
    }

    /// @inheritdoc IEnergyTradingExtension
    function unpause() external onlyRole(PAUSER_ROLE) {
        _unpause();
        _setHalted(false);
    }
}
