// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {BitScan} from "../../../chain/contracts/words/BitScan.sol";
import {BookWord} from "../../../chain/contracts/words/BookWord.sol";
import {Assertions} from "../setting/Assertions.sol";
import {vm} from "../setting/Vm.sol";

/// @notice Bids and asks in one word; fuzzed by forge, proved by halmos.
contract BookWordTest is Assertions {
    uint256 private constant TICKS = 224;
    uint256 private constant TICK_BITS = (1 << TICKS) - 1;

    function test_the_highest_bit_is_the_highest(uint256 bits) public pure {
        vm.assume(bits != 0);
        assertEq(bits >> BitScan.highest(bits), 1, "nothing above, one there");
    }

    function test_the_lowest_bit_is_the_lowest(uint256 bits) public pure {
        vm.assume(bits != 0);
        uint256 index = BitScan.lowest(bits);
        assertEq((bits >> index) & 1, 1, "one there");
        assertEq(bits & ((1 << index) - 1), 0, "nothing below");
    }

    function test_each_occupied_tick_is_either_bid_or_ask(uint256 word) public pure {
        BookWord book = _valid(word);
        assertEq(book.bidBits() | book.askBits(), word & TICK_BITS, "all");
        assertEq(book.bidBits() & book.askBits(), 0, "none twice");
        assertTrue(book.bidBits() == 0 || book.askBits() == 0 || book.bidBits() < book.askBits(), "not crossed");
    }

    function test_a_bid_joins_the_bids_alone(uint256 word, uint256 tick) public pure {
        vm.assume(tick < TICKS);
        BookWord book = _valid(word);
        vm.assume(book.askBits() & ((2 << tick) - 1) == 0);
        BookWord changed = book.withBid(tick);
        assertEq(changed.bidBits(), book.bidBits() | (1 << tick), "bids");
        assertEq(changed.askBits(), book.askBits(), "asks");
        _assertNamesKept(changed, book);
    }

    function test_an_ask_joins_the_asks_alone(uint256 word, uint256 tick) public pure {
        vm.assume(tick < TICKS);
        BookWord book = _valid(word);
        vm.assume(book.bidBits() >> tick == 0);
        BookWord changed = book.withAsk(tick);
        assertEq(changed.askBits(), book.askBits() | (1 << tick), "asks");
        assertEq(changed.bidBits(), book.bidBits(), "bids");
        _assertNamesKept(changed, book);
    }

    function test_a_tick_leaves_alone(uint256 word, uint256 tick) public pure {
        vm.assume(tick < TICKS);
        BookWord book = _valid(word);
        BookWord changed = book.without(tick);
        assertEq(changed.bidBits(), book.bidBits() & ~(uint256(1) << tick), "bids");
        assertEq(changed.askBits(), book.askBits() & ~(uint256(1) << tick), "asks");
        _assertNamesKept(changed, book);
    }

    function test_halting_changes_one_bit(uint256 word, bool halted) public pure {
        BookWord changed = BookWord.wrap(word).withHalted(halted);
        assertTrue(changed.halted() == halted, "halted");
        uint256 difference = BookWord.unwrap(changed) ^ word;
        assertEq(difference & (difference - (difference == 0 ? 0 : 1)), 0, "one bit at most");
    }

    function test_the_best_bid_is_the_highest(uint256 word) public pure {
        BookWord book = _valid(word);
        (bool found, uint256 tick) = book.bestBid();
        assertTrue(found == (book.bidBits() != 0), "found where there is one");
        if (found) assertEq(book.bidBits() >> tick, 1, "none above");
    }

    function test_the_best_ask_is_the_lowest(uint256 word) public pure {
        BookWord book = _valid(word);
        (bool found, uint256 tick) = book.bestAsk();
        assertTrue(found == (book.askBits() != 0), "found where there is one");
        if (found) assertEq(book.askBits() & ((2 << tick) - 1), 1 << tick, "none below");
    }

    /// @dev Any word whose split is one that books can have.
    function _valid(uint256 word) private pure returns (BookWord) {
        vm.assume(uint8(word >> TICKS) <= TICKS);
        return BookWord.wrap(word);
    }

    function _assertNamesKept(BookWord changed, BookWord before) private pure {
        assertEq(BookWord.unwrap(changed) >> 232, BookWord.unwrap(before) >> 232, "generation and halt");
    }
}
