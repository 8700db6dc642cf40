// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IMeterOracle} from "./IMeterOracle.sol";

/// @notice What the two halves of EnergyTrading have in common: orders and their sides, terms, events and errors.
interface IMarketTypes {
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
        /// @notice Of the reading that was settled by; None where the seat was closed without one.
        IMeterOracle.Quality quality;
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
    /// @notice A seat was settled, or settled anew by the difference: by which reading, and what its participant's balance
    /// changed by, the supplier got (below zero: paid) and the operator got. The three are, in sum, the cash of its
    /// trades; 0 when they were settled before. With quality None it was closed, because no reading ever came.
    /// @dev participant (32) | slot (32) | reading (32, signed Wh) | quality (8) | operator's nEUR (128, lowest), and
    /// change (128, signed nEUR) | supplier's (128, signed nEUR, lowest): topics and words of their own would cost each
    /// participant 1,500 gas more.
    event Settled(uint256 participantSlotReadingQualityOperator, uint256 changeSupplier);
    /// @notice A surplus was more than the supplier could pay, or what it owed was set off against a shortage.
    event Owed(uint32 indexed participant, uint32 indexed slot, int256 moreNeur, uint256 owedNeur);
    event OwedPaid(uint32 indexed participant, uint256 paidNeur, uint256 leftNeur);

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
    error PriceCapBelowRetail(int32 priceCap, int32 retail);
    error PriceCapBelowZero(int32 priceCap);
    error FeeBelowZero(int32 fee);
    error RenewableShareOutOfRange(uint32 renewablePpm);
    error CreditLineTooLong(uint64 creditLineNeur);
    error AlreadySeated(uint32 slot, uint32 participant);
    error UnknownParticipant(uint32 participant);
    error NotResting(uint256 order);
    error NotOwner(uint256 order);
    error TickFull(uint32 slot, Side side, uint8 tick);
    /// @notice Too many cancelled orders lie in the way: call sweep on this tick, then try again.
    error SweepNeeded(uint32 slot, Side side, uint8 tick);
    /// @notice The oracle has no reading, or none better than the one that was settled by.
    error NothingToSettle(uint32 participant, uint32 slot);
    error NotLicensed(address utility);
    /// @notice Less than that is open on this side of a participant's seat.
    error NotReserved(uint32 slot, uint32 participant, uint32 openWh);
    error WorseThanLimit(uint256 limitTick, uint256 priceTick);
    error UnknownFunction(bytes4 selector);
    /// @notice The supplier owes nothing, or has nothing free to pay it with.
    error NothingToPay(uint32 participant, uint256 owedNeur);
    /// @notice Readings of the slot may still come, until `until`.
    error StillOpen(uint32 slot, uint256 until);
    error AccountTaken(address owner);
    error InsufficientCredit(int256 availableNeur, uint256 amountNeur);
}
