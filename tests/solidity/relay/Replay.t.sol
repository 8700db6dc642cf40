// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {IMarketTypes} from "../../../chain/contracts/interfaces/IMarketTypes.sol";
import {IOrderRelay} from "../../../chain/contracts/interfaces/IOrderRelay.sol";
import {Community} from "../setting/Community.sol";
import {vm} from "../setting/Vm.sol";

/// @notice A wallet that, asked whether it signed, tries to have the same batch relayed again.
contract ReenteringWallet is IERC1271 {
    IOrderRelay private _relay;
    bytes private _call;

    function prepare(IOrderRelay relay, bytes calldata call) external {
        (_relay, _call) = (relay, call);
    }

    /// @dev The check is a static call, so the relay's state cannot change in it.
    function isValidSignature(bytes32, bytes calldata) external view returns (bytes4) {
        (bool again,) = address(_relay).staticcall(_call);
        return again ? bytes4(0) : IERC1271.isValidSignature.selector;
    }
}

/// @notice Signed batches: whose, where, until when, and once.
contract ReplayTest is Community {
    uint256 private constant CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    IOrderRelay private relay;
    ReenteringWallet private wallet;

    function setUp() public override {
        super.setUp();
        relay = _newRelay();
    }

    function _account(uint32 participant) internal view override returns (address) {
        return participant == 3 ? address(uint160(0x3A11E7)) : super._account(participant);
    }

    function test_a_signed_batch_trades_once() public {
        IOrderRelay.Batch memory batch = _batch(1, 7);
        bytes memory signature = _signBatch(relay, batch);
        vm.prank(STRANGER);
        relay.relay(batch, _account(1), signature);
        assertEq(market.orders(SLOT, BUY).length, 1, "placed");
        vm.expectRevert(abi.encodeWithSelector(IOrderRelay.NonceUsed.selector, _account(1), 7));
        relay.relay(batch, _account(1), signature);
    }

    function test_a_batch_for_another_chain_or_another_relay_is_refused() public {
        IOrderRelay.Batch memory batch = _batch(1, 7);
        bytes memory signature = _signBatch(relay, batch);
        IOrderRelay twin = _newRelay();
        _refuses(twin, batch, signature);
        vm.chainId(block.chainid + 1);
        _refuses(relay, batch, signature);
    }

    function test_a_batch_with_another_content_nonce_or_deadline_is_refused() public {
        IOrderRelay.Batch memory batch = _batch(1, 7);
        bytes memory signature = _signBatch(relay, batch);
        batch.nonce = 8;
        _refuses(relay, batch, signature);
        batch.nonce = 7;
        batch.deadline += 1;
        _refuses(relay, batch, signature);
        batch.deadline -= 1;
        batch.orders[0].quantityWh += 1;
        _refuses(relay, batch, signature);
    }

    function test_a_signature_with_the_other_s_is_refused() public {
        IOrderRelay.Batch memory batch = _batch(1, 7);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(_key(1), relay.digestOf(batch));
        bytes32 otherS = bytes32(CURVE_ORDER - uint256(s));
        _refuses(relay, batch, abi.encodePacked(r, otherS, v == 27 ? uint8(28) : uint8(27)));
    }

    function test_a_batch_is_void_after_its_deadline_and_once_cancelled() public {
        IOrderRelay.Batch memory batch = _batch(1, 7);
        batch.deadline = uint64(block.timestamp);
        bytes memory signature = _signBatch(relay, batch);
        vm.prank(_account(1));
        relay.cancelNonce(7);
        vm.expectRevert(abi.encodeWithSelector(IOrderRelay.NonceUsed.selector, _account(1), 7));
        relay.relay(batch, _account(1), signature);
        vm.warp(block.timestamp + 1);
        vm.expectRevert(abi.encodeWithSelector(IOrderRelay.DeadlinePassed.selector, batch.deadline));
        relay.relay(batch, _account(1), signature);
    }

    function test_one_member_cannot_sign_for_another() public {
        IOrderRelay.Batch memory batch = _batch(2, 7);
        bytes memory signature = _signBatch(relay, batch);
        vm.expectRevert(abi.encodeWithSelector(IOrderRelay.NotAllowed.selector, 2, _account(1)));
        relay.relay(batch, _account(1), signature);
    }

    function test_a_wallet_that_calls_back_gets_its_batch_traded_once() public {
        IOrderRelay.Batch memory batch = _batch(3, 7);
        bytes memory call = abi.encodeCall(IOrderRelay.relay, (batch, _account(3), ""));
        wallet = new ReenteringWallet();
        vm.etch(_account(3), address(wallet).code);
        ReenteringWallet(_account(3)).prepare(relay, call);
        relay.relay(batch, _account(3), "");
        assertEq(market.orders(SLOT, BUY).length, 1, "once");
    }

    function _newRelay() private returns (IOrderRelay created) {
        created = IOrderRelay(_deploy("OrderRelay", abi.encode(market)));
        market.grantRole(keccak256("MODULE_ROLE"), address(created));
    }

    function _batch(uint32 participant, uint256 nonce) private view returns (IOrderRelay.Batch memory) {
        IMarketTypes.OrderRequest[] memory requests = new IMarketTypes.OrderRequest[](1);
        requests[0] = IMarketTypes.OrderRequest(SLOT, BUY, 10, 100, true);
        return IOrderRelay.Batch(participant, new uint256[](0), requests, nonce, uint64(block.timestamp + 60));
    }

    /// @dev Signed by member 1's account.
    function _signBatch(IOrderRelay by, IOrderRelay.Batch memory batch) private view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(_key(1), by.digestOf(batch));
        return abi.encodePacked(r, s, v);
    }

    function _refuses(IOrderRelay by, IOrderRelay.Batch memory batch, bytes memory signature) private {
        vm.expectRevert(abi.encodeWithSelector(IOrderRelay.InvalidSignature.selector, _account(1)));
        by.relay(batch, _account(1), signature);
    }
}
