// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice What the meters say, slot by slot, and what is done where they are silent, wrong or contested.
/// @dev A meter's number is its participant's. Its own key is the one in the registration; the registrar may name
/// further keys that report for it. What a key has signed is kept under that key, so bringing a reading looks nothing
/// up: anybody may write under a key of his own, and it counts for nothing. Times run from a slot's end:
///  - until `maxAgeSeconds` a reading may be brought; until `challengeSeconds` after it came, its key may correct it by
///    one with a later sequence, and it may be challenged;
///  - from `deadlineSeconds` on the keeper may stand in for a missing one;
///  - at `finalAt`, which is `maxAgeSeconds + challengeSeconds + rulingSeconds`, all is over: nothing changes any more.
/// Assumptions:
///  - the registrar has checked whose keys report; the keeper substitutes honestly; the arbiter rules honestly, and can
///    only where somebody has challenged.
///  - registers count up. Within a reading they must; from one slot to the next `runsBackwards` tells, and anybody may
///    challenge by it: looking at the slot before would cost each reading a cold storage read, 2,100 gas.
interface IMeterOracle {
    /// @notice What a reading rests on, in rising order.
    enum Quality {
        None,
        Substitute,
        Metered,
        Ruled
    }

    /// @notice Registers of a meter at a slot's start and end, Wh; its net energy is import minus export. Sequences
    /// count from 1 in each slot.
    struct Reading {
        uint32 meter;
        uint32 slot;
        uint64 importStartWh;
        uint64 importEndWh;
        uint64 exportStartWh;
        uint64 exportEndWh;
        uint32 sequence;
    }

    /// @notice Times after a slot's end, or after what they follow.
    struct Timing {
        uint32 deadlineSeconds;
        uint32 maxAgeSeconds;
        uint32 challengeSeconds;
        uint32 rulingSeconds;
    }

    /// @notice Readings were recorded, each as signer (160 bits) | meter (32) | slot (32) | net energy (32, signed Wh).
    /// @dev Whether the signer reports for the meter is for whoever reads this to see.
    event ReadingsSubmitted(uint256[] signerMeterSlotWh);
    event ReadingSubstituted(uint32 indexed participant, uint32 indexed slot, int64 readingWh, bytes32 method);
    event ReadingChallenged(uint32 indexed participant, uint32 indexed slot, address indexed by, bytes32 reason);
    event ReadingRuled(uint32 indexed participant, uint32 indexed slot, int64 readingWh, bytes32 reason);
    event ReportersSet(
        uint32 indexed participant, uint32 fromSlot, address[] keys, uint8 quorum, uint32 plausibleWh
    );

    /// @notice The slot has not ended yet, or for a substitute its deadline has not passed; `from` is when it will.
    error TooEarly(uint32 slot, uint256 from);
    /// @notice The time for it ended at `until`.
    error TooLate(uint32 slot, uint256 until);
    error WrongMeterKey(uint32 meter, address signer);
    /// @notice There is a reading with this sequence or a later one, or for a substitute any at all.
    error AlreadyRead(uint32 meter, uint32 slot);
    error RegisterRunsBackwards(uint64 startWh, uint64 endWh);
    error RegisterOutOfRange(uint64 endWh);
    error ReadingOutOfRange(int64 readingWh);
    /// @notice Packed readings have 96 bytes each.
    error BadBatch(uint256 length);
    error UnknownMeter(uint32 participant);
    error NotYourReading(uint32 participant, address caller);
    error NothingToChallenge(uint32 participant, uint32 slot);
    error AlreadyChallenged(uint32 participant, uint32 slot);
    error NotChallenged(uint32 participant, uint32 slot);
    error AlreadyRuled(uint32 participant, uint32 slot);
    error TooManyReporters(uint256 most);
    error DuplicateReporter(address key);
    error ZeroReporter();
    error BadQuorum(uint8 quorum, uint256 reporters);
    error PlausibleBoundOutOfRange(uint32 plausibleWh);
    error RingTooShort(uint256 ringSize, uint256 neededSlots);
    error TimingTooLong(uint256 seconds_);

    /// @notice Record a reading by one of the meter's keys. Anyone may bring it.
    /// @param r with `vs` the key's EIP-712 signature, as EIP-2098 packs it.
    function submit(Reading calldata reading, bytes32 r, bytes32 vs) external;

    /// @notice Record readings of one slot; those that are known already, or too late as corrections, are left out.
    /// @param readings Each 96 bytes: meter (4) | import register at the start (8) | imported (4) | export register at
    /// the start (8) | exported (4) | sequence (4) | r (32) | vs (32).
    function submitMany(uint32 slot, bytes calldata readings) external;

    /// @notice Stand in for a reading that has not come by the deadline, whatever the method. Keeper only. A metered
    /// reading replaces it.
    function substitute(uint32 participant, uint32 slot, int64 readingWh, bytes32 method) external;

    /// @notice Contest a reading, for the arbiter to look at; it goes on to hold. Open to the participant's account, to
    /// licensed operators, and to anyone where the registers contradict each other.
    function challenge(uint32 participant, uint32 slot, bytes32 reason) external;

    /// @notice Replace a reading that was challenged, once and for good. Arbiter only.
    function rule(uint32 participant, uint32 slot, int64 readingWh, bytes32 reason) external;

    /// @notice Name further keys that report for a meter, how many of all must have reported, and what is plausible.
    /// Registrar only. Holds from the running slot on; the lower median of plausible readings counts.
    function setReporters(uint32 participant, address[] calldata others, uint8 quorum, uint32 plausibleWh) external;

    /// @notice The reading that holds now, net energy, import positive, Wh.
    function readingOf(uint32 participant, uint32 slot) external view returns (Quality quality, int64 readingWh);

    /// @notice The readings of several participants of one slot, in their order, each as quality | net energy (32, signed
    /// Wh, lowest).
    function readingsOf(uint32 slot, uint32[] calldata participants)
        external
        view
        returns (uint256[] memory qualitiesAndWh);

    /// @notice Whether a participant's reading can change no more.
    function isFinal(uint32 participant, uint32 slot) external view returns (bool);

    /// @notice When no reading of a slot can change any more, Unix time.
    function finalAt(uint32 slot) external view returns (uint256);

    /// @notice What a key has said of a meter and slot: net energy, Wh, and the sequence.
    function recordOf(address key, uint32 meter, uint32 slot)
        external
        view
        returns (bool found, int64 readingWh, uint32 sequence);

    /// @notice Whether a register of the meter, by one of its keys, started the slot below where it ended the one before.
    function runsBackwards(uint32 participant, uint32 slot) external view returns (bool);

    /// @notice The keys that report for a participant in a slot, the meter's own first.
    function reportersOf(uint32 participant, uint32 slot)
        external
        view
        returns (address[] memory keys, uint8 quorum, uint32 plausibleWh);

    /// @notice What a key has to sign.
    function digestOf(Reading calldata reading) external view returns (bytes32);

    function slotSeconds() external view returns (uint256);
}
