// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Assertions} from "../setting/Assertions.sol";
import {Market, Token} from "../setting/Contracts.sol";
import {DebtHandler} from "./DebtHandler.sol";
import {MarketHandler} from "./MarketHandler.sol";

/// @notice What holds although members run into debt and the supplier takes out what it can.
contract DebtInvariants is Assertions {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    DebtHandler private handler;
    Market private market;
    Token private token;

    function setUp() public {
        handler = new DebtHandler();
        handler.setUp();
        (address token_, address market_) = handler.contracts();
        (token, market) = (Token(token_), Market(market_));
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function targetSelectors() public view returns (FuzzSelector[] memory targets) {
        bytes4[] memory selectors = new bytes4[](11);
        selectors[0] = MarketHandler.place.selector;
        selectors[1] = MarketHandler.cancel.selector;
        selectors[2] = MarketHandler.deposit.selector;
        selectors[3] = MarketHandler.withdraw.selector;
        selectors[4] = MarketHandler.elapse.selector;
        selectors[5] = MarketHandler.settle.selector;
        selectors[6] = DebtHandler.settleAnyhow.selector;
        selectors[7] = DebtHandler.drainSupplier.selector;
        selectors[8] = DebtHandler.fundSupplier.selector;
        selectors[9] = DebtHandler.payOwed.selector;
        selectors[10] = MarketHandler.place.selector; // twice as often
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(handler), selectors);
    }

    /// @notice Nobody's debt is paid by another member: everybody could withdraw at once.
    function invariant_tokens_cover_what_everybody_can_withdraw() public view {
        int256 withdrawable = market.operatorNeur() + _positive(_freeNeur());
        for (uint32 participant = 1; participant <= handler.memberCount(); ++participant) {
            withdrawable += _positive(market.availableOf(participant));
        }
        assertAtMost(withdrawable, int256(token.balanceOf(address(market))), "tokens");
    }

    /// @notice The supplier's balance covers the debts and lines that it stands for.
    function invariant_the_supplier_covers_what_it_answers_for() public view {
        (uint256 uncovered, uint256 promised,) = market.obligations();
        assertAtMost(int256(uncovered + promised), market.supplierNeur(), "obligations");
    }

    /// @notice What is owed in all is the sum of what is owed to each.
    function invariant_what_is_owed_in_all_is_owed_to_members() public view {
        uint256 owed;
        for (uint32 participant = 1; participant <= handler.memberCount(); ++participant) {
            owed += market.owedToNeur(participant);
        }
        (,, uint256 owedInAll) = market.obligations();
        assertEq(owedInAll, owed, "owed");
    }

    function _freeNeur() private view returns (int256) {
        (uint256 uncovered, uint256 promised,) = market.obligations();
        return int256(market.supplierNeur()) - int256(uncovered + promised);
    }

    function _positive(int256 neur) private pure returns (int256) {
        return neur > 0 ? neur : int256(0);
    }
}
