// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IConsumerRegistration, IRegistrationObserver} from "./interfaces/IConsumerRegistration.sol";
import {Slots} from "./Slots.sol";
import {AccountWord, AccountWords} from "./words/AccountWord.sol";
import {PositionWord} from "./words/PositionWord.sol";
import {SeatWord} from "./words/SeatWord.sol";

/// @notice Credit of participants, supplier and operator, and what orders and fills hold of it.
/// @dev The supplier stands behind everybody: what a member comes to owe, it owes to the supplier, and what a credit
/// line lets a member hold less, the supplier holds. So of its balance it may not have
///  - U, the sum over accounts of what is held or owed beyond the balance, and
///  - H, the credit lines of seats that are not settled;
/// what is left is free: free = supplierNeur - U - H. True at all times, by construction:
///  1. free >= 0. Whatever would take it below zero is refused (withdrawing, opening slots with lines) or owed (a
///     surplus, which then waits in `owedToNeur` until there is money); whatever a seat's settlement takes from its
///     participant is covered by what the seat held and its line, or raises U and supplierNeur alike.
///  2. tokens held >= the sum over members of what they can withdraw + operatorNeur + free: trades of a slot cancel out
///     over its buyers and sellers, and what the unsettled ones have yet to pay they hold, or their line does.
///  3. Hence nobody's debt is paid by another member: it is the supplier's balance that it is missing from.
/// (1 and 2 rest on locks that cover what a seat may come to pay for its trades: `_requireSound` of Slots.)
///
/// An account's locked amount counts open orders until they are found to have expired. So what it shows as
/// available is never too much, and an order that it covers needs no search; before anything is refused for want of
/// credit, `_released` goes through the slots whose gates have closed since it last did, and makes it exact.
abstract contract Accounts is Slots, IRegistrationObserver {
    using SafeERC20 for IERC20;

    IERC20 public immutable token;
    IConsumerRegistration public immutable registration;

    /// @dev What the supplier answers for, nEUR.
    struct Obligations {
        uint96 uncoveredNeur; // U
        uint80 promisedNeur; // H
        uint80 owedNeur; // surpluses that it could not pay
    }

    /// @notice Supplier's and operator's accounts, nEUR.
    int128 public supplierNeur;
    int128 public operatorNeur;

    Obligations internal _obligations;
    mapping(uint32 participant => uint256 neur) internal _owedTo;

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
        address known = _owners[participant];
        AccountWord account =
            known == address(0) ? AccountWords.opened(participant, _lastClosedSlot() + 1) : _accounts[known];
        if (owner != known) {
            if (_accounts[owner].participant() != 0) revert AccountTaken(owner);
            if (known != address(0)) _accounts[known] = AccountWord.wrap(0);
            _owners[participant] = owner;
        }
        _accounts[owner] = account.withSuspended(registration.isSuspended(participant));
    }

    function _deposit(uint32 participant, uint256 amountNeur) internal {
        address owner = _ownerOf(participant);
        AccountWord account = _accounts[owner];
        _storeAccount(owner, account, account.credited(SafeCast.toInt256(amountNeur)));
        emit Deposited(participant, msg.sender, amountNeur);
        token.safeTransferFrom(msg.sender, address(this), amountNeur);
    }

    function _withdraw(uint256 amountNeur) internal {
        AccountWord before = _accounts[msg.sender];
        if (before.participant() == 0) revert NotRegistered();
        AccountWord account = _released(before);
        _requireAvailable(account.available(), amountNeur);
        _storeAccount(msg.sender, before, account.credited(-int256(amountNeur)));
        emit Withdrawn(uint32(account.participant()), amountNeur);
        token.safeTransfer(msg.sender, amountNeur);
    }

    function _depositSupplier(uint256 amountNeur) internal {
        supplierNeur += _toInt128(amountNeur);
        emit SupplierDeposited(msg.sender, amountNeur);
        token.safeTransferFrom(msg.sender, address(this), amountNeur);
    }

    function _withdrawSupplier(address to, uint256 amountNeur) internal {
        _requireAvailable(_unpledgedNeur(), amountNeur);
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

    /// @dev Have the supplier stand behind credit lines of a slot that is being opened.
    function _promise(uint256 neur) internal {
        if (neur == 0) return;
        _requireAvailable(_unpledgedNeur(), neur);
        _obligations.promisedNeur += SafeCast.toUint80(neur);
    }

    /// @dev Pay what the supplier owes to a participant, as far as it can.
    function _payOwed(uint32 participant) internal {
        uint256 owedNeur = _owedTo[participant];
        address owner = _ownerOf(participant);
        AccountWord before = _accounts[owner];
        AccountWord account = _released(before);
        uint256 paidNeur = Math.min(owedNeur, account.uncovered() + _freeNeur(before, account));
        if (paidNeur == 0) revert NothingToPay(participant, owedNeur);
        _owedTo[participant] = owedNeur - paidNeur;
        _obligations.owedNeur -= SafeCast.toUint80(paidNeur);
        supplierNeur -= _toInt128(paidNeur);
        _storeAccount(owner, before, account.credited(int256(paidNeur)));
        emit OwedPaid(participant, paidNeur, owedNeur - paidNeur);
    }

    /// @dev Store a changed account, `before` being what is stored, and keep the sum of what is uncovered.
    /// Whatever may change whether an account is covered goes through here.
    function _storeAccount(address owner, AccountWord before, AccountWord account) internal {
        uint256 uncoveredBefore = before.uncovered();
        uint256 uncovered = account.uncovered();
        if (uncovered != uncoveredBefore) {
            _obligations.uncoveredNeur =
                SafeCast.toUint96(_obligations.uncoveredNeur + uncovered - uncoveredBefore);
        }
        _accounts[owner] = account;
    }

    /// @dev Release for good what an account's expired orders held.
    function _release(address owner) internal returns (AccountWord account) {
        AccountWord before = _accounts[owner];
        account = _released(before);
        _storeAccount(owner, before, account);
    }

    /// @dev What the supplier may take out or promise: what is free, and is not owed to anybody.
    function _unpledgedNeur() internal view returns (int256) {
        Obligations memory pledged = _obligations;
        return int256(supplierNeur)
            - int256(uint256(pledged.uncoveredNeur) + pledged.promisedNeur + pledged.owedNeur);
    }

    /// @dev What is free of the supplier's balance once an account has been changed but not stored.
    function _freeNeur(AccountWord before, AccountWord account) private view returns (uint256) {
        Obligations memory pledged = _obligations;
        uint256 uncoveredNeur = pledged.uncoveredNeur + account.uncovered() - before.uncovered();
        int256 free = int256(supplierNeur) - int256(uncoveredNeur + pledged.promisedNeur);
        return free > 0 ? uint256(free) : 0;
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

    /// @dev What a participant's orders in a ring place held of its own credit, if the slot that lives there is within [first, last].
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
        if (slot < first || slot > last || (position.openBuyWh() | position.openSellWh()) == 0) return 0;
        SeatWord terms = seat.terms;
        // Settlement has released it: of this slot, or before the place was given to a later one.
        if (terms.isSettled() || terms.generationOf() != generation) return 0;
        (uint256 openLock, uint256 fillLock) = _locks(seat, terms, position);
        return _ownPart(terms, fillLock + openLock) - _ownPart(terms, fillLock);
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
