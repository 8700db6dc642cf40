// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice What a test says must hold.
abstract contract Assertions {
    error NotTrue(string what);
    error NotEqual(string what, int256 found, int256 expected);
    error Above(string what, int256 found, int256 most);

    function assertTrue(bool condition, string memory what) internal pure {
        if (!condition) revert NotTrue(what);
    }

    function assertEq(int256 found, int256 expected, string memory what) internal pure {
        if (found != expected) revert NotEqual(what, found, expected);
    }

    function assertEq(uint256 found, uint256 expected, string memory what) internal pure {
        if (found != expected) revert NotEqual(what, int256(found), int256(expected));
    }

    function assertEq(address found, address expected, string memory what) internal pure {
        assertEq(uint160(found), uint160(expected), what);
    }

    function assertAtMost(uint256 found, uint256 most, string memory what) internal pure {
        if (found > most) revert Above(what, int256(found), int256(most));
    }

    function assertAtMost(int256 found, int256 most, string memory what) internal pure {
        if (found > most) revert Above(what, found, most);
    }

    /// @notice `value` brought into [least, most], all values being about equally likely.
    function bound(uint256 value, uint256 least, uint256 most) internal pure returns (uint256) {
        return least + value % (most - least + 1);
    }
}
