// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ExcessWord} from "../../../chain/contracts/words/ExcessWord.sol";
import {Assertions} from "../setting/Assertions.sol";
import {vm} from "../setting/Vm.sol";

/// @notice How far locks exceed the plain sum; fuzzed by forge, proved by halmos.
contract ExcessWordTest is Assertions {
    /// @dev Quantities stay under 2^30 Wh a side, and what a Wh exceeds by under 2^34 nEUR.
    uint256 private constant MOST_NEUR = 1 << 65;

    function test_open_and_filled_are_kept_apart(uint256 word, uint256 neur) public pure {
        ExcessWord before = ExcessWord.wrap(word);
        vm.assume(neur <= MOST_NEUR && before.openNeur() <= MOST_NEUR && before.filledNeur() <= MOST_NEUR);
        ExcessWord opened = before.opened(neur);
        assertEq(opened.openNeur(), before.openNeur() + neur, "open");
        assertEq(opened.filledNeur(), before.filledNeur(), "filled stays");
        assertEq(ExcessWord.unwrap(opened.closed(neur)), word, "closed again");
        ExcessWord filled = before.filled(neur);
        assertEq(filled.filledNeur(), before.filledNeur() + neur, "filled");
        assertEq(filled.openNeur(), before.openNeur(), "open stays");
        assertEq(ExcessWord.unwrap(filled) & ((1 << 21) - 1), word & ((1 << 21) - 1), "generation");
    }

    function test_a_word_of_another_generation_reads_as_none(uint256 word, uint256 generation) public pure {
        vm.assume(generation < 1 << 21 && word & ((1 << 21) - 1) != generation);
        assertEq(ExcessWord.unwrap(ExcessWord.wrap(word).inGeneration(generation)), generation, "none");
    }
}
