// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {vm} from "./Vm.sol";

/// @notice Deploys a contract from what is shipped, or from what was just compiled when coverage is measured.
abstract contract Deployer {
    function _deploy(string memory name, bytes memory arguments) internal returns (address created) {
        bytes memory code = abi.encodePacked(_creationCode(name), arguments);
        assembly ("memory-safe") {
            created := create(0, add(code, 32), mload(code))
            if iszero(created) {
                returndatacopy(0, 0, returndatasize())
                revert(0, returndatasize())
            }
        }
    }

    function _creationCode(string memory name) private view returns (bytes memory) {
        if (vm.envOr("GRIDBID_FROM_SOURCE", false)) return vm.getCode(string.concat(name, ".sol:", name));
        return vm.parseJsonBytes(vm.readFile(string.concat("chain/artifacts/", name, ".json")), ".bytecode");
    }
}
