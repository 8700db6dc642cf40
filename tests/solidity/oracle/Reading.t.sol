// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IMeterOracle} from "../../../chain/contracts/interfaces/IMeterOracle.sol";
import {Community} from "../setting/Community.sol";
import {Oracle} from "../setting/Contracts.sol";
import {vm} from "../setting/Vm.sol";

/// @notice Readings: whose signature counts, where, when, and once.
contract ReadingTest is Community {
    uint256 private constant CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    function setUp() public override {
        super.setUp();
        _endDelivery(SLOT);
    }

    function test_a_signed_reading_holds() public {
        _read(1, SLOT, -250);
        _assertReading(1, SLOT, IMeterOracle.Quality.Metered, -250);
    }

    function test_another_key_counts_for_nothing() public {
        IMeterOracle.Reading memory reading = _reading(1, SLOT, 100, 1);
        (bytes32 r, bytes32 vs) = _sign(_meterKey(2), oracle.digestOf(reading));
        vm.expectRevert(
            abi.encodeWithSelector(IMeterOracle.WrongMeterKey.selector, 1, vm.addr(_meterKey(2)))
        );
        oracle.submit(reading, r, vs);
        oracle.submitMany(SLOT, _packed(reading, r, vs));
        _assertReading(1, SLOT, IMeterOracle.Quality.None, 0);
    }

    function test_a_reading_counts_once() public {
        _read(1, SLOT, 100);
        IMeterOracle.Reading memory reading = _reading(1, SLOT, 100, 1);
        (bytes32 r, bytes32 vs) = _sign(_meterKey(1), oracle.digestOf(reading));
        vm.expectRevert(abi.encodeWithSelector(IMeterOracle.AlreadyRead.selector, 1, SLOT));
        oracle.submit(reading, r, vs);
    }

    function test_an_older_correction_does_not_replace_a_newer_one() public {
        _read(1, SLOT, 100, 3);
        IMeterOracle.Reading memory older = _reading(1, SLOT, 900, 2);
        (bytes32 r, bytes32 vs) = _sign(_meterKey(1), oracle.digestOf(older));
        oracle.submitMany(SLOT, _packed(older, r, vs));
        _assertReading(1, SLOT, IMeterOracle.Quality.Metered, 100);
    }

    function test_a_correction_comes_in_time_or_not_at_all() public {
        _read(1, SLOT, 100, 1);
        vm.warp(block.timestamp + CHALLENGE_SECONDS);
        _read(1, SLOT, 200, 2);
        vm.warp(block.timestamp + CHALLENGE_SECONDS + 1);
        IMeterOracle.Reading memory late = _reading(1, SLOT, 300, 3);
        (bytes32 r, bytes32 vs) = _sign(_meterKey(1), oracle.digestOf(late));
        vm.expectRevert();
        oracle.submit(late, r, vs);
        _assertReading(1, SLOT, IMeterOracle.Quality.Metered, 200);
    }

    function test_a_reading_of_another_chain_counts_for_nothing() public {
        uint256 here = vm.getChainId(); // asked for, because the optimizer reads block.chainid again where it is used
        vm.chainId(here + 1);
        IMeterOracle.Reading memory reading = _reading(1, SLOT, 100, 1);
        (bytes32 r, bytes32 vs) = _sign(_meterKey(1), oracle.digestOf(reading));
        vm.chainId(here);
        vm.expectRevert();
        oracle.submit(reading, r, vs);
    }

    function test_a_reading_for_another_oracle_counts_for_nothing() public {
        Oracle twin = Oracle(
            _deploy(
                "MeterOracle",
                abi.encode(address(this), registration, utilities, SLOT_SECONDS, ORACLE_RING_SIZE, _timing())
            )
        );
        twin.sync(1);
        IMeterOracle.Reading memory reading = _reading(1, SLOT, 100, 1);
        (bytes32 r, bytes32 vs) = _sign(_meterKey(1), oracle.digestOf(reading));
        vm.expectRevert();
        twin.submit(reading, r, vs);
    }

    function test_a_signature_with_the_other_s_is_refused() public {
        IMeterOracle.Reading memory reading = _reading(1, SLOT, 100, 1);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(_meterKey(1), oracle.digestOf(reading));
        uint256 otherS = CURVE_ORDER - uint256(s);
        bytes32 vs = bytes32(otherS | (v == 27 ? uint256(1) << 255 : 0));
        vm.expectRevert();
        oracle.submit(reading, r, vs);
    }

    function test_nobody_reads_a_slot_before_its_end() public {
        IMeterOracle.Reading memory reading = _reading(1, SLOT + 1, 100, 1);
        (bytes32 r, bytes32 vs) = _sign(_meterKey(1), oracle.digestOf(reading));
        uint256 end = (uint256(SLOT) + 2) * SLOT_SECONDS;
        vm.expectRevert(abi.encodeWithSelector(IMeterOracle.TooEarly.selector, SLOT + 1, end));
        oracle.submit(reading, r, vs);
    }

    function test_a_reading_that_is_too_old_is_refused() public {
        vm.warp(block.timestamp + MAX_AGE_SECONDS + 1);
        IMeterOracle.Reading memory reading = _reading(1, SLOT, 100, 1);
        (bytes32 r, bytes32 vs) = _sign(_meterKey(1), oracle.digestOf(reading));
        uint256 until = (uint256(SLOT) + 1) * SLOT_SECONDS + MAX_AGE_SECONDS;
        vm.expectRevert(abi.encodeWithSelector(IMeterOracle.TooLate.selector, SLOT, until));
        oracle.submit(reading, r, vs);
    }

    function test_a_rotated_key_reports_no_more() public {
        registration.rotateMeterKey(1, vm.addr(0x5678));
        _endDelivery(SLOT + 1);
        IMeterOracle.Reading memory reading = _reading(1, SLOT + 1, 100, 1);
        (bytes32 r, bytes32 vs) = _sign(_meterKey(1), oracle.digestOf(reading));
        vm.expectRevert(
            abi.encodeWithSelector(IMeterOracle.WrongMeterKey.selector, 1, vm.addr(_meterKey(1)))
        );
        oracle.submit(reading, r, vs);
        (r, vs) = _sign(0x5678, oracle.digestOf(reading));
        oracle.submit(reading, r, vs);
        _assertReading(1, SLOT + 1, IMeterOracle.Quality.Metered, 100);
    }

    function test_the_lower_median_of_several_reporters_counts() public {
        _nameReporters(2, 1_000);
        vm.warp((uint256(SLOT) + 2) * SLOT_SECONDS);
        _reportBy(_meterKey(1), SLOT + 1, 300);
        _assertReading(1, SLOT + 1, IMeterOracle.Quality.None, 0);
        _reportBy(0xAAA, SLOT + 1, 100);
        _assertReading(1, SLOT + 1, IMeterOracle.Quality.Metered, 100);
        _reportBy(0xBBB, SLOT + 1, 200);
        _assertReading(1, SLOT + 1, IMeterOracle.Quality.Metered, 200);
    }

    function test_an_implausible_report_is_left_out() public {
        _nameReporters(2, 1_000);
        vm.warp((uint256(SLOT) + 2) * SLOT_SECONDS);
        _reportBy(_meterKey(1), SLOT + 1, 300);
        _reportBy(0xAAA, SLOT + 1, 100);
        _reportBy(0xBBB, SLOT + 1, 1_001);
        _assertReading(1, SLOT + 1, IMeterOracle.Quality.Metered, 100);
    }

    function test_the_keeper_substitutes_after_the_deadline_and_only_what_is_missing() public {
        vm.prank(KEEPER);
        vm.expectRevert(
            abi.encodeWithSelector(IMeterOracle.TooEarly.selector, SLOT, block.timestamp + DEADLINE_SECONDS)
        );
        oracle.substitute(1, SLOT, 5, 0);
        _read(1, SLOT, 100);
        vm.warp(block.timestamp + DEADLINE_SECONDS);
        vm.prank(KEEPER);
        vm.expectRevert(abi.encodeWithSelector(IMeterOracle.AlreadyRead.selector, 1, SLOT));
        oracle.substitute(1, SLOT, 5, 0);
        vm.prank(KEEPER);
        oracle.substitute(2, SLOT, 5, 0);
        _assertReading(2, SLOT, IMeterOracle.Quality.Substitute, 5);
    }

    function test_the_arbiter_rules_once_and_only_where_somebody_challenged() public {
        _read(1, SLOT, 100);
        vm.prank(ARBITER);
        vm.expectRevert(abi.encodeWithSelector(IMeterOracle.NotChallenged.selector, 1, SLOT));
        oracle.rule(1, SLOT, 50, 0);
        vm.prank(_account(1));
        oracle.challenge(1, SLOT, 0);
        vm.prank(_account(1));
        vm.expectRevert(abi.encodeWithSelector(IMeterOracle.AlreadyChallenged.selector, 1, SLOT));
        oracle.challenge(1, SLOT, 0);
        vm.prank(ARBITER);
        oracle.rule(1, SLOT, 50, 0);
        _assertReading(1, SLOT, IMeterOracle.Quality.Ruled, 50);
        vm.prank(ARBITER);
        vm.expectRevert(abi.encodeWithSelector(IMeterOracle.AlreadyRuled.selector, 1, SLOT));
        oracle.rule(1, SLOT, 60, 0);
    }

    function _nameReporters(uint8 quorum, uint32 plausibleWh) private {
        address[] memory others = new address[](2);
        others[0] = vm.addr(0xAAA);
        others[1] = vm.addr(0xBBB);
        oracle.setReporters(1, others, quorum, plausibleWh);
    }

    function _reportBy(uint256 key, uint32 slot, int64 wh) private {
        IMeterOracle.Reading memory reading = _reading(1, slot, wh, 1);
        (bytes32 r, bytes32 vs) = _sign(key, oracle.digestOf(reading));
        oracle.submit(reading, r, vs);
    }

    function _packed(IMeterOracle.Reading memory reading, bytes32 r, bytes32 vs) private pure returns (bytes memory) {
        return abi.encodePacked(
            reading.meter,
            reading.importStartWh,
            uint32(reading.importEndWh - reading.importStartWh),
            reading.exportStartWh,
            uint32(reading.exportEndWh - reading.exportStartWh),
            reading.sequence,
            r,
            vs
        );
    }

    function _assertReading(uint32 participant, uint32 slot, IMeterOracle.Quality expected, int64 expectedWh)
        private
        view
    {
        (IMeterOracle.Quality quality, int64 wh) = oracle.readingOf(participant, slot);
        assertEq(uint256(quality), uint256(expected), "quality");
        assertEq(wh, expectedWh, "Wh");
    }
}
