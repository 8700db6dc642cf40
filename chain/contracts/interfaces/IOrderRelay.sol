// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IMarketTypes} from "./IMarketTypes.sol";

/// @notice Orders of participants that don't send them themselves: by trading keys within the limits that their
/// participants set in the registration, and by batches signed off the chain that anyone may bring.
/// @dev A signer is a participant's account, which has no limits here, or a trading key. Its signature is EIP-712 over
/// a whole batch, bound to this contract and chain; a contract signs by ERC-1271.
/// Assumptions:
///  - the market gave this contract the module's role.
///  - a contract that signs for a participant answers for what it approves.
interface IOrderRelay is IMarketTypes {
    /// @notice Orders to cancel, then orders to place, of one participant. Good until `deadline` (Unix time, incl.), and
    /// once: no batch of its signer with the same nonce is taken again. Nonces need no order.
    struct Batch {
        uint32 participant;
        uint256[] cancels;
        OrderRequest[] orders;
        uint256 nonce;
        uint64 deadline;
    }

    event NoncesInvalidated(address indexed signer, uint256 indexed word, uint256 bits);

    error DeadlinePassed(uint64 deadline);
    error NonceUsed(address signer, uint256 nonce);
    error InvalidSignature(address signer);
    /// @notice The signer is neither the participant's account nor a trading key of it that is still good.
    error NotAllowed(uint32 participant, address signer);
    error OrderAboveLimit(uint32 quantityWh, uint32 maxOrderWh);
    /// @notice The key's orders of this slot would come to more than it may place there.
    error SlotAboveLimit(uint32 slot, uint256 orderedWh, uint32 maxSlotWh);
    /// @notice The key has placed orders for a later slot of the same place in the ring.
    error SlotPassed(uint32 slot, uint256 laterSlot);

    /// @notice Cancel and place orders of a participant that the caller may trade for.
    /// @return orderNames Name of what rests of each order placed, 0 where nothing does.
    function trade(uint32 participant, uint256[] calldata cancels, OrderRequest[] calldata requests)
        external
        returns (uint256[] memory orderNames);

    /// @notice Carry out a signed batch. Anyone may bring it. An order that the market doesn't admit is skipped; a key
    /// that goes beyond its limits has its whole batch refused.
    function relay(Batch calldata batch, address signer, bytes calldata signature)
        external
        returns (uint256[] memory orderNames);

    /// @notice Make a nonce of the caller unusable, so that no batch that bears it is carried out any more.
    function cancelNonce(uint256 nonce) external;

    /// @notice Make several nonces of the caller unusable: 256 * word + i for each bit i that is set.
    function invalidateNonces(uint256 word, uint256 bits) external;

    function isNonceUsed(address signer, uint256 nonce) external view returns (bool);

    /// @notice What a trading key has ordered in a slot, Wh: whole orders, whatever became of them.
    function orderedWhOf(address key, uint32 slot) external view returns (uint256);

    /// @notice What a batch's signer signs.
    function digestOf(Batch calldata batch) external view returns (bytes32);
}
