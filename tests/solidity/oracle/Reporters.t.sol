// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IMeterOracle} from "../../../chain/contracts/interfaces/IMeterOracle.sol";
import {Community} from "../setting/Community.sol";
import {vm} from "../setting/Vm.sol";

/// @notice Who reports for a meter, what of it is refused, and when nothing changes any more.
contract ReportersTest is Community {
    uint256 private constant OTHER = 0xAAA;

    function setUp() public override {
        super.setUp();
        _endDelivery(SLOT);
    }

    function test_reporters_without_sense_are_refused() public {
        address[] memory one = _others(1);
        vm.expectRevert(abi.encodeWithSelector(IMeterOracle.BadQuorum.selector, 0, 2));
        oracle.setReporters(1, one, 0, 5);
        vm.expectRevert(abi.encodeWithSelector(IMeterOracle.BadQuorum.selector, 3, 2));
        oracle.setReporters(1, one, 3, 5);
        vm.expectRevert(abi.encodeWithSelector(IMeterOracle.PlausibleBoundOutOfRange.selector, 0));
        oracle.setReporters(1, one, 1, 0);
        vm.expectRevert(abi.encodeWithSelector(IMeterOracle.PlausibleBoundOutOfRange.selector, 1 << 30));
        oracle.setReporters(1, one, 1, 1 << 30);
        vm.expectRevert(abi.encodeWithSelector(IMeterOracle.TooManyReporters.selector, 7));
        oracle.setReporters(1, _others(7), 1, 5);
        vm.expectRevert(abi.encodeWithSelector(IMeterOracle.UnknownMeter.selector, 9));
        oracle.setReporters(9, one, 1, 5);
        vm.expectRevert(abi.encodeWithSelector(IMeterOracle.UnknownMeter.selector, 9));
        oracle.sync(9);
        one[0] = vm.addr(_meterKey(1));
        vm.expectRevert(abi.encodeWithSelector(IMeterOracle.DuplicateReporter.selector, one[0]));
        oracle.setReporters(1, one, 1, 5);
        one[0] = address(0);
        vm.expectRevert(IMeterOracle.ZeroReporter.selector);
        oracle.setReporters(1, one, 1, 5);
    }

    function test_a_change_holds_from_the_running_slot_and_leaves_earlier_ones_alone() public {
        oracle.setReporters(1, _others(1), 2, 1_000);
        oracle.setReporters(1, _others(2), 2, 1_000); // in the same slot: instead of the first
        (address[] memory before,,) = oracle.reportersOf(1, SLOT);
        assertEq(before.length, 1, "the meter alone");
        (address[] memory keys, uint8 quorum, uint32 plausibleWh) = oracle.reportersOf(1, SLOT + 1);
        assertEq(keys.length, 3, "keys");
        assertEq(quorum, 2, "quorum");
        assertEq(plausibleWh, 1_000, "bound");
        registration.rotateMeterKey(1, address(0x3E7));
        (keys,,) = oracle.reportersOf(1, SLOT + 1);
        assertEq(keys[0], address(0x3E7), "the meter's own, rotated");
        assertEq(keys.length, 3, "the others stay");
        _read(1, SLOT, 100);
        _assertReading(SLOT, IMeterOracle.Quality.Metered, 100);
    }

    function test_after_too_many_changes_an_old_slot_has_no_reporters() public {
        _read(1, SLOT, 100);
        for (uint32 i; i < 17; ++i) {
            _endDelivery(SLOT + i);
            oracle.setReporters(1, _others(1), 1, 1_000 + i);
        }
        (address[] memory keys,,) = oracle.reportersOf(1, SLOT);
        assertEq(keys.length, 0, "nobody");
        _assertReading(SLOT, IMeterOracle.Quality.None, 0);
        assertTrue(oracle.isFinal(1, SLOT), "long over");
    }

    function test_an_implausible_reading_of_the_meter_alone_is_no_reading() public {
        oracle.setReporters(1, new address[](0), 1, 500);
        _endDelivery(SLOT + 1);
        _read(1, SLOT + 1, -501);
        _assertReading(SLOT + 1, IMeterOracle.Quality.None, 0);
        _read(1, SLOT + 1, -500, 2);
        _assertReading(SLOT + 1, IMeterOracle.Quality.Metered, -500);
        (bool found, int64 wh, uint32 sequence) = oracle.recordOf(vm.addr(_meterKey(1)), 1, SLOT + 1);
        assertTrue(found && wh == -500 && sequence == 2, "its record");
        (found,,) = oracle.recordOf(vm.addr(_meterKey(1)), 1, SLOT);
        assertTrue(!found, "none of the slot before");
    }

    function test_registers_that_run_backwards_or_too_far_are_refused() public {
        IMeterOracle.Reading memory reading = _reading(1, SLOT, 5, 1);
        reading.importEndWh = reading.importStartWh - 1;
        _refuses(reading, abi.encodeWithSelector(IMeterOracle.RegisterRunsBackwards.selector, 1e6, 1e6 - 1));
        reading.importEndWh = 1 << 48;
        _refuses(reading, abi.encodeWithSelector(IMeterOracle.RegisterOutOfRange.selector, 1 << 48));
        reading.importEndWh = reading.importStartWh + (1 << 30);
        _refuses(reading, abi.encodeWithSelector(IMeterOracle.ReadingOutOfRange.selector, 1 << 30));
        reading = _reading(1, SLOT, 5, 0);
        _refuses(reading, abi.encodeWithSelector(IMeterOracle.AlreadyRead.selector, 1, SLOT));
        vm.expectRevert(abi.encodeWithSelector(IMeterOracle.BadBatch.selector, 95));
        oracle.submitMany(SLOT, new bytes(95));
        vm.expectRevert();
        oracle.submitMany(SLOT, new bytes(96)); // a signature of nobody
    }

    /// @dev A meter whose later registers begin before the earlier ones ended: anybody may challenge it.
    function test_anybody_may_challenge_registers_that_run_backwards_from_slot_to_slot() public {
        _read(1, SLOT, 100);
        assertTrue(!oracle.runsBackwards(1, 0), "there is none before the first");
        _endDelivery(SLOT + 1);
        assertTrue(!oracle.runsBackwards(1, SLOT + 1), "not read yet");
        _read(1, SLOT + 1, 50); // from a million again
        assertTrue(oracle.runsBackwards(1, SLOT + 1), "backwards");
        vm.prank(STRANGER);
        oracle.challenge(1, SLOT + 1, "backwards");
        assertTrue(!oracle.isFinal(1, SLOT + 1), "challenged");
        vm.prank(ARBITER);
        vm.expectRevert(abi.encodeWithSelector(IMeterOracle.ReadingOutOfRange.selector, 1 << 30));
        oracle.rule(1, SLOT + 1, 1 << 30, 0);
        vm.prank(ARBITER);
        oracle.rule(1, SLOT + 1, -7, 0);
        assertTrue(oracle.isFinal(1, SLOT + 1), "ruled");
        _assertReading(SLOT + 1, IMeterOracle.Quality.Ruled, -7);
    }

    function test_a_challenge_comes_in_time_to_a_reading_and_from_who_may() public {
        vm.prank(_account(1));
        vm.expectRevert(abi.encodeWithSelector(IMeterOracle.NothingToChallenge.selector, 1, SLOT));
        oracle.challenge(1, SLOT, 0);
        _read(1, SLOT, 100);
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IMeterOracle.NotYourReading.selector, 1, STRANGER));
        oracle.challenge(1, SLOT, 0);
        assertTrue(!oracle.isFinal(1, SLOT), "open");
        uint256 until = block.timestamp + CHALLENGE_SECONDS;
        vm.warp(until + 1);
        vm.prank(_account(1));
        vm.expectRevert(abi.encodeWithSelector(IMeterOracle.TooLate.selector, SLOT, until));
        oracle.challenge(1, SLOT, 0);
        assertTrue(oracle.isFinal(1, SLOT), "all have reported, and nobody challenged in time");
    }

    function test_a_substitute_can_be_challenged_from_when_it_came() public {
        vm.warp(block.timestamp + DEADLINE_SECONDS + 500);
        vm.prank(KEEPER);
        oracle.substitute(1, SLOT, 70, "profile");
        vm.warp(block.timestamp + CHALLENGE_SECONDS);
        vm.prank(OPERATOR);
        oracle.challenge(1, SLOT, 0);
        uint256 until = oracle.finalAt(SLOT);
        vm.warp(until + 1);
        vm.prank(ARBITER);
        vm.expectRevert(abi.encodeWithSelector(IMeterOracle.TooLate.selector, SLOT, until));
        oracle.rule(1, SLOT, 5, 0);
        _assertReading(SLOT, IMeterOracle.Quality.Substitute, 70);
    }

    function test_a_substitute_for_nobody_or_too_late_is_refused() public {
        vm.warp(block.timestamp + DEADLINE_SECONDS);
        vm.prank(KEEPER);
        vm.expectRevert(abi.encodeWithSelector(IMeterOracle.UnknownMeter.selector, 9));
        oracle.substitute(9, SLOT, 5, 0);
        uint256 until = oracle.finalAt(SLOT);
        vm.warp(until + 1);
        vm.prank(KEEPER);
        vm.expectRevert(abi.encodeWithSelector(IMeterOracle.TooLate.selector, SLOT, until));
        oracle.substitute(1, SLOT, 5, 0);
    }

    function test_an_oracle_whose_ring_or_words_are_too_short_cannot_be_made() public {
        vm.expectRevert(abi.encodeWithSelector(IMeterOracle.RingTooShort.selector, 9, 10));
        this.deployWith(9, _timing());
        IMeterOracle.Timing memory timing = _timing();
        timing.rulingSeconds = 1 << 24;
        uint256 whole = uint256(MAX_AGE_SECONDS) + CHALLENGE_SECONDS + (1 << 24);
        vm.expectRevert(abi.encodeWithSelector(IMeterOracle.TimingTooLong.selector, whole));
        this.deployWith(1 << 20, timing);
    }

    /// @dev Once the seat is closed, what the meter says comes too late everywhere.
    function test_a_reading_after_the_seat_was_closed_changes_nothing() public {
        vm.warp(oracle.finalAt(SLOT) + 1);
        uint32[] memory all = new uint32[](MEMBERS);
        for (uint32 i; i < MEMBERS; ++i) {
            all[i] = i + 1;
        }
        market.closeSilent(SLOT, all);
        IMeterOracle.Reading memory reading = _reading(1, SLOT, 500, 1);
        (bytes32 r, bytes32 vs) = _sign(_meterKey(1), oracle.digestOf(reading));
        vm.expectRevert();
        oracle.submit(reading, r, vs);
        market.closeSilent(SLOT, all);
        assertEq(market.balanceOf(1), int256(FUNDS_NEUR), "at its position");
        (, uint256 unsettled) = market.termsOf(SLOT);
        assertEq(unsettled, 0, "closed once each");
        uint32 next = SLOT + uint32(RING_SIZE);
        while (next * SLOT_SECONDS <= block.timestamp) next += uint32(RING_SIZE);
        _openSlot(next); // the place is free
    }

    function deployWith(uint256 ringSize, IMeterOracle.Timing calldata timing) external {
        _deploy("MeterOracle", abi.encode(address(this), registration, utilities, SLOT_SECONDS, ringSize, timing));
    }

    function _others(uint256 count) private pure returns (address[] memory others) {
        others = new address[](count);
        for (uint256 i; i < count; ++i) {
            others[i] = vm.addr(OTHER + i);
        }
    }

    function _refuses(IMeterOracle.Reading memory reading, bytes memory reason) private {
        (bytes32 r, bytes32 vs) = _sign(_meterKey(1), oracle.digestOf(reading));
        vm.expectRevert(reason);
        oracle.submit(reading, r, vs);
    }

    function _assertReading(uint32 slot, IMeterOracle.Quality expected, int64 expectedWh) private view {
        (IMeterOracle.Quality quality, int64 wh) = oracle.readingOf(1, slot);
        assertEq(uint256(quality), uint256(expected), "quality");
        assertEq(wh, expectedWh, "Wh");
    }
}
