// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IMarketTypes} from "../../../chain/contracts/interfaces/IMarketTypes.sol";
import {Assertions} from "../setting/Assertions.sol";
import {Market, Token} from "../setting/Contracts.sol";
import {MarketHandler} from "./MarketHandler.sol";

/// @notice What holds after every action, whoever did what before.
contract MarketInvariants is Assertions {
    /// @dev What forge asks for: the functions that a campaign calls.
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    MarketHandler private handler;
    Market private market;
    Token private token;

    function setUp() public {
        handler = new MarketHandler();
        handler.setUp();
        (address token_, address market_) = handler.contracts();
        (token, market) = (Token(token_), Market(market_));
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function targetSelectors() public view returns (FuzzSelector[] memory targets) {
        bytes4[] memory selectors = new bytes4[](9);
        selectors[0] = MarketHandler.place.selector;
        selectors[1] = MarketHandler.cancel.selector;
        selectors[2] = MarketHandler.reduce.selector;
        selectors[3] = MarketHandler.deposit.selector;
        selectors[4] = MarketHandler.withdraw.selector;
        selectors[5] = MarketHandler.togglePause.selector;
        selectors[6] = MarketHandler.elapse.selector;
        selectors[7] = MarketHandler.settle.selector;
        selectors[8] = MarketHandler.place.selector; // twice as often
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(handler), selectors);
    }

    /// @notice Accounts, and what settled trades still move between them, sum to the tokens that the market holds.
    function invariant_cash_is_conserved() public view {
        int256 cash = int256(market.supplierNeur()) + market.operatorNeur();
        for (uint32 participant = 1; participant <= handler.memberCount(); ++participant) {
            cash += market.balanceOf(participant) + _unsettledTradeCash(participant);
        }
        assertEq(cash, int256(token.balanceOf(address(market))), "cash");
    }

    function invariant_what_is_bought_in_a_slot_is_sold_in_it() public view {
        uint32[] memory slots = handler.shownSlots();
        for (uint256 i; i < slots.length; ++i) {
            int256 energyWh;
            int256 cashNeur;
            for (uint32 participant = 1; participant <= handler.memberCount(); ++participant) {
                IMarketTypes.Position memory position = market.positionOf(slots[i], participant);
                energyWh += int256(position.boughtWh) - int256(position.soldWh);
                cashNeur += position.paidNeur - position.receivedNeur;
            }
            assertEq(energyWh, 0, "energy");
            assertEq(cashNeur, 0, "cash");
        }
    }

    function invariant_the_book_is_never_crossed() public view {
        uint32[] memory slots = handler.shownSlots();
        for (uint256 i; i < slots.length; ++i) {
            (IMarketTypes.Depth memory bid, IMarketTypes.Depth memory ask) = market.best(slots[i]);
            if (bid.quantityWh != 0 && ask.quantityWh != 0) assertTrue(bid.tick < ask.tick, "bid below ask");
        }
    }

    /// @notice Open quantity at the seats is what rests in the book, to the Wh.
    function invariant_what_is_open_rests_in_the_book() public view {
        uint32[] memory slots = handler.shownSlots();
        for (uint256 i; i < slots.length; ++i) {
            uint256 openWh;
            for (uint32 participant = 1; participant <= handler.memberCount(); ++participant) {
                IMarketTypes.Position memory position = market.positionOf(slots[i], participant);
                openWh += position.openBuyWh + position.openSellWh;
            }
            assertEq(_restingWh(slots[i]), openWh, "Wh");
        }
    }

    /// @notice Who uses no more than it bought never owes: what admission allows covers the worst case of each trade.
    function invariant_what_admission_allows_covers_the_worst_case() public view {
        for (uint32 participant = 1; participant <= handler.memberCount(); ++participant) {
            assertTrue(market.availableOf(participant) >= 0, "available");
        }
    }

    function invariant_energy_in_a_seat_stays_inside_its_envelope() public view {
        uint32[] memory slots = handler.shownSlots();
        for (uint256 i; i < slots.length; ++i) {
            for (uint32 participant = 1; participant <= handler.memberCount(); ++participant) {
                IMarketTypes.Position memory position = market.positionOf(slots[i], participant);
                (int256 importWh, int256 exportWh,) = market.limitsOf(slots[i], participant);
                int256 netWh = int256(position.boughtWh) - int256(position.soldWh);
                assertAtMost(netWh + int256(position.openBuyWh), importWh, "import");
                assertAtMost(int256(position.openSellWh) - netWh, exportWh, "export");
            }
        }
    }

    /// @dev What a participant has yet to receive, or pay, for trades in slots that it has not settled.
    function _unsettledTradeCash(uint32 participant) private view returns (int256 neur) {
        uint32[] memory slots = handler.shownSlots();
        for (uint256 i; i < slots.length; ++i) {
            IMarketTypes.Position memory position = market.positionOf(slots[i], participant);
            if (!position.settled) neur += position.receivedNeur - position.paidNeur;
        }
    }

    function _restingWh(uint32 slot) private view returns (uint256 wh) {
        for (uint8 side; side < 2; ++side) {
            IMarketTypes.RestingOrder[] memory orders = market.orders(slot, IMarketTypes.Side(side));
            for (uint256 i; i < orders.length; ++i) {
                wh += orders[i].quantityWh;
            }
        }
    }
}
