// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice One participant's account.
/// @dev From the lowest bit: participant (32) | suspended (1) | first slot whose expired orders may still be counted
/// as locked (32) | balance (95, signed) | locked (96), nEUR.
type AccountWord is uint256;

using AccountWords for AccountWord global;

library AccountWords {
    error AmountOutOfRange(int256 amountNeur);

    uint256 private constant SUSPENDED = 32;
    uint256 private constant CURSOR = 33;
    uint256 private constant CURSOR_MASK = uint256(type(uint32).max) << CURSOR;
    uint256 private constant BALANCE = 65;
    uint256 private constant BALANCE_BITS = 95;
    uint256 private constant BALANCE_MASK = ((1 << BALANCE_BITS) - 1) << BALANCE;
    uint256 private constant LOCKED = 160;
    int256 private constant BALANCE_LIMIT = int256(1 << (BALANCE_BITS - 1));

    function opened(uint256 participant_, uint256 cursor_) internal pure returns (AccountWord) {
        return AccountWord.wrap(participant_ | (cursor_ << CURSOR));
    }

    function participant(AccountWord account) internal pure returns (uint256) {
        return uint32(AccountWord.unwrap(account));
    }

    function suspended(AccountWord account) internal pure returns (bool) {
        return (AccountWord.unwrap(account) >> SUSPENDED) & 1 != 0;
    }

    /// @notice First slot whose expired orders may still be counted as locked.
    function cursor(AccountWord account) internal pure returns (uint256) {
        return uint32(AccountWord.unwrap(account) >> CURSOR);
    }

    function balance(AccountWord account) internal pure returns (int256) {
        return int256(AccountWord.unwrap(account) << (256 - BALANCE - BALANCE_BITS)) >> (256 - BALANCE_BITS);
    }

    function locked(AccountWord account) internal pure returns (uint256) {
        return AccountWord.unwrap(account) >> LOCKED;
    }

    /// @notice Credit that nothing holds, as far as expired orders have been released.
    function available(AccountWord account) internal pure returns (int256) {
        unchecked {
            return balance(account) - int256(locked(account));
        }
    }

    /// @notice How far what is held, or owed, exceeds the balance, nEUR.
    function uncovered(AccountWord account) internal pure returns (uint256) {
        unchecked {
            int256 neur = available(account);
            return neur < 0 ? uint256(-neur) : 0;
        }
    }

    function withSuspended(AccountWord account, bool isSuspended) internal pure returns (AccountWord) {
        uint256 others = AccountWord.unwrap(account) & ~(uint256(1) << SUSPENDED);
        return AccountWord.wrap(isSuspended ? others | (uint256(1) << SUSPENDED) : others);
    }

    function withCursor(AccountWord account, uint256 slot) internal pure returns (AccountWord) {
        return AccountWord.wrap((AccountWord.unwrap(account) & ~CURSOR_MASK) | (slot << CURSOR));
    }

    /// @notice The account after a payment of either sign.
    function credited(AccountWord account, int256 amountNeur) internal pure returns (AccountWord) {
        int256 newBalance = balance(account) + amountNeur;
        if (newBalance >= BALANCE_LIMIT || newBalance < -BALANCE_LIMIT) revert AmountOutOfRange(amountNeur);
        uint256 others = AccountWord.unwrap(account) & ~BALANCE_MASK;
        return AccountWord.wrap(others | ((uint256(newBalance) << BALANCE) & BALANCE_MASK));
    }

    /// @notice The account with more credit held. Assumes that the credit was available.
    function held(AccountWord account, uint256 neur) internal pure returns (AccountWord) {
        unchecked {
            return AccountWord.wrap(AccountWord.unwrap(account) + (neur << LOCKED));
        }
    }

    /// @notice The account with less credit held. Assumes that it was held.
    function released(AccountWord account, uint256 neur) internal pure returns (AccountWord) {
        unchecked {
            return AccountWord.wrap(AccountWord.unwrap(account) - (neur << LOCKED));
        }
    }
}
