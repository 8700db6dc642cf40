// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice A continuous double auction for each delivery slot, with its accounts and its settlement.
/// @dev Energy in Wh, prices in nEUR/Wh, cash in nEUR, all exact integers; 1 token unit is 1 nEUR. Slot s is
/// delivered from s * slotSeconds on, when its gate closes; slots are kept in a ring and their storage is reused.
/// Assumptions:
///  - keeper, registrar, supplier and operator are trusted within their roles; participants are not.
///  - the token is a plain ERC-20: no fee on transfer, no callbacks, no rebasing.
///  - the supplier keeps enough credit deposited for what surpluses earn; the token's balance bounds all payments.
interface IEnergyTrading {
    enum Side {
        Buy,
        Sell
    }

    /// @notice Why an order was not admitted, in the order of the checks. Each has the error of its name.
    enum Reject {
        None,
        NotPublished,
        GateClosed,
        NotRegistered,
        Suspended,
        InDebt,
        BadQuantity,
        BadTick,
        Envelope,
        Credit
    }

    /// @notice What the keeper publishes for a slot, nEUR/Wh. A buyer pays price + fee.
    struct Terms {
        int32 retail;
        int32 feedIn;
        int32 fee;
        int32 floor;
        int32 priceCap;
    }

    /// @notice How the feeder stands in a slot.
    enum GridState {
        Normal,
        Congested,
        Emergency
    }

    /// @notice What a slot's trades are recorded with: the share of renewable generation, in millionths, and the grid.
    struct Conditions {
        uint32 renewablePpm;
        GridState gridState;
    }

    /// @notice A participant's import and export limit in a slot, Wh, and how much of its worst case in this slot the
    /// supplier answers for instead of its own credit, nEUR.
    struct SeatLimits {
        uint32 participant;
        int64 importLimitWh;
        int64 exportLimitWh;
        uint64 creditLineNeur;
    }

    /// @notice A limit order at price floor + tick * tickSize; what doesn't match at once rests, or is cancelled.
    struct OrderRequest {
        uint32 slot;
        Side side;
        uint8 tick;
        uint32 quantityWh;
        bool rest;
    }

    struct RestingOrder {
        uint256 order;
        uint32 participant;
        uint32 quantityWh;
    }

    struct Depth {
        uint8 tick;
        uint64 quantityWh;
    }

    struct Position {
        uint256 boughtWh;
        uint256 soldWh;
        int256 paidNeur;
        int256 receivedNeur;
        uint256 openBuyWh;
        uint256 openSellWh;
        uint256 fillLockNeur;
        uint256 openLockNeur;
        bool settled;
        bool substituted;
        int256 readingWh;
        int256 settledCashNeur;
    }

    event Deposited(uint32 indexed participant, address indexed from, uint256 amountNeur);
    event Withdrawn(uint32 indexed participant, uint256 amountNeur);
    event SupplierDeposited(address indexed from, uint256 amountNeur);
    event SupplierWithdrawn(address indexed to, uint256 amountNeur);
    event OperatorWithdrawn(address indexed to, uint256 amountNeur);
    event SlotOpened(
        uint32 indexed slot,
        int32 retail,
        int32 feedIn,
        int32 fee,
        int32 floor,
        int32 priceCap,
        uint32 renewablePpm,
        GridState gridState
    );
    /// @notice An order rests: order (80 bits) | participant (32) | Wh (32, lowest).
    /// @dev An order's name is slot (32) | side (8) | tick (8) | sequence (32).
    event Placed(uint256 orderParticipantWh);
    /// @notice A taker met a resting order, at the latter's price: maker's order (80) | maker (32) | taker (32) | Wh (32).
    event Traded(uint256 makerOrderMakerTakerWh);
    event Reduced(uint256 order, uint32 participant, uint32 byWh, uint32 leftWh);
    /// @notice An order was cancelled: order (80) | participant (32) | Wh (32, lowest).
    event Cancelled(uint256 orderParticipantWh);
    /// @notice placeMany is done with an order of which nothing rests; None: it was admitted, its trades came before.
    event Handled(uint32 participant, uint32 slot, Reject reject);
    event Settled(
        uint32 indexed participant, uint32 indexed slot, int256 readingWh, bool substituted, int256 changeNeur
    );

