// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {Accounts} from "./Accounts.sol";
import {IEnergyTrading} from "./interfaces/IEnergyTrading.sol";
import {IMeterOracle} from "./interfaces/IMeterOracle.sol";
import {IConsumerRegistration} from "./interfaces/IConsumerRegistration.sol";
import {MarketViews} from "./MarketViews.sol";
import {Settlement} from "./Settlement.sol";
import {Slots} from "./Slots.sol";
import {Trading} from "./Trading.sol";
import {BookWords} from "./words/BookWord.sol";

/// @notice The community's market: who may call what. The rules stand in the contracts that it is made of.
contract EnergyTrading is Trading, MarketViews, AccessControl, Pausable {
    bytes32 public constant KEEPER_ROLE = keccak256("KEEPER_ROLE");
    bytes32 public constant PAUSER_ROLE = keccak256("PAUSER_ROLE");
    bytes32 public constant SUPPLIER_ROLE = keccak256("SUPPLIER_ROLE");
    bytes32 public constant OPERATOR_ROLE = keccak256("OPERATOR_ROLE");

    constructor(
        address admin,
        IERC20 token_,
        IConsumerRegistration registration_,
        IMeterOracle oracle_,
        uint256 tickSize_,
        uint256 ringSize_
    )
        Slots(oracle_.slotSeconds(), tickSize_, ringSize_)
        Accounts(token_, registration_)
        Settlement(oracle_)
    {
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
    }

    /// @inheritdoc IEnergyTrading
    function deposit(uint32 participant, uint256 amountNeur) external whenNotPaused {
        _deposit(participant, amountNeur);
    }

    /// @inheritdoc IEnergyTrading
    function depositWithPermit(uint32 participant, uint256 amountNeur, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external
        whenNotPaused
    {
        // Whoever sees a permit may spend it first; then the allowance stands and the deposit succeeds all the same.
        try IERC20Permit(address(token)).permit(msg.sender, address(this), amountNeur, deadline, v, r, s) {} catch {}
        _deposit(participant, amountNeur);
    }

    /// @inheritdoc IEnergyTrading
    function withdraw(uint256 amountNeur) external {
        _withdraw(amountNeur);
    }

    /// @inheritdoc IEnergyTrading
    function depositSupplier(uint256 amountNeur) external {
        _depositSupplier(amountNeur);
    }

    /// @inheritdoc IEnergyTrading
    function withdrawSupplier(address to, uint256 amountNeur) external onlyRole(SUPPLIER_ROLE) {
        _withdrawSupplier(to, amountNeur);
    }

    /// @inheritdoc IEnergyTrading
    function withdrawOperator(address to, uint256 amountNeur) external onlyRole(OPERATOR_ROLE) {
        _withdrawOperator(to, amountNeur);
    }

    /// @inheritdoc IEnergyTrading
    function openSlot(
        uint32 slot,
        Terms calldata terms,
        Conditions calldata conditions,
        SeatLimits[] calldata limits
    ) external onlyRole(KEEPER_ROLE) whenNotPaused {
        int32 feedIn = _openSlot(slot, terms, limits.length);
        for (uint256 i; i < limits.length; ++i) {
            _ownerOf(limits[i].participant);
            _seatParticipant(slot, terms, limits[i]);
        }
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

    /// @inheritdoc IEnergyTrading
    function place(uint32 slot, Side side, uint8 tick, uint32 quantityWh, bool rest)
        external
        returns (uint256 order)
    {
        Reject reject;
        (reject, order) = _placeOrder(_taker(slot, side, tick, quantityWh), rest);
        if (reject != Reject.None) _revertWith(reject);
    }

    /// @inheritdoc IEnergyTrading
    function placeMany(OrderRequest[] calldata requests) external {
        for (uint256 i; i < requests.length; ++i) {
            OrderRequest calldata request = requests[i];
            Taker memory taker = _taker(request.slot, request.side, request.tick, request.quantityWh);
            (Reject reject, uint256 order) = _placeOrder(taker, request.rest);
            if (order == 0) emit Handled(uint32(taker.participant), request.slot, reject);
        }
    }

    /// @inheritdoc IEnergyTrading
    function reduce(uint256 order, uint32 byWh) external {
        _reduceOrder(order, byWh);
    }

    /// @inheritdoc IEnergyTrading
    function cancel(uint256 order) external {
        if (!_cancelOrder(order)) revert NotResting(order);
    }

    /// @inheritdoc IEnergyTrading
    function cancelMany(uint256[] calldata orderNames) external {
        for (uint256 i; i < orderNames.length; ++i) {
            _cancelOrder(orderNames[i]);
        }
    }

    /// @inheritdoc IEnergyTrading
    function sweep(uint32 slot, Side side, uint8 tick, uint256 maxSteps) external returns (uint256 steps) {
        if (tick >= BookWords.TICKS) revert BadTick();
        return _sweep(OrderKey(slot, uint256(side), tick, 0), maxSteps);
    }

    /// @inheritdoc IEnergyTrading
    function settle(uint32 slot, uint32 participant) external {
        if (!_settle(slot, participant)) revert NothingToSettle(participant, slot);
    }

    /// @inheritdoc IEnergyTrading
    function settleMany(uint32 slot, uint32[] calldata participants) external {
        for (uint256 i; i < participants.length; ++i) {
            _settle(slot, participants[i]);
        }
    }

    /// @inheritdoc IEnergyTrading
    function pause() external onlyRole(PAUSER_ROLE) {
        _pause();
        _setHalted(true);
    }

    /// @inheritdoc IEnergyTrading
    function unpause() external onlyRole(PAUSER_ROLE) {
        _unpause();
        _setHalted(false);
    }

    function _revertWith(Reject reject) private pure {
        if (reject == Reject.NotPublished) revert NotPublished();
        if (reject == Reject.GateClosed) revert GateClosed();
        if (reject == Reject.NotRegistered) revert NotRegistered();
        if (reject == Reject.Suspended) revert Suspended();
        if (reject == Reject.InDebt) revert InDebt();
        if (reject == Reject.BadQuantity) revert BadQuantity();
        if (reject == Reject.BadTick) revert BadTick();
        if (reject == Reject.Envelope) revert Envelope();
        revert Credit();
    }
}
