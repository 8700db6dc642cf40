// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {PositionWord} from "../../../chain/contracts/words/PositionWord.sol";
import {Assertions} from "../setting/Assertions.sol";
import {vm} from "../setting/Vm.sol";

/// @notice Every field of a position up to the bound that admission keeps; fuzzed by forge, proved by halmos.
contract PositionWordTest is Assertions {
    uint256 private constant WH_BOUND = 1 << 30;
    uint256 private constant LAST_TICK = 223;

    function test_filling_and_resting_change_no_other_field(
        uint256 word,
        uint256 wh,
        uint256 tick,
        uint256 side,
        bool resting
    ) public pure {
        (wh, tick, side) = (wh % WH_BOUND, uint8(tick), side & 1);
        PositionWord before = PositionWord.wrap(word);
        vm.assume(tick <= LAST_TICK && _admissible(before));
        vm.assume(_grossWh(before, side) + wh < WH_BOUND);
        PositionWord changed =
            resting ? before.opened(side, wh, wh * tick) : before.filled(side, wh, wh * tick);
        assertEq(changed.generationOf(), before.generationOf(), "generation");
        _assertSide(changed, before, 0, side == 0 ? wh : 0, tick, resting);
        _assertSide(changed, before, 1, side == 1 ? wh : 0, tick, resting);
        int256 openChange = resting ? (side == 0 ? int256(wh * tick) : -int256(wh * tick)) : int256(0);
        assertEq(changed.openTicks(), before.openTicks() + openChange, "open ticks");
    }

    function test_closing_undoes_opening(uint256 word, uint256 wh, uint256 tick, uint256 side) public pure {
        (wh, tick, side) = (wh % WH_BOUND, uint8(tick), side & 1);
        PositionWord before = PositionWord.wrap(word);
        vm.assume(tick <= LAST_TICK && _admissible(before) && _grossWh(before, side) + wh < WH_BOUND);
        PositionWord undone = before.opened(side, wh, wh * tick).closed(side, wh, wh * tick);
        assertEq(PositionWord.unwrap(undone), word, "word");
    }

    function test_a_resting_quantity_that_is_filled_is_as_one_filled_at_once(
        uint256 word,
        uint256 wh,
        uint256 tick,
        uint256 side
    ) public pure {
        (wh, tick, side) = (wh % WH_BOUND, uint8(tick), side & 1);
        PositionWord before = PositionWord.wrap(word);
        vm.assume(tick <= LAST_TICK && _admissible(before) && _grossWh(before, side) + wh < WH_BOUND);
        PositionWord rested = before.opened(side, wh, wh * tick).openFilled(side, wh, wh * tick);
        assertEq(PositionWord.unwrap(rested), PositionWord.unwrap(before.filled(side, wh, wh * tick)), "word");
    }

    function test_a_word_of_another_generation_reads_as_empty(uint256 word, uint256 generation) public pure {
        vm.assume(generation < 1 << 21);
        PositionWord position = PositionWord.wrap(word);
        vm.assume(position.generationOf() != generation);
        assertEq(PositionWord.unwrap(position.inGeneration(generation)), generation, "empty");
    }

    function _assertSide(
        PositionWord changed,
        PositionWord before,
        uint256 side,
        uint256 wh,
        uint256 tick,
        bool resting
    ) private pure {
        uint256 filledWh = resting ? 0 : wh;
        assertEq(_filledWh(changed, side), _filledWh(before, side) + filledWh, "filled");
        assertEq(_filledTicks(changed, side), _filledTicks(before, side) + filledWh * tick, "filled ticks");
        assertEq(_openWh(changed, side), _openWh(before, side) + (resting ? wh : 0), "open");
    }

    /// @dev What admission and ticks under 224 keep true of every position.
    function _admissible(PositionWord position) private pure returns (bool) {
        int256 openTicks = position.openTicks();
        return _grossWh(position, 0) < WH_BOUND && _grossWh(position, 1) < WH_BOUND
            && position.boughtTicks() <= position.boughtWh() * LAST_TICK
            && position.soldTicks() <= position.soldWh() * LAST_TICK
            && openTicks <= int256(position.openBuyWh() * LAST_TICK)
            && openTicks >= -int256(position.openSellWh() * LAST_TICK);
    }

    function _grossWh(PositionWord position, uint256 side) private pure returns (uint256) {
        return _filledWh(position, side) + _openWh(position, side);
    }

    function _filledWh(PositionWord position, uint256 side) private pure returns (uint256) {
        return side == 0 ? position.boughtWh() : position.soldWh();
    }

    function _openWh(PositionWord position, uint256 side) private pure returns (uint256) {
        return side == 0 ? position.openBuyWh() : position.openSellWh();
    }

    function _filledTicks(PositionWord position, uint256 side) private pure returns (uint256) {
        return side == 0 ? position.boughtTicks() : position.soldTicks();
    }
}
