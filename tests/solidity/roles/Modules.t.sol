// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IClosingAuction} from "../../../chain/contracts/interfaces/IClosingAuction.sol";
import {IMarketTypes} from "../../../chain/contracts/interfaces/IMarketTypes.sol";
import {IOrderRelay} from "../../../chain/contracts/interfaces/IOrderRelay.sol";
import {RoleTable} from "./RoleTable.sol";
import {vm} from "../setting/Vm.sol";

/// @notice Who may call what of the relay and of the closing auction.
contract ModuleRolesTest is RoleTable {
    function test_every_function_of_the_relay_for_every_role() public {
        IOrderRelay relay = IOrderRelay(_deploy("OrderRelay", abi.encode(market)));
        _admitModule(address(relay));
        IMarketTypes.OrderRequest[] memory none = new IMarketTypes.OrderRequest[](0);
        bytes memory trade = abi.encodeCall(IOrderRelay.trade, (1, new uint256[](0), none));
        _everyone(IOrderRelay.NotAllowed.selector);
        _but(Actor.Member, ALLOWED);
        _but(Actor.TradingKey, ALLOWED);
        _check(address(relay), trade);

        IOrderRelay.Batch memory batch = IOrderRelay.Batch(1, new uint256[](0), none, 7, type(uint64).max);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(_key(1), relay.digestOf(batch));
        bytes memory signature = abi.encodePacked(r, s, v);
        _anyone(ALLOWED, address(relay), abi.encodeCall(IOrderRelay.relay, (batch, _account(1), signature)));
        _anyone(ALLOWED, address(relay), abi.encodeCall(IOrderRelay.cancelNonce, (7)));
        _anyone(ALLOWED, address(relay), abi.encodeCall(IOrderRelay.invalidateNonces, (0, 1)));
        _assertTableIsComplete("OrderRelay");
    }

    function test_every_function_of_the_auction_for_every_role() public {
        IClosingAuction auction = IClosingAuction(
            _deploy("ClosingAuction", abi.encode(market, uint256(120), uint256(120), uint256(60), uint256(1e6)))
        );
        _admitModule(address(auction));
        address target = address(auction);
        _anyone(ALLOWED, target, abi.encodeCall(IClosingAuction.depositBond, (1, 0)));
        bytes4 notTheAccount = IClosingAuction.NotTheAccount.selector;
        _everyone(notTheAccount);
        _but(Actor.Member, ALLOWED);
        _check(target, abi.encodeCall(IClosingAuction.withdrawBond, (1, 0)));
        bytes4 wrongPhase = IClosingAuction.WrongPhase.selector;
        bytes memory reveal = abi.encodeCall(IClosingAuction.reveal, (SLOT, 1, BUY, 10, 1, bytes32("s")));
        _anyone(wrongPhase, target, reveal);
        _anyone(wrongPhase, target, abi.encodeCall(IClosingAuction.clear, (SLOT, 1)));
        _anyone(wrongPhase, target, abi.encodeCall(IClosingAuction.closeUnrevealed, (SLOT, 1)));
        vm.warp(uint256(SLOT) * SLOT_SECONDS - 299);
        _everyone(notTheAccount);
        _but(Actor.Member, IClosingAuction.InsufficientBond.selector);
        _check(target, abi.encodeCall(IClosingAuction.commit, (SLOT, 1, bytes32("c"))));
        _everyone(IClosingAuction.NotTheOperator.selector);
        _but(Actor.Operator, ALLOWED);
        _check(target, abi.encodeCall(IClosingAuction.withdrawForfeits, (OPERATOR)));
        _assertTableIsComplete("ClosingAuction");
    }

    function _admitModule(address module) private {
        vm.prank(_actor(Actor.Admin));
        market.grantRole(keccak256("MODULE_ROLE"), module);
    }
}
