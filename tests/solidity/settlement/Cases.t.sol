// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IMarketTypes} from "../../../chain/contracts/interfaces/IMarketTypes.sol";
import {Community} from "../setting/Community.sol";
import {vm} from "../setting/Vm.sol";

/// @notice Settlement by the cases that Python reads too: tests/chain/settlement_cases.json.
contract SettlementCasesTest is Community {
    uint32 private constant CASE_SLOT = SLOT + 1;

    string private document;

    function setUp() public override {
        super.setUp();
        document = vm.readFile("tests/chain/settlement_cases.json");
        for (uint32 participant = 1; participant <= MEMBERS; ++participant) {
            vm.prank(_account(participant));
            market.withdraw(FUNDS_NEUR);
        }
    }

    function test_every_shared_case_settles_as_it_says() public {
        uint256 count = _count(".cases");
        assertTrue(count != 0, "there are cases");
        uint256 start = vm.snapshotState();
        for (uint256 i; i < count; ++i) {
            _play(string.concat(".cases[", vm.toString(i), "]"));
            assertTrue(vm.revertToState(start), "from the same state");
        }
    }

    function _play(string memory one) private {
        _fundSupplier(_uint(one, ".supplier_neur"));
        uint256 seats = _count(string.concat(one, ".participants"));
        IMarketTypes.SeatLimits[] memory limits = new IMarketTypes.SeatLimits[](seats);
        for (uint256 i; i < seats; ++i) {
            string memory participant = string.concat(one, ".participants[", vm.toString(i), "]");
            _fund(uint32(i + 1), _uint(participant, ".balance_neur"));
            uint64 line = uint64(_uint(participant, ".credit_line_neur"));
            limits[i] = IMarketTypes.SeatLimits(uint32(i + 1), LIMIT_WH, LIMIT_WH, line);
        }
        _openSlot(CASE_SLOT, _termsOf(string.concat(one, ".terms")), limits);
        uint256 trades = _count(string.concat(one, ".trades"));
        for (uint256 i; i < trades; ++i) {
            _trade(string.concat(one, ".trades[", vm.toString(i), "]"));
        }
        vm.warp((uint256(CASE_SLOT) + 1) * SLOT_SECONDS + DEADLINE_SECONDS);
        uint256 steps = _count(string.concat(one, ".steps"));
        for (uint256 i; i < steps; ++i) {
            string memory step = string.concat(one, ".steps[", vm.toString(i), "]");
            _act(step, uint32(i + 1));
            _compare(string.concat(step, ".after"), seats);
        }
    }

    function _trade(string memory trade) private {
        uint8 tick = uint8(_uint(trade, ".tick"));
        uint32 wh = uint32(_uint(trade, ".quantity_wh"));
        vm.prank(_account(uint32(_uint(trade, ".seller"))));
        market.place(CASE_SLOT, SELL, tick, wh, true);
        vm.prank(_account(uint32(_uint(trade, ".buyer"))));
        assertEq(market.place(CASE_SLOT, BUY, tick, wh, true), 0, "filled");
    }

    function _act(string memory step, uint32 sequence) private {
        bytes32 action = keccak256(bytes(vm.parseJsonString(document, string.concat(step, ".action"))));
        if (action == keccak256("deposit_supplier")) return _fundSupplier(_uint(step, ".amount_neur"));
        uint32 participant = uint32(_uint(step, ".participant"));
        if (action == keccak256("deposit")) return _fund(participant, _uint(step, ".amount_neur"));
        if (action == keccak256("pay_owed")) return market.payOwed(participant);
        assertTrue(action == keccak256("settle"), "a known action");
        _bringReading(step, participant, sequence);
        market.settle(CASE_SLOT, participant);
    }

    function _bringReading(string memory step, uint32 participant, uint32 sequence) private {
        bytes32 quality = keccak256(bytes(vm.parseJsonString(document, string.concat(step, ".quality"))));
        int64 wh = int64(_int(step, ".reading_wh"));
        if (quality == keccak256("metered")) return _read(participant, CASE_SLOT, wh, sequence);
        if (quality == keccak256("substitute")) {
            vm.prank(KEEPER);
            return oracle.substitute(participant, CASE_SLOT, wh, "profile");
        }
        assertTrue(quality == keccak256("ruled"), "a known quality");
        vm.prank(_account(participant));
        oracle.challenge(participant, CASE_SLOT, "");
        vm.prank(ARBITER);
        oracle.rule(participant, CASE_SLOT, wh, "");
    }

    function _compare(string memory expected, uint256 seats) private view {
        for (uint32 i; i < seats; ++i) {
            string memory index = string.concat("[", vm.toString(i), "]");
            assertEq(
                market.balanceOf(i + 1), _int(expected, string.concat(".balances_neur", index)), "balance"
            );
            assertEq(market.owedToNeur(i + 1), _uint(expected, string.concat(".owed_neur", index)), "owed");
        }
        assertEq(market.supplierNeur(), _int(expected, ".supplier_neur"), "supplier");
        assertEq(market.operatorNeur(), _int(expected, ".operator_neur"), "operator");
    }

    function _termsOf(string memory terms) private view returns (IMarketTypes.Terms memory) {
        return IMarketTypes.Terms(
            int32(_int(terms, ".retail")),
            int32(_int(terms, ".feed_in")),
            int32(_int(terms, ".fee")),
            int32(_int(terms, ".floor")),
            int32(_int(terms, ".price_cap"))
        );
    }

    /// @dev Length of a list in the document.
    function _count(string memory path) private view returns (uint256 count) {
        while (vm.keyExistsJson(document, string.concat(path, "[", vm.toString(count), "]"))) {
            ++count;
        }
    }

    function _uint(string memory path, string memory key) private view returns (uint256) {
        return vm.parseJsonUint(document, string.concat(path, key));
    }

    function _int(string memory path, string memory key) private view returns (int256) {
        return vm.parseJsonInt(document, string.concat(path, key));
    }
}
