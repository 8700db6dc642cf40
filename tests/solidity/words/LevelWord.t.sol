// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LevelWord, LevelWords} from "../../../chain/contracts/words/LevelWord.sol";
import {LogWords} from "../../../chain/contracts/words/LogWord.sol";
import {Assertions} from "../setting/Assertions.sol";
import {vm} from "../setting/Vm.sol";

/// @notice A tick's counters and first entries; fuzzed by forge, proved by halmos.
contract LevelWordTest is Assertions {
    uint256 private constant COUNTERS = (1 << 69) - 1;

    function test_an_entry_comes_back_and_touches_no_other(
        uint256 word,
        uint256 sequence,
        uint256 participant,
        uint256 wh
    ) public pure {
        vm.assume(sequence < 3 && participant < 1 << 32 && wh < 1 << 30);
        LevelWord before = LevelWord.wrap(word);
        LevelWord changed = before.withEntry(sequence, LevelWords.packEntry(participant, wh));
        (uint256 foundParticipant, uint256 foundWh) = LevelWords.unpackEntry(changed.entry(sequence));
        assertEq(foundParticipant, participant, "participant");
        assertEq(foundWh, wh, "Wh");
        assertEq(
            LevelWord.unwrap(changed.withEntry(sequence, before.entry(sequence))), word, "all else"
        );
    }

    function test_appending_moves_tail_and_live_alone(uint256 word) public pure {
        LevelWord before = LevelWord.wrap(word);
        vm.assume(before.tail() < LevelWords.MAX_TAIL && before.live() < LevelWords.MAX_TAIL);
        LevelWord changed = before.appended();
        assertEq(changed.tail(), before.tail() + 1, "tail");
        assertEq(changed.live(), before.live() + 1, "live");
        assertEq(changed.head(), before.head(), "head");
        assertEq(LevelWord.unwrap(changed) & ~COUNTERS, word & ~COUNTERS, "entries");
    }

    function test_an_order_that_dies_leaves_the_entries(uint256 word) public pure {
        LevelWord before = LevelWord.wrap(word);
        vm.assume(before.live() != 0);
        LevelWord changed = before.died();
        assertEq(changed.live(), before.live() - 1, "live");
        assertEq(changed.tail(), before.tail(), "tail");
        assertEq(changed.head(), before.head(), "head");
        assertEq(LevelWord.unwrap(changed) & ~COUNTERS, word & ~COUNTERS, "entries");
    }

    function test_the_head_moves_alone(uint256 word, uint16 head) public pure {
        LevelWord before = LevelWord.wrap(word);
        LevelWord changed = before.withHead(head);
        assertEq(changed.head(), head, "head");
        assertEq(LevelWord.unwrap(changed.withHead(before.head())), word, "all else");
    }

    function test_a_level_of_another_generation_reopens_empty(uint256 word, uint256 generation) public pure {
        vm.assume(generation < 1 << 21 && word & ((1 << 21) - 1) != generation);
        assertEq(LevelWord.unwrap(LevelWord.wrap(word).reopened(generation)), generation, "empty");
    }

    function test_a_level_of_the_same_generation_reopens_where_its_sequences_were(uint256 word) public pure {
        LevelWord before = LevelWord.wrap(word);
        LevelWord changed = before.reopened(word & ((1 << 21) - 1));
        assertEq(changed.live(), 0, "nobody rests");
        assertEq(changed.head(), before.tail(), "head");
        assertEq(changed.tail(), before.tail(), "tail");
        assertEq(LevelWord.unwrap(changed) & ~COUNTERS, word & ~COUNTERS, "entries");
    }

    function test_what_events_pack_comes_apart_again(uint256 order, uint32 maker, uint32 taker, uint32 wh)
        public
        pure
    {
        vm.assume(order < 1 << 80);
        uint256 fill = LogWords.ofFill(order, maker, taker, wh);
        assertEq(fill >> 96, order, "order");
        assertEq(uint32(fill >> 64), maker, "maker");
        assertEq(uint32(fill >> 32), taker, "taker");
        assertEq(uint32(fill), wh, "Wh");
        uint256 placed = LogWords.ofOrder(order, maker, wh);
        assertEq(placed >> 64, order, "order");
        assertEq(uint32(placed >> 32), maker, "participant");
        assertEq(uint32(placed), wh, "Wh");
    }
}
