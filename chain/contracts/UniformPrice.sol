// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @dev Ticks of a book.
uint256 constant TICKS = 224;

/// @notice The one price of a call auction, and who trades at it: the largest volume that one price allows; of the prices
/// that support it, the middle.
library UniformPrice {
    /// @dev How a side trades: whole at ticks better than the last, at the last `lastWh` of the `offeredWh` there.
    struct Share {
        uint256 lastTick;
        uint256 lastWh;
        uint256 offeredWh;
    }

    /// @dev With no volume there is no price, and nobody's order is at its last tick.
    struct Decision {
        uint256 volumeWh;
        uint256 priceTick;
        Share buys;
        Share sells;
    }

    /// @notice Decide on what is bid for and on offer at each tick, Wh.
    /// @dev At the middle of two ticks the lower one.
    function decide(uint256[TICKS] memory bidWh, uint256[TICKS] memory askWh)
        internal
        pure
        returns (Decision memory decision)
    {
        unchecked {
            uint256[TICKS] memory demandWh = _fromAbove(bidWh);
            uint256[TICKS] memory supplyWh = _fromBelow(askWh);
            uint256 volumeWh;
            for (uint256 tick; tick < TICKS; ++tick) {
                uint256 both = demandWh[tick] < supplyWh[tick] ? demandWh[tick] : supplyWh[tick];
                if (both > volumeWh) volumeWh = both;
            }
            if (volumeWh == 0) return decision;

            int256 lastBid = _lastBid(demandWh, volumeWh);
            int256 lastAsk = _lastAsk(supplyWh, volumeWh);
            int256 rejectedBid = _lastBid(demandWh, volumeWh + 1);
            int256 rejectedAsk = _lastAsk(supplyWh, volumeWh + 1);
            int256 low = lastAsk > rejectedBid ? lastAsk : rejectedBid;
            int256 high = lastBid < rejectedAsk ? lastBid : rejectedAsk;
            decision.volumeWh = volumeWh;
            decision.priceTick = uint256(low + high) >> 1;
            decision.buys = _share(uint256(lastBid), bidWh, demandWh, volumeWh);
            decision.sells = _share(uint256(lastAsk), askWh, supplyWh, volumeWh);
        }
    }

    /// @notice What `wh` get when `share.lastWh` are shared in proportion, `beforeWh` having had their turn: the
    /// running sum is rounded down, so that all parts together are exactly what is shared.
    function partOf(Share memory share, uint256 beforeWh, uint256 wh) internal pure returns (uint256) {
        unchecked {
            uint256 upTo = (beforeWh + wh) * share.lastWh / share.offeredWh; // under 2^40 times under 2^39
            return upTo - beforeWh * share.lastWh / share.offeredWh;
        }
    }

    function _share(uint256 lastTick, uint256[TICKS] memory atWh, uint256[TICKS] memory cumulatedWh, uint256 volumeWh)
        private
        pure
        returns (Share memory)
    {
        unchecked {
            uint256 betterWh = cumulatedWh[lastTick] - atWh[lastTick];
            return Share(lastTick, volumeWh - betterWh, atWh[lastTick]);
        }
    }

    /// @dev Tick of the wh-th Wh bid for, the dearest first; -1 where there is none.
    function _lastBid(uint256[TICKS] memory demandWh, uint256 wh) private pure returns (int256 tick) {
        unchecked {
            tick = int256(TICKS) - 1;
            while (tick >= 0 && demandWh[uint256(tick)] < wh) --tick;
        }
    }

    /// @dev Tick of the wh-th Wh on offer, the cheapest first; TICKS where there is none.
    function _lastAsk(uint256[TICKS] memory supplyWh, uint256 wh) private pure returns (int256 tick) {
        unchecked {
            while (tick < int256(TICKS) && supplyWh[uint256(tick)] < wh) ++tick;
        }
    }

    function _fromAbove(uint256[TICKS] memory wh) private pure returns (uint256[TICKS] memory sums) {
        unchecked {
            uint256 sum;
            for (uint256 tick = TICKS; tick-- > 0;) {
                sum += wh[tick];
                sums[tick] = sum;
            }
        }
    }

    function _fromBelow(uint256[TICKS] memory wh) private pure returns (uint256[TICKS] memory sums) {
        unchecked {
            uint256 sum;
            for (uint256 tick; tick < TICKS; ++tick) {
                sum += wh[tick];
                sums[tick] = sum;
            }
        }
    }
}
