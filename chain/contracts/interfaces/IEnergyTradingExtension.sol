// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IMarketTypes} from "./IMarketTypes.sol";

/// @notice The half of EnergyTrading that is called less often: slots, credit, settlement, and what the market shows.
interface IEnergyTradingExtension is IMarketTypes {
    /// @notice Pay tokens of the caller into a participant's account.
    function deposit(uint32 participant, uint256 amountNeur) external;

    /// @notice Deposit under an ERC-2612 permit, with no approval beforehand.
    function depositWithPermit(uint32 participant, uint256 amountNeur, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external;

    /// @notice Pay unlocked credit out to the caller. Open while paused and to the suspended.
    function withdraw(uint256 amountNeur) external;

    /// @notice Pay tokens of the caller into the supplier's account.
    function depositSupplier(uint256 amountNeur) external;

    /// @notice Pay out of the supplier's account what its obligations leave of it. Supplier only, with a licence to
    /// supply that is valid now.
    function withdrawSupplier(address to, uint256 amountNeur) external;

    /// @notice Pay out of the operator's account. Operator only, with a licence to operate that is valid now.
    function withdrawOperator(address to, uint256 amountNeur) external;

    /// @notice Open a slot's book. Keeper only. Feed-in is lowered where feed-in + fee > retail. The price cap is at
    /// least retail, and neither it nor the fee is below zero.
    /// @dev Only participants with limits can trade in the slot; each of them has to be settled before the slot's
    /// place in the ring can be used again.
    function openSlot(
        uint32 slot,
        Terms calldata terms,
        Conditions calldata conditions,
        SeatLimits[] calldata limits
    ) external;

    /// @notice Bring a participant's slot to the reading that the oracle has now: settle it, or settle the difference.
    /// @dev Reverts where it stands there already. Anyone may call it.
    function settle(uint32 slot, uint32 participant) external;

    /// @notice Settle those of several participants for whom there is something to settle.
    function settleMany(uint32 slot, uint32[] calldata participants) external;

    /// @notice The same for participants named by their accounts, which saves looking these up.
    function settleAccounts(uint32 slot, address[] calldata accounts) external;

    /// @notice Settle as `settleMany` does, and close those seats at their position, without any imbalance, whose
    /// reading never came and can come no more. So a silent meter keeps no place of the ring occupied.
    function closeSilent(uint32 slot, uint32[] calldata participants) external;

    /// @notice Pay a participant what the supplier owes it, as far as the supplier can. Anyone may call it.
    function payOwed(uint32 participant) external;

    /// @notice Stop publishing, depositing and placing. Exits stay open.
    function pause() external;

    function unpause() external;

    function termsOf(uint32 slot) external view returns (Terms memory terms, uint256 unsettledSeats);

    function conditionsOf(uint32 slot) external view returns (Conditions memory conditions);

    /// @notice A seat's envelope, and its credit line as kept.
    function limitsOf(uint32 slot, uint32 participant)
        external
        view
        returns (int256 importLimitWh, int256 exportLimitWh, uint256 creditLineNeur);

    /// @notice Best bid and ask of a slot with what rests there; 0 Wh where a side is empty.
    function best(uint32 slot) external view returns (Depth memory bid, Depth memory ask);

    /// @notice Up to `maxLevels` occupied ticks of a side, best first.
    function depth(uint32 slot, Side side, uint256 maxLevels) external view returns (Depth[] memory levels);

    /// @notice All resting orders of a side, best tick first, within a tick oldest first.
    function orders(uint32 slot, Side side) external view returns (RestingOrder[] memory resting);

    function positionOf(uint32 slot, uint32 participant) external view returns (Position memory position);

    /// @notice Credit of a participant that no order and no fill holds.
    function availableOf(uint32 participant) external view returns (int256 neur);

    function balanceOf(uint32 participant) external view returns (int256 neur);

    /// @notice What the supplier owes to a participant for surpluses that it could not pay.
    function owedToNeur(uint32 participant) external view returns (uint256 neur);

    /// @notice What the supplier answers for: what accounts hold or owe beyond their balances, the credit lines of
    /// seats that are not settled, and what it owes. Only the first two are held from it while it pays surpluses; it
    /// may withdraw, and promise lines, out of what all three leave of its balance.
    function obligations() external view returns (uint256 uncoveredNeur, uint256 promisedNeur, uint256 owedNeur);
}
