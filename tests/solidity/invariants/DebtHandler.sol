// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IMarketTypes} from "../../../chain/contracts/interfaces/IMarketTypes.sol";
import {MarketHandler} from "./MarketHandler.sol";
import {vm} from "../setting/Vm.sol";

/// @notice Members that use what they never bought, on credit lines too, and a supplier that takes out what it can.
contract DebtHandler is MarketHandler {
    uint64 private constant LINE_NEUR = 200e6;

    function setUp() public override {
        super.setUp();
        _fundSupplier(1e9);
        for (uint32 participant = 1; participant <= MEMBERS; ++participant) {
            vm.prank(_account(participant));
            market.withdraw(FUNDS_NEUR - 1e9);
        }
    }

    /// @notice A meter says anything, more than once, and anyone settles.
    function settleAnyhow(uint256 member, uint256 behind, int32 wh, uint32 sequence) external {
        uint32 participant = uint32(bound(member, 1, MEMBERS));
        uint32 slot = lastOpened - uint32(behind % RING_SIZE);
        if (slot < SLOT || !_isShown(slot) || block.timestamp < (uint256(slot) + 1) * SLOT_SECONDS) return;
        (bool found,, uint32 last) = oracle.recordOf(vm.addr(_meterKey(participant)), participant, slot);
        if (found && sequence <= last) sequence = last + 1;
        if (sequence == 0 || block.timestamp > (uint256(slot) + 1) * SLOT_SECONDS + CHALLENGE_SECONDS) return;
        _read(participant, slot, int64(wh) % 10_000, sequence);
        uint32[] memory one = new uint32[](1);
        one[0] = participant;
        market.settleMany(slot, one);
    }

    /// @notice The supplier takes out as much as it is let.
    function drainSupplier(uint256 share) external {
        (uint256 uncovered, uint256 promised, uint256 owed) = market.obligations();
        int256 free = int256(market.supplierNeur()) - int256(uncovered + promised + owed);
        if (free <= 0) return;
        vm.prank(SUPPLIER);
        market.withdrawSupplier(SUPPLIER, bound(share, 0, uint256(free)));
    }

    function fundSupplier(uint256 neur) external {
        _fundSupplier(bound(neur, 0, 1e9));
    }

    function payOwed(uint256 member) external {
        uint32 participant = uint32(bound(member, 1, MEMBERS));
        uint256 owed = market.owedToNeur(participant);
        try market.payOwed(participant) {
            assertTrue(market.owedToNeur(participant) < owed, "less is owed");
        } catch (bytes memory reason) {
            assertTrue(bytes4(reason) == IMarketTypes.NothingToPay.selector, "nothing to pay with");
        }
    }

    /// @dev Credit lines where the supplier can stand for them.
    function _limits() internal view override returns (IMarketTypes.SeatLimits[] memory limits) {
        limits = super._limits();
        if (address(market) == address(0)) return limits;
        (uint256 uncovered, uint256 promised, uint256 owed) = market.obligations();
        int256 free = int256(market.supplierNeur()) - int256(uncovered + promised + owed);
        if (free < int256(MEMBERS * LINE_NEUR)) return limits;
        for (uint256 i; i < MEMBERS; ++i) {
            limits[i].creditLineNeur = LINE_NEUR;
        }
    }
}
