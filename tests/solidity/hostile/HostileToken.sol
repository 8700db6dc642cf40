// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @notice A token that does, on each transfer, what a test tells it to.
contract HostileToken is ERC20 {
    enum Manner {
        Honest,
        ReturnsFalse,
        CallsBack
    }

    Manner public manner;
    address private _target;
    bytes private _call;
    bool public calledBack;
    bool public callSucceeded;

    constructor() ERC20("Hostile", "BAD") {}

    function mint(address to, uint256 amount, bytes32) external {
        _mint(to, amount);
    }

    function setManner(Manner newManner, address target, bytes calldata call) external {
        (manner, _target, _call) = (newManner, target, call);
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        return _behave() && super.transfer(to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        return _behave() && super.transferFrom(from, to, amount);
    }

    function _behave() private returns (bool) {
        if (manner == Manner.ReturnsFalse) return false;
        if (manner == Manner.CallsBack && !calledBack) {
            calledBack = true;
            (callSucceeded,) = _target.call(_call);
        }
        return true;
    }
}
