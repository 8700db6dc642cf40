// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IMarketTypes} from "../../../chain/contracts/interfaces/IMarketTypes.sol";
import {IMeterOracle} from "../../../chain/contracts/interfaces/IMeterOracle.sol";
import {IUtilityVerification} from "../../../chain/contracts/interfaces/IUtilityVerification.sol";
import {IRegistrationObserver} from "../../../chain/contracts/interfaces/IConsumerRegistration.sol";
import {Assertions} from "./Assertions.sol";
import {IdentityRegistry, Market, Oracle, Registration, Token, Utilities} from "./Contracts.sol";
import {Deployer} from "./Deployer.sol";
import {vm} from "./Vm.sol";

/// @notice A community on fresh contracts: members 1, 2, 3 with 1 000 EUR each, slot SLOT open to them, ring of four.
/// @dev The test contract is the admin and holds each role but the pauser's and the supplier's.
abstract contract Community is Assertions, Deployer {
    uint256 internal constant SLOT_SECONDS = 900;
    uint256 internal constant TICK_SIZE = 2_000;
    uint256 internal constant RING_SIZE = 4;
    uint256 internal constant ORACLE_RING_SIZE = 16;
    uint32 internal constant DEADLINE_SECONDS = 600;
    uint32 internal constant MAX_AGE_SECONDS = 3_600;
    uint32 internal constant CHALLENGE_SECONDS = 1_800;
    uint32 internal constant RULING_SECONDS = 1_800;
    uint32 internal constant SLOT = 101;
    uint256 internal constant MEMBERS = 3;
    uint256 internal constant FUNDS_NEUR = 1_000e9;
    uint256 internal constant SUPPLY_CAP_NEUR = 1e18;
    uint256 internal constant DAILY_MINT_CAP_NEUR = 1e17;
    int64 internal constant LIMIT_WH = 20_000;

    address internal constant STRANGER = address(0xBAD);
    address internal constant KEEPER = address(0x4EE);
    address internal constant PAUSER = address(0x9A5);
    address internal constant SUPPLIER = address(0x5F1);
    address internal constant OPERATOR = address(0x09E);
    address internal constant ARBITER = address(0xA4B);

    IMarketTypes.Side internal constant BUY = IMarketTypes.Side.Buy;
    IMarketTypes.Side internal constant SELL = IMarketTypes.Side.Sell;

    IdentityRegistry internal identities;
    Token internal token;
    Registration internal registration;
    Utilities internal utilities;
    Oracle internal oracle;
    Market internal market;

    function setUp() public virtual {
        vm.warp(SLOT * SLOT_SECONDS - SLOT_SECONDS);
        _deployContracts();
        _giveRoles();
        for (uint32 participant = 1; participant <= MEMBERS; ++participant) {
            _join(participant);
            _fund(participant, FUNDS_NEUR);
        }
        _openSlot(SLOT);
    }

    function _deployContracts() internal virtual {
        token = Token(_deployToken());
        identities = IdentityRegistry(_deployShipped("EthereumDIDRegistry", ""));
        registration = Registration(_deploy("ConsumerRegistration", abi.encode(address(this), identities)));
        utilities = Utilities(_deploy("UtilityVerification", abi.encode(address(this), bytes2("DE"))));
        oracle = Oracle(
            _deploy(
                "MeterOracle",
                abi.encode(address(this), registration, utilities, SLOT_SECONDS, ORACLE_RING_SIZE, _timing())
            )
        );
        address extension = _deploy(
            "EnergyTradingExtension", abi.encode(token, registration, oracle, utilities, TICK_SIZE, RING_SIZE)
        );
        market = Market(_deploy("EnergyTrading", abi.encode(address(this), extension)));
        registration.addObserver(IRegistrationObserver(address(market)));
        registration.addObserver(IRegistrationObserver(address(oracle)));
    }

    function _deployToken() internal virtual returns (address) {
        return _deploy("EnergyToken", abi.encode(address(this), SUPPLY_CAP_NEUR, DAILY_MINT_CAP_NEUR));
    }

    function _giveRoles() internal {
        registration.grantRole(keccak256("REGISTRAR_ROLE"), address(this));
        oracle.grantRole(keccak256("KEEPER_ROLE"), KEEPER);
        oracle.grantRole(keccak256("REGISTRAR_ROLE"), address(this));
        oracle.grantRole(keccak256("ARBITER_ROLE"), ARBITER);
        market.grantRole(keccak256("KEEPER_ROLE"), KEEPER);
        market.grantRole(keccak256("PAUSER_ROLE"), PAUSER);
        market.grantRole(keccak256("SUPPLIER_ROLE"), SUPPLIER);
        market.grantRole(keccak256("OPERATOR_ROLE"), OPERATOR);
        _license(SUPPLIER, IUtilityVerification.Activity.Supply);
        _license(OPERATOR, IUtilityVerification.Activity.Operation);
        _allowMinting();
    }

    function _license(address utility, IUtilityVerification.Activity activity) private {
        utilities.grantRole(keccak256("REGULATOR_ROLE"), address(this));
        utilities.grantLicence(utility, activity, "DE", 0, type(uint64).max, 0);
    }

    function _allowMinting() internal virtual {
        token.grantRole(keccak256("TREASURY_ROLE"), address(this));
    }

    /// @dev Key of a member's account.
    function _key(uint32 participant) internal pure returns (uint256) {
        return 0xACC000 + participant;
    }

    function _meterKey(uint32 participant) internal pure returns (uint256) {
        return 0x3E7E40 + participant;
    }

    function _account(uint32 participant) internal view virtual returns (address) {
        return vm.addr(_key(participant));
    }

    function _join(uint32 participant) internal returns (uint32) {
        return registration.register(_account(participant), vm.addr(_meterKey(participant)));
    }

    function _fund(uint32 participant, uint256 neur) internal {
        token.mint(address(this), neur, 0);
        token.approve(address(market), neur);
        market.deposit(participant, neur);
    }

    function _fundSupplier(uint256 neur) internal {
        token.mint(address(this), neur, 0);
        token.approve(address(market), neur);
        market.depositSupplier(neur);
    }

    function _timing() internal pure returns (IMeterOracle.Timing memory) {
        return IMeterOracle.Timing(DEADLINE_SECONDS, MAX_AGE_SECONDS, CHALLENGE_SECONDS, RULING_SECONDS);
    }

    /// @dev 30 ct retail, 8 ct feed-in, 5 ct fee, 8 ct floor, 60 ct price cap.
    function _terms() internal pure returns (IMarketTypes.Terms memory) {
        return IMarketTypes.Terms(300_000, 80_000, 50_000, 80_000, 600_000);
    }

    function _conditions() internal pure returns (IMarketTypes.Conditions memory) {
        return IMarketTypes.Conditions(400_000, IMarketTypes.GridState.Normal);
    }

    function _limits() internal view virtual returns (IMarketTypes.SeatLimits[] memory limits) {
        limits = new IMarketTypes.SeatLimits[](MEMBERS);
        for (uint32 i; i < MEMBERS; ++i) {
            limits[i] = IMarketTypes.SeatLimits(i + 1, LIMIT_WH, LIMIT_WH, 0);
        }
    }

    function _openSlot(uint32 slot) internal {
        _openSlot(slot, _terms(), _limits());
    }

    function _openSlot(uint32 slot, IMarketTypes.Terms memory terms, IMarketTypes.SeatLimits[] memory limits)
        internal
    {
        vm.prank(KEEPER);
        market.openSlot(slot, terms, _conditions(), limits);
    }

    function _place(uint32 participant, IMarketTypes.Side side, uint8 tick, uint32 wh, bool rest)
        internal
        returns (uint256 order)
    {
        vm.prank(_account(participant));
        return market.place(SLOT, side, tick, wh, rest);
    }

    function _buy(uint32 participant, uint8 tick, uint32 wh) internal returns (uint256) {
        return _place(participant, BUY, tick, wh, true);
    }

    function _sell(uint32 participant, uint8 tick, uint32 wh) internal returns (uint256) {
        return _place(participant, SELL, tick, wh, true);
    }

    /// @dev To the moment when the slot's gate closes and delivery begins.
    function _closeGate(uint32 slot) internal {
        vm.warp(uint256(slot) * SLOT_SECONDS);
    }

    function _endDelivery(uint32 slot) internal {
        vm.warp((uint256(slot) + 1) * SLOT_SECONDS);
    }

    /// @dev What a meter says whose registers stood at a million Wh when the slot began.
    function _reading(uint32 participant, uint32 slot, int64 wh, uint32 sequence)
        internal
        pure
        returns (IMeterOracle.Reading memory)
    {
        uint64 importedWh = wh > 0 ? uint64(wh) : 0;
        uint64 exportedWh = wh < 0 ? uint64(-wh) : 0;
        return IMeterOracle.Reading(
            participant, slot, 1e6, 1e6 + importedWh, 1e6, 1e6 + exportedWh, sequence
        );
    }

    /// @dev An EIP-712 signature as EIP-2098 packs it.
    function _sign(uint256 key, bytes32 digest) internal pure returns (bytes32, bytes32) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return (r, v == 28 ? s | bytes32(uint256(1) << 255) : s);
    }

    /// @dev Bring a reading, net import in Wh, signed by the participant's meter.
    function _read(uint32 participant, uint32 slot, int64 wh) internal {
        _read(participant, slot, wh, 1);
    }

    function _read(uint32 participant, uint32 slot, int64 wh, uint32 sequence) internal {
        IMeterOracle.Reading memory reading = _reading(participant, slot, wh, sequence);
        (bytes32 r, bytes32 vs) = _sign(_meterKey(participant), oracle.digestOf(reading));
        oracle.submit(reading, r, vs);
    }

    function _readAndSettle(uint32 participant, uint32 slot, int64 wh) internal {
        _read(participant, slot, wh);
        market.settle(slot, participant);
    }

    /// @dev The buyer's price at a tick, fee included, nEUR/Wh.
    function _buyPrice(uint256 tick) internal pure returns (uint256) {
        return 80_000 + tick * TICK_SIZE + 50_000;
    }

    /// @dev What a seller may come to owe at a tick, nEUR/Wh.
    function _sellLock(uint256 tick) internal pure returns (uint256) {
        return 600_000 - (80_000 + tick * TICK_SIZE);
    }
}
