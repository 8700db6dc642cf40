// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AuctionBonds} from "./AuctionBonds.sol";
import {IAuctionedMarket} from "./interfaces/IAuctionedMarket.sol";
import {IClosingAuction} from "./interfaces/IClosingAuction.sol";
import {SealedOrders} from "./SealedOrders.sol";
import {UniformPrice} from "./UniformPrice.sol";
import {SealedWord, SealedWords} from "./words/SealedWord.sol";

/// @notice The sealed call auction before each slot's gate: its phases, and the way from orders to trades.
contract ClosingAuction is AuctionBonds, SealedOrders {
    /// @dev One side's way through its orders, by participant number.
    struct Queue {
        uint32 next; // the participant from whom on nobody has been looked at
        bool ended;
        uint32 participant; // whose order is being traded
        uint8 limitTick;
        uint32 leftWh; // of what it is to trade
        uint40 beforeWh; // what those who had their turn offered at the last tick
        uint8 lastTick;
        uint40 lastWh;
        uint40 offeredWh;
    }

    struct Auction {
        uint32 generation;
        uint8 priceTick;
        uint64 volumeWh;
        uint64 untradedWh;
        Queue[2] queues; // buys, sells
    }

    uint256 public immutable slotSeconds;

    /// @notice Lengths of the phases; the last one ends at the gate.
    uint256 public immutable commitSeconds;
    uint256 public immutable revealSeconds;
    uint256 public immutable clearSeconds;

    mapping(uint256 place => Auction) private _auctions;

    constructor(
        IAuctionedMarket market_,
        uint256 commitSeconds_,
        uint256 revealSeconds_,
        uint256 clearSeconds_,
        uint256 bondNeur_
    ) AuctionBonds(market_, bondNeur_) SealedOrders(market_.ringSize()) {
        if (commitSeconds_ == 0 || revealSeconds_ == 0 || clearSeconds_ == 0) revert PhaseTooShort();
        slotSeconds = market_.slotSeconds();
        commitSeconds = commitSeconds_;
        revealSeconds = revealSeconds_;
        clearSeconds = clearSeconds_;
    }

    /// @inheritdoc IClosingAuction
    function commit(uint32 slot, uint32 participant, bytes32 commitment) external {
        _requirePhase(slot, Phase.Commit);
        _requireAccount(participant);
        SealedWord before = _anySealed(slot, participant);
        uint256 generation = _generation(slot);
        if (before.generationOf() != generation) {
            if (before.state() == SealedWords.COMMITTED) {
                _closeUnrevealed(_slotOf(_place(slot), before.generationOf()), participant);
            }
            _holdBond(participant);
        }
        _setSealed(slot, participant, SealedWords.committed(generation, commitment));
        emit Committed(slot, participant);
    }

    /// @inheritdoc IClosingAuction
    function reveal(uint32 slot, uint32 participant, Side side, uint8 tick, uint32 quantityWh, bytes32 salt) external {
        _requirePhase(slot, Phase.Reveal);
        SealedWord word = _requireCommitted(slot, participant);
        bytes32 commitment = commitmentTo(slot, participant, side, tick, quantityWh, salt);
        uint256 generation = _generation(slot);
        if (SealedWord.unwrap(word) != SealedWord.unwrap(SealedWords.committed(generation, commitment))) {
            revert WrongCommitment(slot, participant);
        }
        _setSealed(slot, participant, SealedWords.revealed(generation, uint256(side), tick, quantityWh));
        _enter(slot, participant, uint256(side), tick, quantityWh);
        _freeBond(participant);
        emit Revealed(slot, participant, side, tick, quantityWh);
        Reject reject = market.reserve(slot, participant, side, tick, quantityWh);
        if (reject != Reject.None) revert NotAdmitted(reject);
    }

    /// @inheritdoc IClosingAuction
    function clear(uint32 slot, uint256 maxSteps) external returns (bool finished) {
        _requirePhase(slot, Phase.Clear);
        Auction memory auction = _auctions[_place(slot)];
        if (auction.generation != _generation(slot)) auction = _decide(slot);
        else if (_isFinished(auction)) revert AlreadyFinished(slot);
        for (; maxSteps > 0 && !finished; --maxSteps) {
            _step(slot, auction);
            finished = _isFinished(auction);
        }
        _auctions[_place(slot)] = auction;
    }

    /// @inheritdoc IClosingAuction
    function closeUnrevealed(uint32 slot, uint32 participant) external {
        Phase phase = phaseOf(slot);
        if (phase < Phase.Clear) revert WrongPhase(phase);
        _requireCommitted(slot, participant);
        _closeUnrevealed(slot, participant);
        _setSealed(slot, participant, SealedWord.wrap(_generation(slot)));
    }

    /// @inheritdoc IClosingAuction
    function sealedOrderOf(uint32 slot, uint32 participant) external view returns (SealedOrder memory order) {
        SealedWord word = _sealed(slot, participant);
        order.state = State(word.state());
        if (order.state == State.Revealed) {
            order.side = Side(word.side());
            order.tick = uint8(word.tick());
            order.quantityWh = uint32(word.quantityWh());
        }
    }

    /// @inheritdoc IClosingAuction
    function outcomeOf(uint32 slot) external view returns (Outcome memory) {
        Auction memory auction = _auctions[_place(slot)];
        if (auction.generation != _generation(slot)) return Outcome(false, false, 0, 0, 0);
        return Outcome(true, _isFinished(auction), auction.priceTick, auction.volumeWh, auction.untradedWh);
    }

    /// @inheritdoc IClosingAuction
    function phaseOf(uint32 slot) public view returns (Phase) {
        uint256 gate = uint256(slot) * slotSeconds;
        if (block.timestamp >= gate) return Phase.Over;
        uint256 left = gate - block.timestamp;
        if (left <= clearSeconds) return Phase.Clear;
        if (left <= clearSeconds + revealSeconds) return Phase.Reveal;
        if (left <= clearSeconds + revealSeconds + commitSeconds) return Phase.Commit;
        return Phase.Early;
    }

    /// @inheritdoc IClosingAuction
    function commitmentTo(
        uint32 slot,
        uint32 participant,
        Side side,
        uint8 tick,
        uint32 quantityWh,
        bytes32 salt
    ) public pure returns (bytes32) {
        return keccak256(abi.encode(participant, slot, side, tick, quantityWh, salt));
    }

    /// @dev Free the bond behind an old commitment, or forfeit it where others revealed and this could have been seen.
    function _closeUnrevealed(uint32 slot, uint32 participant) private {
        if (_anybodyRevealed(slot)) {
            _forfeitBond(participant);
            emit BondForfeited(participant, slot, bondNeur);
        } else {
            _freeBond(participant);
            emit BondReturned(participant, slot);
        }
    }

    /// @dev The auction with its price, its volume, and both queues at their beginnings.
    function _decide(uint32 slot) private returns (Auction memory auction) {
        UniformPrice.Decision memory decision = UniformPrice.decide(_volumesOf(slot, BUY), _volumesOf(slot, SELL));
        auction.generation = uint32(_generation(slot));
        auction.priceTick = uint8(decision.priceTick);
        auction.volumeWh = uint64(decision.volumeWh);
        auction.untradedWh = uint64(decision.volumeWh);
        _share(auction.queues[BUY], decision.buys);
        _share(auction.queues[SELL], decision.sells);
        emit Decided(slot, auction.volumeWh, auction.priceTick);
    }

    /// @dev One trade, or a look at one order. A trade is booked on both sides at once: bought and sold stay equal.
    function _step(uint32 slot, Auction memory auction) private {
        Queue memory buys = auction.queues[BUY];
        Queue memory sells = auction.queues[SELL];
        if (buys.leftWh == 0 && !buys.ended) return _advance(slot, Side.Buy, buys, auction.volumeWh);
        if (sells.leftWh == 0 && !sells.ended) return _advance(slot, Side.Sell, sells, auction.volumeWh);
        uint32 wh = buys.leftWh < sells.leftWh ? buys.leftWh : sells.leftWh;
        buys.leftWh -= wh;
        sells.leftWh -= wh;
        auction.untradedWh -= wh;
        emit AuctionTraded(slot, buys.participant, sells.participant, wh, auction.priceTick);
        market.fillReserved(slot, buys.participant, Side.Buy, buys.limitTick, wh, auction.priceTick);
        market.fillReserved(slot, sells.participant, Side.Sell, sells.limitTick, wh, auction.priceTick);
    }

    /// @dev Go on to a side's next order, and give back what of it will not trade.
    function _advance(uint32 slot, Side side, Queue memory queue, uint256 volumeWh) private {
        (bool found, uint256 participant) = _nextRevealer(slot, uint256(side), queue.next);
        if (!found) {
            queue.ended = true;
            return;
        }
        SealedWord order = _sealed(slot, uint32(participant));
        queue.next = uint32(participant) + 1;
        queue.participant = uint32(participant);
        queue.limitTick = uint8(order.tick());
        uint32 offeredWh = uint32(order.quantityWh());
        queue.leftWh = volumeWh == 0 ? 0 : _tradedWh(side, queue, offeredWh);
        if (queue.leftWh == offeredWh) return;
        market.releaseReserved(slot, queue.participant, side, queue.limitTick, offeredWh - queue.leftWh);
    }

    /// @dev What an order trades: all of it, nothing, or its part of the last tick.
    function _tradedWh(Side side, Queue memory queue, uint32 offeredWh) private pure returns (uint32) {
        if (queue.limitTick != queue.lastTick) {
            bool isBetter = (side == Side.Buy) == (queue.limitTick > queue.lastTick);
            return isBetter ? offeredWh : 0;
        }
        UniformPrice.Share memory share = UniformPrice.Share(queue.lastTick, queue.lastWh, queue.offeredWh);
        uint256 wh = UniformPrice.partOf(share, queue.beforeWh, offeredWh);
        queue.beforeWh += offeredWh;
        return uint32(wh);
    }

    function _share(Queue memory queue, UniformPrice.Share memory share) private pure {
        queue.lastTick = uint8(share.lastTick);
        queue.lastWh = uint40(share.lastWh);
        queue.offeredWh = uint40(share.offeredWh);
    }

    function _isFinished(Auction memory auction) private pure returns (bool) {
        return auction.queues[BUY].ended && auction.queues[SELL].ended && auction.untradedWh == 0;
    }

    function _requireCommitted(uint32 slot, uint32 participant) private view returns (SealedWord word) {
        word = _sealed(slot, participant);
        if (word.state() != SealedWords.COMMITTED) revert NotCommitted(slot, participant);
    }

    function _requirePhase(uint32 slot, Phase wanted) private view {
        Phase phase = phaseOf(slot);
        if (phase != wanted) revert WrongPhase(phase);
    }
}
