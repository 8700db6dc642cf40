// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccountWord, AccountWords} from "../../../chain/contracts/words/AccountWord.sol";
import {Assertions} from "../setting/Assertions.sol";
import {vm} from "../setting/Vm.sol";

/// @notice Every field of an account up to its width; fuzzed by forge, proved by halmos.
contract AccountWordTest is Assertions {
    int256 private constant BALANCE_LIMIT = 1 << 94;

    function test_an_opened_account_is_empty(uint32 participant, uint32 cursor) public pure {
        AccountWord account = AccountWords.opened(participant, cursor);
        assertEq(account.participant(), participant, "participant");
        assertEq(account.cursor(), cursor, "cursor");
        assertTrue(!account.suspended(), "not suspended");
        assertEq(account.balance(), int256(0), "balance");
        assertEq(account.locked(), 0, "locked");
    }

    function test_a_payment_changes_the_balance_alone(uint256 word, int256 neur) public pure {
        AccountWord before = AccountWord.wrap(word);
        vm.assume(neur > -BALANCE_LIMIT && neur < BALANCE_LIMIT);
        int256 expected = before.balance() + neur;
        vm.assume(expected >= -BALANCE_LIMIT && expected < BALANCE_LIMIT);
        AccountWord changed = before.credited(neur);
        assertEq(changed.balance(), expected, "balance");
        assertEq(AccountWord.unwrap(changed.credited(-neur)), word, "all else");
    }

    function test_a_payment_out_of_range_reverts(uint256 word, int256 neur) public view {
        AccountWord before = AccountWord.wrap(word);
        vm.assume(neur > -(1 << 200) && neur < 1 << 200);
        int256 result = before.balance() + neur;
        vm.assume(result < -BALANCE_LIMIT || result >= BALANCE_LIMIT);
        try this.credit(before, neur) {
            assertTrue(false, "must revert");
        } catch (bytes memory reason) {
            assertTrue(bytes4(reason) == AccountWords.AmountOutOfRange.selector, "with its own error");
        }
    }

    function test_holding_changes_what_is_locked_alone(uint256 word, uint96 neur) public pure {
        AccountWord before = AccountWord.wrap(word);
        vm.assume(before.locked() + neur < 1 << 96);
        AccountWord changed = before.held(neur);
        assertEq(changed.locked(), before.locked() + neur, "locked");
        assertEq(uint160(AccountWord.unwrap(changed)), uint160(word), "all else");
        assertEq(AccountWord.unwrap(changed.released(neur)), word, "released");
    }

    function test_suspending_changes_one_bit(uint256 word, bool suspended) public pure {
        AccountWord changed = AccountWord.wrap(word).withSuspended(suspended);
        assertTrue(changed.suspended() == suspended, "suspended");
        assertEq(AccountWord.unwrap(changed) | (1 << 32), word | (1 << 32), "all else");
    }

    function test_the_cursor_changes_alone(uint256 word, uint32 cursor) public pure {
        AccountWord before = AccountWord.wrap(word);
        AccountWord changed = before.withCursor(cursor);
        assertEq(changed.cursor(), cursor, "cursor");
        assertEq(AccountWord.unwrap(changed.withCursor(before.cursor())), word, "all else");
    }

    function test_available_is_balance_less_locked(uint256 word) public pure {
        AccountWord account = AccountWord.wrap(word);
        assertEq(account.available(), account.balance() - int256(account.locked()), "available");
    }

    function credit(AccountWord account, int256 neur) external pure returns (AccountWord) {
        return account.credited(neur);
    }
}
