// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {IConsumerRegistration} from "./interfaces/IConsumerRegistration.sol";
import {IEnergyTrading} from "./interfaces/IEnergyTrading.sol";
import {IOrderRelay} from "./interfaces/IOrderRelay.sol";

/// @notice Checks who trades for a participant and within what limits, then trades through the market as its module.
contract OrderRelay is IOrderRelay, EIP712 {
    /// @dev What a key has ordered in the slot that its ring place was last used for.
    struct Ordered {
        uint32 slot;
        uint224 wh;
    }

    bytes32 public constant ORDER_TYPEHASH =
        keccak256("OrderRequest(uint32 slot,uint8 side,uint8 tick,uint32 quantityWh,bool rest)");
    bytes32 public constant BATCH_TYPEHASH = keccak256(
        "Batch(uint32 participant,uint256[] cancels,OrderRequest[] orders,uint256 nonce,uint64 deadline)"
        "OrderRequest(uint32 slot,uint8 side,uint8 tick,uint32 quantityWh,bool rest)"
    );

    IEnergyTrading public immutable market;
    IConsumerRegistration public immutable registration;
    uint256 private immutable _ringSize;

    mapping(address signer => mapping(uint256 word => uint256 bits)) private _usedNonces;
    mapping(address key => mapping(uint256 place => Ordered)) private _ordered;

    constructor(IEnergyTrading market_) EIP712("Gridbid OrderRelay", "1") {
        market = market_;
        registration = market_.registration();
        _ringSize = market_.ringSize();
    }

    /// @inheritdoc IOrderRelay
    function trade(uint32 participant, uint256[] calldata cancels, OrderRequest[] calldata requests)
        external
        returns (uint256[] memory orderNames)
    {
        return _trade(msg.sender, participant, cancels, requests);
    }

    /// @inheritdoc IOrderRelay
    function relay(Batch calldata batch, address signer, bytes calldata signature)
        external
        returns (uint256[] memory orderNames)
    {
        if (block.timestamp > batch.deadline) revert DeadlinePassed(batch.deadline);
        _useNonce(signer, batch.nonce);
        if (!SignatureChecker.isValidSignatureNow(signer, digestOf(batch), signature)) {
            revert InvalidSignature(signer);
        }
        return _trade(signer, batch.participant, batch.cancels, batch.orders);
    }

    /// @inheritdoc IOrderRelay
    function cancelNonce(uint256 nonce) external {
        _invalidate(nonce >> 8, 1 << (nonce & 0xff));
    }

    /// @inheritdoc IOrderRelay
    function invalidateNonces(uint256 word, uint256 bits) external {
        _invalidate(word, bits);
    }

    /// @inheritdoc IOrderRelay
    function isNonceUsed(address signer, uint256 nonce) external view returns (bool) {
        return _usedNonces[signer][nonce >> 8] & (1 << (nonce & 0xff)) != 0;
    }

    /// @inheritdoc IOrderRelay
    function orderedWhOf(address key, uint32 slot) external view returns (uint256) {
        Ordered memory ordered = _ordered[key][slot % _ringSize];
        return ordered.slot == slot ? ordered.wh : 0;
    }

    /// @inheritdoc IOrderRelay
    function digestOf(Batch calldata batch) public view returns (bytes32) {
        bytes32[] memory orderHashes = new bytes32[](batch.orders.length);
        for (uint256 i; i < orderHashes.length; ++i) {
            orderHashes[i] = keccak256(abi.encode(ORDER_TYPEHASH, batch.orders[i]));
        }
        return _hashTypedDataV4(
            keccak256(
                abi.encode(
                    BATCH_TYPEHASH,
                    batch.participant,
                    keccak256(abi.encodePacked(batch.cancels)),
                    keccak256(abi.encodePacked(orderHashes)),
                    batch.nonce,
                    batch.deadline
                )
            )
        );
    }

    function _trade(
        address signer,
        uint32 participant,
        uint256[] calldata cancels,
        OrderRequest[] calldata requests
    ) private returns (uint256[] memory) {
        if (registration.accountOf(participant) != signer) _limit(signer, participant, requests);
        return market.tradeFor(participant, cancels, requests);
    }

    /// @dev Hold a trading key to its limits, and count what it orders.
    function _limit(address signer, uint32 participant, OrderRequest[] calldata requests) private {
        IConsumerRegistration.TradingKey memory key = registration.tradingKeyOf(signer);
        if (participant == 0 || key.participant != participant || block.timestamp >= key.expiresAt) {
            revert NotAllowed(participant, signer);
        }
        for (uint256 i; i < requests.length; ++i) {
            uint32 quantityWh = requests[i].quantityWh;
            if (quantityWh > key.maxOrderWh) revert OrderAboveLimit(quantityWh, key.maxOrderWh);
            _count(signer, requests[i].slot, quantityWh, key.maxSlotWh);
        }
    }

    /// @dev Count an order of a key. A place's count begins anew only for a later slot, so a key cannot get rid of a
    /// count by turning to another slot and back.
    function _count(address key, uint32 slot, uint32 quantityWh, uint32 maxSlotWh) private {
        Ordered storage ordered = _ordered[key][slot % _ringSize];
        if (ordered.slot > slot) revert SlotPassed(slot, ordered.slot);
        uint256 orderedWh = (ordered.slot == slot ? ordered.wh : 0) + uint256(quantityWh);
        if (orderedWh > maxSlotWh) revert SlotAboveLimit(slot, orderedWh, maxSlotWh);
        (ordered.slot, ordered.wh) = (slot, uint224(orderedWh));
    }

    function _useNonce(address signer, uint256 nonce) private {
        uint256 bit = 1 << (nonce & 0xff);
        uint256 used = _usedNonces[signer][nonce >> 8];
        if (used & bit != 0) revert NonceUsed(signer, nonce);
        _usedNonces[signer][nonce >> 8] = used | bit;
    }

    function _invalidate(uint256 word, uint256 bits) private {
        _usedNonces[msg.sender][word] |= bits;
        emit NoncesInvalidated(msg.sender, word, bits);
    }
}
