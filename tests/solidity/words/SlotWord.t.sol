// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {SlotWord, SlotWords} from "../../../chain/contracts/words/SlotWord.sol";
import {Assertions} from "../setting/Assertions.sol";
import {vm} from "../setting/Vm.sol";

/// @notice A slot's terms in one word; fuzzed by forge, proved by halmos.
contract SlotWordTest is Assertions {
    function test_terms_come_back(
        uint256 generation,
        int32 retail,
        int32 feedIn,
        int32 fee,
        int32 floor,
        int32 priceCap,
        uint32 unsettled
    ) public pure {
        vm.assume(generation < 1 << 21);
        SlotWord word = SlotWords.pack(generation, retail, feedIn, fee, floor, priceCap, unsettled);
        assertEq(word.generationOf(), generation, "generation");
        assertEq(word.retail(), retail, "retail");
        assertEq(word.feedIn(), feedIn, "feed-in");
        assertEq(word.fee(), fee, "fee");
        assertEq(word.floor(), floor, "floor");
        assertEq(word.priceCap(), priceCap, "price cap");
        assertEq(word.unsettled(), unsettled, "unsettled");
    }

    function test_conditions_come_back_and_change_nothing_else(uint256 raw, uint256 ppm, uint256 state) public pure {
        vm.assume(ppm <= 1e6 && state < 3);
        SlotWord changed = SlotWord.wrap(raw).withConditions(ppm, state);
        assertEq(changed.renewablePpm(), ppm, "renewable share");
        assertEq(changed.gridState(), state, "grid state");
        assertEq(SlotWord.unwrap(changed) & ((1 << 213) - 1), raw & ((1 << 213) - 1), "all else");
    }

    function test_settling_one_changes_the_count_alone(uint256 raw) public pure {
        SlotWord before = SlotWord.wrap(raw);
        vm.assume(before.unsettled() != 0);
        SlotWord changed = before.oneSettled();
        assertEq(changed.unsettled(), before.unsettled() - 1, "unsettled");
        assertEq(changed.generationOf(), before.generationOf(), "generation");
        assertEq(changed.retail(), before.retail(), "retail");
        assertEq(changed.feedIn(), before.feedIn(), "feed-in");
        assertEq(changed.fee(), before.fee(), "fee");
        assertEq(changed.floor(), before.floor(), "floor");
        assertEq(changed.priceCap(), before.priceCap(), "price cap");
    }
}
