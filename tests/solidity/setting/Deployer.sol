// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {vm} from "./Vm.sol";

/// @notice Deploys a contract from what is shipped, or from what was just compiled when coverage is measured.
abstract contract Deployer {
    /// @dev One of the community's own contracts.
    function _deploy(string memory name, bytes memory arguments) internal returns (address) {
        if (!vm.envOr("GRIDBID_FROM_SOURCE", false)) return _deployShipped(name, arguments);
        return _create(abi.encodePacked(vm.getCode(string.concat(name, ".sol:", name)), arguments));
    }

    function _deployShipped(string memory name, bytes memory arguments) internal returns (address) {
        string memory artifact = vm.readFile(string.concat("chain/artifacts/", name, ".json"));
        return _create(abi.encodePacked(vm.parseJsonBytes(artifact, ".bytecode"), arguments));
    }

    function _create(bytes memory code) internal returns (address created) {
        assembly ("memory-safe") {
            created := create(0, add(code, 32), mload(code))
            if iszero(created) {
                returndatacopy(0, 0, returndatasize())
                revert(0, returndatasize())
            }
        }
    }
}
