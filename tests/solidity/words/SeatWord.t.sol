// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {SeatWord, SeatWords} from "../../../chain/contracts/words/SeatWord.sol";
import {Assertions} from "../setting/Assertions.sol";
import {vm} from "../setting/Vm.sol";

/// @notice A seat's envelope, prices, credit line and settlement; fuzzed by forge, proved by halmos.
contract SeatWordTest is Assertions {
    int256 private constant LIMIT = (1 << 30) - 1;
    uint256 private constant LINE_UNIT = 1e6;

    function test_envelope_and_prices_come_back(
        uint256 generation,
        int256 importWh,
        int256 exportWh,
        int32 fee,
        int32 floor,
        int32 priceCap
    ) public pure {
        vm.assume(generation < 1 << 21);
        SeatWord seat = SeatWords.pack(generation, importWh, exportWh, fee, floor, priceCap, 0);
        assertEq(seat.generationOf(), generation, "generation");
        assertEq(seat.importLimitWh(), _clamped(importWh), "import");
        assertEq(seat.exportLimitWh(), _clamped(exportWh), "export");
        assertEq(seat.fee(), fee, "fee");
        assertEq(seat.floor(), floor, "floor");
        assertEq(seat.priceCap(), priceCap, "price cap");
        assertTrue(seat.seated() && !seat.isSettled() && !seat.silent(), "seated, not settled");
    }

    function test_a_credit_line_comes_back_in_whole_units_and_changes_nothing_else(uint32 units, uint32 rest)
        public
        pure
    {
        vm.assume(units < 1 << 26 && rest < LINE_UNIT);
        SeatWord without = SeatWords.pack(5, 7, -7, 11, -13, 17, 0);
        SeatWord with_ = SeatWords.pack(5, 7, -7, 11, -13, 17, units * LINE_UNIT + rest);
        assertEq(with_.creditLineNeur(), units * LINE_UNIT, "rounded down");
        assertEq(uint256(uint208(SeatWord.unwrap(with_))), uint208(SeatWord.unwrap(without)), "the rest");
        assertEq(with_.readingWh(), int256(0), "no reading");
    }

    function test_settling_changes_the_settlement_alone(uint256 word, uint256 quality, int32 readingWh)
        public
        pure
    {
        vm.assume(quality < 4);
        SeatWord before = SeatWord.wrap(word);
        SeatWord changed = before.settled(quality, readingWh);
        assertEq(changed.quality(), quality, "quality");
        assertEq(changed.readingWh(), readingWh, "reading");
        assertTrue(changed.silent() == (quality == 0), "silent where there was no reading");
        assertTrue(changed.isSettled(), "settled");
        uint256 settlement = 7 << 179 | uint256(type(uint32).max) << 183;
        assertEq(SeatWord.unwrap(changed) & ~settlement, word & ~settlement, "all else");
    }

    function _clamped(int256 wh) private pure returns (int256) {
        return wh > LIMIT ? LIMIT : wh < -LIMIT ? -LIMIT : wh;
    }
}
