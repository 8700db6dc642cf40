// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IConsumerRegistration, IRegistrationObserver} from "./interfaces/IConsumerRegistration.sol";
import {Slots} from "./Slots.sol";
import {AccountWord, AccountWords} from "./words/AccountWord.sol";
import {PositionWord} from "./words/PositionWord.sol";

/// @notice Credit of participants, supplier and operator, and what orders and fills hold of it.
/// @dev An account's locked amount counts open orders until they are found to have expired. So what it shows as
/// available is never too much, and an order that it covers needs no search; before anything is refused for want of
/// credit, `_released` goes through the slots whose gates have closed since it last did, and makes it exact.
abstract contract Accounts is Slots, IRegistrationObserver {
    using SafeERC20 for IERC20;

    IERC20 public immutable token;
    IConsumerRegistration public immutable registration;

    /// @notice Supplier's and operator's accounts, nEUR; below zero they owe.
    int128 public supplierNeur;
    int128 public operatorNeur;

    mapping(address owner => AccountWord) internal _accounts;
    mapping(uint32 participant => address owner) internal _owners;

    constructor(IERC20 token_, IConsumerRegistration registration_) {
        token = token_;
        registration = registration_;
    }

    /// @inheritdoc IRegistrationObserver
    function sync(uint32 participant) external {
        address owner = registration.accountOf(participant);
        if (owner == address(0)) revert UnknownParticipant(participant);
        address oldOwner = _owners[participant];
        AccountWord account = _accounts[oldOwner];
        if (owner != oldOwner) {
            if (_accounts[owner].participant() != 0) revert AccountTaken(owner);
            if (oldOwner == address(0)) account = AccountWords.opened(participant, _lastClosedSlot() + 1);
            _accounts[oldOwner] = AccountWord.wrap(0);
            _owners[participant] = owner;
        }
        _accounts[owner] = account.withSuspended(registration.isSuspended(participant));
    }

    function _deposit(uint32 participant, uint256 amountNeur) internal {
        address owner = _ownerOf(participant);
        _accounts[owner] = _accounts[owner].credited(SafeCast.toInt256(amountNeur));
        emit Deposited(participant, msg.sender, amountNeur);
        token.safeTransferFrom(msg.sender, address(this), amountNeur);
    }

    function _withdraw(uint256 amountNeur) internal {
        AccountWord account = _accounts[msg.sender];
        if (account.participant() == 0) revert NotRegistered();
        account = _released(account);
        _requireAvailable(account.available(), amountNeur);
        _accounts[msg.sender] = account.credited(-int256(amountNeur));
        emit Withdrawn(uint32(account.participant()), amountNeur);
        token.safeTransfer(msg.sender, amountNeur);
    }

    function _depositSupplier(uint256 amountNeur) internal {
        supplierNeur += _toInt128(amountNeur);
        emit SupplierDeposited(msg.sender, amountNeur);
        token.safeTransferFrom(msg.sender, address(this), amountNeur);
    }

    function _withdrawSupplier(address to, uint256 amountNeur) internal {
        _requireAvailable(supplierNeur, amountNeur);
        supplierNeur -= _toInt128(amountNeur);
        emit SupplierWithdrawn(to, amountNeur);
        token.safeTransfer(to, amountNeur);
    }

    function _withdrawOperator(address to, uint256 amountNeur) internal {
        _requireAvailable(operatorNeur, amountNeur);
        operatorNeur -= _toInt128(amountNeur);
        emit OperatorWithdrawn(to, amountNeur);
        token.safeTransfer(to, amountNeur);
    }

    function _ownerOf(uint32 participant) internal view returns (address owner) {
        owner = _owners[participant];
        if (owner == address(0)) revert UnknownParticipant(participant);
    }

    /// @dev The account with what its expired orders held released.
    function _released(AccountWord account) internal view returns (AccountWord) {
        uint256 first = account.cursor();
        uint256 last = _lastClosedSlot();
        if (first > last) return account;
        uint256 participant = account.participant();
        uint256 places = last + 1 - first;
        if (places > ringSize) places = ringSize;
        uint256 expiredNeur;
        for (uint256 i; i < places; ++i) {
            expiredNeur += _expiredLock(_place(first + i), participant, first, last);
        }
        return account.released(expiredNeur).withCursor(last + 1);
    }

    /// @dev What a participant's orders in a ring place held, if the slot that lives there is within [first, last].
    function _expiredLock(uint256 place_, uint256 participant, uint256 first, uint256 last)
        private
        view
        returns (uint256)
    {
        Seat storage seat = _seat(place_, participant);
        PositionWord position = seat.position;
        uint256 generation = position.generationOf();
        if (generation == 0) return 0;
        uint256 slot = _slotOf(place_, generation);
        return slot < first || slot > last ? 0 : _openLock(seat, position);
    }

    function _requireAvailable(int256 availableNeur, uint256 amountNeur) private pure {
        if (availableNeur < 0 || uint256(availableNeur) < amountNeur) {
            revert InsufficientCredit(availableNeur, amountNeur);
        }
    }

    function _toInt128(uint256 amountNeur) private pure returns (int128) {
        return SafeCast.toInt128(SafeCast.toInt256(amountNeur));
    }
}
