// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IMarketTypes} from "./IMarketTypes.sol";

/// @notice A sealed call auction for each slot, shortly before its gate: everybody who trades does so at one price.
/// @dev Three phases end at the gate. Commit: a participant hands in the hash of one order. Reveal: anyone who knows the
/// order shows it; the market admits it and holds credit and envelope for it. Clear: anyone moves the auction on, in
/// steps; the price is decided at the first one, and each trade is booked on both sides in one step, so that bought and
/// sold are equal whenever the gate may close. What is not traded is given back, or expires at the gate.
///
/// The rule: of all prices, those that let the largest volume trade; of those ticks the middle, rounded DOWN to a whole
/// tick. Orders better than the last accepted tick trade whole; the last tick is shared in proportion, participants
/// taking their turn by number. So the order of arrival means nothing, and who decides it gains nothing by that.
///
/// A bond stands behind each commitment. It is free again when the order is revealed, and forfeited to the operator
/// when it is not: else everybody would hold a free option to look at the others' orders and stay away. Where nobody
/// revealed at all, nobody could look, and the market may have been paused or the chain have stood still: then bonds
/// are given back.
///
/// Assumptions and limits:
///  - a salt is 32 random bytes that are used once; orders under a guessable salt can be read.
///  - the bond is worth more than withholding an order can gain: about the largest envelope times the spread between
///    the price cap and the feed-in price. It is one amount for all, since one by quantity would tell the quantity.
///  - members who collude can let one forfeit its bond for the sake of others' gain; the bond bounds nothing there.
///  - a sequencer sees commitments, not orders, and cannot change a result by the order of transactions. It can keep a
///    reveal out until its phase is over: that costs the victim the bond and brings the sequencer the absence of an
///    order that it has not seen. Phases have to be longer than it is expected to keep anybody out.
///  - reveals are seen while the book still trades: who waits for the auction's price before it goes on in the book
///    competes with everybody else who sees it too.
///  - credit and envelope have to be free when an order is revealed, not when it is committed to; until its phase ends,
///    an order that was not admitted can be revealed again.
///  - participants have numbers below 50 176 here.
interface IClosingAuction is IMarketTypes {
    enum Phase {
        Early,
        Commit,
        Reveal,
        Clear,
        Over
    }

    enum State {
        None,
        Committed,
        Revealed
    }

    /// @notice A participant's part in a slot; side, tick and quantity only once they are revealed.
    struct SealedOrder {
        State state;
        Side side;
        uint8 tick;
        uint32 quantityWh;
    }

    /// @notice How far a slot's auction is. The price says something only where there is a volume.
    struct Outcome {
        bool decided;
        bool finished;
        uint8 priceTick;
        uint64 volumeWh;
        uint64 untradedWh;
    }

    event Committed(uint32 indexed slot, uint32 indexed participant);
    event Revealed(uint32 indexed slot, uint32 indexed participant, Side side, uint8 tick, uint32 quantityWh);
    /// @notice A slot's price stands. Nothing trades with no volume.
    event Decided(uint32 indexed slot, uint64 volumeWh, uint8 priceTick);
    event AuctionTraded(
        uint32 indexed slot, uint32 indexed buyer, uint32 indexed seller, uint32 quantityWh, uint8 priceTick
    );
    event BondDeposited(uint32 indexed participant, address indexed from, uint256 amountNeur);
    event BondWithdrawn(uint32 indexed participant, address indexed to, uint256 amountNeur);
    event BondReturned(uint32 indexed participant, uint32 indexed slot);
    event BondForfeited(uint32 indexed participant, uint32 indexed slot, uint256 amountNeur);
    event ForfeitsWithdrawn(address indexed to, uint256 amountNeur);

    error PhaseTooShort();
    error WrongPhase(Phase phase);
    error NotTheAccount(uint32 participant, address caller);
    error ParticipantOutOfRange(uint32 participant);
    /// @notice There is no commitment, or it was revealed.
    error NotCommitted(uint32 slot, uint32 participant);
    /// @notice The order and the salt are not those that were committed to.
    error WrongCommitment(uint32 slot, uint32 participant);
    /// @notice The market did not admit the order. It can be revealed again while the phase lasts.
    error NotAdmitted(Reject reject);
    error AlreadyFinished(uint32 slot);
    error InsufficientBond(uint256 freeNeur, uint256 neededNeur);
    error NotTheOperator(address caller);

    /// @notice Pay tokens of the caller into a participant's bond.
    function depositBond(uint32 participant, uint256 amountNeur) external;

    /// @notice Pay out what of a participant's bond no commitment holds. Its account only; open while paused.
    function withdrawBond(uint32 participant, uint256 amountNeur) external;

    /// @notice Commit to one order; a second commitment replaces the first. The participant's account only.
    function commit(uint32 slot, uint32 participant, bytes32 commitment) external;

    /// @notice Show the order behind a commitment; the market then holds what it may need. Anyone who knows it.
    function reveal(uint32 slot, uint32 participant, Side side, uint8 tick, uint32 quantityWh, bytes32 salt) external;

    /// @notice Move a slot's auction on by up to `maxSteps` orders and trades. Anyone.
    /// @return finished Whether every order has been dealt with.
    function clear(uint32 slot, uint256 maxSteps) external returns (bool finished);

    /// @notice Forfeit, or give back, the bond behind a commitment that was not revealed. Anyone, once its phase is over.
    function closeUnrevealed(uint32 slot, uint32 participant) external;

    /// @notice Pay out what was forfeited. Accounts with the market's operator role only.
    function withdrawForfeits(address to) external returns (uint256 amountNeur);

    function phaseOf(uint32 slot) external view returns (Phase);

    function sealedOrderOf(uint32 slot, uint32 participant) external view returns (SealedOrder memory);

    function outcomeOf(uint32 slot) external view returns (Outcome memory);

    /// @notice A participant's bond, and how much of it commitments hold, nEUR.
    function bondOf(uint32 participant) external view returns (uint256 totalNeur, uint256 heldNeur);

    /// @notice What commit takes for an order.
    function commitmentTo(
        uint32 slot,
        uint32 participant,
        Side side,
        uint8 tick,
        uint32 quantityWh,
        bytes32 salt
    ) external pure returns (bytes32);
}
