"""Structs and enums of the contracts; made by `python -m gridbid.chain.compilation.generate_clients`, not by hand."""

from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple


class Operation(IntEnum):
    """`Enum.Operation`."""

    CALL = 0
    DELEGATE_CALL = 1


class Phase(IntEnum):
    """`IClosingAuction.Phase`."""

    EARLY = 0
    COMMIT = 1
    REVEAL = 2
    CLEAR = 3
    OVER = 4


class State(IntEnum):
    """`IClosingAuction.State`."""

    NONE = 0
    COMMITTED = 1
    REVEALED = 2


class DeviceKind(IntEnum):
    """`IConsumerRegistration.DeviceKind`."""

    LOAD = 0
    PHOTOVOLTAICS = 1
    BATTERY = 2
    CHARGE_POINT = 3
    HEAT_PUMP = 4


class GridState(IntEnum):
    """`IMarketTypes.GridState`."""

    NORMAL = 0
    CONGESTED = 1
    EMERGENCY = 2


class Reject(IntEnum):
    """`IMarketTypes.Reject`."""

    NONE = 0
    NOT_PUBLISHED = 1
    GATE_CLOSED = 2
    NOT_REGISTERED = 3
    SUSPENDED = 4
    IN_DEBT = 5
    BAD_QUANTITY = 6
    BAD_TICK = 7
    ENVELOPE = 8
    CREDIT = 9


class Side(IntEnum):
    """`IMarketTypes.Side`."""

    BUY = 0
    SELL = 1


class Quality(IntEnum):
    """`IMeterOracle.Quality`."""

    NONE = 0
    SUBSTITUTE = 1
    METERED = 2
    RULED = 3


class ModelRegistryStatus(IntEnum):
    """`IModelRegistry.Status`."""

    NONE = 0
    PUBLISHED = 1
    APPROVED = 2
    REVOKED = 3


class Activity(IntEnum):
    """`IUtilityVerification.Activity`."""

    SUPPLY = 0
    OPERATION = 1


class UtilityVerificationStatus(IntEnum):
    """`IUtilityVerification.Status`."""

    NONE = 0
    ACTIVE = 1
    SUSPENDED = 2
    REVOKED = 3


class OperationState(IntEnum):
    """`TimelockController.OperationState`."""

    UNSET = 0
    WAITING = 1
    READY = 2
    DONE = 3


class Outcome(NamedTuple):
    """`IClosingAuction.Outcome`."""

    decided: bool
    finished: bool
    price_tick: int
    volume_wh: int
    untraded_wh: int


class SealedOrder(NamedTuple):
    """`IClosingAuction.SealedOrder`."""

    state: State
    side: Side
    tick: int
    quantity_wh: int


class Device(NamedTuple):
    """`IConsumerRegistration.Device`."""

    participant: int
    kind: DeviceKind
    rated_power_w: int


class TradingKey(NamedTuple):
    """`IConsumerRegistration.TradingKey`."""

    participant: int
    expires_at: int
    max_order_wh: int
    max_slot_wh: int


class Conditions(NamedTuple):
    """`IMarketTypes.Conditions`."""

    renewable_ppm: int
    grid_state: GridState


class Depth(NamedTuple):
    """`IMarketTypes.Depth`."""

    tick: int
    quantity_wh: int


class OrderRequest(NamedTuple):
    """`IMarketTypes.OrderRequest`."""

    slot: int
    side: Side
    tick: int
    quantity_wh: int
    rest: bool


class Position(NamedTuple):
    """`IMarketTypes.Position`."""

    bought_wh: int
    sold_wh: int
    paid_neur: int
    received_neur: int
    open_buy_wh: int
    open_sell_wh: int
    fill_lock_neur: int
    open_lock_neur: int
    settled: bool
    quality: Quality
    reading_wh: int
    settled_cash_neur: int


class RestingOrder(NamedTuple):
    """`IMarketTypes.RestingOrder`."""

    order: int
    participant: int
    quantity_wh: int


class SeatLimits(NamedTuple):
    """`IMarketTypes.SeatLimits`."""

    participant: int
    import_limit_wh: int
    export_limit_wh: int
    credit_line_neur: int


class Terms(NamedTuple):
    """`IMarketTypes.Terms`."""

    retail: int
    feed_in: int
    fee: int
    floor: int
    price_cap: int


class Reading(NamedTuple):
    """`IMeterOracle.Reading`."""

    meter: int
    slot: int
    import_start_wh: int
    import_end_wh: int
    export_start_wh: int
    export_end_wh: int
    sequence: int


class Model(NamedTuple):
    """`IModelRegistry.Model`."""

    publisher: str
    published_at: int
    status: ModelRegistryStatus
    schema_hash: bytes
    uri: str


class Batch(NamedTuple):
    """`IOrderRelay.Batch`."""

    participant: int
    cancels: Sequence[int]
    orders: Sequence[OrderRequest]
    nonce: int
    deadline: int


class Licence(NamedTuple):
    """`IUtilityVerification.Licence`."""

    status: UtilityVerificationStatus
    valid_from: int
    valid_until: int
    document_reference: bytes
