// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Book} from "./Book.sol";
import {IEnergyTradingExtension} from "./interfaces/IEnergyTradingExtension.sol";
import {IMeterOracle} from "./interfaces/IMeterOracle.sol";
import {Settlement} from "./Settlement.sol";
import {BitScan} from "./words/BitScan.sol";
import {BookWord} from "./words/BookWord.sol";
import {LevelWord, LevelWords} from "./words/LevelWord.sol";
import {PositionWord} from "./words/PositionWord.sol";
import {SeatWord} from "./words/SeatWord.sol";
import {SlotWord} from "./words/SlotWord.sol";

/// @notice What the market shows: terms, books, positions and credit.
abstract contract MarketViews is IEnergyTradingExtension, Settlement, Book {
    /// @inheritdoc IEnergyTradingExtension
    function termsOf(uint32 slot) external view returns (Terms memory terms, uint256 unsettledSeats) {
        SlotWord word = _slotWord(slot);
        terms = Terms(word.retail(), word.feedIn(), word.fee(), word.floor(), word.priceCap());
        unsettledSeats = word.unsettled();
    }

    /// @inheritdoc IEnergyTradingExtension
    function conditionsOf(uint32 slot) external view returns (Conditions memory conditions) {
        SlotWord word = _slotWord(slot);
        return Conditions(word.renewablePpm(), GridState(word.gridState()));
    }

    /// @inheritdoc IEnergyTradingExtension
    function limitsOf(uint32 slot, uint32 participant)
        external
        view
        returns (int256 importLimitWh, int256 exportLimitWh, uint256 creditLineNeur)
    {
        _slotWord(slot);
        SeatWord seat = _seat(_place(slot), participant).terms.inGeneration(_generation(slot));
        return (seat.importLimitWh(), seat.exportLimitWh(), seat.creditLineNeur());
    }

    /// @inheritdoc IEnergyTradingExtension
    function best(uint32 slot) external view returns (Depth memory bid, Depth memory ask) {
        BookWord book = _book(slot);
        (bool hasBid, uint256 bidTick) = book.bestBid();
        (bool hasAsk, uint256 askTick) = book.bestAsk();
        if (hasBid) bid = _depth(slot, BUY, bidTick);
        if (hasAsk) ask = _depth(slot, SELL, askTick);
    }

    /// @inheritdoc IEnergyTradingExtension
    function depth(uint32 slot, Side side, uint256 maxLevels) external view returns (Depth[] memory levels) {
        uint256[] memory ticks = _ticks(slot, uint256(side));
        levels = new Depth[](ticks.length < maxLevels ? ticks.length : maxLevels);
        for (uint256 i; i < levels.length; ++i) {
            levels[i] = _depth(slot, uint256(side), ticks[i]);
        }
    }

    /// @inheritdoc IEnergyTradingExtension
    function orders(uint32 slot, Side side) external view returns (RestingOrder[] memory resting) {
        uint256[] memory ticks = _ticks(slot, uint256(side));
        uint256 count;
        for (uint256 i; i < ticks.length; ++i) {
            count += _level(slot, uint256(side), ticks[i]).live();
        }
        resting = new RestingOrder[](count);
        count = 0;
        for (uint256 i; i < ticks.length; ++i) {
            count = _listLevel(OrderKey(slot, uint256(side), ticks[i], 0), resting, count);
        }
    }

    /// @inheritdoc IEnergyTradingExtension
    function positionOf(uint32 slot, uint32 participant) external view returns (Position memory shown) {
        SlotWord terms = _slotWord(slot);
        Seat storage seat = _seat(_place(slot), participant);
        PositionWord position = seat.position.inGeneration(_generation(slot));
        shown.boughtWh = position.boughtWh();
        shown.soldWh = position.soldWh();
        shown.paidNeur = _energyCash(terms, position.boughtWh(), position.boughtTicks());
        shown.receivedNeur = _energyCash(terms, position.soldWh(), position.soldTicks());
        shown.openBuyWh = position.openBuyWh();
        shown.openSellWh = position.openSellWh();
        (shown.openLockNeur,) = _locks(seat, seat.terms.inGeneration(terms.generationOf()), position);
        _showSettlement(shown, seat, terms, position);
    }

    /// @inheritdoc IEnergyTradingExtension
    function availableOf(uint32 participant) external view returns (int256 neur) {
        return _released(_accounts[_ownerOf(participant)]).available();
    }

    /// @inheritdoc IEnergyTradingExtension
    function balanceOf(uint32 participant) external view returns (int256 neur) {
        return _accounts[_ownerOf(participant)].balance();
    }

    /// @inheritdoc IEnergyTradingExtension
    function owedToNeur(uint32 participant) external view returns (uint256 neur) {
        return _owedTo[participant];
    }

    /// @inheritdoc IEnergyTradingExtension
    function obligations() external view returns (uint256 uncoveredNeur, uint256 promisedNeur, uint256 owedNeur) {
        Obligations memory pledged = _obligations;
        return (pledged.uncoveredNeur, pledged.promisedNeur, pledged.owedNeur);
    }

    function _showSettlement(Position memory shown, Seat storage seat, SlotWord terms, PositionWord position)
        private
        view
    {
        SeatWord settled = seat.terms.inGeneration(terms.generationOf());
        if (!settled.isSettled()) {
            (, shown.fillLockNeur) = _locks(seat, settled, position);
            return;
        }
        shown.settled = true;
        shown.quality = IMeterOracle.Quality(settled.quality());
        shown.readingWh = settled.readingWh();
        shown.settledCashNeur = _tradeCash(terms, position) - int256(position.boughtWh()) * terms.fee()
            - _supplierPart(terms, position, shown.readingWh);
    }

    /// @dev Occupied ticks of a side, best first.
    function _ticks(uint256 slot, uint256 side) private view returns (uint256[] memory ticks) {
        uint256 bits = side == BUY ? _book(slot).bidBits() : _book(slot).askBits();
        uint256 count;
        for (uint256 rest = bits; rest != 0; rest &= rest - 1) ++count;
        ticks = new uint256[](count);
        for (uint256 i; i < count; ++i) {
            ticks[i] = side == BUY ? BitScan.highest(bits) : BitScan.lowest(bits);
            bits &= ~(uint256(1) << ticks[i]);
        }
    }

    function _level(uint256 slot, uint256 side, uint256 tick) private view returns (LevelWord) {
        return _levels[_levelKey(_place(slot), side, tick)];
    }

    function _depth(uint256 slot, uint256 side, uint256 tick) private view returns (Depth memory) {
        LevelWord level = _level(slot, side, tick);
        RestingOrder[] memory resting = new RestingOrder[](level.live());
        _listLevel(OrderKey(slot, side, tick, 0), resting, 0);
        uint64 totalWh;
        for (uint256 i; i < resting.length; ++i) {
            totalWh += resting[i].quantityWh;
        }
        return Depth(uint8(tick), totalWh);
    }

    /// @dev Write a tick's live orders into `resting` from index `count` on; return the index after them.
    function _listLevel(OrderKey memory key, RestingOrder[] memory resting, uint256 count)
        private
        view
        returns (uint256)
    {
        LevelWord level = _level(key.slot, key.side, key.tick);
        uint256 levelKey = _levelKey(_place(key.slot), key.side, key.tick);
        for (key.sequence = level.head(); key.sequence < level.tail(); ++key.sequence) {
            (uint256 participant, uint256 wh) = LevelWords.unpackEntry(_entry(levelKey, level, key.sequence));
            if (wh != 0) resting[count++] = RestingOrder(_orderName(key.slot, key.side, key.tick, key.sequence), uint32(participant), uint32(wh));
        }
        return count;
    }
}
