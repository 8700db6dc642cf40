// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IClosingAuction} from "./interfaces/IClosingAuction.sol";
import {TICKS} from "./UniformPrice.sol";
import {FlagsWord, FlagsWords} from "./words/FlagsWord.sol";
import {SealedWord} from "./words/SealedWord.sol";
import {VolumesWord, VolumesWords} from "./words/VolumesWord.sol";

/// @notice Commitments and revealed orders of the slots in a ring, as the market's: a slot's words bear its generation,
/// and what an earlier slot left behind reads as empty.
/// @dev Revealed orders can be walked through by participant number: one flag a participant, 224 to a word, and one
/// word more whose flags say which of those words have any.
abstract contract SealedOrders is IClosingAuction {
    uint256 internal constant BUY = uint256(Side.Buy);
    uint256 internal constant SELL = uint256(Side.Sell);
    uint256 private constant MAX_PARTICIPANTS = FlagsWords.FLAGS * FlagsWords.FLAGS;

    /// @notice Number of places of the ring, the market's.
    uint256 public immutable ringSize;

    mapping(uint256 placeAndParticipant => SealedWord) private _sealedWords;
    mapping(uint256 placeSideAndWord => FlagsWord) private _revealers;
    mapping(uint256 placeAndSide => FlagsWord) private _revealerWords;
    mapping(uint256 placeSideAndWord => VolumesWord) private _volumes;

    constructor(uint256 ringSize_) {
        ringSize = ringSize_;
    }

    /// @dev Note a revealed order in the slot's volumes and among its participants.
    function _enter(uint256 slot, uint32 participant, uint256 side, uint256 tick, uint256 wh) internal {
        if (participant >= MAX_PARTICIPANTS) revert ParticipantOutOfRange(participant);
        uint256 generation = _generation(slot);
        uint256 key = _sideKey(slot, side);

        uint256 volumesKey = (key << 8) | (tick / VolumesWords.TICKS);
        _volumes[volumesKey] =
            _volumes[volumesKey].inGeneration(generation).added(tick % VolumesWords.TICKS, wh);

        uint256 word = participant / FlagsWords.FLAGS;
        uint256 flagsKey = (key << 8) | word;
        FlagsWord flags = _revealers[flagsKey].inGeneration(generation);
        if (flags.isEmpty()) _revealerWords[key] = _revealerWords[key].inGeneration(generation).with(word);
        _revealers[flagsKey] = flags.with(participant % FlagsWords.FLAGS);
    }

    function _setSealed(uint256 slot, uint32 participant, SealedWord word) internal {
        _sealedWords[(_place(slot) << 32) | participant] = word;
    }

    /// @dev What lies at a participant's place in the ring, of whichever slot.
    function _anySealed(uint256 slot, uint32 participant) internal view returns (SealedWord) {
        return _sealedWords[(_place(slot) << 32) | participant];
    }

    /// @dev A participant's part in a slot, without content where it has none.
    function _sealed(uint256 slot, uint32 participant) internal view returns (SealedWord word) {
        word = _anySealed(slot, participant);
        if (word.generationOf() != _generation(slot)) word = SealedWord.wrap(_generation(slot));
    }

    /// @dev The first participant at `from` or after it who revealed an order of this side.
    function _nextRevealer(uint256 slot, uint256 side, uint256 from)
        internal
        view
        returns (bool found, uint256 participant)
    {
        if (from >= MAX_PARTICIPANTS) return (false, 0);
        uint256 word = from / FlagsWords.FLAGS;
        uint256 flag;
        (found, flag) = _revealersOf(slot, side, word).next(from % FlagsWords.FLAGS);
        if (!found) {
            (found, word) = _revealerWordsOf(slot, side).next(word + 1);
            if (!found) return (false, 0);
            (, flag) = _revealersOf(slot, side, word).next(0);
        }
        participant = word * FlagsWords.FLAGS + flag;
    }

    function _anybodyRevealed(uint256 slot) internal view returns (bool) {
        return !_revealerWordsOf(slot, BUY).isEmpty() || !_revealerWordsOf(slot, SELL).isEmpty();
    }

    /// @dev What is offered at each tick of a side, Wh.
    function _volumesOf(uint256 slot, uint256 side) internal view returns (uint256[TICKS] memory wh) {
        uint256 generation = _generation(slot);
        uint256 firstKey = _sideKey(slot, side) << 8;
        for (uint256 first; first < TICKS; first += VolumesWords.TICKS) {
            VolumesWord volumes = _volumes[firstKey | (first / VolumesWords.TICKS)].inGeneration(generation);
            for (uint256 i; i < VolumesWords.TICKS && first + i < TICKS; ++i) {
                wh[first + i] = volumes.offeredAt(i);
            }
        }
    }

    function _place(uint256 slot) internal view returns (uint256) {
        return slot % ringSize;
    }

    function _generation(uint256 slot) internal view returns (uint256) {
        return slot / ringSize + 1;
    }

    function _slotOf(uint256 place, uint256 generation) internal view returns (uint32) {
        return uint32((generation - 1) * ringSize + place);
    }

    function _revealersOf(uint256 slot, uint256 side, uint256 word) private view returns (FlagsWord) {
        return _revealers[(_sideKey(slot, side) << 8) | word].inGeneration(_generation(slot));
    }

    function _revealerWordsOf(uint256 slot, uint256 side) private view returns (FlagsWord) {
        return _revealerWords[_sideKey(slot, side)].inGeneration(_generation(slot));
    }

    function _sideKey(uint256 slot, uint256 side) private view returns (uint256) {
        return (_place(slot) << 1) | side;
    }
}
