// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {Community} from "../setting/Community.sol";
import {Models} from "../setting/Contracts.sol";
import {vm} from "../setting/Vm.sol";

/// @notice Calls every function of a contract as each of the actors, and compares what comes of it with a table.
/// @dev A function that changes state and stands in no row fails the test: somebody has to say who may call it.
abstract contract RoleTable is Community {
    enum Actor {
        Stranger,
        Member,
        SuspendedMember,
        TradingKey,
        Admin,
        Keeper,
        Registrar,
        Treasury,
        Pauser,
        Supplier,
        Operator,
        Arbiter,
        Regulator,
        Approver,
        Module
    }

    bytes4 internal constant ALLOWED = bytes4(0);
    bytes4 internal constant NO_ROLE = IAccessControl.AccessControlUnauthorizedAccount.selector;
    uint256 private constant ACTORS = uint256(type(Actor).max) + 1;

    Models internal models;
    mapping(bytes32 functionName => bool) private _listed;
    mapping(uint256 actor => bytes4 outcome) private _expected;

    function setUp() public virtual override {
        super.setUp();
        models = Models(_deploy("ModelRegistry", abi.encode(address(this))));
        registration.grantRole(keccak256("REGISTRAR_ROLE"), _actor(Actor.Registrar));
        oracle.grantRole(keccak256("REGISTRAR_ROLE"), _actor(Actor.Registrar));
        token.grantRole(keccak256("TREASURY_ROLE"), _actor(Actor.Treasury));
        utilities.grantRole(keccak256("REGULATOR_ROLE"), _actor(Actor.Regulator));
        models.grantRole(keccak256("APPROVER_ROLE"), _actor(Actor.Approver));
        market.grantRole(keccak256("MODULE_ROLE"), _actor(Actor.Module));
        _handOverAdministration();
        vm.prank(_actor(Actor.Registrar));
        registration.suspend(2);
        vm.prank(_account(1));
        registration.setTradingKey(_actor(Actor.TradingKey), 1_000, 1_000, uint40(block.timestamp + 1 days));
    }

    /// @dev Begin a row: what anybody is told who is not named in it.
    function _everyone(bytes4 outcome) internal {
        for (uint256 i; i < ACTORS; ++i) {
            _expected[i] = outcome;
        }
    }

    function _but(Actor actor, bytes4 outcome) internal {
        _expected[uint256(actor)] = outcome;
    }

    /// @dev A row for a function that one role may call.
    function _only(Actor actor, address target, bytes memory call) internal {
        _everyone(NO_ROLE);
        _but(actor, ALLOWED);
        _check(target, call);
    }

    /// @dev A row for a function that anybody may call, with the same outcome.
    function _anyone(bytes4 outcome, address target, bytes memory call) internal {
        _everyone(outcome);
        _check(target, call);
    }

    /// @dev A row for a function that depends on who is a member.
    function _members(bytes4 others, bytes4 member, bytes4 suspended, address target, bytes memory call) internal {
        _everyone(others);
        _but(Actor.Member, member);
        _but(Actor.SuspendedMember, suspended);
        _check(target, call);
    }

    /// @dev Call a function as each actor, each time from the same state.
    function _check(address target, bytes memory call) internal {
        _listed[keccak256(abi.encodePacked(bytes4(call)))] = true;
        uint256 start = vm.snapshotState();
        for (uint256 i; i < ACTORS; ++i) {
            vm.prank(_actor(Actor(i)));
            (bool succeeded, bytes memory answer) = target.call(call);
            bytes4 outcome = succeeded ? ALLOWED : bytes4(answer);
            if (outcome != _expected[i]) revert UnexpectedOutcome(bytes4(call), Actor(i), outcome, _expected[i]);
            assertTrue(vm.revertToState(start), "from the same state");
        }
    }

    error UnexpectedOutcome(bytes4 called, Actor actor, bytes4 outcome, bytes4 expected);
    error NotInTheTable(string contractName, string functionName);

    /// @dev The functions that every contract with roles has.
    function _checkAccessControl(address target) internal {
        bytes32 role = keccak256("ANY_ROLE");
        _only(Actor.Admin, target, abi.encodeCall(IAccessControl.grantRole, (role, STRANGER)));
        _only(Actor.Admin, target, abi.encodeCall(IAccessControl.revokeRole, (role, STRANGER)));
        _everyone(IAccessControl.AccessControlBadConfirmation.selector);
        _but(Actor.Admin, ALLOWED);
        _check(target, abi.encodeCall(IAccessControl.renounceRole, (bytes32(0), _actor(Actor.Admin))));
    }

    /// @dev Fails for a function of the artifact that changes state and was not in any row before.
    function _assertTableIsComplete(string memory name) internal view {
        string[] memory signatures = vm.envString(string.concat("FUNCTIONS_OF_", name), ";");
        assertTrue(signatures.length != 0, "the contract is known");
        for (uint256 i; i < signatures.length; ++i) {
            bytes4 selector = bytes4(keccak256(bytes(signatures[i])));
            if (!_listed[keccak256(abi.encodePacked(selector))]) revert NotInTheTable(name, signatures[i]);
        }
    }

    function _actor(Actor actor) internal view returns (address) {
        if (actor == Actor.Member) return _account(1);
        if (actor == Actor.SuspendedMember) return _account(2);
        if (actor == Actor.Keeper) return KEEPER;
        if (actor == Actor.Pauser) return PAUSER;
        if (actor == Actor.Supplier) return SUPPLIER;
        if (actor == Actor.Operator) return OPERATOR;
        if (actor == Actor.Arbiter) return ARBITER;
        return address(uint160(0xAC7000 + uint256(actor)));
    }

    /// @dev From here on the test contract, which set everything up, is nobody.
    function _handOverAdministration() private {
        address[6] memory all = [
            address(token),
            address(registration),
            address(utilities),
            address(oracle),
            address(market),
            address(models)
        ];
        for (uint256 i; i < all.length; ++i) {
            IAccessControl target = IAccessControl(all[i]);
            target.grantRole(0, _actor(Actor.Admin));
            target.renounceRole(0, address(this));
        }
    }
}