    error NotPublished();
    error GateClosed();
    error NotRegistered();
    error Suspended();
    error InDebt();
    error BadQuantity();
    error BadTick();
    error Envelope();
    error Credit();

    error TradingPaused();
    error AlreadyPublished(uint32 slot);
    error RingSizeNotPowerOfTwo(uint256 ringSize);
    error SlotOutOfRange(uint32 slot);
    /// @notice The ring place still holds a slot with unsettled seats, or a later one.
    error RingPlaceOccupied(uint32 slot, uint256 occupiedBy);
    error AlreadySeated(uint32 slot, uint32 participant);
    error UnknownParticipant(uint32 participant);
    error NotResting(uint256 order);
    error NotOwner(uint256 order);
    error TickFull(uint32 slot, Side side, uint8 tick);
    /// @notice Too many cancelled orders lie in the way: call sweep on this tick, then try again.
    error SweepNeeded(uint32 slot, Side side, uint8 tick);
    /// @notice The oracle has no reading, or none better than the one that was settled by.
    error NothingToSettle(uint32 participant, uint32 slot);
    error InsufficientCredit(int256 availableNeur, uint256 amountNeur);

    /// @notice Pay tokens of the caller into a participant's account.
    function deposit(uint32 participant, uint256 amountNeur) external;

    /// @notice Deposit under an ERC-2612 permit, with no approval beforehand.
    function depositWithPermit(uint32 participant, uint256 amountNeur, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external;

    /// @notice Pay unlocked credit out to the caller. Open while paused and to the suspended.
    function withdraw(uint256 amountNeur) external;

    /// @notice Pay tokens of the caller into the supplier's account.
    function depositSupplier(uint256 amountNeur) external;

    /// @notice Pay out of the supplier's account. Supplier only.
    function withdrawSupplier(address to, uint256 amountNeur) external;

    /// @notice Pay out of the operator's account. Operator only.
    function withdrawOperator(address to, uint256 amountNeur) external;

    /// @notice Open a slot's book. Keeper only. Feed-in is lowered where feed-in + fee > retail.
    /// @dev Only participants with limits can trade in the slot; each of them has to be settled before the slot's
    /// place in the ring can be used again.
    function openSlot(
        uint32 slot,
        Terms calldata terms,
        Conditions calldata conditions,
        SeatLimits[] calldata limits
    ) external;

    /// @notice Place an order, or revert with the reason why not.
    /// @return order Name of what rests of it, 0 if nothing does.
    function place(uint32 slot, Side side, uint8 tick, uint32 quantityWh, bool rest) external returns (uint256 order);

    /// @notice Place several orders; one that is not admitted is skipped. Each ends with Placed or with Handled.
    function placeMany(OrderRequest[] calldata requests) external;

    /// @notice Take `byWh` off a resting order, which keeps its place; all of it takes it out. Open while paused and to the suspended.
    function reduce(uint256 order, uint32 byWh) external;

    /// @notice Cancel a resting order. Open while paused and to the suspended.
    function cancel(uint256 order) external;

    /// @notice Cancel those of several orders that still rest.
    function cancelMany(uint256[] calldata orderNames) external;

    /// @notice Pass over up to `maxSteps` cancelled orders at the head of a tick's queue.
    /// @return steps How many were passed over.
    function sweep(uint32 slot, Side side, uint8 tick, uint256 maxSteps) external returns (uint256 steps);

    /// @notice Settle a participant's slot by its reading, or correct a substitute by the metered one.
    function settle(uint32 slot, uint32 participant) external;

    /// @notice Settle those of several participants for whom there is something to settle.
    function settleMany(uint32 slot, uint32[] calldata participants) external;

    /// @notice Stop publishing, depositing and placing. Exits stay open.
    function pause() external;

    function unpause() external;

    function termsOf(uint32 slot) external view returns (Terms memory terms, uint256 unsettledSeats);

    function limitsOf(uint32 slot, uint32 participant)
        external
        view
        returns (int256 importLimitWh, int256 exportLimitWh);

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
}
