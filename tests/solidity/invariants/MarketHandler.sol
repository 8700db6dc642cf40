// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IMarketTypes} from "../../../chain/contracts/interfaces/IMarketTypes.sol";
import {Community} from "../setting/Community.sol";
import {vm} from "../setting/Vm.sol";

/// @notice Does whatever members, keeper, meters and supplier may do, in any order, on a ring of four slots.
/// @dev Each action either succeeds or is refused for the reason that it should be; anything else reverts, and so
/// fails the campaign.
contract MarketHandler is Community {
    uint32 public lastOpened = SLOT;
    uint256[] private _orders;

    /// @notice Placing, and taking.
    function place(uint256 member, uint256 ahead, bool buys, uint256 tick, uint256 wh, bool rest) external {
        (uint32 participant, uint32 slot) = (_member(member), _openSlotAhead(ahead));
        vm.prank(_account(participant));
        try market.place(slot, buys ? BUY : SELL, uint8(bound(tick, 90, 110)), uint32(bound(wh, 1, 3_000)), rest)
        returns (uint256 order) {
            if (order != 0) _orders.push(order);
            assertTrue(!market.paused(), "placed while paused");
        } catch (bytes memory reason) {
            _assertRefusal(bytes4(reason));
        }
    }

    /// @notice Taking an order out; it works just when the order rests in an open book.
    function cancel(uint256 which) external {
        if (_orders.length == 0) return;
        uint256 order = _orders[which % _orders.length];
        (uint32 owner,) = _resting(order);
        if (owner == 0) return;
        vm.prank(_account(owner));
        market.cancel(order);
        (owner,) = _resting(order);
        assertEq(owner, 0, "still rests");
    }

    function reduce(uint256 which, uint256 byWh) external {
        if (_orders.length == 0) return;
        uint256 order = _orders[which % _orders.length];
        (uint32 owner, uint32 restingWh) = _resting(order);
        if (owner == 0) return;
        uint32 by = uint32(bound(byWh, 1, restingWh));
        vm.prank(_account(owner));
        market.reduce(order, by);
        (, uint32 leftWh) = _resting(order);
        assertEq(leftWh, restingWh - by, "what is left");
    }

    function deposit(uint256 member, uint256 neur) external {
        if (market.paused()) return;
        _fund(_member(member), bound(neur, 0, 100e9));
    }

    /// @notice Withdrawing up to what is shown as available always works, paused or not.
    function withdraw(uint256 member, uint256 neur) external {
        uint32 participant = _member(member);
        int256 available = market.availableOf(participant);
        if (available <= 0) return;
        vm.prank(_account(participant));
        market.withdraw(bound(neur, 0, uint256(available)));
        // What is left would let nobody trade for long.
        if (!market.paused() && available < 10e9) _fund(participant, 300e9);
    }

    function togglePause(uint256 dice) external {
        if (dice % 4 != 0 && !market.paused()) return;
        bool paused = market.paused();
        vm.prank(PAUSER);
        paused ? market.unpause() : market.pause();
    }

    function elapse(uint256 seconds_) external {
        vm.warp(block.timestamp + bound(seconds_, 1, 900));
        if (!market.paused()) _openNext();
    }

    /// @notice A meter speaks, honestly within what its member bought and sold, and anyone settles.
    function settle(uint256 member, uint256 behind, uint256 wh) external {
        uint32 participant = _member(member);
        uint32 slot = lastOpened - uint32(behind % RING_SIZE);
        if (slot < SLOT || !_isShown(slot) || block.timestamp < (uint256(slot) + 1) * SLOT_SECONDS) return;
        IMarketTypes.Position memory position = market.positionOf(slot, participant);
        if (position.settled) return;
        int256 readingWh = int256(position.boughtWh) - int256(bound(wh, 0, 3_000));
        _settleOne(participant, slot, int64(readingWh));
    }

    /// @notice Slots that the ring holds, oldest first.
    function shownSlots() external view returns (uint32[] memory slots) {
        slots = new uint32[](RING_SIZE);
        uint256 count;
        for (uint32 slot = lastOpened + 1 - uint32(RING_SIZE); slot <= lastOpened; ++slot) {
            if (_isShown(slot)) slots[count++] = slot;
        }
        assembly ("memory-safe") {
            mstore(slots, count)
        }
    }

    function contracts() external view returns (address token_, address market_) {
        return (address(token), address(market));
    }

    function memberCount() external pure returns (uint32) {
        return uint32(MEMBERS);
    }

    /// @dev Open the slot after the last one where its place is free, else see it refused.
    function _openNext() private {
        uint32 current = uint32(block.timestamp / SLOT_SECONDS);
        uint32 next = lastOpened >= current + 2 ? 0 : lastOpened + 1;
        if (next == 0) return;
        if (next <= current) {
            _settleAll(); // nobody traded for a while: catch up
            next = current + 1;
        }
        IMarketTypes.SeatLimits[] memory limits = _limits();
        vm.prank(KEEPER);
        try market.openSlot(next, _terms(), _conditions(), limits) {
            lastOpened = next;
        } catch (bytes memory reason) {
            assertTrue(bytes4(reason) == IMarketTypes.RingPlaceOccupied.selector, "only an occupied place stops it");
            _settleAll();
        }
    }

    /// @dev Settle what has been delivered, by readings that meet the positions.
    function _settleAll() private {
        uint32 first = lastOpened + 1 - uint32(RING_SIZE);
        for (uint32 slot = first; slot <= lastOpened; ++slot) {
            if (!_isShown(slot) || block.timestamp < (uint256(slot) + 1) * SLOT_SECONDS) continue;
            for (uint32 participant = 1; participant <= MEMBERS; ++participant) {
                IMarketTypes.Position memory position = market.positionOf(slot, participant);
                if (position.settled) continue;
                _settleOne(participant, slot, int64(int256(position.boughtWh) - int256(position.soldWh)));
            }
        }
    }

    /// @dev Settle a seat by a reading while one is taken, and close it once nothing can change any more.
    function _settleOne(uint32 participant, uint32 slot, int64 readingWh) private {
        if (block.timestamp <= (uint256(slot) + 1) * SLOT_SECONDS + MAX_AGE_SECONDS) {
            _readAndSettle(participant, slot, readingWh);
        } else if (block.timestamp > oracle.finalAt(slot)) {
            uint32[] memory silent = new uint32[](1);
            silent[0] = participant;
            market.closeSilent(slot, silent);
        }
    }

    function _member(uint256 member) private pure returns (uint32) {
        return uint32(bound(member, 1, MEMBERS));
    }

    function _openSlotAhead(uint256 ahead) private view returns (uint32) {
        return lastOpened - uint32(ahead % 2);
    }

    function _isShown(uint32 slot) internal view returns (bool) {
        try market.termsOf(slot) {
            return true;
        } catch {
            return false;
        }
    }

    /// @dev Owner and quantity of an order that rests in an open book, else zeros.
    function _resting(uint256 order) private view returns (uint32 owner, uint32 wh) {
        uint32 slot = uint32(order >> 48);
        if (!_isShown(slot) || block.timestamp >= uint256(slot) * SLOT_SECONDS) return (0, 0);
        IMarketTypes.RestingOrder[] memory resting =
            market.orders(slot, IMarketTypes.Side(uint8(order >> 40)));
        for (uint256 i; i < resting.length; ++i) {
            if (resting[i].order == order) return (resting[i].participant, resting[i].quantityWh);
        }
    }

    function _assertRefusal(bytes4 reason) private view {
        if (reason == IMarketTypes.TradingPaused.selector) return assertTrue(market.paused(), "paused");
        assertTrue(
            reason == IMarketTypes.Credit.selector || reason == IMarketTypes.Envelope.selector
                || reason == IMarketTypes.GateClosed.selector || reason == IMarketTypes.NotPublished.selector
                || reason == IMarketTypes.InDebt.selector,
            "a reason that these orders can have"
        );
    }
}
